//! What a query asks for, held against segments and their rows. A name is looked for once among the names of a segment;
//! rows then differ by numbers.

use gateway::ports::logs::{Hosting, LogQuery};
use gateway_types::{Org, RequestId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::segment::{Columns, Figure, Name, Names, status};
use super::segments::Segment;
use crate::sqlite::fault::Fault;

/// So many bytes of kept bodies take as long to search as a row takes to be looked at.
const BYTES_A_ROW: u64 = 2048;

/// A query, prepared.
#[derive(Debug)]
pub(super) struct Sieve<'q> {
    query: &'q LogQuery,
    statuses: Vec<u8>,
    /// Rows have one of these names in one of those columns.
    named: Vec<(&'static [Name], Vec<&'q str>)>,
    /// In small letters, as far as they are ASCII; none where no text is asked for.
    text: Option<Vec<u8>>,
}

/// The same for one segment: numbers in place of names.
#[derive(Debug)]
pub(super) struct Numbers {
    named: Vec<(&'static [Name], Vec<u32>)>,
    tags: Vec<(u32, u32)>,
    /// The names that hold the text.
    text: Option<Vec<u32>>,
}

impl<'q> Sieve<'q> {
    pub(super) fn of(query: &'q LogQuery) -> Self {
        let hosting: Vec<&str> = query.hosting.iter().map(|hosting| Hosting::as_str(*hosting)).collect();
        let strings = |names: &'q [String]| names.iter().map(String::as_str).collect();
        let named: [(&'static [Name], Vec<&'q str>); 10] = [
            (&[Name::Provider], strings(&query.providers)),
            (&[Name::Model, Name::Asked], strings(&query.models)),
            (&[Name::VirtualKey], strings(&query.virtual_keys)),
            (&[Name::Team], strings(&query.teams)),
            (&[Name::Customer], strings(&query.customers)),
            (&[Name::Rule], strings(&query.rules)),
            (&[Name::Key], strings(&query.keys)),
            (&[Name::Error], strings(&query.errors)),
            (&[Name::Operation], strings(&query.operations)),
            (&[Name::Hosting], hosting),
        ];
        let text = query.text.as_deref().filter(|text| !text.is_empty());
        Self {
            query,
            statuses: query.statuses.iter().map(|wanted| status(*wanted)).collect(),
            named: named.into_iter().filter(|(_, names)| !names.is_empty()).collect(),
            text: text.map(|text| text.to_ascii_lowercase().into_bytes()),
        }
    }

    /// The query in the numbers of a segment; none where no row of it can be asked for.
    pub(super) fn over(&self, segment: &Segment<'_>) -> Result<Option<Numbers>, Fault> {
        let ids = &self.query.ids;
        if !ids.is_empty() && !segment.may_hold(ids.iter().copied()) {
            return Ok(None);
        }
        if self.named.is_empty() && self.query.tags.is_empty() && self.text.is_none() {
            return Ok(Some(Numbers {
                named: Vec::new(),
                tags: Vec::new(),
                text: None,
            }));
        }
        Ok(self.numbers(&segment.names()?, segment.content > 0))
    }

    fn numbers(&self, names: &Names<'_>, has_content: bool) -> Option<Numbers> {
        let some = |numbers: Vec<u32>| (!numbers.is_empty()).then_some(numbers);
        let named = self.named.iter().map(|(columns, wanted)| {
            let numbers = names.numbers(|name| wanted.contains(&name));
            Some((*columns, some(numbers)?))
        });
        let named = named.collect::<Option<_>>()?;
        let number = |wanted: &str| names.numbers(|name| name == wanted).first().copied();
        let tags = self.query.tags.iter();
        let tags = tags.map(|(name, value)| Some((number(name)?, number(value)?)));
        let tags = tags.collect::<Option<_>>()?;
        let text = self
            .text
            .as_ref()
            .map(|text| names.numbers(|name| holds(name.as_bytes(), text)));
        if text.as_ref().is_some_and(Vec::is_empty) && !has_content {
            return None;
        }
        Some(Numbers { named, tags, text })
    }

    /// Whether a row is asked for, and how many rows it took as long as to find out.
    pub(super) fn lets(
        &self,
        numbers: &Numbers,
        columns: &Columns<'_>,
        row: usize,
        bodies: &Bodies<'_>,
    ) -> Result<(bool, u64), Fault> {
        let lets = self.figures_fit(columns, row)
            && (self.statuses.is_empty() || self.statuses.contains(&columns.status(row)))
            && (!self.query.unpriced || columns.is_unpriced(row))
            && (self.query.ids.is_empty() || self.query.ids.contains(&columns.id(row)))
            && numbers.named.iter().all(|(names, wanted)| {
                let mut names = names.iter().map(|name| columns.name(*name, row));
                names.any(|number| wanted.contains(&number))
            })
            && numbers
                .tags
                .iter()
                .all(|wanted| columns.tags(row).any(|tag| tag == *wanted));
        let (Some(text), Some(named)) = (self.text.as_ref().filter(|_| lets), &numbers.text) else {
            return Ok((lets, 1));
        };
        let names = [Name::Model, Name::Asked, Name::Message].map(|name| columns.name(name, row));
        let tags = columns.tags(row).flat_map(|(name, value)| [name, value]);
        if names.into_iter().chain(tags).any(|number| named.contains(&number)) {
            return Ok((true, 1));
        }
        if !columns.has_content(row) {
            return Ok((false, 1));
        }
        let (found, bytes) = bodies.hold(columns.id(row), text)?;
        Ok((found, 1 + bytes / BYTES_A_ROW))
    }

    fn figures_fit(&self, columns: &Columns<'_>, row: usize) -> bool {
        let query = self.query;
        let at = columns.at(row);
        let latency = || columns.figure(Figure::Latency, row) as f64 / 1000.0;
        let tokens = || columns.figure(Figure::Tokens, row);
        let cost = || columns.figure(Figure::Cost, row).cast_signed();
        query.since.is_none_or(|since| at >= since.millis())
            && query.until.is_none_or(|until| at < until.millis())
            && query.latency_ms.0.is_none_or(|from| latency() >= from)
            && query.latency_ms.1.is_none_or(|to| latency() <= to)
            && query.tokens.0.is_none_or(|from| tokens() >= from)
            && query.tokens.1.is_none_or(|to| tokens() <= to)
            && query.cost.0.is_none_or(|from| cost() >= from)
            && query.cost.1.is_none_or(|to| cost() <= to)
    }
}

/// Where a search finds the bodies that are kept.
#[derive(Debug)]
pub(super) struct Bodies<'c> {
    pub(super) conn: &'c Connection,
    pub(super) org: &'c Org,
}

impl Bodies<'_> {
    /// Whether the bodies of a row hold a text, and how many bytes they have.
    fn hold(&self, id: RequestId, text: &[u8]) -> Result<(bool, u64), Fault> {
        let mut found = self
            .conn
            .prepare_cached("SELECT request_body, response_body FROM log_contents WHERE org = ?1 AND id = ?2")?;
        let found = found.query_row((self.org.as_str(), id.uuid().as_bytes()), |row| {
            let (mut found, mut bytes) = (false, 0);
            for column in 0..2 {
                if let ValueRef::Text(body) = row.get_ref(column)? {
                    found = found || holds(body, text);
                    bytes += body.len() as u64;
                }
            }
            Ok((found, bytes))
        });
        Ok(found.optional()?.unwrap_or_default())
    }
}

/// Whether a text, in small letters, stands anywhere, whatever the case of its ASCII letters.
fn holds(place: &[u8], text: &[u8]) -> bool {
    let Some((first, rest)) = text.split_first() else {
        return true;
    };
    let mut from = 0;
    while let Some(found) = place
        .get(from..)
        .and_then(|place| place.iter().position(|byte| byte.eq_ignore_ascii_case(first)))
    {
        from += found + 1;
        if place
            .get(from..from + rest.len())
            .is_some_and(|place| place.eq_ignore_ascii_case(rest))
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_stands_and_in_either_case() {
        for (place, text, found) in [
            ("", "a", false),
            ("", "", true),
            ("aab", "ab", true),
            ("The End", "end", true),
            ("The End", "the", true),
            ("The En", "end", false),
            ("Zürich", "zürich", true),
            ("ZÜRICH", "zürich", false),
        ] {
            assert_eq!(holds(place.as_bytes(), text.as_bytes()), found, "{text} in {place}");
        }
    }
}
