//! Vectors and ranks, asked of the models that make them, in the shapes of their documents; and the list of models.

use gateway_providers::ProviderDialect;
use gateway_providers::bedrock::Bedrock;
use gateway_types::chat::{Extras, Part, Source};
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedTask, Encoding};
use gateway_types::rerank::RerankRequest;
use gateway_types::{DialectName, ErrorKind};
use serde_json::{Value, json};

use crate::target;

fn asks(inputs: Vec<EmbedInput>) -> EmbedRequest {
    EmbedRequest {
        dialect: DialectName::OpenAi,
        inputs,
        dimensions: None,
        task: None,
        encoding: Encoding::Float,
        user: None,
        extras: Extras::default(),
    }
}

fn text(text: &str) -> EmbedInput {
    EmbedInput::Text(text.into())
}

fn said(request: &EmbedRequest, model: &str) -> (String, Value, Vec<String>) {
    let mut losses = Vec::new();
    let wire = Bedrock.embed(request, &target(model), &mut losses).unwrap();
    let body = serde_json::from_slice(&wire.body.concat()).unwrap();
    (
        wire.uri.to_string(),
        body,
        losses.into_iter().map(|loss| loss.field).collect(),
    )
}

#[test]
fn each_maker_is_asked_in_its_own_words() {
    let one = EmbedRequest {
        dimensions: Some(256),
        task: Some(EmbedTask::Query),
        ..asks(vec![text("a")])
    };
    let (uri, body, losses) = said(&one, "amazon.titan-embed-text-v2:0");
    assert_eq!(
        uri,
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.titan-embed-text-v2%3A0/invoke"
    );
    assert_eq!(
        (body, losses),
        (json!({"inputText": "a", "dimensions": 256}), vec!["task".to_owned()])
    );
    let (_, body, losses) = said(&one, "amazon.titan-embed-text-v1");
    assert_eq!((body, losses.len()), (json!({"inputText": "a"}), 2));
    let (_, body, _) = said(&one, "cohere.embed-v4:0");
    let expected =
        json!({"input_type": "search_query", "texts": ["a"], "embedding_types": ["float"], "output_dimension": 256});
    assert_eq!(body, expected);
    let (_, body, _) = said(&asks(vec![text("a"), text("b")]), "cohere.embed-english-v3");
    assert_eq!(
        body,
        json!({"input_type": "search_document", "texts": ["a", "b"], "embedding_types": ["float"]})
    );
    let (_, body, _) = said(&one, "amazon.nova-2-multimodal-embeddings-v1:0");
    let text = json!({"truncationMode": "END", "value": "a"});
    let params = json!({"embeddingPurpose": "GENERIC_RETRIEVAL", "embeddingDimension": 256, "text": text});
    assert_eq!(
        body,
        json!({"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": params})
    );
}

#[test]
fn pictures_go_where_a_model_sees() {
    let source = Source::Url("data:image/png;base64,QUJD".into());
    let picture = || {
        EmbedInput::Mixed(vec![
            Part::text("a"),
            Part::Image {
                source: source.clone(),
                detail: None,
                cache: None,
            },
        ])
    };
    let (_, body, _) = said(&asks(vec![picture()]), "amazon.titan-embed-image-v1");
    assert_eq!(body, json!({"inputText": "a", "inputImage": "QUJD"}));
    let refused = |request: &EmbedRequest, model: &str| {
        let error = Bedrock.embed(request, &target(model), &mut Vec::new()).unwrap_err();
        assert_eq!(error.param.as_deref(), Some("input"), "{error}");
    };
    refused(&asks(vec![picture()]), "amazon.titan-embed-text-v2:0");
    refused(&asks(vec![picture()]), "cohere.embed-v4:0");
    refused(&asks(vec![text("a"), text("b")]), "amazon.titan-embed-text-v2:0");
    refused(&asks(vec![EmbedInput::Tokens(vec![1])]), "cohere.embed-english-v3");
}

#[test]
fn vectors_are_read_in_every_shape() {
    for (body, vectors, used) in [
        (
            r#"{"embedding":[0.5,1],"inputTextTokenCount":4,"embeddingsByType":{"float":[0.5,1]}}"#,
            vec![vec![0.5, 1.0]],
            Some(4),
        ),
        (
            r#"{"embeddings":[[0.5],[1]],"id":"i","texts":["a","b"],"response_type":"embeddings_floats"}"#,
            vec![vec![0.5], vec![1.0]],
            None,
        ),
        (
            r#"{"embeddings":{"float":[[0.5]]},"id":"i","response_type":"embeddings_by_type"}"#,
            vec![vec![0.5]],
            None,
        ),
        (
            r#"{"embeddings":[{"embeddingType":"TEXT","embedding":[0.5]}],"inputTokenCount":3}"#,
            vec![vec![0.5]],
            Some(3),
        ),
    ] {
        let response = Bedrock.embedded(body.as_bytes(), &target("m")).unwrap();
        assert_eq!(
            (response.vectors, response.usage.map(|usage| usage.input)),
            (vectors, used),
            "{body}"
        );
    }
    assert!(Bedrock.embedded(b"{}", &target("m")).is_err());
}

#[test]
fn documents_are_put_in_order() {
    let request = RerankRequest {
        dialect: DialectName::Cohere,
        query: "q".into(),
        documents: vec!["a".into(), "b".into()],
        top_n: Some(1),
        return_documents: true,
        extras: Extras::default(),
    };
    let mut losses = Vec::new();
    let wire = Bedrock
        .rerank(&request, &target("cohere.rerank-v3-5:0"), &mut losses)
        .unwrap();
    assert_eq!(wire.uri.path(), "/model/cohere.rerank-v3-5%3A0/invoke");
    let body: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
    assert_eq!(
        body,
        json!({"query": "q", "documents": ["a", "b"], "top_n": 1, "api_version": 2})
    );
    assert_eq!(losses.len(), 1);
    let answer = br#"{"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}]}"#;
    let ranked = Bedrock.reranked(answer, &target("m")).unwrap();
    let order: Vec<(u64, f64)> = ranked.results.iter().map(|rank| (rank.index, rank.score)).collect();
    assert_eq!(order, [(1, 0.9), (0, 0.1)]);
    let error = Bedrock
        .rerank(&request, &target("amazon.nova-lite-v1:0"), &mut losses)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::UnsupportedOperation);
}

#[test]
fn models_are_listed_where_aws_lists_them() {
    let wire = Bedrock.list_models(&target("")).unwrap();
    assert_eq!((wire.method.as_str(), wire.uri.path()), ("GET", "/foundation-models"));
}
