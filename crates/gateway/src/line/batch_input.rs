//! The calls that a batch is made of, where they stand: the lines of a file (OpenAI), or the batch itself (Anthropic).

use bytes::Bytes;
use gateway_types::form;
use gateway_types::{DialectName, Error, Operation};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::batch::Item;

/// The file that a batch takes its calls from.
pub(super) fn file(body: &[u8]) -> Option<String> {
    let asked: Value = serde_json::from_slice(body).ok()?;
    asked["input_file_id"].as_str().map(str::to_owned)
}

/// The calls in a file that is uploaded; none where it is for something else than a batch.
pub(super) fn of_form(body: &Bytes, content_type: &str) -> Result<Vec<Item>, Error> {
    let parts = form::parts(body, content_type).map_err(|error| Error::invalid("file", error.to_string()))?;
    let named = |name: &str| {
        parts
            .iter()
            .find(|part| part.name == name)
            .map(|part| body.slice(part.value.clone()))
    };
    match (named("purpose"), named("file")) {
        (Some(purpose), Some(file)) if &purpose[..] == b"batch" => of_lines(&file),
        _ => Ok(Vec::new()),
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    url: String,
    #[serde(borrow)]
    body: &'a RawValue,
}

fn of_lines(file: &Bytes) -> Result<Vec<Item>, Error> {
    let lines = file.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    let item = |(i, line): (usize, &[u8])| {
        let field = format!("file.lines[{i}]");
        let read: Line<'_> = serde_json::from_slice(line).map_err(|why| {
            let message = format!(
                "line {} of the file is no call of a batch, which has `url` and `body`: {why}",
                i + 1
            );
            Error::invalid(&*field, message)
        })?;
        let (dialect, operation) = called(&read.url).ok_or_else(|| {
            let message = format!("`{}` in line {} is nothing that a batch can call", read.url, i + 1);
            Error::invalid(format!("{field}.url"), message)
        })?;
        Ok(Item {
            field: format!("{field}.body"),
            dialect,
            operation,
            body: file.slice_ref(read.body.get().as_bytes()),
        })
    };
    lines.map(item).collect()
}

fn called(url: &str) -> Option<(DialectName, Operation)> {
    Some(match url.trim_start_matches("/v1") {
        "/chat/completions" => (DialectName::OpenAi, Operation::Chat),
        "/completions" => (DialectName::OpenAi, Operation::Completions),
        "/embeddings" => (DialectName::OpenAi, Operation::Embeddings),
        "/moderations" => (DialectName::OpenAi, Operation::Moderations),
        "/responses" => (DialectName::Responses, Operation::Responses),
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    requests: Vec<Call<'a>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    params: &'a RawValue,
}

/// The calls that stand in a batch itself.
pub(super) fn of_batch(body: &Bytes) -> Result<Vec<Item>, Error> {
    let batch: Batch<'_> = serde_json::from_slice(body).map_err(|why| {
        Error::invalid(
            "requests",
            format!("`requests` must be an array of calls, each with `params`: {why}"),
        )
    })?;
    let item = |(i, call): (usize, &Call<'_>)| Item {
        field: format!("requests[{i}].params"),
        dialect: DialectName::Anthropic,
        operation: Operation::Chat,
        body: body.slice_ref(call.params.get().as_bytes()),
    };
    Ok(batch.requests.iter().enumerate().map(item).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=e";

    fn form(purpose: &str, file: &str) -> Bytes {
        let part = |name: &str, value: &str| {
            format!("--e\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        Bytes::from(format!("{}{}--e--\r\n", part("purpose", purpose), part("file", file)))
    }

    #[test]
    fn the_calls_of_a_file_are_its_lines() {
        let line = r#"{"custom_id":"1","method":"POST","url":"/v1/embeddings","body":{"model":"m","input":"a"}}"#;
        let items = of_form(&form("batch", &format!("{line}\n\n{line}\n")), KIND).unwrap();
        assert_eq!(items.len(), 2);
        assert_eq!(
            (items[1].operation, &items[1].body[..]),
            (Operation::Embeddings, &br#"{"model":"m","input":"a"}"#[..])
        );
        assert_eq!(items[1].field, "file.lines[2].body");
        assert!(of_form(&form("assistants", line), KIND).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_call_is_named_by_its_line() {
        for (line, field) in [
            ("{}", "file.lines[0]"),
            (r#"{"url":"/v1/files","body":{}}"#, "file.lines[0].url"),
        ] {
            let refused = of_form(&form("batch", line), KIND).err().unwrap();
            assert_eq!(refused.param.as_deref(), Some(field));
        }
        assert!(of_batch(&Bytes::from_static(b"{}")).is_err());
    }
}
