//! Anything that serde can serialise, as JSON. What `serde_json` writes, byte for byte, but it asks of every byte of a text
//! whether it wants an escape, and here whole runs are asked at once: texts are what requests are made of.

use gateway_types::json::quote;
use serde::ser::{self, Serialize, Serializer};
use serde_json::{Error, Result};

/// What `serde_json` calls the struct that a piece of raw JSON makes of itself when it is serialised.
const RAW: &str = "$serde_json::private::RawValue";

/// The value as JSON. Only a map whose keys are no texts and no numbers cannot be said.
pub(crate) fn to_vec(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    value.serialize(Json(&mut out, false))?;
    Ok(out)
}

/// Writes a value that can be said.
pub(super) fn put(to: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    value
        .serialize(Json(to, false))
        .expect("nothing that this crate writes has keys that are not texts");
}

/// Writes one value. The flag is whether a text is raw JSON.
struct Json<'a>(&'a mut Vec<u8>, bool);

impl<'a> Json<'a> {
    fn plain(self, value: impl Serialize) -> Result<()> {
        serde_json::to_writer(self.0, &value)
    }

    fn items(self, start: &[u8], end: &'static [u8]) -> Items<'a> {
        self.0.extend_from_slice(start);
        Items {
            to: self.0,
            end,
            first: true,
        }
    }

    /// The beginning of an object around one member.
    fn variant(&mut self, name: &str) {
        self.0.push(b'{');
        quote(name, self.0);
        self.0.push(b':');
    }
}

/// The items of an array or the members of an object.
struct Items<'a> {
    to: &'a mut Vec<u8>,
    end: &'static [u8],
    first: bool,
}

impl Items<'_> {
    fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.to.push(b',');
        }
    }

    fn item(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.comma();
        value.serialize(Json(self.to, false))
    }

    fn member(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
        if key == RAW {
            return value.serialize(Json(self.to, true));
        }
        self.comma();
        quote(key, self.to);
        self.to.push(b':');
        value.serialize(Json(self.to, false))
    }

    fn key(&mut self, key: &(impl Serialize + ?Sized)) -> Result<()> {
        self.comma();
        let start = self.to.len();
        key.serialize(Json(self.to, false))?;
        match self.to.get(start) {
            Some(b'"') => Ok(()),
            Some(b'-' | b'0'..=b'9') => {
                self.to.insert(start, b'"');
                self.to.push(b'"');
                Ok(())
            }
            _ => Err(ser::Error::custom("a key must be a text or a number")),
        }
    }

    fn close(self) -> Result<()> {
        self.to.extend_from_slice(self.end);
        Ok(())
    }
}

impl<'a> Serializer for Json<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Items<'a>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Items<'a>;

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.plain(value)
    }

    fn serialize_i8(self, value: i8) -> Result<()> {
        self.plain(value)
    }

    fn serialize_i16(self, value: i16) -> Result<()> {
        self.plain(value)
    }

    fn serialize_i32(self, value: i32) -> Result<()> {
        self.plain(value)
    }

    fn serialize_i64(self, value: i64) -> Result<()> {
        self.plain(value)
    }

    fn serialize_i128(self, value: i128) -> Result<()> {
        self.plain(value)
    }

    fn serialize_u8(self, value: u8) -> Result<()> {
        self.plain(value)
    }

    fn serialize_u16(self, value: u16) -> Result<()> {
        self.plain(value)
    }

    fn serialize_u32(self, value: u32) -> Result<()> {
        self.plain(value)
    }

    fn serialize_u64(self, value: u64) -> Result<()> {
        self.plain(value)
    }

    fn serialize_u128(self, value: u128) -> Result<()> {
        self.plain(value)
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.plain(value)
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        self.plain(value)
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.plain(value)
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        match self.1 {
            true => self.0.extend_from_slice(value.as_bytes()),
            false => quote(value, self.0),
        }
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.plain(value)
    }

    fn serialize_none(self) -> Result<()> {
        self.plain(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.plain(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.plain(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<()> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(name);
        value.serialize(Json(self.0, false))?;
        self.0.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>> {
        Ok(self.items(b"[", b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>> {
        Ok(self.items(b"[", b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>> {
        Ok(self.items(b"[", b"]"))
    }

    fn serialize_tuple_variant(mut self, _: &'static str, _: u32, name: &'static str, _: usize) -> Result<Items<'a>> {
        self.variant(name);
        Ok(self.items(b"[", b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Items<'a>> {
        Ok(self.items(b"{", b"}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Items<'a>> {
        Ok(match name {
            RAW => self.items(b"", b""),
            _ => self.items(b"{", b"}"),
        })
    }

    fn serialize_struct_variant(mut self, _: &'static str, _: u32, name: &'static str, _: usize) -> Result<Items<'a>> {
        self.variant(name);
        Ok(self.items(b"{", b"}}"))
    }
}

impl ser::SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.item(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl ser::SerializeTuple for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.item(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl ser::SerializeTupleStruct for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.item(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl ser::SerializeTupleVariant for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.item(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl ser::SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.to.push(b':');
        value.serialize(Json(self.to, false))
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl ser::SerializeStruct for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<()> {
        self.member(key, value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl ser::SerializeStructVariant for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<()> {
        self.member(key, value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::value::RawValue;

    use super::to_vec;

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Any<'a> {
        Unit,
        New(&'a str),
        Pair(u8, i64),
        Named { text: &'a str, raw: &'a RawValue },
        Map(BTreeMap<u32, Option<f64>>),
    }

    #[derive(Serialize)]
    struct Nothing;

    const RAW_JSON: &str = "{\"b\": 1.50,\n \"a\":[ \"\\u00e9\" ]}";

    #[test]
    fn what_is_written_is_what_serde_json_writes() {
        let raw: Box<RawValue> = serde_json::from_str(RAW_JSON).unwrap();
        let values = [
            Any::Unit,
            Any::New("a \"b\" \u{1} é"),
            Any::Pair(1, -2),
            Any::Named { text: "", raw: &raw },
            Any::Map(BTreeMap::from([(1, Some(0.1)), (2, None), (3, Some(f64::NAN))])),
        ];
        let all = (&values, Nothing, ((), 'x', true, 1.0_f32, u64::MAX), &raw, [0_u8; 0]);
        assert_eq!(to_vec(&all).unwrap(), serde_json::to_vec(&all).unwrap());
        let written = String::from_utf8(to_vec(&raw).unwrap()).unwrap();
        assert_eq!(written, raw.get(), "raw JSON keeps its spelling");
        assert!(to_vec(&BTreeMap::from([(vec![1], 1)])).is_err());
    }
}
