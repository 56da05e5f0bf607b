//! Cursors: where a page begins or ends, as text for an address. What one is made of is nobody's business but ours.

use gateway::ports::logs::{Position, Side, Sort};

use super::id;
use crate::respond::ApiError;

/// A side of a row, in an order.
pub(super) fn write(side: Side, sort: Sort, ascending: bool) -> String {
    let (letter, place) = match side {
        Side::After(place) => ('a', place),
        Side::Before(place) => ('b', place),
    };
    let Position { value, id } = place;
    format!("{letter}{}.{value}.{}", order(sort, ascending), id.uuid().simple())
}

/// Reads one, for a page in that order.
pub(super) fn read(text: &str, sort: Sort, ascending: bool) -> Result<Side, ApiError> {
    let refused = || {
        ApiError::invalid(
            "query parameter `cursor` is not a cursor of this order; take `next_cursor` or `prev_cursor` of a page with the \
             same `sort_by` and `order`",
        )
    };
    let mut parts = text.splitn(3, '.');
    let (Some(head), Some(value), Some(row)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(refused());
    };
    let place = Position {
        value: value.parse().map_err(|_| refused())?,
        id: id(row).ok_or_else(refused)?,
    };
    match head.split_at_checked(1) {
        Some((_, rest)) if rest != order(sort, ascending) => Err(refused()),
        Some(("a", _)) => Ok(Side::After(place)),
        Some(("b", _)) => Ok(Side::Before(place)),
        _ => Err(refused()),
    }
}

const fn order(sort: Sort, ascending: bool) -> &'static str {
    match (sort, ascending) {
        (Sort::Timestamp, false) => "t",
        (Sort::Timestamp, true) => "T",
        (Sort::Latency, false) => "l",
        (Sort::Latency, true) => "L",
        (Sort::Tokens, false) => "n",
        (Sort::Tokens, true) => "N",
        (Sort::Cost, false) => "c",
        (Sort::Cost, true) => "C",
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::RequestId;

    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_in_its_own_order_alone() {
        let place = Position {
            value: -5,
            id: RequestId::from(uuid::Uuid::from_u128(77)),
        };
        for side in [Side::After(place), Side::Before(place)] {
            let text = write(side, Sort::Cost, false);
            assert!(
                text.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)),
                "{text} fits in an address"
            );
            assert_eq!(read(&text, Sort::Cost, false).unwrap(), side);
            assert!(read(&text, Sort::Cost, true).is_err() && read(&text, Sort::Latency, false).is_err());
        }
        for text in [
            "",
            "a",
            "at.1",
            "at.x.0",
            "at.1.zz",
            "ät.1.2",
            "xt.1.00000000000000000000000000000001",
        ] {
            assert!(read(text, Sort::Timestamp, false).is_err(), "{text}");
        }
    }
}
