//! Answers: whole and streamed.

use gateway_types::chat::Event;

use crate::recorded::{Recording, recordings};
use crate::said::Said;
use crate::{CHATS, client, dialect_of, none, provider, smallest, stamp, target, told};

fn turns(stream: bool) -> Vec<Recording> {
    recordings(|recording| dialect_of(recording).is_some() && recording.stream == stream && recording.succeeded())
}

/// Events of a stream in a dialect, read at once; none where the recording broke off or reports an error.
fn read(dialect: gateway_types::DialectName, bytes: &[u8], model: &str) -> Result<Vec<Event>, gateway_types::Error> {
    let mut events = Vec::new();
    let mut reader = provider(dialect).reader(&target(dialect, model), stamp());
    reader.feed(bytes, &mut events)?;
    reader.finish(&mut events)?;
    Ok(events)
}

#[test]
fn whole_answers_say_the_same_in_every_dialect() {
    let (mut findings, mut checked) = (Vec::new(), 0);
    for recording in turns(false) {
        let from = dialect_of(&recording).unwrap();
        let read = provider(from).response(&recording.answered(), &target(from, "m"), stamp());
        let response = match read {
            Ok(response) => response,
            Err(error) => {
                findings.push(format!("{}: not read: {error}", recording.id));
                continue;
            }
        };
        let said = Said::of_response(&response);
        for to in CHATS {
            checked += 1;
            let mut losses = Vec::new();
            let written = client(to).write(&response, &smallest(to, false), stamp(), &mut losses);
            let back = match provider(to).response(&written, &target(to, "m"), stamp()) {
                Ok(back) => Said::of_response(&back),
                Err(error) => {
                    findings.push(format!("{} as {to}: not read back: {error}", recording.id));
                    continue;
                }
            };
            for (name, words) in said.differences(&back) {
                if !told(&losses, words) {
                    findings.push(format!(
                        "{} as {to}: {name} differs and no loss says so: {}",
                        recording.id,
                        shown(name, &said, &back)
                    ));
                }
            }
        }
    }
    none(&findings, checked);
}

#[test]
fn streams_say_the_same_in_every_dialect() {
    let (mut findings, mut checked) = (Vec::new(), 0);
    for recording in turns(true) {
        let from = dialect_of(&recording).unwrap();
        let events = match read(from, &recording.answered(), "m") {
            Ok(events) => events,
            Err(error) => {
                findings.push(format!("{}: not read: {error}", recording.id));
                continue;
            }
        };
        if events.iter().any(|event| matches!(event, Event::Error(_))) {
            continue;
        }
        let (said, ended) = Said::of_events(&events);
        for to in CHATS {
            checked += 1;
            let (mut written, mut losses) = (Vec::new(), Vec::new());
            let mut writer = client(to).writer(&smallest(to, true), stamp());
            for event in &events {
                writer.write(event, &mut written, &mut losses);
            }
            let back = match read(to, &written, "m") {
                Ok(back) => Said::of_events(&back),
                Err(error) => {
                    findings.push(format!("{} as {to}: not read back: {error}", recording.id));
                    continue;
                }
            };
            if ended && !back.1 {
                findings.push(format!("{} as {to}: does not end", recording.id));
            }
            for (name, words) in said.differences(&back.0) {
                if !told(&losses, words) {
                    findings.push(format!(
                        "{} as {to}: {name} differs and no loss says so: {}",
                        recording.id,
                        shown(name, &said, &back.0)
                    ));
                }
            }
        }
    }
    none(&findings, checked);
}

fn shown(name: &str, one: &Said, other: &Said) -> String {
    let pick = |said: &Said| match name {
        "text" => said.text.clone(),
        "refusal" => said.refusal.clone(),
        "reasoning" => said.reasoning.clone(),
        "tools" => format!("{:?}", said.tools),
        "usage" => format!("{:?}", said.usage),
        _ => format!("{:?}", said.finish),
    };
    let cut = |text: String| text.chars().take(160).collect::<String>();
    format!("{} | {}", cut(pick(one)), cut(pick(other)))
}
