//! The paths of the inference API: which dialect and operation each stands for, under which prefixes.

use bytes::Bytes;
use gateway::Errand;
use gateway_providers::ollama::facts;
use gateway_types::{Asked, DialectName, Operation, StreamForm};
use http::Method;

/// What an inference path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inference {
    /// One operation of a dialect. What the path names besides is the model.
    Call(DialectName, Operation, Streams),
    /// Google's form: `{model}:{method}` in the last segment.
    Google,
    /// What Ollama's clients ask of one model before they use it.
    Show,
    /// Something that was made before, by its id, or that is made to be come back for.
    Errand(DialectName, Operation, Errand),
}

impl Inference {
    /// What it belongs to, and what it is for, in words.
    pub(super) fn described(self) -> (&'static str, String) {
        match self {
            Self::Call(dialect, operation, _) => (dialect.as_str(), format!("{operation}, in the shape of {dialect}")),
            Self::Google => (
                DialectName::Gemini.as_str(),
                "generateContent, streamGenerateContent, countTokens, embedContent: `{model}:{method}`".to_owned(),
            ),
            Self::Show => (DialectName::Ollama.as_str(), "What is known of a model".to_owned()),
            Self::Errand(dialect, operation, _) => (
                dialect.as_str(),
                format!("{operation}: what was made before, or is come back for, in the shape of {dialect}"),
            ),
        }
    }

    /// Whether its body is a form with files.
    pub(super) fn takes_a_form(self) -> bool {
        let operation = match self {
            Self::Call(_, operation, _) | Self::Errand(_, operation, _) => operation,
            Self::Google | Self::Show => return false,
        };
        matches!(
            operation,
            Operation::Transcription | Operation::Translation | Operation::ImageEdit | Operation::ImageVariation
        ) || matches!(self, Self::Errand(_, Operation::Files, _))
    }
}

/// Whether a path asks for a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Streams {
    /// The body says.
    InBody,
    /// The path does.
    Always,
}

/// Where the OpenAI dialect is served. Every path works with and without `/v1` where the prefix has no version. Those
/// that name OpenAI twice are what Azure's SDK makes of an endpoint that ends in `/openai`.
const OPENAI: [&str; 7] = [
    "/v1",
    "/openai/v1",
    "/openai",
    "/openai/openai/v1",
    "/openai/openai",
    "/cursor/v1",
    "/cursor",
];

/// Where Azure's older form is served, in which the path names the model.
const DEPLOYMENTS: [&str; 2] = ["/openai/deployments", "/openai/openai/deployments"];

/// Prefixes of libraries that speak several dialects.
const UNIONS: [&str; 3] = ["/litellm", "/langchain", "/pydanticai"];

/// Behind which prefixes a provider's own API is open, and in which dialect its errors are.
pub(super) const PASSTHROUGH: [(&str, DialectName); 3] = [
    ("/openai_passthrough", DialectName::OpenAi),
    ("/anthropic_passthrough", DialectName::Anthropic),
    ("/genai_passthrough", DialectName::Gemini),
];

/// A model in a path: its SDK leaves the slashes of `provider/org/model` as they are.
const DEPLOYMENT: [&str; 3] = ["/{a}", "/{a}/{b}", "/{a}/{b}/{c}"];

const POST: Method = Method::POST;
const GET: Method = Method::GET;

type Row = (Method, &'static str, DialectName, Operation);

const OPENAI_CALLS: [Row; 14] = {
    use DialectName::{OpenAi, Responses};
    use Operation as Op;
    [
        (POST, "/chat/completions", OpenAi, Op::Chat),
        (POST, "/completions", OpenAi, Op::Completions),
        (POST, "/embeddings", OpenAi, Op::Embeddings),
        (POST, "/rerank", OpenAi, Op::Rerank),
        (POST, "/moderations", OpenAi, Op::Moderations),
        (POST, "/images/generations", OpenAi, Op::ImageGeneration),
        (POST, "/images/edits", OpenAi, Op::ImageEdit),
        (POST, "/images/variations", OpenAi, Op::ImageVariation),
        (POST, "/audio/speech", OpenAi, Op::Speech),
        (POST, "/audio/transcriptions", OpenAi, Op::Transcription),
        (POST, "/audio/translations", OpenAi, Op::Translation),
        (POST, "/responses", Responses, Op::Responses),
        (POST, "/responses/input_tokens", Responses, Op::CountTokens),
        (GET, "/models", OpenAi, Op::Models),
    ]
};

type ErrandRow = (Method, &'static str, Errand);

const DELETE: Method = Method::DELETE;

const OPENAI_ERRANDS: [(Operation, DialectName, &[ErrandRow]); 3] = [
    (
        Operation::Files,
        DialectName::OpenAi,
        &[
            (POST, "/files", Errand::Make),
            (GET, "/files", Errand::List),
            (GET, "/files/{a}", Errand::Get),
            (DELETE, "/files/{a}", Errand::Delete),
            (GET, "/files/{a}/content", Errand::Content),
        ],
    ),
    (
        Operation::Batches,
        DialectName::OpenAi,
        &[
            (POST, "/batches", Errand::Make),
            (GET, "/batches", Errand::List),
            (GET, "/batches/{a}", Errand::Get),
            (POST, "/batches/{a}/cancel", Errand::Cancel),
        ],
    ),
    (
        Operation::Responses,
        DialectName::Responses,
        &[
            (GET, "/responses/{a}", Errand::Get),
            (DELETE, "/responses/{a}", Errand::Delete),
            (GET, "/responses/{a}/input_items", Errand::InputItems),
            (POST, "/responses/{a}/cancel", Errand::Cancel),
        ],
    ),
];

const ANTHROPIC_ERRANDS: [(Operation, DialectName, &[ErrandRow]); 2] = [
    (
        Operation::Files,
        DialectName::Anthropic,
        &[
            (POST, "/v1/files", Errand::Make),
            (GET, "/v1/files", Errand::List),
            (GET, "/v1/files/{a}", Errand::Get),
            (DELETE, "/v1/files/{a}", Errand::Delete),
            (GET, "/v1/files/{a}/content", Errand::Content),
        ],
    ),
    (
        Operation::Batches,
        DialectName::Anthropic,
        &[
            (POST, "/v1/messages/batches", Errand::Make),
            (GET, "/v1/messages/batches", Errand::List),
            (GET, "/v1/messages/batches/{a}", Errand::Get),
            (DELETE, "/v1/messages/batches/{a}", Errand::Delete),
            (POST, "/v1/messages/batches/{a}/cancel", Errand::Cancel),
            (GET, "/v1/messages/batches/{a}/results", Errand::Results),
        ],
    ),
];

const ANTHROPIC_CALLS: [Row; 2] = [
    (POST, "/v1/messages", DialectName::Anthropic, Operation::Chat),
    (
        POST,
        "/v1/messages/count_tokens",
        DialectName::Anthropic,
        Operation::CountTokens,
    ),
];

const COHERE_CALLS: [Row; 3] = [
    (POST, "/v2/chat", DialectName::Cohere, Operation::Chat),
    (POST, "/v2/embed", DialectName::Cohere, Operation::Embeddings),
    (POST, "/v2/rerank", DialectName::Cohere, Operation::Rerank),
];

const OLLAMA_CALLS: [Row; 5] = [
    (POST, "/api/chat", DialectName::Ollama, Operation::Chat),
    (POST, "/api/generate", DialectName::Ollama, Operation::Completions),
    (POST, "/api/embed", DialectName::Ollama, Operation::Embeddings),
    (POST, "/api/embeddings", DialectName::Ollama, Operation::Embeddings),
    (GET, "/api/tags", DialectName::Ollama, Operation::Models),
];

const BEDROCK_CALLS: [(&str, Operation, Streams); 5] = [
    ("/converse", Operation::Chat, Streams::InBody),
    ("/converse-stream", Operation::Chat, Streams::Always),
    ("/invoke", Operation::Invoke, Streams::InBody),
    ("/invoke-with-response-stream", Operation::Invoke, Streams::Always),
    ("/count-tokens", Operation::CountTokens, Streams::InBody),
];

/// Every inference path.
pub(super) fn paths() -> Vec<(Method, String, Inference)> {
    let mut paths = Vec::new();
    let unions = UNIONS
        .iter()
        .flat_map(|union| [format!("{union}/v1"), (*union).to_owned()]);
    for prefix in OPENAI.map(str::to_owned).into_iter().chain(unions) {
        openai(&prefix, &mut paths);
    }
    azure(&mut paths);
    for prefix in ["", "/anthropic"].into_iter().chain(UNIONS) {
        rows(prefix, &ANTHROPIC_CALLS, &mut paths);
    }
    for prefix in ["/genai"].into_iter().chain(UNIONS) {
        paths.push((POST, format!("{prefix}/v1beta/models/{{*call}}"), Inference::Google));
    }
    // What its newer SDKs ask for where nobody tells them a version.
    paths.push((POST, "/genai/v1/models/{*call}".to_owned(), Inference::Google));
    for prefix in ["/bedrock"].into_iter().chain(UNIONS) {
        for (path, operation, streams) in BEDROCK_CALLS {
            let stands_for = Inference::Call(DialectName::Bedrock, operation, streams);
            paths.push((POST, format!("{prefix}/model/{{a}}{path}"), stands_for));
        }
    }
    for prefix in ["/cohere"].into_iter().chain(UNIONS) {
        rows(prefix, &COHERE_CALLS, &mut paths);
    }
    rows("/ollama", &OLLAMA_CALLS, &mut paths);
    paths.push((POST, "/ollama/api/show".to_owned(), Inference::Show));
    errands("/anthropic", &ANTHROPIC_ERRANDS, &mut paths);
    lists(&mut paths);
    paths
}

/// Makes what is answered to everybody.
pub(crate) type Fact = fn() -> Bytes;

/// What is answered to everybody: Ollama's clients ask which version it is, and what runs.
pub(super) const FACTS: [(&str, Fact); 2] = [
    ("/ollama/api/version", facts::version),
    ("/ollama/api/ps", facts::running),
];

/// The roots of the prefixes: some clients ask whether they are there.
pub(super) fn roots() -> Vec<String> {
    let others = [
        "/anthropic",
        "/anthropic/v1",
        "/genai",
        "/genai/v1",
        "/genai/v1beta",
        "/bedrock",
        "/cohere",
        "/cohere/v1",
        "/cohere/v2",
        "/ollama",
        "/ollama/api",
    ];
    let mut roots: Vec<String> = OPENAI
        .into_iter()
        .chain(UNIONS)
        .chain(others)
        .chain(PASSTHROUGH.map(|(prefix, _)| prefix))
        .map(str::to_owned)
        .collect();
    roots.extend(UNIONS.map(|union| format!("{union}/v1")));
    roots
}

fn rows(prefix: &str, calls: &[Row], paths: &mut Vec<(Method, String, Inference)>) {
    for (method, path, dialect, operation) in calls {
        let stands_for = Inference::Call(*dialect, *operation, Streams::InBody);
        paths.push((method.clone(), format!("{prefix}{path}"), stands_for));
    }
}

fn errands(
    prefix: &str,
    errands: &[(Operation, DialectName, &[ErrandRow])],
    paths: &mut Vec<(Method, String, Inference)>,
) {
    for (operation, dialect, rows) in errands {
        for (method, path, errand) in *rows {
            let stands_for = Inference::Errand(*dialect, *operation, *errand);
            paths.push((method.clone(), format!("{prefix}{path}"), stands_for));
        }
    }
}

fn openai(prefix: &str, paths: &mut Vec<(Method, String, Inference)>) {
    rows(prefix, &OPENAI_CALLS, paths);
    errands(prefix, &OPENAI_ERRANDS, paths);
    let one = Inference::Call(DialectName::OpenAi, Operation::Models, Streams::InBody);
    for model in DEPLOYMENT {
        paths.push((GET, format!("{prefix}/models{model}"), one));
    }
}

fn azure(paths: &mut Vec<(Method, String, Inference)>) {
    for (method, path, dialect, operation) in OPENAI_CALLS {
        let has_model = dialect == DialectName::OpenAi && operation != Operation::Models;
        let prefixes = DEPLOYMENTS.iter().filter(|_| has_model);
        for (prefix, model) in prefixes.flat_map(|prefix| DEPLOYMENT.map(|model| (prefix, model))) {
            let stands_for = Inference::Call(dialect, operation, Streams::InBody);
            paths.push((method.clone(), format!("{prefix}{model}{path}"), stands_for));
        }
    }
}

/// The lists of models of the dialects that have one of their own, where it is not OpenAI's.
fn lists(paths: &mut Vec<(Method, String, Inference)>) {
    for (path, dialect) in [
        ("/anthropic/v1/models", DialectName::Anthropic),
        ("/genai/v1beta/models", DialectName::Gemini),
        ("/genai/v1/models", DialectName::Gemini),
        ("/cohere/v1/models", DialectName::Cohere),
    ] {
        let list = Inference::Call(dialect, Operation::Models, Streams::InBody);
        paths.push((GET, path.to_owned(), list));
        paths.push((GET, format!("{path}/{{*call}}"), list));
    }
}

/// What `{model}:{method}` asks for, with the query that says in which form; none where no such method is known.
pub(super) fn google(call: &str, query: Option<&str>) -> Option<Asked> {
    let (model, method) = call.rsplit_once(':')?;
    let as_events = query.is_some_and(|query| query.split('&').any(|pair| pair == "alt=sse"));
    let (operation, stream) = match method {
        "generateContent" => (Operation::Chat, None),
        "streamGenerateContent" if as_events => (Operation::Chat, Some(StreamForm::Usual)),
        "streamGenerateContent" => (Operation::Chat, Some(StreamForm::Array)),
        "countTokens" => (Operation::CountTokens, None),
        "embedContent" | "batchEmbedContents" => (Operation::Embeddings, None),
        _ => return None,
    };
    Some(Asked {
        model: Some(model.to_owned()),
        stream,
        ..Asked::plain(operation)
    })
}

/// A path below a passthrough prefix.
pub(super) struct Below {
    /// As the provider has it.
    pub(super) path: String,
    /// As the gateway has it, where it is one that the gateway reads.
    pub(super) readable: String,
}

/// What stands below the passthrough prefix of a dialect.
pub(super) fn below_passthrough(path: &str, dialect: DialectName) -> Below {
    let prefix = PASSTHROUGH.iter().find(|(_, of)| *of == dialect);
    let path = prefix.and_then(|(prefix, _)| path.strip_prefix(prefix)).unwrap_or(path);
    let native = match dialect {
        DialectName::Anthropic => "/anthropic",
        DialectName::Gemini => "/genai",
        _ => "/openai",
    };
    Below {
        path: path.to_owned(),
        readable: format!("{native}{path}"),
    }
}

/// Whether a path has a segment that a server may take for the folder itself or the one above: what passes through must
/// stay below the provider's own address.
pub(super) fn climbs(path: &str) -> bool {
    path.split(['/', '\\']).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        let mut parts = plain.split("%2f").flat_map(|part| part.split("%5c"));
        parts.any(|part| matches!(part, "." | ".."))
    })
}

/// A path with what of a query is not a credential.
pub(crate) fn with_query(path: &str, query: Option<&str>) -> String {
    let is_credential = |pair: &&str| {
        ["key=", "api_key=", "api-key="]
            .iter()
            .any(|name| pair.starts_with(name))
    };
    let kept: Vec<&str> = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_credential(pair))
        .collect();
    match &kept[..] {
        [] => path.to_owned(),
        kept => format!("{path}?{}", kept.join("&")),
    }
}

/// The dialect of the errors under a path, where it is one of the inference API.
pub(super) fn dialect_of(path: &str) -> Option<DialectName> {
    let under = |prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let of_union = || UNIONS.into_iter().find_map(|union| path.strip_prefix(union));
    let marks = [
        ("/openai_passthrough", DialectName::OpenAi),
        ("/anthropic_passthrough", DialectName::Anthropic),
        ("/genai_passthrough", DialectName::Gemini),
        ("/anthropic", DialectName::Anthropic),
        ("/v1/messages", DialectName::Anthropic),
        ("/genai", DialectName::Gemini),
        ("/bedrock", DialectName::Bedrock),
        ("/cohere", DialectName::Cohere),
        ("/ollama", DialectName::Ollama),
    ];
    if let Some((_, dialect)) = marks.into_iter().find(|(prefix, _)| under(prefix)) {
        return Some(dialect);
    }
    if let Some(rest) = of_union() {
        return Some(match rest {
            _ if rest.starts_with("/v1/messages") => DialectName::Anthropic,
            _ if rest.starts_with("/v1beta") => DialectName::Gemini,
            _ if rest.starts_with("/model/") => DialectName::Bedrock,
            _ if rest.starts_with("/v2") => DialectName::Cohere,
            _ => DialectName::OpenAi,
        });
    }
    OPENAI.into_iter().any(under).then_some(DialectName::OpenAi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_speak_the_dialect_of_their_path() {
        for (path, dialect) in [
            ("/v1/nothing", Some(DialectName::OpenAi)),
            ("/openai", Some(DialectName::OpenAi)),
            ("/v1/messages/nothing", Some(DialectName::Anthropic)),
            ("/anthropic/v1/x", Some(DialectName::Anthropic)),
            ("/genai/v1beta/models", Some(DialectName::Gemini)),
            ("/litellm/v1/messages", Some(DialectName::Anthropic)),
            ("/litellm/chat/completions", Some(DialectName::OpenAi)),
            ("/langchain/model/m/converse", Some(DialectName::Bedrock)),
            ("/v1x", None),
            ("/api/providers", None),
        ] {
            assert_eq!(dialect_of(path), dialect, "{path}");
        }
    }

    #[test]
    fn a_credential_in_a_query_does_not_pass_through() {
        assert_eq!(
            with_query("/v1beta/files", Some("key=secret&pageSize=2")),
            "/v1beta/files?pageSize=2"
        );
        assert_eq!(with_query("/v1/files", Some("api_key=secret")), "/v1/files");
        let below = below_passthrough("/genai_passthrough/v1beta/files", DialectName::Gemini);
        assert_eq!(
            (&*below.path, &*below.readable),
            ("/v1beta/files", "/genai/v1beta/files")
        );
    }

    #[test]
    fn a_path_that_climbs_out_of_its_prefix_is_seen() {
        for path in [
            "/openai_passthrough/../x",
            "/openai_passthrough/v1/..",
            "/openai_passthrough/%2E%2e/x",
            "/openai_passthrough/a%2f..%2Fx",
            "/openai_passthrough/./x",
            "/openai_passthrough/..\\x",
        ] {
            assert!(climbs(path), "{path}");
        }
        for path in [
            "/openai_passthrough/v1/files/a..b",
            "/openai_passthrough/v1/.well-known",
            "/x/...",
        ] {
            assert!(!climbs(path), "{path}");
        }
    }

    #[test]
    fn googles_last_segment_says_model_and_method() {
        let asked = google("gemini-2.5-pro:streamGenerateContent", Some("alt=sse&x=1")).unwrap();
        assert_eq!(
            (asked.model.as_deref(), asked.stream, asked.operation),
            (Some("gemini-2.5-pro"), Some(StreamForm::Usual), Operation::Chat)
        );
        let array = google("vertex/publishers/m:streamGenerateContent", None).unwrap();
        assert_eq!(array.stream, Some(StreamForm::Array));
        assert_eq!(array.model.as_deref(), Some("vertex/publishers/m"));
        assert_eq!(google("m:countTokens", None).unwrap().operation, Operation::CountTokens);
        assert_eq!(google("m:tune", None), None);
        assert_eq!(google("m", None), None);
    }
}
