//! Real traffic: what vendors sent is passed on as it came, and says the same after every translation.

use bytes::Bytes;
use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::{ClientDialect, ProviderDialect, prepare};
use gateway_types::chat::Event;
use gateway_types::{DialectName, Error, ErrorKind, Operation, Usage};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::answer::{Answer, chunks, from_chunks, from_events, from_json, from_response};
use crate::recorded::{Recording, recordings};
use crate::{asked, feed, streamed, target, text};

/// Chat answers that came whole.
fn answers() -> Vec<(Recording, String)> {
    let whole = |recording: Recording| {
        let body = recording.response.body_json.as_ref()?.get().to_owned();
        (recording.response.status == 200).then_some((recording, body))
    };
    recordings("/chat/completions").into_iter().filter_map(whole).collect()
}

/// Chat answers that were streamed.
fn streams() -> Vec<(Recording, String)> {
    let streamed = |recording: Recording| {
        let body = recording.is_stream().then(|| recording.response.body_text.clone())??;
        Some((recording, body))
    };
    recordings("/chat/completions")
        .into_iter()
        .filter_map(streamed)
        .collect()
}

/// Whether a usage says no less than the JSON that it was read from, and counts nothing twice.
fn check_usage(usage: Option<Usage>, json: &Value, name: &str) {
    let count = |key: &str| json[key].as_u64().unwrap_or(0);
    if !json.is_object() {
        return assert_eq!(usage, None, "{name}");
    }
    let usage = usage.unwrap_or_else(|| panic!("{name}: {json}"));
    let (prompt, completion) = (count("prompt_tokens"), count("completion_tokens"));
    assert_eq!(
        usage.total(),
        count("total_tokens").max(prompt + completion),
        "{name}: {json}"
    );
    assert!(
        usage.input_total() >= prompt && usage.output_total() >= completion,
        "{name}: {json}"
    );
    assert!(
        usage.cache_read
            <= json["prompt_tokens_details"]["cached_tokens"]
                .as_u64()
                .unwrap_or(prompt),
        "{name}"
    );
}

fn read(stream: &[u8]) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    let mut reader = OpenAi.reader();
    reader.feed(stream, &mut events)?;
    reader.finish(&mut events)?;
    Ok(events)
}

#[test]
fn whole_answers_pass_as_they_came_and_are_seen() {
    for (recording, body) in answers() {
        let whole = OpenAi.observe(Operation::Chat, Bytes::from(body.clone())).unwrap();
        assert_eq!(whole.body, body, "{}", recording.id);
        let json: Value = serde_json::from_str(&body).unwrap();
        check_usage(whole.observed.usage, &json["usage"], &recording.id);
        let expected = from_json(&json);
        let bytes: u64 = expected.output_bytes();
        let spoken = json["choices"][0]["message"]["audio"]["transcript"]
            .as_str()
            .map_or(0, str::len) as u64;
        assert_eq!(whole.observed.output_bytes, bytes + spoken, "{}", recording.id);
        assert_eq!(
            whole.observed.finish,
            expected.choices.values().find_map(|choice| choice.finish.clone()),
            "{}",
            recording.id
        );
    }
}

#[test]
fn whole_answers_say_the_same_after_a_translation_and_back() {
    for (recording, body) in answers() {
        let response = OpenAi.response(body.as_bytes()).unwrap();
        let answer = from_response(&response);
        assert_eq!(
            Answer {
                usage: None,
                ..answer.clone()
            },
            from_json(&serde_json::from_str(&body).unwrap()),
            "{}",
            recording.id
        );
        let written = OpenAi.write(&response, 1);
        assert_eq!(
            from_response(&OpenAi.response(&written).unwrap()),
            answer,
            "{}",
            recording.id
        );
    }
}

#[test]
fn streams_pass_byte_for_byte_where_the_client_asked_for_usage() {
    for (recording, stream) in streams() {
        let mut relay = OpenAi.relay(&streamed(true), &target(asked(), "m"));
        let mut out = Vec::new();
        feed(&mut *relay, &[stream.as_bytes()], &mut out).unwrap_or_else(|error| panic!("{}: {error}", recording.id));
        assert_eq!(text(&out), stream, "{}", recording.id);
        let seen = relay.observed();
        let reported = chunks(&stream)
            .into_iter()
            .rev()
            .find(|chunk| chunk["usage"].is_object());
        check_usage(
            seen.usage,
            &reported.map_or(Value::Null, |chunk| chunk["usage"].clone()),
            &recording.id,
        );
        let expected = from_chunks(&stream);
        assert_eq!(seen.output_bytes, expected.output_bytes(), "{}", recording.id);
        assert_eq!(seen.model.as_ref(), Some(&expected.model), "{}", recording.id);
        assert!(seen.content && (seen.done || seen.failed), "{}", recording.id);
    }
}

#[test]
fn only_the_answer_to_the_gateways_own_question_is_cut() {
    for (recording, stream) in streams() {
        let mut relay = OpenAi.relay(&streamed(false), &target(asked(), "m"));
        let mut out = Vec::new();
        feed(&mut *relay, &[stream.as_bytes()], &mut out).unwrap();
        let is_answer = |frame: &&str| {
            let chunk = chunks(frame);
            chunk.first().is_some_and(|chunk| {
                chunk["usage"].is_object() && chunk["choices"].as_array().is_some_and(Vec::is_empty)
            })
        };
        let end = if stream.contains("\r\n\r\n") {
            "\r\n\r\n"
        } else {
            "\n\n"
        };
        let kept: String = stream.split_inclusive(end).filter(|frame| !is_answer(frame)).collect();
        assert_eq!(text(&out), kept, "{}", recording.id);
    }
}

#[test]
fn streams_say_the_same_after_a_translation_and_back() {
    for (recording, stream) in streams() {
        let events = read(stream.as_bytes()).unwrap();
        let answer = from_events(&events);
        assert_eq!(
            Answer {
                usage: None,
                ..answer.clone()
            },
            from_chunks(&stream),
            "{}",
            recording.id
        );
        assert!(matches!(events.last(), Some(Event::End)), "{}", recording.id);

        let mut writer = OpenAi.writer(&streamed(true), 1);
        let mut written = Vec::new();
        for event in events.iter().filter(|event| !matches!(event, Event::Error(_))) {
            writer.write(event, &mut written);
        }
        let mut again = from_events(&read(&written).unwrap());
        // A choice that says nothing is still announced.
        again.choices.retain(|choice, _| answer.choices.contains_key(choice));
        assert_eq!(again, answer, "{}", recording.id);
    }
}

#[test]
fn completions_pass_and_are_seen() {
    for recording in recordings("/v1/completions") {
        let call = OpenAi
            .decode(Operation::Completions, recording.body().unwrap())
            .unwrap();
        if recording.response.status != 200 {
            continue;
        }
        if let Some(body) = &recording.response.body_json {
            let whole = OpenAi
                .observe(Operation::Completions, Bytes::from(body.get().to_owned()))
                .unwrap();
            let json: Value = serde_json::from_str(body.get()).unwrap();
            let texts = json["choices"]
                .as_array()
                .unwrap()
                .iter()
                .map(|choice| choice["text"].as_str().unwrap().len());
            assert_eq!(
                whole.observed.output_bytes,
                texts.sum::<usize>() as u64,
                "{}",
                recording.id
            );
            check_usage(whole.observed.usage, &json["usage"], &recording.id);
        }
        if let Some(stream) = &recording.response.body_text {
            let mut relay = OpenAi.relay(&call, &target(asked(), "m"));
            let mut out = Vec::new();
            feed(&mut *relay, &[stream.as_bytes()], &mut out).unwrap();
            assert!(
                relay.observed().content && relay.observed().output_bytes > 0,
                "{}",
                recording.id
            );
        }
    }
}

#[test]
fn embeddings_pass_and_are_seen() {
    for recording in recordings("/embeddings")
        .iter()
        .filter(|recording| recording.response.status == 200)
    {
        let call = OpenAi.decode(Operation::Embeddings, recording.body().unwrap()).unwrap();
        let prepared = prepare(
            &call,
            &target(asked(), call.model.as_str()),
            Cap::Client,
            &HeaderMap::new(),
        )
        .unwrap();
        assert_eq!(
            prepared.wire.body.concat(),
            recording.body().unwrap(),
            "{}",
            recording.id
        );
        let body = recording.response.body_json.as_ref().unwrap().get();
        let whole = prepared.whole(Bytes::from(body.to_owned()), 1).unwrap();
        assert_eq!(whole.body, body, "{}", recording.id);
        assert!(whole.observed.content, "{}", recording.id);
        check_usage(
            whole.observed.usage,
            &serde_json::from_str::<Value>(body).unwrap()["usage"],
            &recording.id,
        );
    }
}

#[test]
fn errors_keep_their_status_and_words() {
    for recording in recordings("/chat/completions")
        .iter()
        .filter(|recording| recording.response.status >= 400)
    {
        let (status, body) = (
            recording.response.status,
            recording.response.body_json.as_ref().unwrap().get(),
        );
        let headers: HeaderMap = recording
            .response
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.parse::<HeaderName>().unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect();
        let error = ProviderDialect::error(&OpenAi, status, &headers, Bytes::from(body.to_owned()));
        let json: Value = serde_json::from_str(body).unwrap();
        assert_eq!(
            error.message,
            json["error"]["message"].as_str().unwrap(),
            "{}",
            recording.id
        );
        assert_eq!(error.status(), status, "{}", recording.id);
        assert_eq!(ClientDialect::error(&OpenAi, &error), body, "{}", recording.id);
        let missing = json["error"]["code"] == "model_not_found";
        let expected = match status {
            401 => ErrorKind::UpstreamAuth,
            404 if missing => ErrorKind::ModelNotFound,
            429 => ErrorKind::UpstreamLimited,
            _ => ErrorKind::UpstreamRejected,
        };
        assert_eq!(error.kind, expected, "{}: {body}", recording.id);
        assert!(matches!(error.upstream.unwrap().body, Some((DialectName::OpenAi, _))));
        assert_eq!(
            error.retry_after.is_some(),
            headers.contains_key("retry-after"),
            "{}",
            recording.id
        );
    }
}
