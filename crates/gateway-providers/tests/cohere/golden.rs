//! Whole answers of real traffic.

use gateway_providers::ClientDialect;
use gateway_providers::ProviderDialect;
use gateway_providers::cohere::Cohere;
use gateway_types::chat::{Part, Response};
use gateway_types::{DialectName, ErrorKind, Operation};
use serde_json::Value;

use crate::recorded::{Recording, recordings};
use crate::said::Said;
use crate::{call, stamp, target};

fn of(endpoint: &str, stream: bool) -> Vec<Recording> {
    recordings(|recording| {
        recording.provider == "cohere" && recording.endpoint == endpoint && recording.stream == stream
    })
}

fn json(recording: &Recording) -> Value {
    serde_json::from_slice(&recording.answered()).unwrap()
}

fn read(recording: &Recording) -> Response {
    Cohere.response(&recording.answered(), &target("m"), stamp()).unwrap()
}

/// All strings under a key of the pieces of content.
fn content(answer: &Value, key: &str) -> String {
    let pieces = answer["message"]["content"].as_array().cloned().unwrap_or_default();
    pieces
        .iter()
        .filter_map(|piece| piece[key].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn whole_answers_are_read_as_they_say() {
    let all = of("v2-chat", false);
    for recording in all.iter().filter(|recording| recording.succeeded()) {
        let (id, answer, response) = (&recording.id, json(recording), read(recording));
        let said = Said::of_response(&response);
        let plan = answer["message"]["tool_plan"].as_str().unwrap_or_default();
        assert_eq!(said.text, content(&answer, "text") + plan, "{id}");
        assert_eq!(said.reasoning, content(&answer, "thinking"), "{id}");
        let calls = answer["message"]["tool_calls"].as_array().cloned().unwrap_or_default();
        let called: Vec<_> = calls
            .iter()
            .map(|call| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let arguments = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
                (text(&call["id"]), text(&call["function"]["name"]), arguments)
            })
            .collect();
        assert_eq!(said.tools, called, "{id}");
        let finish = match answer["finish_reason"].as_str().unwrap() {
            "TOOL_CALL" => "tools",
            "MAX_TOKENS" => "length",
            _ => "stop",
        };
        assert_eq!(said.finish, Some(finish), "{id}");
        let (usage, billed) = (said.usage.unwrap(), &answer["usage"]["billed_units"]);
        assert_eq!(Some(usage.input_total()), billed["input_tokens"].as_u64(), "{id}");
        assert_eq!(Some(usage.output_total()), billed["output_tokens"].as_u64(), "{id}");
        let thought = answer["usage"]["tokens"]["reasoning_tokens"].as_u64().unwrap_or(0);
        assert_eq!(usage.reasoning, thought.min(usage.output_total()), "{id}");
        let cited: usize = response.choices[0]
            .parts
            .iter()
            .map(|part| match part {
                Part::Text { citations, .. } => citations.len(),
                _ => 0,
            })
            .sum();
        assert_eq!(
            cited,
            answer["message"]["citations"].as_array().map_or(0, Vec::len),
            "{id}"
        );
    }
    println!("{} whole answers", all.len());
}

#[test]
fn whole_answers_pass_byte_for_byte_and_are_seen() {
    for recording in of("v2-chat", false).iter().filter(|recording| recording.succeeded()) {
        let (id, body, answer) = (&recording.id, recording.answered(), json(recording));
        let whole = Cohere
            .observe(Operation::Chat, &recording.headers(), body.clone())
            .unwrap();
        assert_eq!(whole.body, body, "{id}");
        let said = Said::of_response(&read(recording));
        assert_eq!(whole.observed.usage, said.usage, "{id}");
        assert_eq!(
            whole.observed.finish.as_deref(),
            answer["finish_reason"].as_str(),
            "{id}"
        );
        assert_eq!(whole.observed.id.as_deref(), answer["id"].as_str(), "{id}");
        let arguments: usize = answer["message"]["tool_calls"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|call| call["function"]["arguments"].as_str().unwrap().len())
            .sum();
        let bytes = said.text.len() + said.reasoning.len() + arguments;
        assert_eq!(whole.observed.output_bytes, bytes as u64, "{id}");
        assert!(
            whole.observed.content && whole.observed.done && !whole.observed.failed,
            "{id}"
        );
    }
}

#[test]
fn an_answer_written_again_says_the_same() {
    for recording in of("v2-chat", false).iter().filter(|recording| recording.succeeded()) {
        let (id, response) = (&recording.id, read(recording));
        let mut losses = Vec::new();
        let asked = call(Operation::Chat, r#"{"model":"m","messages":[]}"#);
        let written = Cohere.write(&response, &asked, stamp(), &mut losses);
        assert!(losses.is_empty(), "{id}: {losses:?}");
        let again: Value = serde_json::from_slice(&written).unwrap();
        let answer = json(recording);
        // How the tokens split up into billed and others is the vendor's own; what is billed is not.
        for path in ["/id", "/message", "/finish_reason", "/usage/billed_units", "/logprobs"] {
            assert_eq!(again.pointer(path), answer.pointer(path), "{id} {path}");
        }
        let back = Cohere.response(&written, &target("m"), stamp()).unwrap();
        let (one, other) = (Said::of_response(&response), Said::of_response(&back));
        assert_eq!(
            (one.text, one.tools, one.finish),
            (other.text, other.tools, other.finish),
            "{id}"
        );
        assert_eq!((one.reasoning, one.usage), (other.reasoning, other.usage), "{id}");
    }
}

#[test]
fn recorded_errors_are_recognised_and_passed_on() {
    let failed = recordings(|recording| recording.provider == "cohere" && !recording.succeeded());
    for recording in &failed {
        let (id, status) = (&recording.id, recording.response.status);
        let error = ProviderDialect::error(&Cohere, status, &recording.headers(), recording.answered());
        let kind = match status {
            401 => ErrorKind::UpstreamAuth,
            404 => ErrorKind::ModelNotFound,
            _ => panic!("{id}: a status without an expectation"),
        };
        assert_eq!((error.kind, error.status()), (kind, status), "{id}");
        assert_eq!(
            Some(error.message.as_str()),
            json(recording)["message"].as_str(),
            "{id}"
        );
        assert_eq!(ClientDialect::error(&Cohere, &error), recording.answered(), "{id}");
        let words = error.upstream.unwrap();
        assert_eq!(words.request_id.as_deref(), json(recording)["id"].as_str(), "{id}");
    }
}

#[test]
fn recorded_vectors_are_read_and_written() {
    for recording in of("v2-embed", false).iter().filter(|recording| recording.succeeded()) {
        let (id, body, answer) = (&recording.id, recording.answered(), json(recording));
        let response = Cohere.embedded(&body, &target("m")).unwrap();
        let vectors = answer["embeddings"]["float"].as_array().unwrap();
        assert_eq!(response.vectors.len(), vectors.len(), "{id}");
        for (read, said) in response.vectors.iter().zip(vectors) {
            let said: Vec<f32> = said
                .as_array()
                .unwrap()
                .iter()
                .map(|number| number.as_f64().unwrap() as f32)
                .collect();
            assert_eq!(read, &said, "{id}");
        }
        let billed = answer["meta"]["billed_units"]["input_tokens"].as_u64();
        assert_eq!(response.usage.map(|usage| usage.total()), billed, "{id}");
        let whole = Cohere
            .observe(Operation::Embeddings, &recording.headers(), body.clone())
            .unwrap();
        assert_eq!((whole.body, whole.observed.usage), (body, response.usage), "{id}");

        let asked = call(Operation::Embeddings, recording.asked().unwrap());
        let request = Cohere.read_embed(&asked).unwrap();
        assert_eq!(
            (request.dialect, request.inputs.len()),
            (DialectName::Cohere, vectors.len()),
            "{id}"
        );
        let mut losses = Vec::new();
        let wire = Cohere
            .embed(&request, &target(asked.model.as_str()), &mut losses)
            .unwrap();
        let (sent, given): (Value, Value) = (
            serde_json::from_slice(&wire.body.concat()).unwrap(),
            serde_json::from_slice(&asked.body.bytes).unwrap(),
        );
        for key in ["model", "texts", "input_type", "truncate"] {
            assert_eq!(sent.get(key), given.get(key), "{id} {key}");
        }
        assert_eq!((wire.uri.path(), losses.len()), ("/v2/embed", 0), "{id}");
        let written: Value = serde_json::from_slice(&Cohere.write_embed(&response, &asked).unwrap()).unwrap();
        assert_eq!(written["id"], answer["id"], "{id}");
        assert_eq!(written["texts"], given["texts"], "{id}");
        let again = Cohere.embedded(written.to_string().as_bytes(), &target("m")).unwrap();
        assert_eq!((again.vectors, again.usage), (response.vectors, response.usage), "{id}");
    }
}

#[test]
fn recorded_orders_are_read_and_written() {
    for recording in of("v2-rerank", false).iter().filter(|recording| recording.succeeded()) {
        let (id, body, answer) = (&recording.id, recording.answered(), json(recording));
        let response = Cohere.reranked(&body, &target("m")).unwrap();
        assert_eq!(
            response.searches,
            answer["meta"]["billed_units"]["search_units"].as_u64(),
            "{id}"
        );
        let whole = Cohere
            .observe(Operation::Rerank, &recording.headers(), body.clone())
            .unwrap();
        assert_eq!(whole.body, body, "{id}");
        let asked = call(Operation::Rerank, recording.asked().unwrap());
        let request = Cohere.read_rerank(&asked).unwrap();
        let mut losses = Vec::new();
        let wire = Cohere
            .rerank(&request, &target(asked.model.as_str()), &mut losses)
            .unwrap();
        let (sent, given): (Value, Value) = (
            serde_json::from_slice(&wire.body.concat()).unwrap(),
            serde_json::from_slice(&asked.body.bytes).unwrap(),
        );
        assert_eq!((sent, losses.len()), (given, 0), "{id}");
        let written: Value = serde_json::from_slice(&Cohere.write_rerank(&response, &asked).unwrap()).unwrap();
        assert_eq!(
            (&written["id"], &written["results"]),
            (&answer["id"], &answer["results"]),
            "{id}"
        );
    }
}
