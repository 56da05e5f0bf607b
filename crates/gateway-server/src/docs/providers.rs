//! `docs/providers.md`, made from the tables of the provider kinds, so that it cannot say anything else.

use std::fmt::Write;

use gateway_providers::kind::{Auth, StreamUsage};
use gateway_providers::{Kind, kinds};
use gateway_types::{DialectName, Operation};

const INTRO: &str = "\
# Providers

This page is generated: `gateway-server docs providers > docs/providers.md`.

A provider is configured under the name of its kind, or under any other name with the kind as
`custom_provider_config.base_provider_type`. A client may speak any of the dialects below to a model behind any provider:
where the provider speaks the client's dialect, the client's own bytes pass; otherwise the call is translated, and what
could not be said stands in the header `x-gateway-translation` and in the log row. With `x-gateway-strict: true`, or
`strict_translation` on the virtual key, a call that would lose a field is refused with a 400 that names it.

";

const CLIENTS: &str = "\
## What clients speak

| dialect | client paths |
| --- | --- |
| openai | `/v1/chat/completions` and OpenAI's other paths, also below `/openai`, `/openai/deployments/{model}`, `/litellm`, `/langchain`, `/pydanticai`, `/cursor` |
| responses | `/v1/responses`, `/v1/responses/input_tokens`, and `/v1/responses/{id}`, with the same prefixes |
| anthropic | `/anthropic/v1/messages`, `/v1/messages`, and `/count_tokens` below them; files and batches below `/anthropic` |
| gemini | `/genai/v1beta/models/{model}:generateContent`, `:streamGenerateContent`, `:countTokens`, `:embedContent`, `:batchEmbedContents` |
| bedrock | `/bedrock/model/{id}/converse`, `/converse-stream`, `/invoke`, `/invoke-with-response-stream`, `/count-tokens` |
| cohere | `/cohere/v2/chat`, `/cohere/v2/embed`, `/cohere/v2/rerank` |
| ollama | `/ollama/api/chat`, `/ollama/api/generate`, `/ollama/api/embed`, `/ollama/api/tags` |

`/litellm`, `/langchain` and `/pydanticai` take the paths of all dialects but Ollama's. Behind `/openai_passthrough`,
`/anthropic_passthrough` and `/genai_passthrough` the vendor's whole API is open with the provider's key, to virtual keys that
have `allow_passthrough`.

";

/// The page.
pub(crate) fn providers() -> String {
    let mut page = String::from(INTRO);
    page.push_str(CLIENTS);
    page.push_str("## Kinds\n\n| kind | speaks | address | credential | variable |\n| --- | --- | --- | --- | --- |\n");
    for kind in kinds() {
        row(kind, &mut page);
    }
    page.push_str("\nBase types of custom providers besides these: ");
    let bases = gateway_providers::kind::BASE_TYPES
        .iter()
        .map(|base| format!("`{base}`"));
    page.push_str(&bases.collect::<Vec<_>>().join(", "));
    page.push_str(", each by the book of its dialect.\n\n## What each does\n\n| kind |");
    let operations: Vec<Operation> = Operation::ALL
        .into_iter()
        .filter(|operation| done_by_any(*operation))
        .collect();
    for operation in &operations {
        let _ = write!(page, " {operation} |");
    }
    page.push_str("\n| --- |");
    page.push_str(&" --- |".repeat(operations.len()));
    page.push('\n');
    for kind in kinds() {
        let _ = write!(page, "| {} |", kind.name);
        for operation in &operations {
            page.push_str(if kind.serves(*operation) { " yes |" } else { " |" });
        }
        page.push('\n');
    }
    page.push_str("\nResponses are served over chat where a provider has no Responses of its own; tokens are counted by an estimate where\na provider does not count them.\n\n");
    quirks(&mut page);
    page
}

fn done_by_any(operation: Operation) -> bool {
    kinds().iter().any(|kind| kind.serves(operation))
}

fn row(kind: &Kind, page: &mut String) {
    let speaks: Vec<&str> = kind.dialects.iter().map(|dialect| dialect.as_str()).collect();
    let mut speaks = speaks.join(", ");
    for (models, dialects) in kind.by_model {
        let dialects: Vec<&str> = dialects.iter().map(|dialect: &DialectName| dialect.as_str()).collect();
        let _ = write!(speaks, "; `{models}…`: {}", dialects.join(", "));
    }
    let address = kind.base_url.map_or_else(
        || "of the key's region or resource".to_owned(),
        |url| format!("`{url}`"),
    );
    let auth = match kind.auth {
        Auth::Bearer => "bearer token".to_owned(),
        Auth::Header(name) => format!("header `{name}`"),
    };
    let needed = if kind.keyless { ", or none" } else { "" };
    let variable = kind.env.map_or(String::new(), |name| format!("`{name}`"));
    let _ = writeln!(
        page,
        "| {} | {speaks} | {address} | {auth}{needed} | {variable} |",
        kind.name
    );
}

/// What differs from the dialect's book.
fn quirks(page: &mut String) {
    page.push_str("## What differs from the book\n\n");
    for kind in kinds() {
        let mut said: Vec<String> = Vec::new();
        match kind.stream_usage {
            StreamUsage::Asked => {}
            StreamUsage::Always => said.push("reports usage in every stream, asked or not".to_owned()),
            StreamUsage::Never => said.push("refuses `stream_options`, and reports usage all the same".to_owned()),
        }
        let openai = kind.dialects.contains(&DialectName::OpenAi);
        if openai && kind.cap_member != "max_tokens" {
            said.push(format!("is capped by `{}`", kind.cap_member));
        }
        for ignored in kind.ignored_caps {
            said.push(format!("takes `{ignored}` and ignores it"));
        }
        for (operation, path) in kind.paths {
            said.push(format!("has {operation} at `{path}`"));
        }
        if kind.self_hosted {
            said.push("costs nothing unless its `pricing` says otherwise".to_owned());
        }
        if !said.is_empty() {
            let _ = writeln!(page, "- **{}** {}.", kind.name, said.join("; "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_providers::base_kind;

    #[test]
    fn every_kind_is_on_the_page() {
        let page = providers();
        for kind in kinds() {
            assert!(page.contains(&format!("| {} |", kind.name)), "{}", kind.name);
        }
        assert!(
            gateway_providers::kind::BASE_TYPES
                .iter()
                .all(|base| base_kind(base).is_some())
        );
    }
}
