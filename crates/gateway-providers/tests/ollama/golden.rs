//! Whole answers of real traffic.

use gateway_providers::ollama::Ollama;
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::chat::Response;
use gateway_types::{ErrorKind, Operation};
use serde_json::Value;

use crate::recorded::{Recording, recordings};
use crate::said::Said;
use crate::{call, stamp, target};

fn of(endpoints: &[&str]) -> Vec<Recording> {
    recordings(|recording| {
        recording.provider == "ollama"
            && endpoints.contains(&recording.endpoint.as_str())
            && !recording.stream
            && recording.succeeded()
    })
}

/// The operation that a path asks for.
pub(crate) fn operation(recording: &Recording) -> Operation {
    match recording.endpoint.as_str() {
        "api-generate" => Operation::Completions,
        "api-embed" | "api-embeddings" => Operation::Embeddings,
        _ => Operation::Chat,
    }
}

fn json(recording: &Recording) -> Value {
    serde_json::from_slice(&recording.answered()).unwrap()
}

fn read(recording: &Recording) -> Response {
    Ollama.response(&recording.answered(), &target("m"), stamp()).unwrap()
}

const TURNS: [&str; 2] = ["api-chat", "api-generate"];

#[test]
fn whole_answers_are_read_as_they_say() {
    let all = of(&TURNS);
    for recording in &all {
        let (id, answer, response) = (&recording.id, json(recording), read(recording));
        let said = Said::of_response(&response);
        let message = answer.get("message").unwrap_or(&answer);
        let text = message.get("content").or_else(|| answer.get("response")).unwrap();
        assert_eq!(Some(said.text.as_str()), text.as_str(), "{id}");
        assert_eq!(said.reasoning, message["thinking"].as_str().unwrap_or_default(), "{id}");
        let calls = message["tool_calls"].as_array().cloned().unwrap_or_default();
        let called: Vec<_> = calls
            .iter()
            .map(|call| {
                let name = call["function"]["name"].as_str().unwrap().to_owned();
                (
                    call["id"].as_str().unwrap().to_owned(),
                    name,
                    call["function"]["arguments"].clone(),
                )
            })
            .collect();
        assert_eq!(said.tools, called, "{id}");
        let finish = match (answer["done_reason"].as_str().unwrap(), calls.is_empty()) {
            ("stop", false) => "tools",
            ("stop", true) => "stop",
            (other, _) => panic!("{id}: {other} has no expectation"),
        };
        assert_eq!(said.finish, Some(finish), "{id}");
        let count = |key: &str| answer[key].as_u64().unwrap_or(0);
        let usage = said.usage.unwrap();
        assert_eq!(
            (usage.input, usage.output),
            (count("prompt_eval_count"), count("eval_count")),
            "{id}"
        );
        assert_eq!(Some(response.model.as_str()), answer["model"].as_str(), "{id}");
        assert!(response.created.is_some_and(|created| created > 1_700_000_000), "{id}");
    }
    println!("{} whole answers", all.len());
}

#[test]
fn whole_answers_pass_byte_for_byte_and_are_seen() {
    for recording in of(&TURNS) {
        let (id, body, answer) = (&recording.id, recording.answered(), json(&recording));
        let whole = Ollama
            .observe(Operation::Chat, &recording.headers(), body.clone())
            .unwrap();
        assert_eq!(whole.body, body, "{id}");
        let said = Said::of_response(&read(&recording));
        assert_eq!(whole.observed.usage, said.usage, "{id}");
        assert_eq!(whole.observed.finish.as_deref(), answer["done_reason"].as_str(), "{id}");
        assert_eq!(whole.observed.model.as_deref(), answer["model"].as_str(), "{id}");
        assert!(
            whole.observed.output_bytes >= (said.text.len() + said.reasoning.len()) as u64,
            "{id}"
        );
        assert!(
            whole.observed.content && whole.observed.done && !whole.observed.failed,
            "{id}"
        );
    }
}

#[test]
fn an_answer_written_again_says_the_same() {
    for recording in of(&TURNS) {
        let (id, response) = (&recording.id, read(&recording));
        let mut losses = Vec::new();
        let asked = call(operation(&recording), recording.asked().unwrap());
        let written = Ollama.write(&response, &asked, stamp(), &mut losses);
        assert!(losses.is_empty(), "{id}: {losses:?}");
        let (again, answer): (Value, Value) = (serde_json::from_slice(&written).unwrap(), json(&recording));
        // How long it took, and the tokens of the conversation, are the server's own.
        for path in [
            "/model",
            "/message",
            "/response",
            "/done",
            "/done_reason",
            "/eval_count",
        ] {
            assert_eq!(again.pointer(path), answer.pointer(path), "{id} {path}");
        }
        let back = Ollama.response(&written, &target("m"), stamp()).unwrap();
        assert_eq!(Said::of_response(&response), Said::of_response(&back), "{id}");
        assert_eq!(response.created, back.created, "{id}");
    }
}

#[test]
fn recorded_errors_are_recognised_and_passed_on() {
    let failed = recordings(|recording| {
        recording.provider == "ollama" && recording.endpoint.starts_with("api-") && !recording.succeeded()
    });
    for recording in &failed {
        let (id, status) = (&recording.id, recording.response.status);
        let error = ProviderDialect::error(&Ollama, status, &recording.headers(), recording.answered());
        assert_eq!((error.kind, error.status()), (ErrorKind::ModelNotFound, 404), "{id}");
        assert_eq!(Some(error.message.as_str()), json(recording)["error"].as_str(), "{id}");
        assert_eq!(ClientDialect::error(&Ollama, &error), recording.answered(), "{id}");
    }
}

#[test]
fn recorded_vectors_are_read_and_written() {
    for recording in of(&["api-embed", "api-embeddings"]) {
        let (id, body, answer) = (&recording.id, recording.answered(), json(&recording));
        let response = Ollama.embedded(&body, &target("m")).unwrap();
        let vectors = answer["embeddings"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![answer["embedding"].clone()]);
        assert_eq!(response.vectors.len(), vectors.len(), "{id}");
        for (read, said) in response.vectors.iter().zip(&vectors) {
            let said: Vec<f32> = said
                .as_array()
                .unwrap()
                .iter()
                .map(|number| number.as_f64().unwrap() as f32)
                .collect();
            assert_eq!(read, &said, "{id}");
        }
        assert_eq!(
            response.usage.map(|usage| usage.total()),
            answer["prompt_eval_count"].as_u64(),
            "{id}"
        );
        let whole = Ollama
            .observe(Operation::Embeddings, &recording.headers(), body.clone())
            .unwrap();
        assert_eq!((whole.body, whole.observed.usage), (body, response.usage), "{id}");

        let asked = call(Operation::Embeddings, recording.asked().unwrap());
        let request = Ollama.read_embed(&asked).unwrap();
        let mut losses = Vec::new();
        let wire = Ollama
            .embed(&request, &target(asked.model.as_str()), &mut losses)
            .unwrap();
        assert_eq!((wire.uri.path(), losses.len()), ("/api/embed", 0), "{id}");
        let written = Ollama.write_embed(&response, &asked).unwrap();
        let again = Ollama.embedded(&written, &target("m")).unwrap();
        assert_eq!(again.vectors, response.vectors, "{id}");
        let keys: Vec<String> = serde_json::from_slice::<serde_json::Map<String, Value>>(&written)
            .unwrap()
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        assert!(keys.iter().all(|key| answer.get(key).is_some()), "{id}: {keys:?}");
    }
}
