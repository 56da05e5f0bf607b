//! Forms: transcriptions, translations, pictures to be edited.

use bytes::Bytes;
use gateway_providers::ClientDialect;
use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::prepare;
use gateway_types::{Asked, Call, Error, Operation};
use http::HeaderMap;

use crate::{STAMP, at, recordings};

const TYPE: &str = "multipart/form-data; boundary=edge";

fn form(parts: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        let file = if matches!(*name, "file" | "image") {
            "; filename=\"a\"\r\nContent-Type: x/y"
        } else {
            ""
        };
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    format!("{}--edge--\r\n", parts.iter().map(part).collect::<String>())
}

fn decode(operation: Operation, kind: &str, body: impl Into<Bytes>, model: Option<&str>) -> Result<Call, Error> {
    let asked = Asked {
        content_type: Some(kind.to_owned()),
        model: model.map(ToOwned::to_owned),
        ..Asked::plain(operation)
    };
    OpenAi.decode(&asked, body.into())
}

#[test]
fn facts_are_found_in_the_parts() {
    let sound = "x".repeat(160_000);
    let body = form(&[
        ("file", &sound),
        ("stream", "true"),
        ("model", "gpt-4o-transcribe"),
        ("prompt", "names"),
    ]);
    let call = decode(Operation::Transcription, TYPE, body, None).unwrap();
    assert_eq!((call.model.as_str(), call.stream), ("gpt-4o-transcribe", true));
    // Sound is no text: a token of it stands for many bytes.
    assert!(
        call.input_bound >= 10_000 && call.input_bound < 11_000,
        "{}",
        call.input_bound
    );
    assert!(call.input_estimate < call.input_bound);
    let named = decode(
        Operation::Transcription,
        TYPE,
        form(&[("file", "x"), ("model", "a")]),
        Some("b"),
    )
    .unwrap();
    assert_eq!(named.model, "b", "the model of the path wins");
}

#[test]
fn the_model_is_replaced_where_it_stands_and_the_rest_passes() {
    for (parts, model) in [
        (
            vec![("file", "\r\n--edg\u{1}"), ("model", "gpt-4o"), ("language", "en")],
            None,
        ),
        (vec![("file", "x")], Some("in-the-path")),
        (vec![("image", "x"), ("prompt", "p"), ("model", "gpt-4o")], None),
    ] {
        let operation = if parts[0].0 == "image" {
            Operation::ImageEdit
        } else {
            Operation::Translation
        };
        let body = form(&parts);
        let call = decode(operation, TYPE, body.clone(), model).unwrap();
        let prepared = prepare(&call, &at("litellm", "served"), Cap::Client, &HeaderMap::new(), STAMP).unwrap();
        let sent = String::from_utf8(prepared.wire.body.concat().to_vec()).unwrap();
        let expected = match model {
            None => body.replace("\r\n\r\ngpt-4o\r\n", "\r\n\r\nserved\r\n"),
            Some(_) => format!("--edge\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nserved\r\n{body}"),
        };
        assert_eq!(sent, expected);
        assert_eq!(prepared.wire.headers["content-type"], TYPE);
        let same = prepare(
            &call,
            &at("litellm", call.model.as_str()),
            Cap::Client,
            &HeaderMap::new(),
            STAMP,
        )
        .unwrap();
        assert_eq!(same.wire.body.concat(), body);
    }
}

#[test]
fn what_is_wrong_with_a_form_is_said() {
    let whole = form(&[("file", "x"), ("model", "m")]);
    for (operation, kind, body, param) in [
        (
            Operation::Transcription,
            TYPE,
            form(&[("file", "x"), ("model", "m"), ("model", "n")]),
            Some("model"),
        ),
        (Operation::Transcription, TYPE, form(&[("file", "x")]), Some("model")),
        (
            Operation::Transcription,
            TYPE,
            form(&[("file", "x"), ("model", "")]),
            Some("model"),
        ),
        (Operation::Transcription, TYPE, form(&[("model", "m")]), Some("file")),
        (
            Operation::ImageEdit,
            TYPE,
            form(&[("model", "m"), ("prompt", "p")]),
            Some("image"),
        ),
        (
            Operation::Transcription,
            TYPE,
            form(&[("file", "x"), ("model", "m"), ("stream", "maybe")]),
            Some("stream"),
        ),
        (
            Operation::Transcription,
            TYPE,
            whole[..whole.len() - 8].to_owned(),
            None,
        ),
        (Operation::Transcription, TYPE, String::from("{}"), None),
        (Operation::Transcription, "multipart/form-data", whole.clone(), None),
        (Operation::Chat, TYPE, whole, None),
    ] {
        let error = decode(operation, kind, body, None).unwrap_err();
        assert_eq!(
            (error.status(), error.param.as_deref()),
            (400, param),
            "{operation}: {error}"
        );
        assert!(
            !error.message.ends_with('.') && !error.message.starts_with(char::is_uppercase),
            "{error}"
        );
    }
}

#[test]
fn recorded_forms_pass_with_their_model_replaced() {
    use base64::Engine as _;
    let endpoints = [
        ("audio-transcriptions", Operation::Transcription),
        ("audio-translations", Operation::Translation),
    ];
    for (endpoint, operation) in endpoints {
        for recording in recordings(endpoint) {
            let whole = observed(operation, &recording);
            assert!(whole.content && whole.output_bytes > 0, "{}", recording.id);
            let Some(coded) = &recording.request.body_base64 else {
                continue;
            };
            let body = Bytes::from(base64::engine::general_purpose::STANDARD.decode(coded).unwrap());
            let kind = recording
                .request
                .headers
                .get("content-type")
                .cloned()
                .unwrap_or_default();
            // Of one, the recording has only that there was a form.
            let Ok(parts) = gateway_types::form::parts(&body, &kind) else {
                continue;
            };
            let call = decode(operation, &kind, body.clone(), None).unwrap();
            let prepared = prepare(&call, &at("litellm", "served"), Cap::Client, &HeaderMap::new(), STAMP).unwrap();
            let sent = prepared.wire.body.concat();
            let again = gateway_types::form::parts(&sent, &kind).unwrap();
            assert_eq!(again.len(), parts.len());
            for (given, sent_part) in parts.iter().zip(&again) {
                let value = &sent[sent_part.value.clone()];
                match given.name.as_str() {
                    "model" => assert_eq!(value, b"served"),
                    _ => assert_eq!(value, &body[given.value.clone()], "{}", given.name),
                }
            }
        }
    }
}

fn observed(operation: Operation, recording: &crate::recorded::Recording) -> gateway_providers::Observed {
    use gateway_providers::ProviderDialect as _;
    let whole = OpenAi
        .observe(operation, &recording.headers(), recording.answered())
        .unwrap();
    assert_eq!(whole.body, recording.answered());
    whole.observed
}
