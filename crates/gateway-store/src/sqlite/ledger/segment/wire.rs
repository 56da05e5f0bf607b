//! Numbers as few bytes: seven bits each, the least first; a sign moves into the lowest bit.

/// Writes a number.
pub(super) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Writes a number that may be below 0.
pub(super) fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// Writes a number that may be below 0 and very large.
pub(super) fn put_wide(bytes: &mut Vec<u8>, number: i128) {
    let mut number = ((number << 1) ^ (number >> 127)).cast_unsigned();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Writes bytes and how many they are.
pub(super) fn put_bytes(bytes: &mut Vec<u8>, some: &[u8]) {
    put(bytes, some.len() as u64);
    bytes.extend_from_slice(some);
}

/// Reads what was written. Nothing comes of bytes that are cut off, or are none of these.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(super) fn wide(&mut self) -> Option<i128> {
        let mut number = 0_u128;
        for shift in (0..u128::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
            }
        }
        None
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(number: u64, signed: i64, wide: i128, some: Vec<u8>) {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            put_signed(&mut bytes, signed);
            put_wide(&mut bytes, wide);
            put_bytes(&mut bytes, &some);
            let mut reader = Reader(&bytes);
            prop_assert_eq!(reader.number(), Some(number));
            prop_assert_eq!(reader.signed(), Some(signed));
            prop_assert_eq!(reader.wide(), Some(wide));
            prop_assert_eq!(reader.bytes(), Some(&some[..]));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let mut reader = Reader(&bytes);
            while reader.signed().is_some() && reader.wide().is_some() && reader.text().is_some() {}
        }
    }

    #[test]
    fn the_ends_of_every_range_come_back() {
        for signed in [0, -1, 1, i64::MIN, i64::MAX] {
            let mut bytes = Vec::new();
            put_signed(&mut bytes, signed);
            put_wide(&mut bytes, signed.into());
            let mut reader = Reader(&bytes);
            assert_eq!((reader.signed(), reader.wide()), (Some(signed), Some(signed.into())));
        }
        for wide in [i128::MIN, i128::MAX] {
            let mut bytes = Vec::new();
            put_wide(&mut bytes, wide);
            assert_eq!(Reader(&bytes).wide(), Some(wide));
        }
    }
}
