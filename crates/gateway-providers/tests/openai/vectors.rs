//! Vectors and orders of documents, between this dialect and the others' vocabulary.

use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::{ClientDialect, ProviderDialect, prepare};
use gateway_types::chat::Extras;
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedResponse, EmbedTask, Encoding};
use gateway_types::rerank::{Ranked, RerankRequest, RerankResponse};
use gateway_types::{Call, DialectName, ErrorKind, Operation, Usage};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{STAMP, at, decode, fields, json};

fn embed(members: &str) -> Call {
    decode(Operation::Embeddings, format!(r#"{{"model":"m",{members}}}"#)).unwrap()
}

fn rerank(members: &str) -> Call {
    decode(Operation::Rerank, format!(r#"{{"model":"m","query":"q",{members}}}"#)).unwrap()
}

#[test]
fn inputs_are_texts_or_tokens() {
    let inputs = |input: &str| OpenAi.read_embed(&embed(&format!(r#""input":{input}"#)));
    let shown = |input: &str| format!("{:?}", inputs(input).unwrap().inputs);
    assert_eq!(shown(r#""a""#), r#"[Text("a")]"#);
    assert_eq!(shown(r#"["a","b"]"#), r#"[Text("a"), Text("b")]"#);
    assert_eq!(shown("[1,2]"), "[Tokens([1, 2])]");
    assert_eq!(shown("[[1],[2,3]]"), "[Tokens([1]), Tokens([2, 3])]");
    for wrong in [r#"[1,"a"]"#, "5", "[{}]", "[-1]"] {
        let error = inputs(wrong).unwrap_err();
        assert!(error.param.unwrap().starts_with("input"), "{wrong}");
    }
    let request = OpenAi
        .read_embed(&embed(
            r#""input":"a","dimensions":8,"encoding_format":"base64","user":"ann","input_type":"query","x":1"#,
        ))
        .unwrap();
    assert_eq!(
        (request.dimensions, request.encoding, request.task),
        (Some(8), Encoding::Base64, Some(EmbedTask::Query))
    );
    assert_eq!((request.user.as_deref(), request.extras.0.len()), (Some("ann"), 1));
}

#[test]
fn vectors_are_read_in_both_codings_and_written_as_asked() {
    let coded = json!({"object": "list", "model": "e", "usage": {"total_tokens": 5}, "data": [
        {"index": 1, "embedding": "AACAPwAAAMA="}, {"index": 0, "embedding": [0.5, -0.25]}]});
    let read = OpenAi
        .embedded(coded.to_string().as_bytes(), &at("openai", "e"))
        .unwrap();
    assert_eq!(read.vectors, [vec![0.5, -0.25], vec![1.0, -2.0]]);
    assert_eq!(read.usage.unwrap().input, 5);
    let floats = json(&OpenAi.write_embed(&read, &embed(r#""input":"a""#)).unwrap());
    assert_eq!(
        floats["data"][1],
        json!({"object": "embedding", "index": 1, "embedding": [1.0, -2.0]})
    );
    assert_eq!(floats["usage"], json!({"prompt_tokens": 5, "total_tokens": 5}));
    let base64 = json(
        &OpenAi
            .write_embed(&read, &embed(r#""input":"a","encoding_format":"base64""#))
            .unwrap(),
    );
    assert_eq!(base64["data"][1]["embedding"], "AACAPwAAAMA=");
    for wrong in [
        "{}",
        "x",
        r#"{"data":[{"embedding":"AAA="}]}"#,
        r#"{"data":[{"embedding":null}]}"#,
    ] {
        let error = OpenAi.embedded(wrong.as_bytes(), &at("openai", "e")).unwrap_err();
        assert_eq!(error.kind, ErrorKind::UpstreamFailed, "{wrong}");
    }
}

#[test]
fn vectors_are_asked_for_in_the_vendors_words() {
    let request = EmbedRequest {
        dialect: DialectName::Cohere,
        inputs: vec![EmbedInput::Text("a".into())],
        dimensions: Some(8),
        task: Some(EmbedTask::Document),
        encoding: Encoding::Float,
        user: None,
        extras: Extras::default(),
    };
    let said = |kind: &str| {
        let mut losses = Vec::new();
        let wire = OpenAi.embed(&request, &at(kind, "e"), &mut losses).unwrap();
        (json(&wire.body.concat()), losses)
    };
    assert_eq!(
        said("voyage").0,
        json!({"model": "e", "input": ["a"], "output_dimension": 8, "input_type": "document"})
    );
    assert_eq!(said("nvidia").0["input_type"], "passage");
    let (body, losses) = said("openai");
    assert_eq!(
        (body["dimensions"].as_u64(), fields(&losses)),
        (Some(8), vec!["input_type"])
    );
}

#[test]
fn documents_are_put_in_order_in_every_shape() {
    let asked = rerank(r#""documents":["a",{"text":"b"}],"top_n":1,"return_documents":true"#);
    let request = OpenAi.read_rerank(&asked).unwrap();
    assert_eq!(
        (request.documents.as_slice(), request.top_n),
        (&["a".to_owned(), "b".to_owned()][..], Some(1))
    );
    let error = OpenAi.read_rerank(&rerank(r#""documents":["a",5]"#)).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("documents[1]"));

    let ranked = |index, score, document: Option<&str>| Ranked {
        index,
        score,
        document: document.map(Into::into),
    };
    for (body, searches) in [
        (
            json!({"id": "r", "model": "m", "results": [{"index": 1, "relevance_score": 0.5, "document": {"text": "b"}}],
            "usage": {"total_tokens": 9}}),
            None,
        ),
        (
            json!({"id": "r", "model": "m", "object": "list", "data": [{"index": 1, "relevance_score": 0.5, "document": "b"}],
            "usage": {"total_tokens": 9}, "meta": {"billed_units": {"search_units": 1}}}),
            Some(1),
        ),
    ] {
        let read = OpenAi
            .reranked(body.to_string().as_bytes(), &at("voyage", "m"))
            .unwrap();
        assert_eq!(
            (&read.results, read.searches),
            (&vec![ranked(1, 0.5, Some("b"))], searches)
        );
        assert_eq!(
            read.usage.unwrap(),
            Usage {
                input: 9,
                ..Usage::default()
            }
        );
    }
    let response = RerankResponse {
        model: "m".into(),
        results: vec![ranked(1, 0.5, None)],
        searches: Some(1),
        ..RerankResponse::default()
    };
    let written = json(&OpenAi.write_rerank(&response, &asked).unwrap());
    let expected = json!({"model": "m", "results": [{"index": 1, "relevance_score": 0.5, "document": {"text": "b"}}],
        "meta": {"billed_units": {"search_units": 1}}});
    assert_eq!(written, expected);
}

#[test]
fn an_order_is_asked_for_in_the_vendors_words() {
    let request = RerankRequest {
        dialect: DialectName::Cohere,
        query: "q".into(),
        documents: vec!["a".into()],
        top_n: Some(1),
        return_documents: false,
        extras: Extras::default(),
    };
    let said = |kind: &str| {
        json(
            &OpenAi
                .rerank(&request, &at(kind, "r"), &mut Vec::new())
                .unwrap()
                .body
                .concat(),
        )
    };
    assert_eq!(
        said("voyage"),
        json!({"model": "r", "query": "q", "documents": ["a"], "top_k": 1})
    );
    assert_eq!(said("together")["top_n"], 1);
}

#[test]
fn a_call_in_words_that_voyage_refuses_is_said_in_its_own_and_answered_in_the_clients() {
    let there = at("voyage", "m");
    let as_it_is = rerank(r#""documents":["a"],"top_k":1"#);
    let prepared = prepare(&as_it_is, &there, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
    assert_eq!(prepared.wire.body.concat(), as_it_is.body.bytes);
    let body = json!({"object": "list", "data": [{"relevance_score": 0.5, "index": 0}], "model": "m", "usage": {"total_tokens": 3}});
    let answer = |call: &Call| -> Value {
        let prepared = prepare(call, &there, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
        json(
            &prepared
                .whole(call, &there, &HeaderMap::new(), body.to_string().into(), STAMP)
                .unwrap()
                .body,
        )
    };
    assert_eq!(answer(&as_it_is), body);

    let foreign = rerank(r#""documents":["a"],"top_n":1"#);
    let prepared = prepare(&foreign, &there, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
    assert_eq!(json(&prepared.wire.body.concat())["top_k"], 1);
    assert_eq!(
        answer(&foreign)["results"],
        json!([{"index": 0, "relevance_score": 0.5}])
    );
    let shorter = embed(r#""input":"a","dimensions":8"#);
    let prepared = prepare(&shorter, &there, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
    assert_eq!(json(&prepared.wire.body.concat())["output_dimension"], 8);
}

#[test]
fn an_empty_answer_is_an_answer() {
    let written = OpenAi
        .write_embed(&EmbedResponse::default(), &embed(r#""input":"a""#))
        .unwrap();
    assert_eq!(json(&written)["data"], json!([]));
}
