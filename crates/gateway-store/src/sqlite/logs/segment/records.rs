//! The records of a segment, packed: they are much alike, and take a tenth of their room.

use std::borrow::Cow;

use lz4_flex::block;

use crate::sqlite::fault::Fault;

/// The first format of segments whose records are packed.
const PACKED_SINCE: u32 = 2;

/// How much an LZ4 block can hold for each of its bytes: what says more of itself is damaged.
const MOST_FOR_A_BYTE: usize = 255;

/// Packs records: an LZ4 block, after its length unpacked as four bytes, the lowest first.
pub(super) fn pack(records: &[u8]) -> Vec<u8> {
    block::compress_prepend_size(records)
}

/// The records of a segment of that format.
pub(in crate::sqlite::logs) fn unpack(v: u32, stored: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    if v < PACKED_SINCE {
        return Ok(Cow::Borrowed(stored));
    }
    let damaged = |_| Fault(String::from("the records of a segment of log rows are damaged"));
    let (length, packed) = block::uncompressed_size(stored).map_err(damaged)?;
    if length > packed.len().saturating_mul(MOST_FOR_A_BYTE) {
        return Err(Fault(String::from("the records of a segment of log rows are cut off")));
    }
    block::decompress(packed, length).map(Cow::Owned).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_takes_less_room() {
        let records: String = (0..300)
            .map(|n| format!(r#"{{"v":1,"latency_us":{}}}"#, n * 7919))
            .collect();
        for records in [records.as_bytes(), b"{}", b""] {
            let packed = pack(records);
            assert_eq!(unpack(PACKED_SINCE, &packed).unwrap(), records);
        }
        assert!(pack(records.as_bytes()).len() < records.len() / 2);
    }

    #[test]
    fn records_from_before_they_were_packed_stand_as_they_are() {
        assert_eq!(
            unpack(PACKED_SINCE - 1, br#"{"v":1}"#).unwrap(),
            br#"{"v":1}"#.as_slice()
        );
    }

    #[test]
    fn damaged_records_are_told_and_take_no_memory() {
        let packed = pack(&[b'x'; 1000]);
        for length in 0..packed.len() {
            unpack(PACKED_SINCE, &packed[..length]).unwrap_err();
        }
        unpack(PACKED_SINCE, &[0xff; 40]).unwrap_err();
    }
}
