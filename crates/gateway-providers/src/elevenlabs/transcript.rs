//! What was heard, in the form that OpenAI's client asked for: JSON of three kinds, text, subtitles of two kinds, or events.

use bytes::Bytes;
use gateway_types::{Call, Error};
use http::HeaderValue;
use serde::Deserialize;

use super::hear::Form;
use super::unread;
use crate::json::Out;
use crate::lane::{Observed, Whole};

/// A transcript of the vendor.
#[derive(Deserialize)]
struct Heard {
    #[serde(default)]
    text: String,
    #[serde(default)]
    language_code: Option<String>,
    #[serde(default)]
    words: Vec<Word>,
    #[serde(default)]
    audio_duration_secs: Option<f64>,
}

#[derive(Deserialize)]
struct Word {
    text: String,
    #[serde(default)]
    start: Option<f64>,
    #[serde(default)]
    end: Option<f64>,
    /// `word`, `spacing` or `audio_event`.
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    speaker_id: Option<String>,
}

/// Words that are shown together.
#[derive(Debug, Default, PartialEq)]
struct Segment<'a> {
    text: String,
    start: f64,
    end: f64,
    speaker: Option<&'a str>,
}

/// How long a segment may be before it ends with the next word, and the silence that ends it: what fits on two lines.
const SEGMENT: usize = 84;
const SILENCE: f64 = 1.0;

/// Writes the answer.
pub(super) fn response(call: &Call, body: &[u8]) -> Result<Whole, Error> {
    let heard: Heard = serde_json::from_slice(body).map_err(|_| unread("transcript that could be read"))?;
    let form = Form::of(call)?;
    let format = form.text("response_format").unwrap_or("json");
    let plain = |kind: &'static str| Some(HeaderValue::from_static(kind));
    let (body, content_type) = match format {
        _ if call.stream => (events(&heard), plain("text/event-stream; charset=utf-8")),
        "text" => (format!("{}\n", heard.text), plain("text/plain; charset=utf-8")),
        "srt" => (
            subtitles(&heard.segments(), ',', true),
            plain("text/plain; charset=utf-8"),
        ),
        "vtt" => {
            let cues = subtitles(&heard.segments(), '.', false);
            (format!("WEBVTT\n\n{cues}"), plain("text/vtt; charset=utf-8"))
        }
        "verbose_json" => (heard.verbose(form.says("timestamp_granularities", "word")), None),
        "diarized_json" => (heard.diarized(), None),
        _ => (heard.plain(), None),
    };
    Ok(Whole {
        body: Bytes::from(body),
        content_type,
        observed: Observed {
            output_bytes: heard.text.len() as u64,
            content: true,
            done: true,
            ..Observed::default()
        },
    })
}

fn json(members: impl FnOnce(&mut Out<'_>)) -> String {
    let mut body = Vec::new();
    Out::object(&mut body, members);
    String::from_utf8(body).unwrap_or_default()
}

impl Heard {
    fn duration(&self) -> f64 {
        let last = self.words.iter().filter_map(|word| word.end).fold(0.0, f64::max);
        self.audio_duration_secs.unwrap_or(last)
    }

    fn usage(&self, out: &mut Out<'_>) {
        if let Some(seconds) = self.audio_duration_secs {
            out.inner("usage", |out| {
                out.member("type", "duration");
                out.member("seconds", seconds);
            });
        }
    }

    fn plain(&self) -> String {
        json(|out| {
            out.member("text", &self.text);
            self.usage(out);
        })
    }

    fn verbose(&self, words: bool) -> String {
        json(|out| {
            out.member("task", "transcribe");
            out.member("language", self.language_code.as_deref().unwrap_or_default());
            out.member("duration", self.duration());
            out.member("text", &self.text);
            if words {
                out.array("words", |out| {
                    for word in self.words.iter().filter(|word| word.is_word()) {
                        out.item_object(|out| {
                            out.member("word", &word.text);
                            out.member("start", word.start.unwrap_or_default());
                            out.member("end", word.end.unwrap_or_default());
                        });
                    }
                });
            }
            out.array("segments", |out| {
                for (id, segment) in self.segments().iter().enumerate() {
                    out.item_object(|out| {
                        out.member("id", id);
                        segment.write(out);
                    });
                }
            });
            self.usage(out);
        })
    }

    fn diarized(&self) -> String {
        json(|out| {
            out.member("task", "transcribe");
            out.member("duration", self.duration());
            out.member("text", &self.text);
            out.array("segments", |out| {
                for (number, segment) in self.segments().iter().enumerate() {
                    out.item_object(|out| {
                        out.member("type", "transcript.text.segment");
                        out.member("id", format!("seg_{number}"));
                        out.member("speaker", segment.speaker.unwrap_or("speaker_0"));
                        segment.write(out);
                    });
                }
            });
            self.usage(out);
        })
    }

    /// The words in segments: one ends with a sentence, a silence, a change of speaker, or when it is long.
    fn segments(&self) -> Vec<Segment<'_>> {
        let mut segments: Vec<Segment<'_>> = Vec::new();
        let mut open: Option<Segment<'_>> = None;
        for word in &self.words {
            let (start, end) = (word.start.unwrap_or_default(), word.end.unwrap_or_default());
            let speaker = word.speaker_id.as_deref();
            if let Some(segment) = &mut open {
                let ends = segment.speaker != speaker || start - segment.end > SILENCE || segment.is_full();
                if !(ends && word.is_word()) {
                    segment.text.push_str(&word.text);
                    if word.is_word() {
                        segment.end = segment.end.max(end);
                    }
                    continue;
                }
            }
            if !word.is_word() {
                continue;
            }
            let next = Segment {
                text: word.text.clone(),
                start,
                end,
                speaker,
            };
            segments.extend(open.replace(next));
        }
        segments.extend(open);
        for segment in &mut segments {
            segment.text = segment.text.trim().to_owned();
        }
        segments
    }
}

impl Word {
    fn is_word(&self) -> bool {
        self.kind.as_deref() != Some("spacing")
    }
}

impl Segment<'_> {
    fn is_full(&self) -> bool {
        let text = self.text.trim_end();
        text.ends_with(['.', '?', '!', '\u{3002}', '\u{ff1f}', '\u{ff01}']) || text.chars().count() >= SEGMENT
    }

    fn write(&self, out: &mut Out<'_>) {
        out.member("start", self.start);
        out.member("end", self.end);
        out.member("text", &self.text);
    }
}

/// Subtitles: numbered and with a comma in SRT, with a point in WebVTT.
fn subtitles(segments: &[Segment<'_>], point: char, numbered: bool) -> String {
    let mut text = String::new();
    for (number, segment) in segments.iter().enumerate() {
        if numbered {
            text.push_str(&format!("{}\n", number + 1));
        }
        let (start, end) = (time(segment.start, point), time(segment.end, point));
        text.push_str(&format!("{start} --> {end}\n{}\n\n", segment.text));
    }
    text
}

fn time(seconds: f64, point: char) -> String {
    // A cast from a float saturates, and makes 0 of what is no number.
    let millis = (seconds * 1000.0).round() as u64;
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, millis) = (millis / 1000 % 60, millis % 1000);
    format!("{hours:02}:{minutes:02}:{seconds:02}{point}{millis:03}")
}

fn events(heard: &Heard) -> String {
    let delta = json(|out| {
        out.member("type", "transcript.text.delta");
        out.member("delta", &heard.text);
    });
    let done = json(|out| {
        out.member("type", "transcript.text.done");
        out.member("text", &heard.text);
        heard.usage(out);
    });
    format!("data: {delta}\n\ndata: {done}\n\ndata: [DONE]\n\n")
}
