//! What must hold of every decoder, whatever the bytes: no panic, and any cutting of a stream gives the same.
//!
//! Plain functions over bytes, run by cargo-fuzz here and by the crate's own tests, which include this file. The first byte
//! chooses the dialect, the second how a stream is cut.

use bytes::Bytes;
use gateway_providers::lane::{Cap, Close};
use gateway_providers::{Access, BaseUrl, Stamp, Target, client_dialect, kind, provider_dialect};
use gateway_types::chat::{Event, Request};
use gateway_types::{Asked, Call, DialectName, Error, ErrorKind, Operation, StreamForm, Wall};
use http::HeaderMap;

#[path = "../../../gateway-types/tests/types/json/oracle.rs"]
mod oracle;

use oracle::{Deed, Script};

/// A client's request: decoded, read, and said in every dialect.
pub fn request(data: &[u8]) {
    let Some((dialect, _, body)) = parts(data) else { return };
    if dialect == DialectName::ElevenLabs {
        return;
    }
    for operation in operations(dialect) {
        let Ok(call) = client_dialect(dialect).decode(&asked(dialect, *operation), body.clone()) else {
            continue;
        };
        let Some(said) = read(&call) else { continue };
        for other in DialectName::ALL {
            let mut losses = Vec::new();
            let target = target(other);
            let _ = provider_dialect(other).request(&said, &target, Cap::AtMost(7), &mut losses);
        }
        for cap in [Cap::Client, Cap::AtMost(7)] {
            let _ = provider_dialect(dialect).pass(&call, &target(dialect), cap, &HeaderMap::new());
        }
    }
}

fn read(call: &Call) -> Option<Request> {
    let client = client_dialect(call.dialect);
    match call.operation {
        Operation::Embeddings => {
            let _ = client.read_embed(call);
            None
        }
        Operation::Rerank => {
            let _ = client.read_rerank(call);
            None
        }
        _ => client.read(call).ok(),
    }
}

/// A provider's whole answer: observed, read, and written in every dialect; and the same bytes as an error.
pub fn response(data: &[u8]) {
    let Some((dialect, cut, body)) = parts(data) else {
        return;
    };
    let (provider, target) = (provider_dialect(dialect), target(dialect));
    for operation in operations(dialect) {
        let _ = provider.observe(*operation, &HeaderMap::new(), body.clone());
    }
    if let Ok(response) = provider.response(&body, &target, stamp()) {
        for other in clients() {
            let (call, mut losses) = (smallest(other), Vec::new());
            client_dialect(other).write(&response, &call, stamp(), &mut losses);
        }
    }
    let _ = provider.embedded(&body, &target);
    let _ = provider.reranked(&body, &target);
    let _ = provider.counted(&body, &target);
    let _ = provider.models(&body);
    let error = provider.error(400 + u16::from(cut), &HeaderMap::new(), body);
    for other in clients() {
        client_dialect(other).error(&error);
    }
}

/// A provider's stream: read whole and in pieces, which must give the same events; passed on, cut, and closed from wherever
/// it stands; written in every dialect.
pub fn stream(data: &[u8]) {
    let Some((dialect, cut, body)) = parts(data) else {
        return;
    };
    let whole = events(dialect, &body, body.len());
    let pieces = events(dialect, &body, usize::from(cut % 13) + 1);
    assert_eq!(
        format!("{whole:?}"),
        format!("{pieces:?}"),
        "cutting changed what was read"
    );
    for other in clients() {
        let (call, mut out, mut losses) = (smallest(other), Vec::new(), Vec::new());
        let mut writer = client_dialect(other).writer(&call, stamp());
        for event in &whole.0 {
            writer.write(event, &mut out, &mut losses);
        }
    }
    if dialect == DialectName::ElevenLabs {
        return;
    }
    let broken = Error::new(ErrorKind::UpstreamFailed, "broke off");
    for how in [Close::Length, Close::Error(broken)] {
        let mut relay = provider_dialect(dialect).relay(&smallest(dialect), &target(dialect));
        let mut out = Vec::new();
        let fed = body
            .chunks(usize::from(cut) + 1)
            .try_for_each(|piece| relay.feed(Bytes::copy_from_slice(piece), &mut out));
        if fed.is_ok() && cut % 2 == 0 {
            let _ = relay.finish(&mut out);
        }
        relay.close(&how, &mut out);
    }
}

/// The scanner of JSON bodies, held against `serde_json`, and what the splicer makes of it by the first two bytes; and seals.
pub fn scan(data: &[u8]) {
    if let Some((&[deeds, others], body)) = data.split_first_chunk()
        && let Some(object) = oracle::agree(body)
    {
        let deed = |member| match deeds >> (2 * member) & 3 {
            0 => Deed::Replace,
            1 => Deed::Remove,
            _ => Deed::Keep,
        };
        let script = Script {
            deeds: std::array::from_fn(deed),
            inserts: usize::from(others % 3),
            backwards: others >= 128,
        };
        oracle::edit(body, &object, &script);
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(opaque) = gateway_providers::seal::open(text)
    {
        assert_eq!(
            gateway_providers::seal::open(&gateway_providers::seal::seal(&opaque)),
            Some(opaque)
        );
    }
}

fn events(dialect: DialectName, body: &Bytes, size: usize) -> (Vec<Event>, bool) {
    let mut reader = provider_dialect(dialect).reader(&target(dialect), stamp());
    let mut events = Vec::new();
    let fed = body
        .chunks(size.max(1))
        .try_for_each(|piece| reader.feed(piece, &mut events));
    let ended = fed.and_then(|()| reader.finish(&mut events));
    (events, ended.is_ok())
}

fn parts(data: &[u8]) -> Option<(DialectName, u8, Bytes)> {
    let (&[which, cut], body) = data.split_first_chunk()?;
    let dialect = DialectName::ALL[usize::from(which) % DialectName::ALL.len()];
    Some((dialect, cut, Bytes::copy_from_slice(body)))
}

fn clients() -> impl Iterator<Item = DialectName> {
    DialectName::ALL
        .into_iter()
        .filter(|dialect| *dialect != DialectName::ElevenLabs)
}

fn operations(dialect: DialectName) -> &'static [Operation] {
    use Operation as Op;
    match dialect {
        DialectName::OpenAi => &[Op::Chat, Op::Completions, Op::Embeddings, Op::Rerank, Op::Moderations],
        DialectName::Responses => &[Op::Responses, Op::CountTokens],
        DialectName::Anthropic => &[Op::Chat, Op::CountTokens],
        DialectName::Gemini => &[Op::Chat, Op::CountTokens, Op::Embeddings],
        DialectName::Bedrock => &[Op::Chat, Op::CountTokens, Op::Invoke],
        DialectName::Cohere => &[Op::Chat, Op::Embeddings, Op::Rerank],
        _ => &[Op::Chat, Op::Completions, Op::Embeddings],
    }
}

fn in_path(dialect: DialectName) -> bool {
    matches!(dialect, DialectName::Gemini | DialectName::Bedrock)
}

fn asked(dialect: DialectName, operation: Operation) -> Asked {
    Asked {
        model: in_path(dialect).then(|| "m".to_owned()),
        stream: in_path(dialect).then_some(StreamForm::Usual),
        ..Asked::plain(operation)
    }
}

/// The smallest streamed call of a dialect.
fn smallest(dialect: DialectName) -> Call {
    let body: &'static str = match dialect {
        DialectName::Responses => r#"{"model":"m","input":"hi","stream":true}"#,
        DialectName::Gemini => r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}"#,
        DialectName::Bedrock => r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#,
        DialectName::Anthropic => {
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":9,"stream":true}"#
        }
        _ => r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}"#,
    };
    let operation = operations(dialect)[0];
    let call = client_dialect(dialect).decode(&asked(dialect, operation), Bytes::from_static(body.as_bytes()));
    call.expect("it is a call by the dialect's book")
}

/// A place that speaks a dialect.
fn target(dialect: DialectName) -> Target {
    let name = match dialect {
        DialectName::OpenAi | DialectName::Responses => "openai",
        other => other.as_str(),
    };
    let kind = kind(name).expect("each dialect has a kind of its name");
    let base = BaseUrl::parse("http://localhost:1").expect("it is a base URL");
    Target::plain(name, kind, base, "m", Access::None)
}

fn stamp() -> Stamp {
    Stamp {
        at: Wall::from_millis(1),
        seed: 7,
    }
}
