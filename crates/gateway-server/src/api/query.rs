//! The query string, read strictly: a value that means nothing is refused with the parameter's name.

use std::str::FromStr;

use gateway_types::{NanoUsd, Wall};

use crate::respond::ApiError;

/// A query string's parameters, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=1&b=x%20y`.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        text.split('&')
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                Ok((decoded(name, true)?, decoded(value, true)?))
            })
            .collect::<Result<_, ApiError>>()
            .map(Self)
    }

    /// The value of that name, where there is one that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A list with commas; empty where there is none.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let values = self
            .0
            .iter()
            .filter(|(known, _)| known == name)
            .flat_map(|(_, value)| value.split(','));
        values
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// A number, or whatever else can be read from text.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let read = |text: &str| text.parse().map_err(|_| wrong(name, text, "a number"));
        self.text(name).map(read).transpose()
    }

    /// A number between two others, both included.
    pub(crate) fn within(&self, name: &str, least: usize, most: usize, default: usize) -> Result<usize, ApiError> {
        let number = self.number(name)?.unwrap_or(default);
        if (least..=most).contains(&number) {
            return Ok(number);
        }
        Err(wrong(name, &number.to_string(), &format!("between {least} and {most}")))
    }

    /// A moment.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Wall>, ApiError> {
        let read = |text: &str| {
            Wall::parse_rfc3339(text).ok_or_else(|| wrong(name, text, "an RFC 3339 time such as 2026-01-31T12:00:00Z"))
        };
        self.text(name).map(read).transpose()
    }

    /// An amount of dollars.
    pub(crate) fn dollars(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let read = |text: &str| {
            let amount = NanoUsd::from_decimal(text).ok_or_else(|| wrong(name, text, "an amount of dollars"))?;
            Ok(amount.0)
        };
        self.text(name).map(read).transpose()
    }

    /// A word of a fixed list.
    pub(crate) fn word<T: Copy>(&self, name: &str, words: &[(&str, T)], default: T) -> Result<T, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        one_of(name, text, words)
    }

    /// Some words of a fixed list.
    pub(crate) fn words<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Vec<T>, ApiError> {
        self.list(name).iter().map(|text| one_of(name, text, words)).collect()
    }

    /// The parameters whose names begin so, without that beginning, and the query without them.
    pub(crate) fn split_off(&self, prefix: &str) -> (Vec<(String, String)>, Self) {
        let mut found = Vec::new();
        let mut rest = Vec::new();
        for (name, value) in &self.0 {
            match name.strip_prefix(prefix) {
                Some(name) => found.push((name.to_owned(), value.clone())),
                None => rest.push((name.clone(), value.clone())),
            }
        }
        (found, Self(rest))
    }

    /// Refuses parameters that nobody reads.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(ApiError::invalid(format!(
                "query parameter `{name}` is not known here; known are {}",
                known.join(", ")
            ))),
            None => Ok(()),
        }
    }
}

fn one_of<T: Copy>(name: &str, text: &str, words: &[(&str, T)]) -> Result<T, ApiError> {
    words
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, value)| *value)
        .ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            wrong(name, text, &format!("one of {}", known.join(", ")))
        })
}

fn wrong(name: &str, text: &str, right: &str) -> ApiError {
    let shown: String = text.chars().take(80).collect();
    ApiError::invalid(format!("query parameter `{name}`: `{shown}` is not {right}"))
}

/// Takes percent signs, and in a query plus signs, for what they stand for.
pub(crate) fn decoded(text: &str, plus: bool) -> Result<String, ApiError> {
    let refused = || ApiError::invalid(format!("`{text}` in the address is not percent-encoded UTF-8"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'%' => {
                let (digits, tail) = tail.split_at_checked(2).ok_or_else(refused)?;
                let digit = |digit: u8| char::from(digit).to_digit(16).ok_or_else(refused);
                bytes.push((digit(digits[0])? * 16 + digit(digits[1])?) as u8);
                rest = tail;
            }
            b'+' if plus => bytes.push(b' '),
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let query = Query::parse("q=a%20b+c%2B&list=x,%20y,,z&empty=&flag").unwrap();
        assert_eq!(query.text("q"), Some("a b c+"));
        assert_eq!(query.list("list"), ["x", "y", "z"]);
        assert_eq!(
            (query.text("empty"), query.text("flag"), query.text("none")),
            (None, None, None)
        );
        assert_eq!(decoded("a+b%2Fc", false).unwrap(), "a+b/c");
    }

    #[test]
    fn a_wrong_value_is_refused_by_the_parameters_name() {
        let check = |text: &str, read: fn(&Query) -> Result<(), ApiError>| {
            let name = text.split('=').next().unwrap();
            let error = read(&Query::parse(text).unwrap()).unwrap_err();
            assert!(
                error.message.contains(&format!("`{name}`")),
                "{text}: {}",
                error.message
            );
        };
        check("limit=ten", |q| q.within("limit", 1, 1000, 50).map(drop));
        check("limit=0", |q| q.within("limit", 1, 1000, 50).map(drop));
        check("limit=1001", |q| q.within("limit", 1, 1000, 50).map(drop));
        check("start_time=yesterday", |q| q.moment("start_time").map(drop));
        check("min_cost=cheap", |q| q.dollars("min_cost").map(drop));
        check("order=up", |q| {
            q.word("order", &[("asc", true), ("desc", false)], false).map(drop)
        });
        check("unheard_of=1", |q| q.only(&["limit"]));
    }

    #[test]
    fn broken_percent_signs_are_refused() {
        for text in ["%", "%2", "%zz", "%ff", "%+1"] {
            assert!(decoded(text, true).is_err(), "{text}");
        }
    }
}
