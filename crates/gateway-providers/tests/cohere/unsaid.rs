//! What Cohere has no words for, and how that is told.

use gateway_providers::lane::Cap;
use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Extras, Opaque, Part, Reasoning, Role, Source, Tool, ToolKind};

use crate::requests::{fields, foreign, message, raw, said};

#[test]
fn what_cannot_be_said_is_reported_with_its_place() {
    let inline = |media_type: &str| Source::Inline {
        media_type: media_type.into(),
        data: "QUJD".into(),
    };
    let signature = Opaque {
        dialect: DialectName::Anthropic,
        maker: None,
        value: "sig".into(),
    };
    let marked = Part::Text {
        text: "s".into(),
        cache: Some(CacheMark { ttl: None }),
        citations: Vec::new(),
        signature: None,
    };
    let mut user = message(
        Role::User,
        vec![
            Part::Image {
                source: inline("image/png"),
                detail: None,
                cache: None,
            },
            Part::Image {
                source: Source::File("file-1".into()),
                detail: None,
                cache: None,
            },
            Part::Audio {
                source: inline("audio/wav"),
                transcript: None,
            },
            Part::Audio {
                source: inline("audio/wav"),
                transcript: Some("spoken".into()),
            },
            Part::Video {
                source: Source::Url("https://a/b.mp4".into()),
                cache: None,
            },
            Part::Document {
                source: inline("application/pdf"),
                name: None,
                cache: None,
                extras: Extras::default(),
            },
            Part::Refusal("no".into()),
        ],
    );
    user.name = Some("ann".into());
    user.extras.0.push(("weight".into(), raw("1")));
    let thought = Reasoning {
        text: "t".into(),
        signature: Some(signature),
        encrypted: None,
    };
    let mut request = foreign(vec![
        message(Role::System, vec![marked]),
        user,
        message(Role::Assistant, vec![Part::Reasoning(thought), Part::text("a")]),
    ]);
    request.parallel_tools = Some(false);
    request.user = Some("u".into());
    request.effort = Some("high".into());
    request.sampling.temperature = Some(1.5);
    request.sampling.top_p = Some(1.0);
    request.sampling.frequency_penalty = Some(-0.5);
    request.sampling.presence_penalty = Some(0.0);
    request.sampling.top_k = Some(900);
    request.stop = (0..7).map(|n| n.to_string()).collect();
    request.extras.0.push(("logit_bias".into(), raw("{}")));
    request.extras.0.push(("logprobs".into(), raw("true")));
    request.tools = vec![Tool {
        name: "f".into(),
        description: None,
        kind: ToolKind::Custom { format: None },
        cache: None,
    }];
    let (body, losses) = said(&request, Cap::Client);
    let content = &body["messages"][1]["content"];
    assert_eq!(content[0]["image_url"]["url"], "data:image/png;base64,QUJD");
    assert_eq!(
        (content[1]["text"].as_str(), content[2]["text"].as_str()),
        (Some("spoken"), Some("no"))
    );
    assert_eq!(
        (body["temperature"].as_f64(), body["p"].as_f64(), body["k"].as_u64()),
        (Some(1.0), Some(0.99), Some(500))
    );
    assert_eq!(
        (body["frequency_penalty"].as_f64(), body.get("presence_penalty")),
        (Some(0.0), None)
    );
    assert_eq!(body["stop_sequences"].as_array().map(Vec::len), Some(5));
    assert_eq!(
        (
            body["logprobs"].as_bool(),
            body["tools"][0]["function"]["parameters"]["required"][0].as_str()
        ),
        (Some(true), Some("input"))
    );
    let mut told = fields(&losses);
    told.sort_unstable();
    let expected = [
        "frequency_penalty",
        "logit_bias",
        "messages[0].content[0].cache_control",
        "messages[1].content[1]",
        "messages[1].content[2]",
        "messages[1].content[3]",
        "messages[1].content[4]",
        "messages[1].content[5]",
        "messages[1].content[6]",
        "messages[1].name",
        "messages[1].weight",
        "messages[2].content[0]",
        "parallel_tool_calls",
        "reasoning_effort",
        "stop[5]",
        "stop[6]",
        "temperature",
        "tools[0]",
        "top_k",
        "top_p",
        "user",
    ];
    assert_eq!(told, expected);
}
