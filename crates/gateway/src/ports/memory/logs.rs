//! Request logs in memory: everything is read off the rows whenever it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gateway_types::{CustomerId, KeyId, ModelName, Operation, ProviderName, RequestId, TeamId, VirtualKeyId, Wall};

use super::lock;
use crate::ports::StoreError;
use crate::ports::logs::{
    Dimension, Figures, LogPage, LogQuery, LogRow, LogStore, Position, Rank, Rest, Shares, Side, Slice, Slot, Sort,
    Status, Totals,
};

/// How many rows are kept unless it is said otherwise.
const KEPT_ROWS: usize = 10_000;
const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const WEEK_MS: i64 = 7 * 24 * HOUR_MS;
/// How long minutes are told of, counted from the latest one.
const MINUTES_KEPT_MS: i64 = 48 * HOUR_MS;

/// Request logs in memory: the latest rows, in the order of their ids, and figures made of them when asked for.
#[derive(Debug)]
pub struct MemoryLogs {
    rows: Mutex<BTreeMap<RequestId, Arc<LogRow>>>,
    kept: usize,
}

impl MemoryLogs {
    /// Keeps ten thousand rows.
    pub fn new() -> Self {
        Self::keeping(KEPT_ROWS)
    }

    /// Keeps that many rows, the oldest going first.
    pub fn keeping(rows: usize) -> Self {
        Self {
            rows: Mutex::default(),
            kept: rows,
        }
    }

    /// What a slice chooses, told apart by value and by the beginnings of slots of that length.
    fn figures(&self, of: &Slice, slot_ms: i64) -> BTreeMap<(i64, String), Figures> {
        let kept = lock(&self.rows);
        let latest = kept.values().map(|row| floor(row.at, MINUTE_MS)).max().unwrap_or(0);
        let by_minute = ceil(latest.saturating_sub(MINUTES_KEPT_MS), HOUR_MS);
        let mut slots = BTreeMap::<_, Figures>::new();
        for row in kept.values() {
            let Some(value) = of.dimension.value(row) else { continue };
            let known = if row.at.millis() < by_minute {
                HOUR_MS
            } else {
                MINUTE_MS
            };
            let at = Wall::from_millis(floor(row.at, known));
            let wanted = of.values.is_empty() || of.values.iter().any(|wanted| *wanted == value);
            if wanted && of.since <= at && at < of.until {
                let slot = slots.entry((floor(at, slot_ms), value.into_owned())).or_default();
                slot.add(&Figures::of(row));
            }
        }
        slots
    }
}

impl Default for MemoryLogs {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl LogStore for MemoryLogs {
    async fn append(&self, rows: &[Arc<LogRow>]) -> Result<(), StoreError> {
        let mut kept = lock(&self.rows);
        for row in rows {
            kept.entry(row.id).or_insert_with(|| Arc::clone(row));
        }
        while kept.len() > self.kept {
            kept.pop_first();
        }
        Ok(())
    }

    async fn page(&self, query: &LogQuery) -> Result<LogPage, StoreError> {
        let kept = lock(&self.rows);
        let mut matching: Vec<&LogRow> = kept
            .values()
            .map(|row| &**row)
            .filter(|row| matches(row, query))
            .collect();
        let totals = query.totals.then(|| {
            let mut totals = Totals::default();
            matching.iter().for_each(|row| add(&mut totals, row));
            totals
        });
        let rank = |row: &LogRow| (figure(row, query.sort), row.id);
        matching.sort_by_key(|row| rank(row));
        if !query.ascending {
            matching.reverse();
        }
        // How many rows come before a place.
        let before = |place: Position, included: bool| {
            let place = (place.value, place.id);
            matching.partition_point(|row| {
                let order = if query.ascending {
                    rank(row).cmp(&place)
                } else {
                    place.cmp(&rank(row))
                };
                order.is_lt() || (included && order.is_eq())
            })
        };
        let (first, end) = match query.from {
            None => (query.offset, query.offset.saturating_add(query.limit)),
            Some(Side::After(place)) => {
                let first = before(place, true);
                (first, first.saturating_add(query.limit))
            }
            Some(Side::Before(place)) => {
                let end = before(place, false);
                (end.saturating_sub(query.limit), end)
            }
        };
        let (first, end) = (first.min(matching.len()), end.min(matching.len()));
        let page = &matching[first..end];
        let place = |row: &&LogRow| Position {
            value: figure(row, query.sort),
            id: row.id,
        };
        let next = page.last().filter(|_| end < matching.len()).map(place);
        let previous = page.first().filter(|_| first > 0).map(place);
        Ok(LogPage {
            rows: page.iter().copied().cloned().collect(),
            totals,
            next: next.map(Side::After),
            previous: previous.map(Side::Before),
            searched_until: None,
        })
    }

    async fn row(&self, id: RequestId) -> Result<Option<LogRow>, StoreError> {
        Ok(lock(&self.rows).get(&id).map(|row| LogRow::clone(row)))
    }

    async fn series(&self, of: &Slice, slot_ms: i64) -> Result<Vec<Slot>, StoreError> {
        let slots = self.figures(of, slot_ms).into_iter();
        let slots = slots.map(|((at, value), figures)| Slot {
            at: Wall::from_millis(at),
            value,
            figures,
        });
        Ok(slots.collect())
    }

    async fn shares(&self, of: &Slice, by: Rank, most: usize) -> Result<Shares, StoreError> {
        // One slot for all time.
        let values = self.figures(of, i64::MAX).into_iter();
        let mut values = values.fold(
            BTreeMap::<String, Figures>::new(),
            |mut values, ((_, value), figures)| {
                values.entry(value).or_default().add(&figures);
                values
            },
        );
        let mut first: Vec<_> = std::mem::take(&mut values).into_iter().collect();
        first.sort_by_key(|(_, figures)| std::cmp::Reverse(by.of(figures)));
        let others = first.split_off(most.min(first.len()));
        let mut rest = Figures::default();
        others.iter().for_each(|(_, figures)| rest.add(figures));
        Ok(Shares {
            first,
            others: others.len(),
            rest: Rest {
                requests: rest.requests(),
                tokens: rest.tokens(),
                cost: rest.cost,
            },
        })
    }

    async fn values(&self, dimension: Dimension, since: Wall) -> Result<Vec<String>, StoreError> {
        let kept = lock(&self.rows);
        let counted = kept.values().filter(|row| row.at.millis() >= floor(since, WEEK_MS));
        let values = counted.filter_map(|row| dimension.value(row));
        let values: BTreeSet<String> = values.filter(|value| !value.is_empty()).map(Into::into).collect();
        Ok(values.into_iter().collect())
    }

    async fn remove(&self, ids: &[RequestId]) -> Result<u64, StoreError> {
        let mut kept = lock(&self.rows);
        Ok(ids.iter().filter(|id| kept.remove(id).is_some()).count() as u64)
    }

    async fn prune(&self, before: Wall) -> Result<u64, StoreError> {
        let mut kept = lock(&self.rows);
        let had = kept.len();
        kept.retain(|_, row| row.at >= before);
        Ok((had - kept.len()) as u64)
    }

    async fn any(&self) -> Result<bool, StoreError> {
        Ok(!lock(&self.rows).is_empty())
    }
}

/// Whether a query asks for a row.
fn matches(row: &LogRow, query: &LogQuery) -> bool {
    let hosting = |wanted: &[_]| wanted.is_empty() || row.hosting.is_some_and(|hosting| wanted.contains(&hosting));
    names_match(row, query)
        && query.tags.iter().all(|(name, value)| row.tags.get(name) == Some(value))
        && (query.statuses.is_empty() || query.statuses.contains(&row.status))
        && one_of(&query.errors, [row.error.as_ref().map(|error| error.kind.code())])
        && hosting(&query.hosting)
        && (query.ids.is_empty() || query.ids.contains(&row.id))
        && (!query.unpriced || row.unpriced)
        && one_of(&query.operations, [row.operation.map(Operation::as_str)])
        && figures_match(row, query)
        && query.text.as_deref().is_none_or(|text| holds(row, text))
}

fn names_match(row: &LogRow, query: &LogQuery) -> bool {
    let models = [&row.model, &row.asked].map(|model| model.as_ref().map(ModelName::as_str));
    one_of(&query.providers, [row.provider.as_ref().map(ProviderName::as_str)])
        && one_of(&query.models, models)
        && one_of(
            &query.virtual_keys,
            [row.virtual_key.as_ref().map(VirtualKeyId::as_str)],
        )
        && one_of(&query.teams, [row.team.as_ref().map(TeamId::as_str)])
        && one_of(&query.customers, [row.customer.as_ref().map(CustomerId::as_str)])
        && one_of(&query.rules, [row.rule.as_ref().map(|rule| rule.id.as_str())])
        && one_of(&query.keys, [row.key.as_ref().map(KeyId::as_str)])
}

fn figures_match(row: &LogRow, query: &LogQuery) -> bool {
    let tokens = tokens(row);
    let latency_ms = row.latency_us as f64 / 1000.0;
    query.since.is_none_or(|since| row.at >= since)
        && query.until.is_none_or(|until| row.at < until)
        && query.latency_ms.0.is_none_or(|from| latency_ms >= from)
        && query.latency_ms.1.is_none_or(|to| latency_ms <= to)
        && query.tokens.0.is_none_or(|from| tokens >= from)
        && query.tokens.1.is_none_or(|to| tokens <= to)
        && query.cost.0.is_none_or(|from| row.cost.0 >= from)
        && query.cost.1.is_none_or(|to| row.cost.0 <= to)
}

fn one_of<const N: usize>(wanted: &[String], found: [Option<&str>; N]) -> bool {
    wanted.is_empty()
        || found
            .into_iter()
            .flatten()
            .any(|found| wanted.iter().any(|wanted| wanted == found))
}

/// Whether the text stands anywhere in the row, whatever its ASCII case.
fn holds(row: &LogRow, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let places = [
        row.model.as_ref().map(ModelName::as_str),
        row.asked.as_ref().map(ModelName::as_str),
        row.error.as_ref().map(|error| error.message.as_str()),
        row.request_body.as_deref(),
        row.response_body.as_deref(),
    ];
    let tags = row
        .tags
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let mut places = places.into_iter().flatten().chain(tags);
    text.is_empty() || places.any(|place| place.to_ascii_lowercase().contains(&text))
}

fn figure(row: &LogRow, sort: Sort) -> i64 {
    let figure: i128 = match sort {
        Sort::Timestamp => row.at.millis().into(),
        Sort::Latency => row.latency_us.into(),
        Sort::Tokens => tokens(row).into(),
        Sort::Cost => row.cost.0.into(),
    };
    i64::try_from(figure).unwrap_or(i64::MAX)
}

fn tokens(row: &LogRow) -> u64 {
    row.metered.map_or(0, |metered| metered.usage.total())
}

fn add(totals: &mut Totals, row: &LogRow) {
    let usage = row.metered.map(|metered| metered.usage).unwrap_or_default();
    totals.requests = totals.requests.saturating_add(1);
    totals.successes = totals
        .successes
        .saturating_add(u64::from(row.status == Status::Success));
    totals.latency_us = totals.latency_us.saturating_add(row.latency_us);
    totals.input_tokens = totals.input_tokens.saturating_add(usage.input_total());
    totals.output_tokens = totals.output_tokens.saturating_add(usage.output_total());
    totals.cost += row.cost;
}

/// The beginning of the slot of that length that a time is in.
fn floor(at: Wall, length: i64) -> i64 {
    at.millis().div_euclid(length).saturating_mul(length)
}

/// The first beginning of a slot at or after that time.
fn ceil(at: i64, length: i64) -> i64 {
    at.saturating_add(length - 1).div_euclid(length).saturating_mul(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::conformance;

    #[tokio::test]
    async fn logs_in_memory_keep_the_promises() {
        conformance::logs(|| async { Arc::new(MemoryLogs::new()) as Arc<dyn LogStore> }).await;
    }

    #[tokio::test]
    async fn the_oldest_rows_make_room() {
        let logs = MemoryLogs::keeping(2);
        let rows: Vec<Arc<LogRow>> = (0..3).map(|n| Arc::new(conformance::row(n))).collect();
        logs.append(&rows).await.unwrap();
        let query = LogQuery {
            limit: 10,
            ..LogQuery::default()
        };
        let page = logs.page(&query).await.unwrap();
        assert_eq!(page.rows, [&rows[2], &rows[1]].map(|row| LogRow::clone(row)));
    }
}
