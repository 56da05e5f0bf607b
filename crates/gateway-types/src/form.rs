//! Forms (`multipart/form-data`) without a copy: where their parts stand in a body, so that a value can be replaced by
//! splicing and everything else stays as it came. After RFC 7578 and RFC 2046, section 5.1.

use std::ops::Range;

use bytes::Bytes;

use crate::json::Slices;

/// The most parts that a form may have.
const PARTS: usize = 256;
/// The most bytes that the headers of a part may have.
const HEADERS: usize = 16 * 1024;

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPart {
    /// Its field's name.
    pub name: String,
    /// The file's name, where it is one.
    pub file_name: Option<String>,
    /// Where its headers and its value stand in the body.
    pub span: Range<usize>,
    /// Where its value stands in the body.
    pub value: Range<usize>,
}

/// A body that is no form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the form cannot be read: {0}")]
pub struct FormError(&'static str);

/// The boundary that a media type names; none where it is not that of a form.
pub fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = |parameter: &'_ str| {
        let (name, _) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(())
    };
    let parameter = parameters.split(';').find(|parameter| named(parameter).is_some())?;
    let (_, value) = parameter.split_once('=')?;
    let value = value.trim();
    let bare = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value);
    (1..=70).contains(&bare.len()).then_some(bare)
}

/// The parts of a form, in order.
///
/// ```
/// let body = b"--x\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x--\r\n";
/// let parts = gateway_types::form::parts(body, "multipart/form-data; boundary=x")?;
/// assert_eq!((&*parts[0].name, &body[parts[0].value.clone()]), ("model", &b"whisper-1"[..]));
/// # Ok::<(), gateway_types::form::FormError>(())
/// ```
pub fn parts(body: &[u8], content_type: &str) -> Result<Vec<FormPart>, FormError> {
    let boundary =
        boundary(content_type).ok_or(FormError("its content type names no boundary of 1 to 70 characters"))?;
    let line = format!("\r\n--{boundary}");
    let finder = memchr::memmem::Finder::new(line.as_bytes());
    // The first boundary may stand at the very beginning, without a line before it.
    let mut at = match body.strip_prefix(&line.as_bytes()[2..]) {
        Some(_) => line.len() - 2,
        None => {
            finder
                .find(body)
                .ok_or(FormError("it does not begin with its boundary"))?
                + line.len()
        }
    };
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if rest.get(blank..blank + 2) != Some(b"\r\n") {
            return Err(FormError("a boundary is followed by something else than a line's end"));
        }
        let head = at + blank;
        let end = head
            + finder
                .find(&body[head..])
                .ok_or(FormError("its last boundary is missing"))?;
        if parts.len() == PARTS {
            return Err(FormError("it has more than 256 parts"));
        }
        parts.push(part(body, head + 2, end)?);
        at = end + line.len();
    }
}

/// The part that stands between the line after a boundary and the line before the next one.
fn part(body: &[u8], from: usize, to: usize) -> Result<FormPart, FormError> {
    // Without headers there is an empty line at once; the line's end before it has been passed.
    let text = body.get(from..to).ok_or(FormError("a part has no headers"))?;
    let within = &text[..text.len().min(HEADERS)];
    let head = memchr::memmem::find(within, b"\r\n\r\n").ok_or(FormError("a part's headers have no end"))?;
    let headers = std::str::from_utf8(&text[..head]).map_err(|_| FormError("a part's headers are no text"))?;
    let disposition = header(headers, "content-disposition")?.ok_or(FormError("a part has no content-disposition"))?;
    let coded = header(headers, "content-transfer-encoding")?.map(str::trim);
    if coded.is_some_and(|coding| {
        !["7bit", "8bit", "binary"]
            .iter()
            .any(|plain| coding.eq_ignore_ascii_case(plain))
    }) {
        return Err(FormError(
            "a part is coded for transfer, which its value would have to be decoded from",
        ));
    }
    // Of a name given twice, or once more in the form that `name*` has, two readers read two names.
    if repeats(disposition, "name") || parameter(disposition, "name*").is_some() {
        return Err(FormError("a part has two names"));
    }
    let name = parameter(disposition, "name").ok_or(FormError("a part has no name"))?;
    Ok(FormPart {
        name,
        file_name: parameter(disposition, "filename"),
        span: from..to,
        value: from + head + 4..to,
    })
}

/// The value of a header that a part may have once.
fn header<'a>(headers: &'a str, wanted: &str) -> Result<Option<&'a str>, FormError> {
    let mut found = headers
        .split("\r\n")
        .filter_map(|header| header.split_once(':'))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
    let first = found.next().map(|(_, value)| value);
    match found.next() {
        Some(_) => Err(FormError("a part has a header twice")),
        None => Ok(first),
    }
}

/// Whether a header has a parameter more than once.
fn repeats(header: &str, wanted: &str) -> bool {
    let mut names = 0;
    let mut quoted = false;
    for piece in header.split(';').skip(1) {
        let name = piece.split_once('=').map_or(piece, |(name, _)| name).trim();
        names += usize::from(!quoted && name.eq_ignore_ascii_case(wanted));
        // A semicolon within quotes begins no parameter.
        let quotes = piece.replace("\\\\", "").replace("\\\"", "").matches('"').count();
        quoted ^= quotes % 2 == 1;
    }
    names > 1
}

/// The body with another value at a place.
pub fn replaced(body: &Bytes, at: &Range<usize>, value: Bytes) -> Slices {
    slices([body.slice(..at.start), value, body.slice(at.end..)])
}

/// The body with one more part, the first; none where the value cannot stand in a form of that boundary.
pub fn with(body: &Bytes, content_type: &str, name: &str, value: &str) -> Option<Slices> {
    let boundary = boundary(content_type)?;
    let line = format!("--{boundary}");
    let start = match body.starts_with(line.as_bytes()) {
        true => 0,
        false => memchr::memmem::find(body, format!("\r\n{line}").as_bytes())? + 2,
    };
    let fits = fits(value, boundary) && !name.contains(['"', '\\', '\r', '\n']);
    let part = format!("{line}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    fits.then(|| slices([body.slice(..start), Bytes::from(part), body.slice(start..)]))
}

/// Whether a value can stand in a form of that boundary: it must not hold what would end its part.
pub fn fits(value: &str, boundary: &str) -> bool {
    !value.contains(&format!("--{boundary}"))
}

fn slices(slices: [Bytes; 3]) -> Slices {
    Slices(slices.into_iter().filter(|slice| !slice.is_empty()).collect())
}

/// A parameter of a header, in quotes or without. Within quotes a backslash keeps the next character.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header;
    loop {
        let (_, after) = rest.split_once(';')?;
        let (name, value) = after.split_once('=')?;
        let value = value.trim_start();
        let (text, left) = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (value[..end].trim_end().to_owned(), &value[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = left;
    }
}

fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let (mut text, mut kept) = (String::new(), false);
    for (at, letter) in quoted.char_indices() {
        match letter {
            '\\' if !kept => kept = true,
            '"' if !kept => return Some((text, &quoted[at + 1..])),
            letter => {
                text.push(letter);
                kept = false;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=edge";

    fn read(body: &str) -> Result<Vec<(String, Option<String>, String)>, FormError> {
        let parts = parts(body.as_bytes(), KIND)?;
        Ok(parts
            .into_iter()
            .map(|part| (part.name, part.file_name, body[part.value].to_owned()))
            .collect())
    }

    #[test]
    fn parts_are_found_where_they_stand() {
        let body = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;\\\"b.wav\"\r\nContent-Type: audio/wav\r\n\r\n\r\n--edg\r\n\r\n--edge \r\ncontent-disposition: form-data; name=model\r\n\r\nwhisper-1\r\n--edge--\r\nafterwards";
        let parts = read(body).unwrap();
        assert_eq!(
            parts[0],
            ("file".into(), Some("a;\"b.wav".into()), "\r\n--edg\r\n".into())
        );
        assert_eq!(parts[1], ("model".into(), None, "whisper-1".into()));
        assert_eq!(read(&format!("before\r\n{body}")).unwrap(), parts);
        assert!(read("--edge--").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_form_is_said_to_be_none() {
        for body in [
            "",
            "text",
            "--edge",
            "--edgeX\r\n\r\n",
            "--edge\r\n\r\nvalue\r\n--edge--",
            "--edge\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nvalue",
            "--edge\r\ncontent-disposition: form-data\r\n\r\nvalue\r\n--edge--",
            "--edge\r\ncontent-disposition: form-data; name=\"a\r\n\r\nvalue\r\n--edge--",
            "--edge\r\n\r\n--edge--",
            "--edge\r\ncontent-disposition: form-data; name=\"a\"; name=\"model\"\r\n\r\nv\r\n--edge--",
            "--edge\r\ncontent-disposition: form-data; name=\"a\"; name*=utf-8''model\r\n\r\nv\r\n--edge--",
            "--edge\r\ncontent-disposition: form-data; name=a\r\ncontent-disposition: form-data; name=model\r\n\r\nv\r\n--edge--",
            "--edge\r\ncontent-disposition: form-data; name=a\r\ncontent-transfer-encoding: base64\r\n\r\nv\r\n--edge--",
        ] {
            assert!(read(body).is_err(), "{body:?}");
        }
        assert!(parts(b"", "application/json").is_err());
    }

    #[test]
    fn one_value_changes_or_is_added_and_nothing_else() {
        let text = "--edge\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\na\r\n--edge\r\ncontent-disposition: form-data; name=\"x; name=y\"\r\n\r\n1\r\n--edge--\r\n";
        let body = Bytes::from(text);
        let found = parts(&body, KIND).unwrap();
        assert_eq!(found[1].name, "x; name=y");
        assert!(
            text[found[0].span.clone()].starts_with("content-disposition")
                && text[found[0].span.clone()].ends_with("a")
        );
        let changed = replaced(&body, &found[0].value, Bytes::from_static(b"gpt-4o")).concat();
        assert_eq!(changed, text.replace("\r\n\r\na\r\n", "\r\n\r\ngpt-4o\r\n"));
        let more = with(&body, KIND, "y", "2").unwrap().concat();
        assert_eq!(
            more,
            format!("--edge\r\nContent-Disposition: form-data; name=\"y\"\r\n\r\n2\r\n{text}")
        );
        assert_eq!(with(&body, KIND, "y", "a--edge"), None);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = "--edge\r\ncontent-disposition: form-data; name=\"é\\\"; filename=a\r\n\r\nv\r\n--edge--";
        for at in 0..=whole.len() {
            for bytes in [&whole.as_bytes()[..at], &whole.as_bytes()[at..]] {
                let _ = parts(bytes, KIND);
            }
            for byte in [0, b'"', b'\r', b'-', b';', 0xFF] {
                let mut changed = whole.as_bytes().to_vec();
                changed.insert(at, byte);
                let _ = parts(&changed, KIND);
            }
        }
    }

    #[test]
    fn a_boundary_is_read_with_and_without_quotes() {
        for (kind, expected) in [
            (KIND, Some("edge")),
            ("Multipart/Form-Data;charset=utf-8; Boundary=\"e d\"", Some("e d")),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/mixed; boundary=x", None),
        ] {
            assert_eq!(boundary(kind), expected, "{kind}");
        }
    }
}
