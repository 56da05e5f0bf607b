//! A request of this dialect for a provider of this dialect whose bytes could not pass, because they hold seals: every member
//! as it was, what was sealed opened for its maker and left out for others.

use gateway_types::DialectName;
use gateway_types::chat::Request;
use gateway_types::loss::Loss;
use serde_json::value::RawValue;

use super::decode::CAP;
use super::sealed::{Carried, apart, may_be_in};
use crate::json::{Members, Out, parse};
use crate::lane::Cap;
use crate::seal;
use crate::target::Target;

/// What others cannot be told stands in the extras under paths that begin with these.
const NOTED: [&str; 7] = [
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "text",
    "reasoning",
    "include",
];

/// The members of a turn.
pub(super) fn turn(request: &Request, target: &Target, cap: Cap, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let capped = match cap {
        Cap::AtMost(most) => Some(request.max_output.map_or(most, |given| given.min(most))),
        Cap::Client => None,
    };
    members(request, target, capped, out, losses);
    out.maybe(CAP, capped);
}

/// The members of a question how long an input is.
pub(super) fn count(request: &Request, target: &Target, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    members(request, target, None, out, losses);
}

fn members(request: &Request, target: &Target, cap: Option<u64>, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    out.member("model", target.model.as_str());
    for (key, raw) in &request.extras.0 {
        match key.as_str() {
            "input" if may_be_in(raw) => input(raw, target, out, losses),
            CAP if cap.is_some() => {}
            key if is_note(key) => {}
            key => out.member(key, raw),
        }
    }
}

fn is_note(key: &str) -> bool {
    let base = key.find(['.', '[']).and_then(|end| key.get(..end));
    base.is_some_and(|base| NOTED.contains(&base))
}

fn input(raw: &RawValue, target: &Target, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let Ok(items) = parse::<Vec<&RawValue>>(raw) else {
        out.member("input", raw);
        return;
    };
    out.array("input", |out| {
        for (i, raw) in items.into_iter().enumerate() {
            match may_be_in(raw) {
                true => item(raw, &format!("input[{i}]"), target, out, losses),
                false => out.item(raw),
            }
        }
    });
}

/// An item that may hold seals: thinking of others does not go, ids lose what they carry.
fn item(raw: &RawValue, at: &str, target: &Target, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let Ok(members) = Members::of(raw) else {
        out.item(raw);
        return;
    };
    let text = |raw: &RawValue| parse::<String>(raw).ok();
    let mut content = None;
    for (_, raw) in members.pairs().filter(|(key, _)| *key == "encrypted_content") {
        let Some(carried) = text(raw)
            .filter(|text| seal::is_in(text.as_bytes()))
            .map(|text| Carried::read(&text))
        else {
            continue;
        };
        let field = format!("{at}.encrypted_content");
        let Some(value) = seal::may_go(carried.opaque(), DialectName::Responses, target, &field, losses) else {
            return;
        };
        content = Some(apart(value).1);
    }
    out.item_object(|out| {
        for (key, raw) in members.pairs() {
            match (key, &content, text(raw)) {
                ("encrypted_content", Some(content), _) => out.member(key, content),
                ("call_id", _, Some(id)) => out.member(key, seal::from_id(&id).0),
                _ => out.member(key, raw),
            }
        }
    });
}
