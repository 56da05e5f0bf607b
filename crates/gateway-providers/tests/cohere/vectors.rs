//! Vectors and orders of documents: cases of our own.

use gateway_providers::cohere::Cohere;
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::chat::{Part, Source};
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedResponse, EmbedTask, Encoding};
use gateway_types::loss::Loss;
use gateway_types::rerank::{Ranked, RerankRequest, RerankResponse};
use gateway_types::{DialectName, Operation, Usage};
use serde_json::{Value, json};

use crate::{call, target};

fn embed(inputs: Vec<EmbedInput>, task: Option<EmbedTask>) -> EmbedRequest {
    EmbedRequest {
        dialect: DialectName::OpenAi,
        inputs,
        dimensions: Some(4),
        task,
        encoding: Encoding::Float,
        user: None,
        extras: Default::default(),
    }
}

fn asked_for(request: &EmbedRequest, model: &str) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = Cohere.embed(request, &target(model), &mut losses).unwrap();
    (serde_json::from_slice(&wire.body.concat()).unwrap(), losses)
}

#[test]
fn inputs_of_vectors_have_their_forms() {
    let picture = || Part::Image {
        source: Source::Inline {
            media_type: "image/png".into(),
            data: "QUJD".into(),
        },
        detail: None,
        cache: None,
    };
    let texts = embed(vec![EmbedInput::Text("a".into())], None);
    let (body, losses) = asked_for(&texts, "embed-v4.0");
    assert_eq!(
        (&body["texts"], &body["input_type"], &body["output_dimension"]),
        (&json!(["a"]), &json!("search_document"), &json!(4))
    );
    assert_eq!(
        losses.iter().map(|loss| loss.field.as_str()).collect::<Vec<_>>(),
        ["input_type"]
    );
    let mixed = embed(
        vec![
            EmbedInput::Mixed(vec![Part::text("a"), picture()]),
            EmbedInput::Text("b".into()),
        ],
        Some(EmbedTask::Query),
    );
    let (body, losses) = asked_for(&mixed, "embed-v4.0");
    assert_eq!(
        body["inputs"][0]["content"][1]["image_url"]["url"],
        "data:image/png;base64,QUJD"
    );
    assert_eq!(
        (body["inputs"][1]["content"][0]["text"].as_str(), losses.len()),
        (Some("b"), 0)
    );
    let pictures = embed(vec![EmbedInput::Mixed(vec![picture()])], None);
    let (body, _) = asked_for(&pictures, "embed-english-v3.0");
    assert_eq!(
        (&body["input_type"], &body["images"][0]),
        (&json!("image"), &json!("data:image/png;base64,QUJD"))
    );
    let tokens = embed(vec![EmbedInput::Tokens(vec![1])], None);
    let error = Cohere.embed(&tokens, &target("m"), &mut Vec::new()).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("input[0]"));
}

#[test]
fn what_vectors_are_for_has_its_words() {
    for (word, task) in [
        ("search_document", EmbedTask::Document),
        ("search_query", EmbedTask::Query),
        ("classification", EmbedTask::Classification),
        ("clustering", EmbedTask::Clustering),
        ("image", EmbedTask::Other("image".into())),
    ] {
        let asked = json!({"model": "e", "texts": ["a"], "input_type": word});
        let read = Cohere
            .read_embed(&call(Operation::Embeddings, asked.to_string()))
            .unwrap();
        assert_eq!(read.task.as_ref(), Some(&task));
        let (body, losses) = asked_for(&embed(vec![EmbedInput::Text("a".into())], Some(task)), "embed-v4.0");
        assert_eq!((body["input_type"].as_str(), losses), (Some(word), Vec::new()));
    }
    let alike = embed(vec![EmbedInput::Text("a".into())], Some(EmbedTask::Similarity));
    let (body, losses) = asked_for(&alike, "embed-v4.0");
    assert_eq!(
        (body["input_type"].as_str(), losses[0].field.as_str()),
        (Some("clustering"), "input_type")
    );
}

#[test]
fn vectors_are_written_in_the_forms_that_were_asked_for() {
    let response = EmbedResponse {
        id: "x".into(),
        model: "e".into(),
        vectors: vec![vec![0.5, -1.0, 2.0, 0.0, -0.25, 1.0, 1.0, 1.0, 1.0]],
        usage: Some(Usage {
            input: 3,
            ..Usage::default()
        }),
    };
    let asked = call(
        Operation::Embeddings,
        r#"{"model":"e","texts":["a"],"input_type":"search_query","embedding_types":["float","base64","binary","ubinary"]}"#,
    );
    let body: Value = serde_json::from_slice(&Cohere.write_embed(&response, &asked).unwrap()).unwrap();
    let forms = &body["embeddings"];
    assert_eq!(forms["float"][0][1], -1.0);
    assert!(forms["base64"][0].as_str().unwrap().starts_with("AAAAPwAAgL8"));
    assert_eq!(
        (&forms["ubinary"][0], &forms["binary"][0]),
        (&json!([0b1010_0111, 0b1000_0000]), &json!([39, 0]))
    );
    assert_eq!(
        (body["meta"]["billed_units"]["input_tokens"].as_u64(), &body["texts"]),
        (Some(3), &json!(["a"]))
    );
    let bytes = call(
        Operation::Embeddings,
        r#"{"model":"e","texts":["a"],"embedding_types":["int8"]}"#,
    );
    assert_eq!(
        Cohere.read_embed(&bytes).unwrap_err().param.as_deref(),
        Some("embedding_types[0]")
    );
    let plain = call(
        Operation::Embeddings,
        r#"{"model":"e","images":["data:image/png;base64,QUJD"],"input_type":"image"}"#,
    );
    let request = Cohere.read_embed(&plain).unwrap();
    assert!(matches!(&request.inputs[..], [EmbedInput::Mixed(_)]));
    assert_eq!(
        (request.task, request.encoding),
        (Some(EmbedTask::Other("image".into())), Encoding::Float)
    );
    let older = Cohere
        .embedded(br#"{"id":"x","embeddings":[[1.0,2.0]]}"#, &target("e"))
        .unwrap();
    assert_eq!((older.vectors, older.usage), (vec![vec![1.0, 2.0]], None));
}

#[test]
fn documents_come_back_with_their_places_where_asked_for() {
    let asked = call(
        Operation::Rerank,
        r#"{"model":"r","query":"q","documents":["a",{"text":"b"}],"top_n":1,"return_documents":true}"#,
    );
    let request = Cohere.read_rerank(&asked).unwrap();
    assert_eq!(
        (request.documents.as_slice(), request.top_n, request.return_documents),
        (&["a".to_owned(), "b".to_owned()][..], Some(1), true)
    );
    let response = RerankResponse {
        results: vec![
            Ranked {
                index: 1,
                score: 0.5,
                document: None,
            },
            Ranked {
                index: 9,
                score: 0.1,
                document: None,
            },
        ],
        searches: Some(1),
        ..RerankResponse::default()
    };
    let body: Value = serde_json::from_slice(&Cohere.write_rerank(&response, &asked).unwrap()).unwrap();
    assert_eq!(
        body["results"][0],
        json!({"index": 1, "relevance_score": 0.5, "document": {"text": "b"}})
    );
    assert_eq!(
        (
            body["results"][1].get("document"),
            body["meta"]["billed_units"]["search_units"].as_u64()
        ),
        (None, Some(1))
    );
    let foreign = RerankRequest {
        dialect: DialectName::OpenAi,
        query: "q".into(),
        documents: vec!["a".into()],
        top_n: None,
        return_documents: false,
        extras: gateway_types::chat::Extras(vec![(
            "truncate_prompt_tokens".into(),
            serde_json::from_str("5").unwrap(),
        )]),
    };
    let mut losses = Vec::new();
    let wire = Cohere.rerank(&foreign, &target("r"), &mut losses).unwrap();
    assert_eq!(
        (wire.uri.path(), losses[0].field.as_str()),
        ("/v2/rerank", "truncate_prompt_tokens")
    );
}
