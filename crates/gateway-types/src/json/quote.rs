//! Texts as JSON string literals.

use super::plain::plain_run;

/// Writes a text as a string literal, quotes included, escaping no more than JSON wants escaped.
///
/// ```
/// let mut out = Vec::new();
/// gateway_types::json::quote("a \"b\"\n\u{1}é", &mut out);
/// assert_eq!(out, "\"a \\\"b\\\"\\n\\u0001é\"".as_bytes());
/// ```
pub fn quote(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut at = 0;
    loop {
        let special = plain_run(bytes, at);
        out.extend_from_slice(&bytes[at..special]);
        let Some(&byte) = bytes.get(special) else { break };
        escape(byte, out);
        at = special + 1;
    }
    out.push(b'"');
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        0x08 => b'b',
        0x0C => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            const HEX: [u8; 16] = *b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            return;
        }
    };
    out.extend([b'\\', short]);
}
