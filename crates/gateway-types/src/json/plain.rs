//! Runs of plain bytes: in strings that are to be written, and in the last bytes of a string that is read.

/// How many bytes are looked at together once a run has shown itself to be longer than a word: as many as the processor
/// does in a few wide steps, and few enough that the rest behind the last whole block does not matter.
const BLOCK: usize = 64;
/// How many bytes are looked at together first.
const WORD: usize = 8;
/// A one in each byte of a word, and the highest bit of each.
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES * 0x80;

/// The first place from `at` on that is a quote, a backslash, a control character or the end.
#[inline]
pub(super) fn plain_run(input: &[u8], mut at: usize) -> usize {
    // Most strings are short: keys, roles, words.
    if let Some(special) = plain_word(input, at) {
        return special;
    }
    if input.len() - at >= WORD {
        at += WORD;
    }
    long_plain_run(input, at)
}

/// The first place among the next few from `at` on that is a quote, a backslash or a control character, if one is.
#[inline]
pub(super) fn plain_word(input: &[u8], at: usize) -> Option<usize> {
    let word = input.get(at..)?.first_chunk()?;
    let special = special_bytes(u64::from_le_bytes(*word));
    (special != 0).then(|| at + special.trailing_zeros() as usize / 8)
}

/// Whether the whole word at `at` is ASCII.
#[inline]
pub(super) fn is_ascii_word(input: &[u8], at: usize) -> bool {
    let word = input.get(at..).and_then(|rest| rest.first_chunk::<WORD>());
    word.is_none_or(|word| u64::from_le_bytes(*word) & HIGHS == 0)
}

/// [`plain_run`] for a run that has shown itself to be longer.
#[inline(never)]
fn long_plain_run(input: &[u8], mut at: usize) -> usize {
    // Looking for a place would stop at every byte to ask; asking whether there is one does not.
    while let Some(block) = input.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        if !block.iter().fold(true, |plain, &byte| plain & !is_special(byte)) {
            break;
        }
        at += BLOCK;
    }
    while at + WORD <= input.len() {
        if let Some(special) = plain_word(input, at) {
            return special;
        }
        at += WORD;
    }
    input[at..]
        .iter()
        .position(|&byte| is_special(byte))
        .map_or(input.len(), |offset| at + offset)
}

#[inline]
fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
}

/// Marks, in their high bits, the bytes of a word that are special. The lowest mark is exact; a borrow may mark bytes
/// above it wrongly, so only the lowest may be used.
#[inline]
fn special_bytes(word: u64) -> u64 {
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let quotes = below(word ^ (ONES * b'"' as u64), 1);
    let backslashes = below(word ^ (ONES * b'\\' as u64), 1);
    (quotes | backslashes | below(word, 0x20)) & HIGHS
}
