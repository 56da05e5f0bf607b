//! Real traffic: every recorded exchange of this dialect, by either of its addresses.

use bytes::Bytes;
use gateway_providers::gemini::Gemini;
use gateway_providers::{ClientDialect, ProviderDialect, client_dialect};
use gateway_types::chat::{Finish, Part};
use gateway_types::{DialectName, ErrorKind, Operation, StreamForm, Usage};
use http::HeaderMap;
use serde_json::Value;

use crate::recorded::{Recording, recordings};
use crate::said::Said;
use crate::{chunks, events, passed, stamp, streamed, target, written};

/// The recorded turns.
pub(crate) fn turns() -> Vec<Recording> {
    recordings(|recording| recording.endpoint == "generateContent")
}

/// The form in which a recorded stream came.
pub(crate) fn form(recording: &Recording) -> StreamForm {
    match recording.response.body_format.as_str() {
        "json-array-stream" => StreamForm::Array,
        _ => StreamForm::Usual,
    }
}

/// The model in the path of a recording.
pub(crate) fn model(recording: &Recording) -> &str {
    let (_, rest) = recording.path().rsplit_once("/models/").unwrap();
    rest.split(':').next().unwrap()
}

/// A number or a word of Google's as a word.
fn reason(value: &Value) -> Option<&str> {
    match value {
        Value::Number(place) => Some(match place.as_u64().unwrap() {
            1 => "STOP",
            2 => "MAX_TOKENS",
            other => panic!("a reason without a name here: {other}"),
        }),
        other => other.as_str(),
    }
}

/// What chunks say of the first candidate, by their JSON.
fn by_json(chunks: &[Value]) -> Said {
    let mut said = Said::default();
    let mut last = None;
    for chunk in chunks {
        let candidate = &chunk["candidates"][0];
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            let text = part["text"].as_str().unwrap_or_default();
            match part["thought"] == true {
                true => said.reasoning.push_str(text),
                false => said.text.push_str(text),
            }
            if let Some(call) = part.get("functionCall") {
                let id = call["id"].as_str().unwrap_or_default().to_owned();
                let args = call.get("args").cloned().unwrap_or_else(|| serde_json::json!({}));
                said.tools.push((id, call["name"].as_str().unwrap().to_owned(), args));
            }
        }
        last = reason(&candidate["finishReason"]).map(str::to_owned).or(last);
        if let Some(usage) = usage(&chunk["usageMetadata"]) {
            said.usage = Some(usage);
        }
    }
    let blocked = chunks
        .iter()
        .any(|chunk| chunk["promptFeedback"]["blockReason"].is_string());
    said.finish = match last.as_deref() {
        None => blocked.then_some("filtered"),
        Some("STOP") if !said.tools.is_empty() => Some("tools"),
        Some("STOP") => Some("stop"),
        Some("MAX_TOKENS") => Some("length"),
        Some("SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY") => {
            Some("filtered")
        }
        Some(_) => Some("other"),
    };
    said
}

fn usage(counts: &Value) -> Option<Usage> {
    let count = |key: &str| counts[key].as_u64().unwrap_or_default();
    let of = |key: &str, words: &[(&str, u64)]| -> u64 {
        let details = counts[key].as_array().into_iter().flatten();
        details
            .filter(|one| {
                words
                    .iter()
                    .any(|(word, place)| one["modality"] == *word || one["modality"] == *place)
            })
            .map(|one| one["tokenCount"].as_u64().unwrap())
            .sum()
    };
    let sound = |key: &str| of(key, &[("AUDIO", 4)]);
    let sight = |key: &str| of(key, &[("IMAGE", 2), ("VIDEO", 3)]);
    ["promptTokenCount", "candidatesTokenCount"]
        .iter()
        .find_map(|key| counts.get(key))?;
    let cached = count("cachedContentTokenCount");
    let heard = sound("promptTokensDetails") - sound("cacheTokensDetails");
    let seen = sight("promptTokensDetails").saturating_sub(sight("cacheTokensDetails"));
    let (spoken, drawn) = (sound("candidatesTokensDetails"), sight("candidatesTokensDetails"));
    Some(Usage {
        input: count("promptTokenCount") - cached - heard - seen + count("toolUsePromptTokenCount"),
        cache_read: cached,
        input_audio: heard,
        input_image: seen,
        output: count("candidatesTokenCount") - spoken - drawn,
        reasoning: count("thoughtsTokenCount"),
        output_audio: spoken,
        output_image: drawn,
        ..Usage::default()
    })
}

/// Calls without an id have got one; which is no matter of the recording's.
fn without_made_ids(mut said: Said) -> Said {
    for (id, _, _) in &mut said.tools {
        if id.starts_with("call_") && id.len() >= 37 {
            id.clear();
        }
    }
    said
}

#[test]
fn whole_answers_say_what_their_json_says_and_read_the_same_when_written_again() {
    let mut checked = 0;
    for recording in turns()
        .iter()
        .filter(|recording| recording.succeeded() && !recording.stream)
    {
        let body = recording.answered();
        let json: Value = serde_json::from_slice(&body).unwrap();
        let id = &recording.id;
        let response = Gemini.response(&body, &target("m"), stamp()).unwrap();
        let said = without_made_ids(Said::of_response(&response));
        assert_eq!(said, by_json(std::slice::from_ref(&json)), "{id}");
        assert_eq!(
            response.model,
            json["modelVersion"].as_str().unwrap_or_default(),
            "{id}"
        );
        assert_eq!(response.id, json["responseId"].as_str().unwrap_or_default(), "{id}");
        if let (Some(used), Some(total)) = (response.usage, json["usageMetadata"]["totalTokenCount"].as_u64()) {
            assert_eq!(used.total(), total, "{id}");
        }

        let whole = Gemini
            .observe(Operation::Chat, &HeaderMap::new(), body.clone())
            .unwrap();
        assert_eq!((&whole.body, whole.observed.usage), (&body, response.usage), "{id}");
        let blocked = json["promptFeedback"]["blockReason"].as_str();
        let finish = reason(&json["candidates"][0]["finishReason"]).or(blocked);
        assert_eq!(whole.observed.finish.as_deref(), finish, "{id}");

        let mut losses = Vec::new();
        let call = crate::chat(r#"{"contents":[]}"#);
        let again = Gemini.write(&response, &call, stamp(), &mut losses);
        assert!(losses.is_empty(), "{id}: {losses:?}");
        let read = Gemini.response(&again, &target("m"), stamp()).unwrap();
        assert_eq!(Said::of_response(&read), Said::of_response(&response), "{id}");
        assert_eq!(pieces(&again), pieces(&body), "{id}");
        checked += 1;
    }
    println!("{checked} whole answers");
}

/// The pieces of the first candidate with their signatures, and its sources.
fn pieces(body: &[u8]) -> (Vec<Value>, Value, Value) {
    let json: Value = serde_json::from_slice(body).unwrap();
    let candidate = &json["candidates"][0];
    let parts = candidate["content"]["parts"]
        .as_array()
        .cloned()
        .unwrap_or_default()
        .into_iter();
    let parts = parts.map(|mut part| {
        // An id that was made, and arguments that are none.
        if let Some(call) = part.get_mut("functionCall").and_then(Value::as_object_mut) {
            if call
                .get("id")
                .and_then(Value::as_str)
                .is_some_and(|id| id.starts_with("call_"))
            {
                call.remove("id");
            }
            call.entry("args").or_insert_with(|| serde_json::json!({}));
        }
        part
    });
    let parts = parts.filter(|part| part != &serde_json::json!({"text": ""})).collect();
    let grounding = &candidate["groundingMetadata"];
    let chunks = grounding["groundingChunks"].clone();
    let others = ["searchEntryPoint", "webSearchQueries"].map(|key| grounding[key].clone());
    (parts, chunks, Value::from(others.to_vec()))
}

#[test]
fn streams_pass_byte_for_byte_and_say_what_their_json_says() {
    let mut checked = 0;
    for recording in turns()
        .iter()
        .filter(|recording| recording.succeeded() && recording.stream)
    {
        let (id, body, form) = (&recording.id, recording.answered(), form(recording));
        let expected = by_json(&chunks(&body));
        let mut relay = Gemini.relay(&streamed(form), &target("m"));
        assert_eq!(passed(&mut *relay, &[&body]).unwrap(), body, "{id}");
        let seen = relay.observed();
        assert!(seen.done && seen.content && !seen.failed, "{id}");
        assert_eq!(seen.usage, expected.usage, "{id}");
        assert!(
            seen.output_bytes >= (expected.text.len() + expected.reasoning.len()) as u64,
            "{id}"
        );

        // Towards the provider a stream that is read is always asked for as events.
        if form == StreamForm::Usual {
            let read = events(&[&body]).unwrap();
            let (said, ended) = Said::of_events(&read);
            assert_eq!((without_made_ids(said.clone()), ended), (expected, true), "{id}");
            for form in [StreamForm::Usual, StreamForm::Array] {
                let (again, losses) = written(&read, form);
                assert!(losses.is_empty(), "{id}: {losses:?}");
                let events_again: Vec<u8> = chunks(&again)
                    .iter()
                    .flat_map(|chunk| format!("data: {chunk}\r\n\r\n").into_bytes())
                    .collect();
                let (told, ended) = Said::of_events(&events(&[&events_again]).unwrap());
                assert_eq!((told, ended), (said.clone(), true), "{id}");
            }
        }
        checked += 1;
    }
    println!("{checked} streams");
}

#[test]
fn errors_keep_their_status_their_words_and_their_bytes() {
    let all = recordings(|recording| {
        let endpoint = recording.endpoint.as_str();
        let gemini = [
            "generateContent",
            "countTokens",
            "batchEmbedContents",
            "embedContent",
            "embed-predict",
        ];
        gemini.contains(&endpoint) && !recording.succeeded()
    });
    for recording in &all {
        let (id, body, status) = (&recording.id, recording.answered(), recording.response.status);
        let json: Value = serde_json::from_slice(&body).unwrap();
        let error = ProviderDialect::error(&Gemini, status, &recording.headers(), body.clone());
        let words = json["error"]["message"].as_str().unwrap();
        let expected = match status {
            400 if words.starts_with("API key") => ErrorKind::UpstreamAuth,
            401 | 403 => ErrorKind::UpstreamAuth,
            404 => ErrorKind::ModelNotFound,
            429 => ErrorKind::UpstreamLimited,
            _ => ErrorKind::UpstreamRejected,
        };
        assert_eq!(
            (error.kind, error.status(), error.message.as_str()),
            (expected, status, words),
            "{id}"
        );
        assert_eq!(ClientDialect::error(&Gemini, &error), body, "{id}");
        let foreign = client_dialect(DialectName::OpenAi).error(&error);
        assert!(String::from_utf8_lossy(&foreign).contains(&words[..20]), "{id}");
    }
    println!("{} errors", all.len());
}

#[test]
fn counts_and_vectors_pass_and_are_read() {
    for recording in recordings(|recording| recording.endpoint == "countTokens" && recording.succeeded()) {
        let body = recording.answered();
        let json: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            Gemini.counted(&body, &target("m")).unwrap(),
            json["totalTokens"].as_u64().unwrap()
        );
        let whole = Gemini
            .observe(Operation::CountTokens, &HeaderMap::new(), body.clone())
            .unwrap();
        assert_eq!(
            (whole.body, whole.observed.usage),
            (body, Some(Usage::default())),
            "{}",
            recording.id
        );
    }
    let endpoints = ["batchEmbedContents", "embedContent", "embed-predict"];
    for recording in recordings(|one| endpoints.contains(&one.endpoint.as_str()) && one.succeeded()) {
        let (id, body) = (&recording.id, recording.answered());
        let json: Value = serde_json::from_slice(&body).unwrap();
        let read = Gemini.embedded(&body, &target("m")).unwrap();
        let whole = Gemini
            .observe(Operation::Embeddings, &HeaderMap::new(), body.clone())
            .unwrap();
        assert_eq!((&whole.body, whole.observed.usage), (&body, read.usage), "{id}");
        let counted = json["usageMetadata"]["promptTokenCount"].as_u64();
        let predicted = json["predictions"][0]["embeddings"]["statistics"]["token_count"].as_u64();
        assert_eq!(read.usage.map(|usage| usage.input), counted.or(predicted), "{id}");
        let values = [
            &json["embeddings"][0]["values"],
            &json["embedding"]["values"],
            &json["predictions"][0]["embeddings"]["values"],
        ];
        let values = values.iter().find_map(|values| values.as_array()).unwrap();
        assert_eq!(read.vectors[0].len(), values.len(), "{id}");
        assert!(
            (f64::from(read.vectors[0][0]) - values[0].as_f64().unwrap()).abs() < 1e-6,
            "{id}"
        );
    }
}

#[test]
fn a_prompt_that_is_refused_is_an_answer_that_was_filtered() {
    let body = r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4},"modelVersion":"m"}"#;
    let response = Gemini.response(body.as_bytes(), &target("m"), stamp()).unwrap();
    assert_eq!(
        (response.choices.len(), response.choices[0].finish.clone()),
        (1, Some(Finish::Filtered))
    );
    assert_eq!(response.usage.unwrap().input, 4);
    let again = Gemini.write(&response, &crate::chat(r#"{"contents":[]}"#), stamp(), &mut Vec::new());
    let again: Value = serde_json::from_slice(&again).unwrap();
    assert_eq!(again["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT");
    assert!(again.get("candidates").is_none());
    let stream = format!("data: {body}\r\n\r\n");
    let (said, ended) = Said::of_events(&events(&[stream.as_bytes()]).unwrap());
    assert_eq!((said.finish, ended), (Some("filtered"), true));
    let mut relay = Gemini.relay(&streamed(StreamForm::Usual), &target("m"));
    assert_eq!(passed(&mut *relay, &[stream.as_bytes()]).unwrap(), stream.as_bytes());
    assert_eq!(relay.observed().finish.as_deref(), Some("PROHIBITED_CONTENT"));
}

#[test]
fn signatures_are_marked_with_their_maker() {
    let body = br#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}"#;
    let response = Gemini.response(body, &target("gemini-3-pro"), stamp()).unwrap();
    let [Part::ToolUse(tool)] = &response.choices[0].parts[..] else {
        panic!("{response:?}")
    };
    let signature = tool.signature.as_ref().unwrap();
    assert_eq!(
        (signature.value.as_str(), signature.dialect),
        ("c2ln", DialectName::Gemini)
    );
    assert_eq!(signature.maker, Some(("gemini".into(), "gemini-3-pro".into())));
    assert_eq!((tool.arguments.as_str(), tool.id.is_empty()), ("{}", false));
    let _: Bytes = Gemini.write(&response, &crate::chat(r#"{"contents":[]}"#), stamp(), &mut Vec::new());
}
