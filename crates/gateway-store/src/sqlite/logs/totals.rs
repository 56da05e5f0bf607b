//! Figures over all rows that a query asks for. Where figures that are counted already can answer, whole hours are read from
//! them.

use gateway::ports::logs::{Dimension, Figures, Hosting, LogQuery, Rank, Slice, Status, Totals};
use gateway_types::{NanoUsd, Org, Wall};
use rusqlite::Connection;

use super::charts;
use super::grain::Grain;
use super::segment::{Figure, status};
use super::segments::{self, Span};
use super::sieve::{Bodies, Sieve};
use crate::sqlite::fault::Fault;

pub(super) fn totals(conn: &Connection, org: &Org, query: &LogQuery) -> Result<Totals, Fault> {
    let Some(counted) = counted(query) else {
        return Ok(sum_rows(conn, org, query)?.totals());
    };
    let mut sum = Sum::of(&sum_figures(conn, org, &counted)?);
    if query.since.is_some() {
        let before = LogQuery {
            until: Some(counted.since),
            ..query.clone()
        };
        sum.add(&sum_rows(conn, org, &before)?);
    }
    if query.until.is_some() {
        let after = LogQuery {
            since: Some(counted.until),
            ..query.clone()
        };
        sum.add(&sum_rows(conn, org, &after)?);
    }
    Ok(sum.totals())
}

/// The whole hours within the query's time, told apart as it asks; none where there is no whole hour or its filters ask for
/// more than one dimension knows.
fn counted(query: &LogQuery) -> Option<Slice> {
    let plain = query.models.is_empty()
        && query.tags.is_empty()
        && query.keys.is_empty()
        && query.statuses.is_empty()
        && query.ids.is_empty()
        && !query.unpriced
        && query.operations.is_empty()
        && query.latency_ms == (None, None)
        && query.tokens == (None, None)
        && query.cost == (None, None)
        && query.text.as_deref().unwrap_or_default().is_empty();
    let hosting: Vec<String> = query
        .hosting
        .iter()
        .map(|hosting| Hosting::as_str(*hosting).to_owned())
        .collect();
    let mut asked = [
        (Dimension::Provider, &query.providers),
        (Dimension::VirtualKey, &query.virtual_keys),
        (Dimension::Team, &query.teams),
        (Dimension::Customer, &query.customers),
        (Dimension::Rule, &query.rules),
        (Dimension::Error, &query.errors),
        (Dimension::Hosting, &hosting),
    ]
    .into_iter()
    .filter(|(_, values)| !values.is_empty());
    let (dimension, values) = asked
        .next()
        .map_or((Dimension::Everything, Vec::new()), |(dimension, values)| {
            (dimension, values.clone())
        });
    let since = query.since.map_or(i64::MIN, |since| Grain::Hour.ceil(since.millis()));
    let until = query.until.map_or(i64::MAX, |until| Grain::Hour.floor(until.millis()));
    // The empty value is nobody's name: rows without one are asked for by no filter.
    let named = values.iter().all(|value| !value.is_empty());
    let fits = plain && named && asked.next().is_none() && since < until;
    fits.then(|| Slice {
        dimension,
        values,
        since: Wall::from_millis(since),
        until: Wall::from_millis(until),
    })
}

fn sum_figures(conn: &Connection, org: &Org, of: &Slice) -> Result<Figures, Fault> {
    Ok(charts::shares(conn, org, of, Rank::Requests, usize::MAX)?.sum())
}

/// A sum of [`Totals`], wide enough that it cannot overflow: requests, successes, latency, tokens in, tokens out, cost.
#[derive(Clone, Copy, Debug, Default)]
struct Sum([i128; 6]);

impl Sum {
    fn of(figures: &Figures) -> Self {
        Self([
            figures.requests().into(),
            figures.successes.into(),
            figures.latency.sum.into(),
            figures.input_tokens.into(),
            figures.output_tokens.into(),
            figures.cost.0.into(),
        ])
    }

    fn add(&mut self, other: &Self) {
        for (sum, part) in self.0.iter_mut().zip(other.0) {
            *sum += part;
        }
    }

    fn totals(self) -> Totals {
        let [requests, successes, latency_us, input_tokens, output_tokens, cost] = self.0;
        let count = |sum: i128| u64::try_from(sum.max(0)).unwrap_or(u64::MAX);
        Totals {
            requests: count(requests),
            successes: count(successes),
            latency_us: count(latency_us),
            input_tokens: count(input_tokens),
            output_tokens: count(output_tokens),
            cost: NanoUsd(i64::try_from(cost).unwrap_or(if cost < 0 { i64::MIN } else { i64::MAX })),
        }
    }
}

/// Sums the rows that a query asks for.
fn sum_rows(conn: &Connection, org: &Org, query: &LogQuery) -> Result<Sum, Fault> {
    let sieve = Sieve::of(query);
    let bodies = Bodies { conn, org };
    let span = Span {
        since: query.since.map_or(i64::MIN, Wall::millis),
        until: query.until.map_or(i64::MAX, Wall::millis),
    };
    let mut sum = Sum::default();
    segments::walk(conn, org, span, false, |segment| {
        let Some(numbers) = sieve.over(segment)? else {
            return Ok(true);
        };
        let columns = segment.columns()?;
        for row in 0..columns.rows() {
            if sieve.lets(&numbers, &columns, row, &bodies)?.0 {
                sum.add(&Sum([
                    1,
                    i128::from(columns.status(row) == status(Status::Success)),
                    columns.figure(Figure::Latency, row).into(),
                    columns.figure(Figure::Input, row).into(),
                    columns.figure(Figure::Output, row).into(),
                    columns.figure(Figure::Cost, row).cast_signed().into(),
                ]));
            }
        }
        Ok(true)
    })?;
    Ok(sum)
}
