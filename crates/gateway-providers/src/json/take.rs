//! Reading front to back, each byte once, with the path of what is wrong.

use gateway_types::json::{Cursor, Kind, ScanError};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::Fault;

impl From<ScanError> for Fault {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Duplicate(key) => Self::new(&key, "is given twice"),
            error => Self::new("", error.to_string()),
        }
    }
}

/// What a dialect takes from where a cursor stands. What it does not take is stepped over.
pub(crate) trait Take<'a> {
    /// The members of an object. `null` counts as absent.
    fn members(&mut self, member: impl FnMut(&str, &mut Self) -> Result<(), Fault>) -> Result<(), Fault>;

    /// The items of an array.
    fn items<T>(&mut self, item: impl FnMut(&mut Self) -> Result<T, Fault>) -> Result<Vec<T>, Fault>;

    /// A text.
    fn string(&mut self) -> Result<String, Fault>;

    /// A value of that type; `wanted` says what it must be.
    fn read<T: DeserializeOwned>(&mut self, wanted: &str) -> Result<T, Fault>;

    /// Whatever stands here, as it is spelt.
    fn keep(&mut self) -> Result<Box<RawValue>, Fault>;
}

impl<'a> Take<'a> for Cursor<'a> {
    fn members(&mut self, mut member: impl FnMut(&str, &mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.kind() != Some(Kind::Object) {
            return Err(Fault::new("", "must be an object"));
        }
        self.object(|key, at| match at.kind() {
            Some(Kind::Null) => Ok(()),
            _ => member(&key, at).map_err(|fault| fault.under(&key)),
        })
    }

    fn items<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        if self.kind() != Some(Kind::Array) {
            return Err(Fault::new("", "must be an array"));
        }
        let mut items = Vec::new();
        self.array(|number, at| {
            items.push(item(at).map_err(|fault| fault.under(format_args!("[{number}]")))?);
            Ok::<_, Fault>(())
        })?;
        Ok(items)
    }

    fn string(&mut self) -> Result<String, Fault> {
        if self.kind() != Some(Kind::String) {
            return Err(Fault::new("", "must be a string"));
        }
        Ok(self.text()?.into_owned())
    }

    fn read<T: DeserializeOwned>(&mut self, wanted: &str) -> Result<T, Fault> {
        let raw = self.raw()?;
        serde_json::from_str(raw).map_err(|_| Fault::new("", format!("must be {wanted}")))
    }

    fn keep(&mut self) -> Result<Box<RawValue>, Fault> {
        let raw = self.raw()?.to_owned();
        RawValue::from_string(raw).map_err(|_| Fault::new("", "must be a value that JSON has"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        let read = |text: &str| {
            Cursor::new(text).members(|key, at| match key {
                "list" => at.items(|at| at.members(|_, at| at.string().map(drop))).map(drop),
                "n" => at.read::<u32>("a number").map(drop),
                _ => Ok(()),
            })
        };
        for (text, path, message) in [
            (r#"{"list": [{}, {"a": "x", "b": 5}]}"#, "list[1].b", "must be a string"),
            (r#"{"list": {}}"#, "list", "must be an array"),
            (r#"{"list": [5]}"#, "list[0]", "must be an object"),
            (r#"{"n": "x"}"#, "n", "must be a number"),
            (r#"{"n": null, "n": 1}"#, "n", "is given twice"),
            ("5", "", "must be an object"),
        ] {
            let fault = read(text).unwrap_err();
            assert_eq!((fault.path.as_str(), fault.message.as_str()), (path, message), "{text}");
        }
        assert!(read(r#"{"n": null, "list": [], "more": {"x": [1]}}"#).is_ok());
    }
}
