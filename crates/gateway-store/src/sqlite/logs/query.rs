//! What a query asks for, as conditions of SQL, and the ways to the rows that an index knows.

use gateway::ports::logs::{Hosting, LogQuery, Status};
use gateway_types::{Org, Wall};
use rusqlite::types::Value;
use serde_json::json;

use super::row;

/// The most values of one filter that are looked for one by one.
const MOST_WAYS: usize = 16;

/// Conditions of a statement and their values.
#[derive(Debug)]
pub(super) struct Filter {
    conditions: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Filter {
    pub(super) fn new(org: &Org) -> Self {
        let mut filter = Self {
            conditions: Vec::new(),
            values: Vec::new(),
        };
        let org = filter.put(Value::Text(org.to_string()));
        filter.conditions.push(format!("org = {org}"));
        filter
    }

    /// All that a query asks for.
    pub(super) fn of(org: &Org, query: &LogQuery) -> Self {
        let mut filter = Self::new(org);
        filter.names(query);
        filter.one_of("status", &words(&query.statuses, |status| row::word(*status)));
        filter.one_of("error_code", &query.errors);
        filter.one_of("hosting", &words(&query.hosting, |hosting| Hosting::as_str(*hosting)));
        filter.one_of("operation", &query.operations);
        if !query.ids.is_empty() {
            let list = filter.list(&ids(query));
            filter
                .conditions
                .push(format!("id IN (SELECT unhex(value) FROM json_each({list}))"));
        }
        if query.unpriced {
            filter.conditions.push("unpriced".to_owned());
        }
        filter.within(query);
        for (name, value) in &query.tags {
            filter.tagged(name, value);
        }
        filter.holding(query.text.as_deref().unwrap_or_default());
        filter
    }

    fn names(&mut self, query: &LogQuery) {
        self.one_of("provider", &query.providers);
        if !query.models.is_empty() {
            let list = self.list(&query.models);
            let list = format!("(SELECT value FROM json_each({list}))");
            self.conditions.push(format!("(model IN {list} OR asked IN {list})"));
        }
        self.one_of("virtual_key", &query.virtual_keys);
        self.one_of("team", &query.teams);
        self.one_of("customer", &query.customers);
        self.one_of("rule", &query.rules);
        self.one_of("key", &query.keys);
    }

    fn within(&mut self, query: &LogQuery) {
        self.compare("at >=", query.since.map(Wall::millis));
        self.compare("at <", query.until.map(Wall::millis));
        self.compare("latency_us >=", query.latency_ms.0.map(|ms| ms * 1000.0));
        self.compare("latency_us <=", query.latency_ms.1.map(|ms| ms * 1000.0));
        self.compare("tokens >=", query.tokens.0.map(row::integer));
        self.compare("tokens <=", query.tokens.1.map(row::integer));
        self.compare("cost >=", query.cost.0);
        self.compare("cost <=", query.cost.1);
    }

    pub(super) fn sql(&self) -> String {
        self.conditions.join(" AND ")
    }

    /// Keeps a value and says how the statement calls it.
    pub(super) fn put(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    /// A list of any length as one value, so that the statement stays the same.
    fn list(&mut self, values: &[String]) -> String {
        self.put(Value::Text(json!(values).to_string()))
    }

    pub(super) fn one_of(&mut self, column: &str, values: &[String]) {
        match values {
            [] => {}
            // Said as an equality, the column's index gives the rows in the order of time.
            [value] => {
                let value = self.put(Value::Text(value.clone()));
                self.conditions.push(format!("{column} = {value}"));
            }
            values => {
                let list = self.list(values);
                self.conditions
                    .push(format!("{column} IN (SELECT value FROM json_each({list}))"));
            }
        }
    }

    pub(super) fn compare(&mut self, what: &str, bound: Option<impl Into<Value>>) {
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
        let like = |what: &str| format!("{what} LIKE {pattern} ESCAPE '\\'");
        let columns = columns.map(like).join(" OR ");
        let (name, value) = (like("tag.key"), like("tag.value"));
        self.conditions.push(format!(
            "({columns} OR EXISTS (SELECT 1 FROM json_each(body, '$.tags') AS tag WHERE {name} OR {value}))"
        ));
    }
}

/// One way to rows: a condition that an index answers in the order of time, and the value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The condition, with a question mark for the value.
    pub(super) condition: &'static str,
    /// The value; none where there is no condition but time.
    pub(super) value: Option<String>,
}

/// The ways that lead to all rows that a query asks for, and to as few others as an index can tell. What is asked for most
/// narrowly comes first.
pub(super) fn ways(query: &LogQuery) -> Vec<Way> {
    let failing: Vec<String> = match query.statuses.contains(&Status::Success) {
        true => Vec::new(),
        false => words(&query.statuses, |status| row::word(*status)),
    };
    let ids = ids(query);
    let narrowing: [(&[&'static str], &[String]); 9] = [
        (&["id = unhex(?)"], &ids),
        (&["rule = ?"], &query.rules),
        (&["virtual_key = ?"], &query.virtual_keys),
        (&["team = ?"], &query.teams),
        (&["customer = ?"], &query.customers),
        (&["error_code = ?"], &query.errors),
        (&["status <> 'success' AND status = ?"], &failing),
        (&["model = ?", "asked IS NOT model AND asked = ?"], &query.models),
        (&["provider = ?"], &query.providers),
    ];
    let found = narrowing
        .into_iter()
        .find(|(_, values)| !values.is_empty() && values.len() <= MOST_WAYS);
    let Some((conditions, values)) = found else {
        return vec![Way {
            condition: "",
            value: None,
        }];
    };
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    let each = |value: String| {
        conditions.iter().map(move |condition| Way {
            condition,
            value: Some(value.clone()),
        })
    };
    values.into_iter().flat_map(each).collect()
}

fn ids(query: &LogQuery) -> Vec<String> {
    words(&query.ids, |id| id.uuid().simple().to_string())
}

fn words<T, S: Into<String>>(values: &[T], word: impl Fn(&T) -> S) -> Vec<String> {
    values.iter().map(|value| word(value).into()).collect()
}
