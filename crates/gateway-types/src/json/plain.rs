//! Runs of plain bytes in strings: where nearly all of a body's bytes are, so where the scanner's time goes.

use memchr::memchr2;

/// After so many plain bytes a string is taken for a long one (an image, a document), where `memchr2` pays.
const LONG: usize = 256;

/// The first place from `at` on that is a quote, a backslash, a control character or the end.
#[inline]
pub(super) fn plain_run(input: &[u8], mut at: usize) -> usize {
    let long = at + LONG;
    while let Some(word) = input.get(at..).and_then(|rest| rest.first_chunk()) {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
        if at >= long {
            return long_plain_run(input, at);
        }
    }
    input[at..]
        .iter()
        .position(|&byte| is_special(byte))
        .map_or(input.len(), |offset| at + offset)
}

/// [`plain_run`] for a run that has shown itself to be long: two loops that the processor does in wide steps.
#[inline(never)]
fn long_plain_run(input: &[u8], at: usize) -> usize {
    let rest = &input[at..];
    let plain = &rest[..memchr2(b'"', b'\\', rest).unwrap_or(rest.len())];
    // Looking for a place would stop at every byte to ask; asking whether there is one does not.
    let clean = plain.iter().fold(true, |clean, &byte| clean & (byte >= 0x20));
    let end = if clean {
        None
    } else {
        plain.iter().position(|&byte| byte < 0x20)
    };
    at + end.unwrap_or(plain.len())
}

fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// Marks, in their high bits, the bytes of a word that are special. The lowest mark is exact; a borrow may mark bytes
/// above it wrongly, so only the lowest may be used.
#[inline]
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES * 0x80;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let quotes = below(word ^ (ONES * b'"' as u64), 1);
    let backslashes = below(word ^ (ONES * b'\\' as u64), 1);
    (quotes | backslashes | below(word, 0x20)) & HIGHS
}
