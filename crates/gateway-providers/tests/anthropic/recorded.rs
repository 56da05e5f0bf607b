//! Real traffic: every recorded answer of the vendor is read, and says what its JSON says.

use std::path::PathBuf;
use std::sync::LazyLock;

use bytes::Bytes;
use gateway_providers::{ProviderDialect, anthropic::Anthropic};
use gateway_types::{DialectName, ErrorKind};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::Value;

use crate::assembled::{from_events, from_json, from_response, message_of, read};

/// The recordings of `POST /v1/messages`: name, status, and the response.
fn recordings() -> Vec<(String, u16, Value)> {
    let folder = std::env::var_os("GATEWAY_RECORDINGS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings"),
        PathBuf::from,
    );
    let Ok(files) = std::fs::read_dir(folder.join("anthropic")) else {
        println!(
            "no recordings in {}: only the project's own cases are run",
            folder.display()
        );
        return Vec::new();
    };
    let mut all: Vec<_> = files
        .map(|file| file.unwrap())
        .filter(|file| file.file_name().to_string_lossy().starts_with("anthropic.messages."))
        .map(|file| {
            let recording: Value = serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap();
            let response = recording["response"].clone();
            (
                file.file_name().to_string_lossy().into_owned(),
                response["status"].as_u64().unwrap() as u16,
                response,
            )
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

/// The recorded streams, read once.
fn streams() -> &'static [(String, String)] {
    static STREAMS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let streams = recordings().into_iter().filter(|(_, status, _)| *status == 200);
        streams
            .filter_map(|(name, _, response)| Some((name, response["body_text"].as_str()?.to_owned())))
            .collect()
    });
    &STREAMS
}

#[test]
fn whole_answers_say_what_their_json_says() {
    for (name, status, response) in recordings() {
        let message = &response["body_json"];
        if status != 200 || message["type"] != "message" {
            continue;
        }
        let body = message.to_string();
        let answer = from_response(&Anthropic.response(body.as_bytes()).unwrap());
        assert_eq!(answer, from_json(message), "{name}");

        let whole = Anthropic
            .observe(gateway_types::Operation::Chat, Bytes::from(body.clone()))
            .unwrap();
        assert_eq!(whole.body, body, "{name}");
        assert_eq!(whole.observed.usage, Some(answer.usage), "{name}");
        assert_eq!(
            whole.observed.finish.as_deref(),
            message["stop_reason"].as_str(),
            "{name}"
        );
    }
}

#[test]
fn streams_say_what_their_json_says() {
    for (name, stream) in streams() {
        let answer = from_events(&read(&[stream.as_bytes()]).unwrap());
        assert_eq!(answer, from_json(&message_of(stream)), "{name}");
    }
}

#[test]
fn streams_pass_byte_for_byte() {
    for (name, stream) in streams() {
        let expected = from_json(&message_of(stream));
        let (out, observed) = crate::passing::pass(&[stream.as_bytes()]).unwrap();
        assert_eq!(&out, stream, "{name}");
        assert_eq!(observed.usage, Some(expected.usage), "{name}");
        assert!(observed.done && observed.content, "{name}");
    }
}

#[test]
fn errors_keep_their_status_and_words() {
    for (name, status, response) in recordings() {
        if status == 200 {
            continue;
        }
        let body = Bytes::from(response["body_json"].to_string());
        let error = Anthropic.error(status, &HeaderMap::new(), body.clone());
        let expected = match status {
            401 => ErrorKind::UpstreamAuth,
            404 => ErrorKind::ModelNotFound,
            _ => ErrorKind::UpstreamRejected,
        };
        assert_eq!((error.kind, error.status()), (expected, status), "{name}");
        assert_eq!(
            error.message,
            response["body_json"]["error"]["message"].as_str().unwrap(),
            "{name}"
        );
        assert_eq!(
            error.upstream.unwrap().body,
            Some((DialectName::Anthropic, body)),
            "{name}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cutting_gives_the_same_events(pick in any::<prop::sample::Index>(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let streams = streams();
        if streams.is_empty() {
            return Ok(());
        }
        let (_, stream) = pick.get(streams);
        crate::streams::check_cuts(stream.as_bytes(), &cuts);
    }
}
