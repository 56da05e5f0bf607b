//! Going on from an earlier response that the gateway kept.

use std::collections::BTreeMap;

use gateway_providers::lane::Cap;
use gateway_providers::responses::{
    Keeping, Responses, continue_from, finished, input_items, item_id, keeping, references, resolve,
};
use gateway_providers::{ClientDialect, ProviderDialect};
use http::HeaderMap;
use serde_json::value::RawValue;
use serde_json::{Value, json as value};

use crate::{asked, json, read, stamp, streamed, target, written};

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

fn values(items: &[Box<RawValue>]) -> Vec<Value> {
    items.iter().map(|item| json(item.get().as_bytes())).collect()
}

#[test]
fn a_call_says_whether_it_is_kept_and_what_it_goes_on_from() {
    let plain = asked(&value!({"model": "m", "input": "hi"}));
    let kept = Keeping {
        store: true,
        ..Keeping::default()
    };
    assert_eq!(keeping(&plain).unwrap(), kept);
    let all = asked(
        &value!({"model": "m", "input": "hi", "store": false, "background": true,
        "previous_response_id": "resp_1", "conversation": {"id": "conv_1"}}),
    );
    let expected = Keeping {
        previous: Some("resp_1".into()),
        store: false,
        background: true,
        conversation: Some("conv_1".into()),
    };
    assert_eq!(keeping(&all).unwrap(), expected);
    for (member, wrong) in [
        ("store", value!("no")),
        ("background", value!(1)),
        ("previous_response_id", value!(5)),
        ("conversation", value!({"name": "c"})),
    ] {
        let mut body = value!({"model": "m", "input": "hi"});
        body[member] = wrong;
        let error = keeping(&asked(&body)).unwrap_err();
        assert_eq!((error.status(), error.param.as_deref()), (400, Some(member)));
    }
}

#[test]
fn a_turn_goes_on_where_the_one_before_it_ended() {
    let first = asked(&value!({"model": "m", "input": "what is 1+1?", "instructions": "be brief"}));
    let output = value!([
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": "2", "annotations": []}]}]);
    let document = value!({"id": "resp_1", "object": "response", "status": "completed", "output": output});
    let answer = finished(document.to_string().as_bytes()).unwrap();
    assert_eq!(answer.id, "resp_1");
    let mut earlier = input_items(&first).unwrap();
    earlier.extend(answer.items);

    let body = r#"{"model":"m", "previous_response_id":"resp_1","temperature":1.0,"input":[{"role":"user","content":"and 2+2?"}]}"#;
    let second = crate::decoded(body).unwrap();
    let whole = continue_from(&second, &earlier).unwrap();
    let expected = value!([
        {"type": "message", "role": "user", "content": "what is 1+1?"},
        output[0], output[1],
        {"role": "user", "content": "and 2+2?"}]);
    let sent = json(&whole.body.bytes);
    assert_eq!(sent["input"], expected);
    assert_eq!(
        (&sent["previous_response_id"], sent.get("instructions")),
        (&Value::Null, None)
    );
    assert_eq!(keeping(&whole).unwrap().previous, None);
    assert!(whole.input_bound > second.input_bound);

    // What is kept of the second turn is its whole input: a third needs no look further back.
    assert_eq!(values(&input_items(&whole).unwrap()), *expected.as_array().unwrap());

    // A provider of the API itself does not see what the gateway did; the client sees where it went on from.
    let wire = Responses
        .pass(&whole, &target("openai"), Cap::Client, &HeaderMap::new())
        .unwrap();
    let passed = json(&wire.body.concat());
    assert_eq!(
        passed,
        value!({"model": "served", "temperature": 1.0, "input": expected})
    );
    let mut request = Responses.read(&whole).unwrap();
    Responses.go_abroad(&mut request);
    assert!(request.extras.0.is_empty(), "{:?}", request.extras);
    let response = Responses
        .response(document.to_string().as_bytes(), &target("openai"), stamp())
        .unwrap();
    let told = json(&Responses.write(&response, &whole, stamp(), &mut Vec::new()));
    assert_eq!(told["previous_response_id"], "resp_1");
}

#[test]
fn a_turn_without_input_of_its_own_goes_on_too() {
    let call = asked(&value!({"model": "m", "previous_response_id": "resp_1"}));
    let whole = continue_from(&call, &[raw(&value!({"role": "user", "content": "hi"}))]).unwrap();
    assert_eq!(
        json(&whole.body.bytes)["input"],
        value!([{"role": "user", "content": "hi"}])
    );
}

#[test]
fn references_are_replaced_by_what_they_refer_to() {
    let kept = value!({"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "2"}]});
    let call = asked(&value!({"model": "m", "input": [
        {"role": "user", "content": "1+1?"},
        {"type": "item_reference", "id": "msg_1"},
        {"id": "rs_1"},
        {"role": "user", "content": "sure?"}]}));
    assert_eq!(references(&call).unwrap(), ["msg_1", "rs_1"]);
    let thought = value!({"type": "reasoning", "id": "rs_1", "summary": []});
    let mut items: BTreeMap<String, Box<RawValue>> = BTreeMap::new();
    for item in [&kept, &thought] {
        let item = raw(item);
        items.insert(item_id(&item).unwrap(), item);
    }
    let resolved = resolve(&call, &items).unwrap();
    let expected = value!([{"role": "user", "content": "1+1?"}, kept, thought, {"role": "user", "content": "sure?"}]);
    assert_eq!(json(&resolved.body.bytes)["input"], expected);
    items.remove("rs_1");
    let error = resolve(&call, &items).unwrap_err();
    assert_eq!((error.status(), error.param.as_deref()), (400, Some("input[2].id")));
}

#[test]
fn a_stream_leaves_its_whole_answer_only_where_it_is_to_be_kept() {
    let events = read(&crate::cases::streams()[0]).unwrap();
    for (store, kept) in [(value!(null), true), (value!(true), true), (value!(false), false)] {
        let call = asked(&value!({"model": "m", "input": "hi", "stream": true, "store": store}));
        let mut writer = Responses.writer(&call, stamp());
        let mut out = Vec::new();
        for event in &events {
            writer.write(event, &mut out, &mut Vec::new());
        }
        let document = writer.document();
        assert_eq!(document.is_some(), kept);
        let last = crate::events_of(&out).last().unwrap()["response"].clone();
        if let Some(document) = document {
            assert_eq!(json(&document), last);
        }
        let mut relay = Responses.relay(&call, &target("openai"));
        crate::golden::relayed(&mut *relay, &crate::cases::streams()[0]);
        assert_eq!(relay.observed().document.is_some(), kept);
    }
    assert!(!written(&streamed(), &events).is_empty());
}
