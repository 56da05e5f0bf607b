//! What an answer repeats of its request, and which names in it mean more than a function.

use bytes::Bytes;
use gateway_types::Call;
use serde_json::value::RawValue;

use super::decode::CONTINUED;
use super::tools::Names;
use crate::json::{Members, Out, parse};

/// Members of a request on their way back to the client.
#[derive(Debug, Default)]
pub(super) struct Echo {
    given: Vec<(String, Box<RawValue>)>,
    /// What names that the model calls mean.
    pub(super) names: Names,
    /// Whether the client wants the answer to be kept: unless it says no.
    pub(super) kept: bool,
}

/// What is repeated as it was given, and what the API says in its place where it was not.
const REPEATED: [(&str, &str); 18] = [
    ("background", "false"),
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("max_tool_calls", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("prompt", "null"),
    ("prompt_cache_key", "null"),
    ("prompt_cache_retention", "null"),
    ("safety_identifier", "null"),
    ("store", "true"),
    ("temperature", "1.0"),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_logprobs", "0"),
    ("top_p", "1.0"),
    ("truncation", "\"disabled\""),
    ("user", "null"),
];

impl Echo {
    pub(super) fn of(call: &Call) -> Self {
        Self::of_body(&call.body.bytes)
    }

    pub(super) fn of_body(body: &Bytes) -> Self {
        let mut echo = Self {
            kept: true,
            ..Self::default()
        };
        let Ok(members) = serde_json::from_slice::<Members<'_>>(body) else {
            return echo;
        };
        for (key, raw) in members.pairs() {
            match key {
                "tools" => echo.names.add(raw),
                "input" => echo.brought(raw),
                "store" => echo.kept = raw.get() != "false",
                _ => {}
            }
            if key != "input" && raw.get() != "null" {
                echo.given.push((key.to_owned(), raw.to_owned()));
            }
        }
        echo
    }

    /// Tools that came with items of the input.
    fn brought(&mut self, input: &RawValue) {
        for item in parse::<Vec<&RawValue>>(input).unwrap_or_default() {
            let tools = Members::of(item).ok().and_then(|mut item| item.take("tools"));
            if let Some(tools) = tools {
                self.names.add(tools);
            }
        }
    }

    fn find(&self, key: &str) -> Option<&RawValue> {
        let mut given = self.given.iter();
        given.find(|(name, _)| name == key).map(|(_, raw)| &**raw)
    }

    /// Writes the members.
    pub(super) fn write(&self, out: &mut Out<'_>) {
        for (key, otherwise) in REPEATED {
            match self.find(key) {
                Some(raw) => out.member(key, raw),
                None => out.member(key, literal(otherwise)),
            }
        }
        out.member(
            "previous_response_id",
            self.find(CONTINUED).or_else(|| self.find("previous_response_id")),
        );
        let tier = self.find("service_tier").filter(|raw| raw.get() != "\"auto\"");
        out.member("service_tier", tier.unwrap_or_else(|| literal("\"default\"")));
        self.object("reasoning", &[("effort", "null"), ("summary", "null")], out);
        self.object(
            "text",
            &[("format", r#"{"type":"text"}"#), ("verbosity", "\"medium\"")],
            out,
        );
        if let Some(conversation) = self.find("conversation") {
            match conversation.get().starts_with('"') {
                true => out.inner("conversation", |out| out.member("id", conversation)),
                false => out.member("conversation", conversation),
            }
        }
    }

    /// An object as it was given, with what it leaves out.
    fn object(&self, key: &str, otherwise: &[(&str, &'static str)], out: &mut Out<'_>) {
        let given = self.find(key).and_then(|raw| Members::of(raw).ok());
        let pairs = || given.iter().flat_map(Members::pairs);
        out.inner(key, |out| {
            for (name, raw) in pairs() {
                out.member(name, raw);
            }
            for (name, value) in otherwise {
                if pairs().all(|(given, _)| given != *name) {
                    out.member(name, literal(value));
                }
            }
        });
    }
}

/// One of the values above.
fn literal(json: &'static str) -> &'static RawValue {
    serde_json::from_str(json).expect("the values above are JSON")
}
