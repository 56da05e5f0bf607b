//! Pages of rows, and figures over all that match.

use gateway::ports::logs::{Grain, LogQuery, LogRow, Sort, Totals};
use gateway_types::{Org, Wall};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::rollup::{Delta, millis};
use super::row;
use crate::sqlite::fault::Fault;

const HOUR_MS: i64 = millis(Grain::Hour);

/// The rows of a page.
pub(super) fn rows(conn: &Connection, org: &Org, query: &LogQuery) -> Result<Vec<LogRow>, Fault> {
    let mut filter = Filter::of(org, query);
    let order = order(query.sort, query.ascending);
    let limit = filter.put(count(query.limit));
    let offset = filter.put(count(query.offset));
    let mut rows = conn.prepare_cached(&format!(
        "SELECT v, body, request_body, response_body FROM logs WHERE {} ORDER BY {order} LIMIT {limit} OFFSET {offset}",
        filter.sql()
    ))?;
    let rows = rows.query_map(params_from_iter(filter.values), row::read)?;
    rows.map(|row| row::parse(row?)).collect()
}

/// Figures over all rows that match. Where rollups know all that is asked for, whole hours are read from them.
pub(super) fn totals(conn: &Connection, org: &Org, query: &LogQuery) -> Result<Totals, Fault> {
    let mut sum = Delta::default();
    match hours(query) {
        Some((first, last)) => {
            let before = LogQuery {
                until: first.or(query.until),
                ..query.clone()
            };
            let after = LogQuery {
                since: last.or(query.since),
                ..query.clone()
            };
            if first.is_some() {
                sum = add(sum, sum_rows(conn, org, &before)?);
            }
            sum = add(sum, sum_rollups(conn, org, query, first, last)?);
            if last.is_some() {
                sum = add(sum, sum_rows(conn, org, &after)?);
            }
        }
        None => sum = sum_rows(conn, org, query)?,
    }
    Ok(sum.applied_to(&Totals::default()))
}

/// The whole hours within the query's time, where rollups can answer for them: from one time to before another, open
/// where the query is. None where there is no whole hour or the filters ask for more than rollups know.
fn hours(query: &LogQuery) -> Option<(Option<Wall>, Option<Wall>)> {
    let LogQuery {
        models,
        teams,
        customers,
        rules,
        tags,
        keys,
        statuses,
        operations,
        latency_ms,
        tokens,
        cost,
        text,
        ..
    } = query;
    let known = models.is_empty()
        && teams.is_empty()
        && customers.is_empty()
        && rules.is_empty()
        && tags.is_empty()
        && keys.is_empty()
        && statuses.is_empty()
        && operations.is_empty()
        && *latency_ms == (None, None)
        && *tokens == (None, None)
        && *cost == (None, None)
        && text.as_deref().unwrap_or_default().is_empty();
    let first = query
        .since
        .map(|since| hour(since.millis().saturating_add(HOUR_MS - 1)));
    let last = query.until.map(|until| hour(until.millis()));
    let whole = first.zip(last).is_none_or(|(first, last)| first < last);
    (known && whole).then_some((first.map(Wall::from_millis), last.map(Wall::from_millis)))
}

/// The beginning of the hour that a time is in.
const fn hour(millis: i64) -> i64 {
    millis.div_euclid(HOUR_MS).saturating_mul(HOUR_MS)
}

fn sum_rows(conn: &Connection, org: &Org, query: &LogQuery) -> Result<Delta, Fault> {
    let columns = [
        "1",
        "status = 'success'",
        "latency_us",
        "input_tokens",
        "output_tokens",
        "cost",
    ];
    sum(conn, "logs", columns, Filter::of(org, query))
}

fn sum_rollups(
    conn: &Connection,
    org: &Org,
    query: &LogQuery,
    first: Option<Wall>,
    last: Option<Wall>,
) -> Result<Delta, Fault> {
    let mut filter = Filter::new(org);
    filter.one_of("provider", &query.providers);
    filter.one_of("virtual_key", &query.virtual_keys);
    filter.compare("at >=", first.map(Wall::millis));
    filter.compare("at <", last.map(Wall::millis));
    let columns = [
        "requests",
        "successes",
        "latency_us",
        "input_tokens",
        "output_tokens",
        "cost",
    ];
    sum(conn, "rollups_hour", columns, filter)
}

/// Sums columns. SQLite gives up where a sum passes 64 bits, which one upstream with absurd usage could bring about for
/// good; so upper and lower halves are summed apart.
fn sum(conn: &Connection, table: &str, columns: [&str; 6], filter: Filter) -> Result<Delta, Fault> {
    let halves: Vec<String> = columns
        .iter()
        .map(|column| format!("coalesce(sum(({column}) >> 32), 0), coalesce(sum(({column}) & 4294967295), 0)"))
        .collect();
    let sql = format!("SELECT {} FROM {table} WHERE {}", halves.join(", "), filter.sql());
    let delta = conn
        .prepare_cached(&sql)?
        .query_row(params_from_iter(filter.values), |row| {
            let mut delta = Delta::default();
            for (place, sum) in delta.0.iter_mut().enumerate() {
                let (upper, lower): (i64, i64) = (row.get(place * 2)?, row.get(place * 2 + 1)?);
                *sum = (i128::from(upper) << 32) + i128::from(lower);
            }
            Ok(delta)
        })?;
    Ok(delta)
}

fn add(one: Delta, other: Delta) -> Delta {
    let mut sum = one;
    for (sum, part) in sum.0.iter_mut().zip(other.0) {
        *sum += part;
    }
    sum
}

/// Rows that are equal in what they are sorted by go by their ids, which sort by time.
fn order(sort: Sort, ascending: bool) -> String {
    let column = match sort {
        Sort::Timestamp => "at",
        Sort::Latency => "latency_us",
        Sort::Tokens => "tokens",
        Sort::Cost => "cost",
    };
    let direction = if ascending { "ASC" } else { "DESC" };
    format!("{column} {direction}, id {direction}")
}

fn count(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The conditions of a query and their values.
#[derive(Debug)]
struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    fn new(org: &Org) -> Self {
        let mut filter = Self {
            conditions: Vec::new(),
            values: Vec::new(),
        };
        let org = filter.put(Value::Text(org.to_string()));
        filter.conditions.push(format!("org = {org}"));
        filter
    }

    fn of(org: &Org, query: &LogQuery) -> Self {
        let mut filter = Self::new(org);
        filter.one_of("provider", &query.providers);
        filter.one_of_two("model", "asked", &query.models);
        filter.one_of("virtual_key", &query.virtual_keys);
        filter.one_of("team", &query.teams);
        filter.one_of("customer", &query.customers);
        filter.one_of("body ->> '$.rule.id'", &query.rules);
        for (name, value) in &query.tags {
            filter.tagged(name, value);
        }
        filter.one_of("key", &query.keys);
        let statuses: Vec<_> = query
            .statuses
            .iter()
            .map(|status| row::word(*status).to_owned())
            .collect();
        filter.one_of("status", &statuses);
        filter.one_of("operation", &query.operations);
        filter.compare("at >=", query.since.map(Wall::millis));
        filter.compare("at <", query.until.map(Wall::millis));
        filter.compare("latency_us >=", query.latency_ms.0.map(|ms| ms * 1000.0));
        filter.compare("latency_us <=", query.latency_ms.1.map(|ms| ms * 1000.0));
        filter.compare("tokens >=", query.tokens.0.map(row::integer));
        filter.compare("tokens <=", query.tokens.1.map(row::integer));
        filter.compare("cost >=", query.cost.0);
        filter.compare("cost <=", query.cost.1);
        filter.holding(query.text.as_deref().unwrap_or_default());
        filter
    }

    fn sql(&self) -> String {
        self.conditions.join(" AND ")
    }

    /// Keeps a value and says how the statement calls it.
    fn put(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    /// A list of any length as one value, so that the statement stays the same.
    fn list(&mut self, values: &[String]) -> String {
        let values = values
            .iter()
            .map(|value| serde_json::Value::from(value.as_str()))
            .collect();
        let list = self.put(Value::Text(serde_json::Value::Array(values).to_string()));
        format!("(SELECT value FROM json_each({list}))")
    }

    fn one_of(&mut self, column: &str, values: &[String]) {
        match values {
            [] => {}
            // Said as an equality, the column's index gives the rows in the order of time.
            [value] => {
                let value = self.put(Value::Text(value.clone()));
                self.conditions.push(format!("{column} = {value}"));
            }
            values => {
                let list = self.list(values);
                self.conditions.push(format!("{column} IN {list}"));
            }
        }
    }

    fn one_of_two(&mut self, one: &str, other: &str, values: &[String]) {
        if !values.is_empty() {
            let list = self.list(values);
            self.conditions.push(format!("({one} IN {list} OR {other} IN {list})"));
        }
    }

    fn compare(&mut self, what: &str, bound: Option<impl Into<Value>>) {
        if let Some(bound) = bound {
            let bound = self.put(bound.into());
            self.conditions.push(format!("{what} {bound}"));
        }
    }

    /// A tag of that name and value.
    fn tagged(&mut self, name: &str, value: &str) {
        let (name, value) = (
            self.put(Value::Text(name.to_owned())),
            self.put(Value::Text(value.to_owned())),
        );
        self.conditions.push(format!(
            "EXISTS (SELECT 1 FROM json_each(body, '$.tags') AS tag WHERE tag.key = {name} AND tag.value = {value})"
        ));
    }

    /// Text anywhere, whatever its (ASCII) case; what LIKE would take for a pattern is meant as it stands.
    fn holding(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut pattern = String::from("%");
        for c in text.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        let pattern = self.put(Value::Text(pattern));
        let columns = ["model", "asked", "error", "request_body", "response_body"];
        let any: Vec<String> = columns
            .iter()
            .map(|column| format!("{column} LIKE {pattern} ESCAPE '\\'"))
            .collect();
        self.conditions.push(format!("({})", any.join(" OR ")));
    }
}
