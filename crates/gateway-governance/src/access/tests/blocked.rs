//! Blocked models: what wins over them is nothing.

use serde_json::json;

use super::*;

const BLOCKED: &str = "403 model_blocked";

#[test]
fn a_blocked_model_is_refused_however_it_is_spelled() {
    check(
        &key_with(json!({"blacklisted_models": ["gpt-4o"]})),
        &[
            ("gpt-4o", BLOCKED),
            ("GPT-4o", BLOCKED),
            ("gpt-4o:latest", BLOCKED),
            ("openai/gpt-4o", BLOCKED),
            // Nobody knows what it serves; what it would be asked for is known.
            ("new/gpt-4o", BLOCKED),
            ("new/GPT-4O", BLOCKED),
            ("gpt-4o-mini", "openai=gpt-4o-mini"),
        ],
    );
}

#[test]
fn blocked_wins_over_allowed_and_over_what_an_alias_serves() {
    check(
        &key(json!([{"provider": "openai", "allowed_models": ["gpt-4o*"], "blacklisted_models": ["gpt-4o"]}])),
        &[("gpt-4o", BLOCKED), ("gpt-4o-mini", "openai=gpt-4o-mini")],
    );
    let aliases = json!({"fast": "gpt-4o", "gpt-4": "gpt-4o-mini", "*": "gpt-4o-mini"});
    check(
        &key(
            json!([{"provider": "openai", "model_aliases": aliases, "blacklisted_models": ["gpt-4o", "gpt-4", "claude*"]}]),
        ),
        &[
            ("fast", BLOCKED),
            // It is not served under another name's cover either …
            ("gpt-4o", BLOCKED),
            ("claude-3-opus", BLOCKED),
            // … unless the operator says so of this very name.
            ("gpt-4", "openai=gpt-4o-mini"),
            ("whatever", "openai=gpt-4o-mini"),
        ],
    );
    check(
        &key(json!([{"provider": "openai", "model_aliases": {"*": "gpt-4o"}, "blacklisted_models": ["gpt-4o"]}])),
        &[("whatever", BLOCKED), ("auto", BLOCKED)],
    );
}

#[test]
fn auto_takes_the_first_allowed_model_that_is_not_blocked() {
    let fields = json!({
        "blacklisted_models": ["gpt-4o"],
        "provider_configs": [{"provider": "openai", "allowed_models": ["gpt-4o", "gpt-4o-mini"]}],
    });
    check(&key_with(fields), &[("auto", "openai=gpt-4o-mini")]);
}

#[test]
fn what_one_entry_blocks_another_may_serve() {
    let openai = json!({"provider": "openai", "blacklisted_models": ["gpt-4o"]});
    check(
        &key(json!([openai, {"provider": "market"}])),
        &[("gpt-4o", BLOCKED), ("openai/gpt-4o", "market=openai/gpt-4o")],
    );
    // The entry that blocks it does not count among those that serve it.
    check(&key(json!([openai, {"provider": "new"}])), &[("gpt-4o", "new=gpt-4o")]);
    let mut fast = openai;
    fast["model_aliases"] = json!({"fast": "gpt-4o"});
    check(&key(json!([fast, {"provider": "new"}])), &[("fast", "new=fast")]);
}

#[test]
fn a_provider_in_front_blocks_there_alone() {
    let fields = json!({
        "blacklisted_models": ["openai/*"],
        "provider_configs": [{"provider": "openai"}, {"provider": "ollama-local"}, {"provider": "market"}],
    });
    check(
        &key_with(fields),
        &[
            ("gpt-4o-mini", BLOCKED),
            ("mistral", "ollama-local=mistral:latest"),
            // The marketplace's own name for it begins alike.
            ("market/openai/gpt-4o", BLOCKED),
        ],
    );
}

#[test]
fn who_is_left_out_for_a_block_is_told_so() {
    let principal = key(json!([{"provider": "openai", "blacklisted_models": ["gpt-*"]}, {"provider": "new"}]));
    let grant = authorise(&principal, "gpt-4o", &world()).unwrap();
    let left: Vec<_> = grant
        .left_out
        .iter()
        .map(|left| (left.provider.as_str(), left.reason))
        .collect();
    assert_eq!(left, [("openai", Reason::Blocked)]);
    let principal = key(json!([{"provider": "openai", "blacklisted_models": ["gpt-*"]}]));
    let refused = authorise(&principal, "gpt-4o", &world()).unwrap_err();
    assert_eq!(refused.message, "virtual key vk blocks model `gpt-4o`");
}

#[test]
fn a_call_that_names_no_model_is_not_blocked() {
    let principal = key(json!([{"provider": "openai", "blacklisted_models": ["*"]}]));
    assert!(authorise_provider(&principal, &"openai".into(), None, &world()).is_ok());
    check(&principal, &[("gpt-4o", BLOCKED)]);
}
