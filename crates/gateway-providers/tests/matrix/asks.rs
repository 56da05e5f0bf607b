//! Requests.

use gateway_providers::lane::Cap;
use gateway_types::DialectName;
use gateway_types::chat::{Part, Request, Role, ToolKind};
use serde_json::Value;

use crate::recorded::{Recording, recordings};
use crate::{CHATS, asked, client, dialect_of, none, provider, target, told};

/// What a request asks, for comparison.
#[derive(Debug, Default, PartialEq)]
struct AsksFor {
    /// Role and text of each run of messages of one role, in order.
    texts: Vec<(Role, String)>,
    uses: Vec<(String, String, Value)>,
    results: Vec<(String, String)>,
    images: usize,
    documents: usize,
    tools: Vec<(String, Option<Value>)>,
    temperature: Option<String>,
    top_p: Option<String>,
    stop: Vec<String>,
    max_output: Option<u64>,
    stream: bool,
}

impl AsksFor {
    fn of(request: &Request) -> Self {
        let mut asks = Self {
            temperature: unusual(request.sampling.temperature),
            top_p: unusual(request.sampling.top_p),
            stop: request.stop.clone(),
            max_output: request.max_output,
            ..Self::default()
        };
        for message in &request.messages {
            for part in &message.parts {
                asks.part(message.role, part);
            }
        }
        for tool in &request.tools {
            if let ToolKind::Function { parameters, .. } = &tool.kind {
                let schema = parameters
                    .as_ref()
                    .map(|schema| serde_json::from_str(schema.get()).unwrap());
                asks.tools.push((tool.name.clone(), schema));
            }
        }
        asks
    }

    fn part(&mut self, role: Role, part: &Part) {
        match part {
            Part::Text { text, .. } | Part::Refusal(text) if text.trim().is_empty() => {}
            Part::Text { text, .. } | Part::Refusal(text) => match self.texts.last_mut() {
                Some((last, said)) if *last == role => said.push_str(text.trim()),
                _ => self.texts.push((role, text.trim().to_owned())),
            },
            Part::ToolUse(tool) => {
                let arguments = serde_json::from_str(&tool.arguments);
                let arguments = arguments.unwrap_or_else(|_| Value::from(tool.arguments.as_str()));
                self.uses.push((tool.id.clone(), tool.name.clone(), arguments));
            }
            Part::ToolResult(result) => {
                let mut said = String::new();
                for part in &result.parts {
                    match part {
                        Part::Text { text, .. } => said.push_str(text.trim()),
                        Part::Image { .. } => self.images += 1,
                        Part::Document { .. } => self.documents += 1,
                        _ => {}
                    }
                }
                self.results.push((result.id.clone(), said));
            }
            Part::Image { .. } => self.images += 1,
            Part::Document { .. } => self.documents += 1,
            _ => {}
        }
    }

    fn differences(&self, other: &Self) -> Vec<(&'static str, &'static [&'static str])> {
        let mut found: Vec<(&'static str, &'static [&'static str])> = Vec::new();
        let mut note = |differs: bool, name, words| {
            if differs {
                found.push((name, words));
            }
        };
        let all = |asks: &Self| asks.texts.iter().map(|(_, text)| text.as_str()).collect::<String>();
        note(
            all(self) != all(other),
            "texts",
            &["message", "content", "system", "input", "text"],
        );
        note(
            self.uses != other.uses,
            "tool uses",
            &["tool", "message", "content", "input"],
        );
        note(
            self.results != other.results,
            "tool results",
            &["tool", "message", "content", "input"],
        );
        note(
            self.images != other.images,
            "images",
            &["image", "message", "content", "input"],
        );
        note(
            self.documents != other.documents,
            "documents",
            &["document", "file", "message", "content", "input"],
        );
        note(self.tools != other.tools, "tools", &["tool"]);
        note(self.temperature != other.temperature, "temperature", &["temperature"]);
        note(self.top_p != other.top_p, "top_p", &["top_p"]);
        note(self.stop != other.stop, "stop", &["stop"]);
        // A dialect that insists on a cap gets one.
        let kept = self.max_output.is_none() || self.max_output == other.max_output;
        note(!kept, "cap", &["max"]);
        found
    }
}

/// What is 1 anyway need not be said.
fn unusual(number: Option<f64>) -> Option<String> {
    number.filter(|number| *number != 1.0).map(|number| number.to_string())
}

fn shown(name: &str, asks: &AsksFor) -> String {
    let text = match name {
        "texts" => format!("{:?}", asks.texts),
        "tool uses" => format!("{:?}", asks.uses),
        "tool results" => format!("{:?}", asks.results),
        "tools" => format!("{:?}", asks.tools),
        "images" => asks.images.to_string(),
        "documents" => asks.documents.to_string(),
        "stop" => format!("{:?}", asks.stop),
        "cap" => format!("{:?}", asks.max_output),
        _ => format!("{:?} {:?}", asks.temperature, asks.top_p),
    };
    text.chars().take(240).collect()
}

fn model_of(dialect: DialectName, recording: &Recording) -> Option<String> {
    matches!(dialect, DialectName::Gemini | DialectName::Bedrock)
        .then(|| "m".to_owned())
        .or_else(|| (recording.provider == "azure").then(|| "m".to_owned()))
}

/// The body of a request, with a model in it where its path had it.
fn body(dialect: DialectName, recording: &Recording) -> Option<bytes::Bytes> {
    let body = recording.asked()?;
    let in_path = matches!(dialect, DialectName::Gemini | DialectName::Bedrock);
    let mut json: Value = serde_json::from_slice(&body).ok()?;
    if in_path || json.get("model").is_some() {
        return Some(body);
    }
    json.as_object_mut()?.insert("model".to_owned(), Value::from("m"));
    Some(bytes::Bytes::from(json.to_string()))
}

#[test]
fn requests_ask_the_same_in_every_dialect() {
    let (mut findings, mut checked) = (Vec::new(), 0);
    let all = recordings(|recording| dialect_of(recording).is_some() && recording.succeeded());
    for recording in all {
        let from = dialect_of(&recording).unwrap();
        let Some(body) = body(from, &recording) else { continue };
        let in_path = model_of(from, &recording);
        let call = client(from).decode(&asked(from, in_path, recording.stream), body);
        let request = match call.and_then(|call| client(from).read(&call)) {
            Ok(request) => request,
            Err(error) => {
                findings.push(format!("{}: not read: {error} ({:?})", recording.id, error.param));
                continue;
            }
        };
        let asks = AsksFor::of(&request);
        for to in CHATS {
            checked += 1;
            let mut losses = Vec::new();
            let wire = match provider(to).request(&request, &target(to, "m"), Cap::Client, &mut losses) {
                Ok(wire) => wire,
                // A refusal that names the field is no silence.
                Err(error) if error.param.is_some() => continue,
                Err(error) => {
                    findings.push(format!("{} to {to}: refused without a field: {error}", recording.id));
                    continue;
                }
            };
            let in_path = matches!(to, DialectName::Gemini | DialectName::Bedrock).then(|| "m".to_owned());
            let there = client(to)
                .decode(&asked(to, in_path, request.stream), wire.body.concat())
                .and_then(|call| client(to).read(&call));
            let back = match there {
                Ok(back) => AsksFor::of(&back),
                Err(error) => {
                    findings.push(format!(
                        "{} to {to}: not read back: {error} ({:?})",
                        recording.id, error.param
                    ));
                    continue;
                }
            };
            for (name, words) in asks.differences(&back) {
                if !told(&losses, words) {
                    findings.push(format!(
                        "{} to {to}: {name} differ and no loss says so: {} | {}",
                        recording.id,
                        shown(name, &asks),
                        shown(name, &back)
                    ));
                }
            }
        }
    }
    none(&findings, checked);
}
