//! Real traffic: what vendors sent is passed on as it came, and says the same after every translation.

use bytes::Bytes;
use gateway_providers::openai::OpenAi;
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::chat::Event;
use gateway_types::{DialectName, Error, ErrorKind, Operation, Usage};
use http::HeaderMap;
use serde_json::Value;

use crate::answer::{Answer, Choice, chunks, from_chunks, from_events, from_json, from_response};
use crate::recorded::Recording;
use crate::{STAMP, asked, feed, json, recordings, sent, streamed, target, text};

/// Chat answers that came whole.
fn answers() -> Vec<(Recording, Bytes)> {
    let whole = |recording: Recording| {
        let whole = recording.succeeded() && recording.response.body_format == "json";
        whole
            .then(|| (recording.answered(), recording))
            .map(|(body, recording)| (recording, body))
    };
    recordings("chat").into_iter().filter_map(whole).collect()
}

/// Chat answers that were streamed.
fn streams() -> Vec<(Recording, String)> {
    let streamed = |recording: Recording| {
        let streamed = recording.succeeded() && recording.response.body_format == "sse";
        let body = streamed.then(|| recording.response.body_text.clone())??;
        Some((recording, body))
    };
    recordings("chat").into_iter().filter_map(streamed).collect()
}

/// An answer without what is counted in other ways here and there.
fn plain(answer: Answer) -> Answer {
    let unwhole = |(number, choice): (u64, Choice)| (number, Choice { whole: 0, ..choice });
    Answer {
        usage: None,
        choices: answer.choices.into_iter().map(unwhole).collect(),
        ..answer
    }
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
    let mut reader = OpenAi.reader(&target(asked(), "m"), STAMP);
    reader.feed(stream, &mut events)?;
    reader.finish(&mut events)?;
    Ok(events)
}

#[test]
fn whole_answers_pass_as_they_came_and_are_seen() {
    for (recording, body) in answers() {
        let whole = OpenAi.observe(Operation::Chat, &recording.headers(), body.clone());
        let whole = whole.unwrap_or_else(|error| panic!("{}: {error}", recording.id));
        assert_eq!(whole.body, body, "{}", recording.id);
        let json = json(&body);
        check_usage(whole.observed.usage, &json["usage"], &recording.id);
        let expected = from_json(&json);
        let spoken = json["choices"][0]["message"]["audio"]["transcript"].as_str();
        let bytes = expected.output_bytes() + spoken.map_or(0, str::len) as u64;
        assert_eq!(whole.observed.output_bytes, bytes, "{}", recording.id);
        let finish = expected.choices.values().find_map(|choice| choice.finish.clone());
        assert_eq!(whole.observed.finish, finish, "{}", recording.id);
    }
}

#[test]
fn whole_answers_say_the_same_after_a_translation_and_back() {
    let (call, here) = (streamed(true), target(asked(), "m"));
    for (recording, body) in answers() {
        let response = OpenAi.response(&body, &here, STAMP).unwrap();
        let answer = from_response(&response);
        assert_eq!(plain(answer.clone()), from_json(&json(&body)), "{}", recording.id);
        let mut losses = Vec::new();
        let written = OpenAi.write(&response, &call, STAMP, &mut losses);
        let again = OpenAi.response(&written, &here, STAMP).unwrap();
        assert_eq!(from_response(&again), answer, "{}: {losses:?}", recording.id);
        // What stands in a message is all kept; around it only what this API has of its own is.
        let inside = losses
            .iter()
            .find(|loss| loss.field.contains('.') || loss.field.contains('['));
        assert_eq!(inside, None, "{}", recording.id);
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
        let reported = reported.map_or(Value::Null, |chunk| chunk["usage"].clone());
        check_usage(seen.usage, &reported, &recording.id);
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
        assert_eq!(plain(answer.clone()), from_chunks(&stream), "{}", recording.id);
        assert!(matches!(events.last(), Some(Event::End)), "{}", recording.id);

        let mut writer = OpenAi.writer(&streamed(true), STAMP);
        let (mut written, mut losses) = (Vec::new(), Vec::new());
        for event in events.iter().filter(|event| !matches!(event, Event::Error(_))) {
            writer.write(event, &mut written, &mut losses);
        }
        assert!(losses.is_empty(), "{}: {losses:?}", recording.id);
        let mut again = from_events(&read(&written).unwrap());
        // A choice that says nothing is still announced.
        again.choices.retain(|choice, _| answer.choices.contains_key(choice));
        assert_eq!(again, answer, "{}", recording.id);
    }
}

#[test]
fn completions_pass_and_are_seen() {
    for recording in recordings("completions") {
        let call = crate::decode(Operation::Completions, sent(&recording).unwrap()).unwrap();
        let (name, body) = (&recording.id, recording.answered());
        match (recording.succeeded(), recording.response.body_format.as_str()) {
            (false, _) => {}
            (true, "json") => {
                let whole = OpenAi
                    .observe(Operation::Completions, &recording.headers(), body.clone())
                    .unwrap();
                let json = json(&body);
                let texts = json["choices"].as_array().unwrap().iter();
                let bytes: usize = texts.map(|choice| choice["text"].as_str().unwrap().len()).sum();
                assert_eq!(whole.observed.output_bytes, bytes as u64, "{name}");
                check_usage(whole.observed.usage, &json["usage"], name);
            }
            (true, _) => {
                let mut relay = OpenAi.relay(&call, &target(asked(), "m"));
                let mut out = Vec::new();
                feed(&mut *relay, &[&body], &mut out).unwrap();
                assert!(relay.observed().content && relay.observed().output_bytes > 0, "{name}");
            }
        }
    }
}

#[test]
fn errors_keep_their_status_and_words() {
    let endpoints = ["chat", "completions", "embeddings", "images", "rerank"];
    let all = endpoints.into_iter().flat_map(recordings);
    for recording in all.filter(|recording| !recording.succeeded()) {
        let (status, body, headers) = (recording.response.status, recording.answered(), recording.headers());
        let error = ProviderDialect::error(&OpenAi, status, &headers, body.clone());
        let json = json(&body);
        let said = &json["error"];
        let message = said["message"].as_str().or_else(|| json["detail"].as_str()).unwrap();
        assert_eq!(error.message, message, "{}", recording.id);
        assert_eq!(error.status(), status, "{}", recording.id);
        let lower = message.to_lowercase();
        let missing = said["code"] == "model_not_found" || lower.contains("supported models are");
        let too_long = ["context length", "too long"].iter().any(|words| lower.contains(words));
        let expected = match status {
            401 => ErrorKind::UpstreamAuth,
            _ if missing => ErrorKind::ModelNotFound,
            _ if too_long => ErrorKind::ContextExceeded,
            429 => ErrorKind::UpstreamLimited,
            _ => ErrorKind::UpstreamRejected,
        };
        assert_eq!(error.kind, expected, "{}: {message}", recording.id);
        let told = ClientDialect::error(&OpenAi, &error);
        let words = error.upstream.unwrap();
        if said.is_object() {
            assert_eq!(told, body, "{}", recording.id);
            assert!(matches!(words.body, Some((DialectName::OpenAi, _))));
        } else {
            assert_eq!(crate::json(&told)["error"]["message"], message, "{}", recording.id);
        }
        let id = |name: &str| headers.get(name).map(|id| id.to_str().unwrap().to_owned());
        assert_eq!(
            words.request_id,
            id("x-request-id").or_else(|| id("apim-request-id")),
            "{}",
            recording.id
        );
        assert_eq!(
            error.retry_after.is_some(),
            headers.contains_key("retry-after"),
            "{}",
            recording.id
        );
    }
}

#[test]
fn a_stream_cut_after_any_frame_is_closed_so_that_it_ends() {
    for (recording, stream) in streams().into_iter().filter(|(_, stream)| stream.len() < 40_000) {
        let end = if stream.contains("\r\n\r\n") {
            "\r\n\r\n"
        } else {
            "\n\n"
        };
        let mut call = streamed(true);
        call.choices = u32::try_from(from_chunks(&stream).choices.len()).unwrap().max(1);
        let mut passed = 0;
        for frame in stream.split_inclusive(end) {
            passed += frame.len();
            let mut relay = OpenAi.relay(&call, &target(asked(), "m"));
            let mut out = Vec::new();
            relay
                .feed(Bytes::copy_from_slice(&stream.as_bytes()[..passed]), &mut out)
                .unwrap();
            relay.close(&gateway_providers::Close::Length, &mut out);
            let closed = text(&out);
            let seen = relay.observed();
            let ended = seen.failed || closed.trim_end().ends_with("[DONE]");
            assert!(ended, "{} after {passed}: {closed}", recording.id);
            for choice in from_chunks(&closed).choices.values().filter(|_| !seen.failed) {
                assert!(choice.finish.is_some(), "{} after {passed}", recording.id);
            }
        }
    }
}

#[test]
fn nothing_is_lost_of_headers_that_are_not_there() {
    let error = ProviderDialect::error(&OpenAi, 500, &HeaderMap::new(), Bytes::new());
    assert_eq!(
        (error.kind, error.upstream.unwrap().request_id),
        (ErrorKind::UpstreamFailed, None)
    );
}
