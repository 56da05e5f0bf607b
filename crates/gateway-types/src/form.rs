//! Forms (`multipart/form-data`) without a copy: where their parts stand in a body, so that a value can be replaced by
//! splicing and everything else stays as it came. After RFC 7578 and RFC 2046, section 5.1.

use std::ops::Range;

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
    let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
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
    let boundary = boundary(content_type).ok_or(FormError("its content type names no boundary of 1 to 70 characters"))?;
    let line = format!("\r\n--{boundary}");
    let finder = memchr::memmem::Finder::new(line.as_bytes());
    // The first boundary may stand at the very beginning, without a line before it.
    let mut at = match body.strip_prefix(&line.as_bytes()[2..]) {
        Some(_) => line.len() - 2,
        None => finder.find(body).ok_or(FormError("it does not begin with its boundary"))? + line.len(),
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
        let end = head + finder.find(&body[head..]).ok_or(FormError("its last boundary is missing"))?;
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
    let disposition = headers
        .split("\r\n")
        .filter_map(|header| header.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
    let (_, disposition) = disposition.ok_or(FormError("a part has no content-disposition"))?;
    let name = parameter(disposition, "name").ok_or(FormError("a part has no name"))?;
    Ok(FormPart {
        name,
        file_name: parameter(disposition, "filename"),
        value: from + head + 4..to,
    })
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
        assert_eq!(parts[0], ("file".into(), Some("a;\"b.wav".into()), "\r\n--edg\r\n".into()));
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
        ] {
            assert!(read(body).is_err(), "{body:?}");
        }
        assert!(parts(b"", "application/json").is_err());
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
