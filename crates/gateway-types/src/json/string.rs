//! Strings, from quote to quote: where nearly all of a body's bytes are, so where the scanner's time goes.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, i8x64, u8x64};

use super::plain::{is_ascii_word, plain_run, plain_word};
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

/// [`string_end`] for a string that has shown itself to be longer, or to have an escape: with the widest steps that this
/// processor has.
#[inline(never)]
fn long_end(input: &[u8], at: usize, ascii: &mut bool) -> Result<(usize, bool), Spot> {
    dispatch!(Level::new(), simd => wide_end(simd, input, at, ascii))
}

/// [`long_end`], for one kind of processor. What it calls is inlined always, so that it is made for that kind as well.
#[inline(always)]
fn wide_end<S: Simd>(simd: S, input: &[u8], mut at: usize, ascii: &mut bool) -> Result<(usize, bool), Spot> {
    let mut escapes = Escapes::default();
    let (mut plain, mut quiet) = (true, false);
    while let Some(block) = input.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        let block = Block(u8x64::from_slice(simd, block));
        // In prose hardly a block has anything in it, and whether it has is quicker asked than where.
        if quiet && block.is_quiet(*ascii) {
            at += BLOCK;
            continue;
        }
        *ascii &= block.is_ascii();
        let (quotes, backslashes) = (block.equal(b'"'), block.equal(b'\\'));
        let escaped = escapes.escaped(backslashes);
        let ends = quotes & !escaped;
        let inside = ends.wrapping_sub(1) & !ends;
        plain &= backslashes & inside == 0;
        // What is nearly always escaped needs no second look.
        let strange = escaped & !(quotes | backslashes | block.equal(b'n') | block.equal(b't'));
        let (strange, controls) = (strange & inside, block.controls() & inside);
        if strange | controls != 0
            && let Some(spot) = fault(input, at, strange, controls)
        {
            return Err(spot);
        }
        if ends != 0 {
            return Ok((at + ends.trailing_zeros() as usize + 1, plain));
        }
        quiet = backslashes == 0;
        at += BLOCK;
    }
    near_end(input, at - escapes.pending(), plain, ascii)
}

/// Bytes that are looked at together. Which of them are something is told as bits, the first byte's lowest.
#[derive(Clone, Copy)]
struct Block<S: Simd>(u8x64<S>);

impl<S: Simd> Block<S> {
    #[inline(always)]
    fn equal(self, byte: u8) -> u64 {
        self.0.simd_eq(byte).to_bitmask()
    }

    #[inline(always)]
    fn controls(self) -> u64 {
        self.0.simd_lt(0x20).to_bitmask()
    }

    #[inline(always)]
    fn is_ascii(self) -> bool {
        !self.0.simd_ge(0x80).any_true()
    }

    /// Whether there is nothing to stop at: nothing special, and nothing that would be the first to be no ASCII.
    #[inline(always)]
    fn is_quiet(self, ascii: bool) -> bool {
        let special = self.0.simd_eq(b'"') | self.0.simd_eq(b'\\');
        // As signed numbers, control characters and what is no ASCII are one range, so that both are one comparison.
        !match ascii {
            true => special | self.0.bitcast::<i8x64<S>>().simd_lt(0x20),
            false => special | self.0.simd_lt(0x20),
        }
        .any_true()
    }
}

/// Which characters of a string are escaped, block by block, however many backslashes stand in a row. The way of Langdale and
/// Lemire, "Parsing Gigabytes of JSON per Second" (2019), section 3.1.1.
#[derive(Default)]
struct Escapes {
    /// Whether the next block's first character is: 1 or 0.
    carried: u64,
}

impl Escapes {
    #[inline(always)]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        if backslashes == 0 {
            return std::mem::take(&mut self.carried);
        }
        const EVEN: u64 = 0x5555_5555_5555_5555;
        // A backslash that is escaped itself escapes nothing.
        let backslashes = backslashes & !self.carried;
        let behind = backslashes << 1 | self.carried;
        // Added to its first bit, a row of bits carries into the place behind it: for rows that begin at odd places the
        // escaped ones are the others.
        let odd_rows = backslashes & !EVEN & !behind;
        let (rows, beyond) = odd_rows.overflowing_add(backslashes);
        self.carried = u64::from(beyond);
        (EVEN ^ rows << 1) & behind
    }

    /// How many bytes before the next block an escape begins that reaches into it.
    fn pending(&self) -> usize {
        usize::from(self.carried != 0)
    }
}

/// The first fault of the block at `at`: one of the escaped characters that makes no escape, or one of the control characters.
#[inline(never)]
fn fault(input: &[u8], at: usize, mut escaped: u64, controls: u64) -> Option<Spot> {
    let mut spot = (controls != 0).then(|| at + controls.trailing_zeros() as usize);
    while escaped != 0 {
        let backslash = at + escaped.trailing_zeros() as usize - 1;
        if let Err(wrong) = escape_end(input, backslash) {
            spot = Some(spot.map_or(wrong, |spot| spot.min(wrong)));
            break;
        }
        escaped &= escaped - 1;
    }
    spot
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    proptest! {
        #[test]
        fn the_least_of_processors_finds_the_same_end(
            pieces in vec(select(&["\\\\", "\\\"", "\\n", "\\u00e9", "\\x", "\"", "\n", "é", "code", "            "]), 0..100)
        ) {
            let text = pieces.concat();
            let (mut here, mut there) = (true, true);
            let wide = long_end(text.as_bytes(), 0, &mut here);
            let narrow = dispatch!(Level::baseline(), simd => wide_end(simd, text.as_bytes(), 0, &mut there));
            prop_assert_eq!((wide, here), (narrow, there));
        }
    }
}
