//! Strings, from quote to quote: where nearly all of a body's bytes are, so where the scanner's time goes.

use super::plain::{is_ascii_word, is_special, plain_run, plain_word};
use super::scan::Spot;

/// How many bytes are looked at together: as many as there are bits in a word to mark them.
const BLOCK: usize = 64;

/// Where the string ends whose opening quote stands right before `at`: the place behind its closing quote, and whether
/// nothing in it is escaped. As an error, the place of what no string can have. `ascii` becomes false where there is more than
/// ASCII in it; what stands close behind it may count as well.
#[inline]
pub(super) fn string_end(input: &[u8], at: usize, ascii: &mut bool) -> Result<(usize, bool), Spot> {
    // Most strings are short and plain: keys, roles, words.
    match plain_word(input, at) {
        Some(end) if input.get(end) == Some(&b'"') => {
            *ascii &= is_ascii_word(input, at);
            Ok((end + 1, true))
        }
        _ => long_end(input, at, ascii),
    }
}

/// [`string_end`] for a string that has shown itself to be longer, or to have an escape.
#[inline(never)]
fn long_end(input: &[u8], mut at: usize, ascii: &mut bool) -> Result<(usize, bool), Spot> {
    let (mut plain, mut clean) = (true, false);
    while let Some(block) = input.get(at..).and_then(|rest| rest.first_chunk()) {
        // In prose hardly a block has anything in it, and whether it has is quicker asked than where.
        if clean && is_quiet(block, *ascii) {
            at += BLOCK;
            continue;
        }
        // All bytes joined: quicker than to stop at the first.
        *ascii &= block.iter().fold(0, |all, &byte| all | byte).is_ascii();
        let mut marks = marks(block);
        clean = marks == 0;
        let mut behind = at + BLOCK;
        while marks != 0 {
            let offset = marks.trailing_zeros() as usize;
            match block[offset] {
                b'"' => return Ok((at + offset + 1, plain)),
                b'\\' => behind = behind.max(escape_end(input, at + offset)?),
                _ => return Err(at + offset),
            }
            plain = false;
            // What is escaped ends nothing and begins nothing.
            marks &= !(3 << offset);
        }
        at = behind;
    }
    near_end(input, at, plain, ascii)
}

/// [`string_end`] where there is not a whole block any more.
fn near_end(input: &[u8], mut at: usize, mut plain: bool, ascii: &mut bool) -> Result<(usize, bool), Spot> {
    *ascii = *ascii && input.get(at..).is_none_or(<[u8]>::is_ascii);
    loop {
        at = plain_run(input, at);
        match input.get(at) {
            Some(b'"') => return Ok((at + 1, plain)),
            Some(b'\\') => at = escape_end(input, at)?,
            _ => return Err(at),
        }
        plain = false;
    }
}

/// Whether a block has nothing to stop at: nothing special, and nothing that would be the first to be no ASCII.
#[inline]
fn is_quiet(block: &[u8; BLOCK], ascii: bool) -> bool {
    // As signed numbers, control characters and what is no ASCII are one range, so that both are one comparison.
    let low = |byte: u8| byte.cast_signed() < 0x20;
    !match ascii {
        true => block
            .iter()
            .fold(false, |any, &byte| any | (byte == b'"') | (byte == b'\\') | low(byte)),
        false => block.iter().fold(false, |any, &byte| any | is_special(byte)),
    }
}

/// The bits of the bytes that are special, the first byte's lowest. Written so that it becomes wide steps: what is special is
/// found for many bytes at once, and eight answers are gathered by one multiplication.
#[inline]
fn marks(block: &[u8; BLOCK]) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let special: [u8; BLOCK] = std::array::from_fn(|i| u8::from(is_special(block[i])));
    let eights = special.as_chunks().0.iter().enumerate();
    eights.fold(0, |marks, (i, eight)| {
        marks | (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) << (8 * i)
    })
}

/// The place behind the escape whose backslash stands at `at`.
#[inline]
fn escape_end(input: &[u8], at: usize) -> Result<usize, Spot> {
    match input.get(at + 1) {
        Some(&byte) if SHORT[usize::from(byte)] => Ok(at + 2),
        Some(b'u') => unicode_end(input, at + 2),
        _ => Err(at + 1),
    }
}

#[inline(never)]
fn unicode_end(input: &[u8], digits: usize) -> Result<usize, Spot> {
    let end = digits + 4;
    let digit = |at: usize| input.get(at).is_some_and(u8::is_ascii_hexdigit);
    (digits..end).find(|&at| !digit(at)).map_or(Ok(end), Err)
}

/// What stands behind a backslash where two bytes make an escape.
const SHORT: [bool; 256] = {
    let mut short = [false; 256];
    let (letters, mut i) = (b"\"\\/bfnrt", 0);
    while i < letters.len() {
        short[letters[i] as usize] = true;
        i += 1;
    }
    short
};
