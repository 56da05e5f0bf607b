mod blocked;

use std::fmt::Write as _;

use gateway_types::Now;
use proptest::prelude::*;

use super::pattern::{untagged, wildcard};
use super::*;
use crate::credential::KeyHasher;
use crate::directory::Said;
use crate::directory::{Directory, Rules, authenticate};
use crate::quota::Quotas;
use crate::settings::VirtualKeySettings;

/// Providers, and what they list; `None` where that is not known yet.
struct World(Vec<(&'static str, Option<Vec<&'static str>>)>);

impl Serves for World {
    fn is_provider(&self, name: &str) -> bool {
        self.0.iter().any(|(provider, _)| *provider == name)
    }

    fn providers(&self) -> Vec<ProviderName> {
        self.0
            .iter()
            .map(|(provider, _)| ProviderName::from(*provider))
            .collect()
    }

    fn serves(&self, provider: &ProviderName, model: &str) -> Served {
        match self.0.iter().find(|(name, _)| *provider == *name) {
            None => Served::No,
            Some((_, None)) => Served::Unknown,
            Some((_, Some(models))) => models
                .iter()
                .find(|listed| untagged(listed) == untagged(model))
                .map_or(Served::No, |listed| Served::Yes((*listed).into())),
        }
    }
}

const LLAMA: &str = "meta-llama/Llama-3-8B-Instruct";

fn world() -> World {
    World(vec![
        ("vllm-local", Some(vec![LLAMA, "openai/gpt-oss-20b"])),
        ("ollama-local", Some(vec!["mistral:latest", "llama3:8b"])),
        ("openai", Some(vec!["gpt-4o-mini", "gpt-4o"])),
        ("anthropic", Some(vec!["claude-3-5-haiku-20241022"])),
        ("new", None),
        ("market", Some(vec!["openai/gpt-4o"])),
    ])
}

fn key(entries: serde_json::Value) -> Principal {
    let mut fields = serde_json::json!({});
    fields["provider_configs"] = entries;
    key_with(fields)
}

fn key_with(mut fields: serde_json::Value) -> Principal {
    let hasher = KeyHasher::new(&[7; 32]);
    fields["id"] = "vk".into();
    fields["value_hash"] = hasher.hash("vk").to_string().into();
    let settings: VirtualKeySettings = serde_json::from_value(fields).unwrap();
    let directory = Directory::compile(&Said::keys(&[settings.into()]), &Quotas::new()).unwrap();
    authenticate(
        &directory,
        &hasher,
        Some("vk"),
        Rules { enforced: true },
        Now::default(),
    )
    .unwrap()
}

fn nobody() -> Principal {
    let hasher = KeyHasher::new(&[7; 32]);
    authenticate(
        &Directory::default(),
        &hasher,
        None,
        Rules { enforced: false },
        Now::default(),
    )
    .unwrap()
}

/// The outcome in one line: `provider=model` for each candidate, `*` where the weight is 0, `!` in front where pinned.
fn outcome(principal: &Principal, model: &str) -> String {
    match authorise(principal, model, &world()) {
        Ok(grant) => {
            assert!(!grant.allowed.is_empty());
            assert_eq!(grant.asked, model);
            let mut line = String::from(if grant.pinned { "!" } else { "" });
            for allowed in &grant.allowed {
                let space = if line.len() > 1 { " " } else { "" };
                let fallback = if allowed.weight == 0.0 { "*" } else { "" };
                write!(line, "{space}{}={}{fallback}", allowed.provider, allowed.model).unwrap();
            }
            line
        }
        Err(error) => format!("{} {}", error.status(), error.kind.code()),
    }
}

#[track_caller]
fn check(principal: &Principal, cases: &[(&str, &str)]) {
    for (model, expected) in cases {
        assert_eq!(outcome(principal, model), *expected, "for {model}");
    }
}

#[test]
fn without_a_key_everybody_known_to_serve_a_name_is_a_candidate() {
    check(
        &nobody(),
        &[
            (LLAMA, "vllm-local=meta-llama/Llama-3-8B-Instruct"),
            ("gpt-4o-mini", "openai=gpt-4o-mini"),
            ("mistral", "ollama-local=mistral:latest"),
            ("llama3:8b", "ollama-local=llama3:8b"),
            // Nobody is known to serve it, and what `new` serves is not known.
            ("no-such-model", "new=no-such-model"),
            ("auto", "new=auto"),
        ],
    );
}

#[test]
fn a_prefix_selects_its_provider() {
    check(
        &nobody(),
        &[
            (
                "vllm-local/meta-llama/Llama-3-8B-Instruct",
                "!vllm-local=meta-llama/Llama-3-8B-Instruct",
            ),
            ("ollama-local/mistral", "!ollama-local=mistral:latest"),
            ("openai/gpt-4o", "!openai=gpt-4o"),
            // The provider's own answer is better than a list that may be minutes old.
            ("openai/gpt-5-new", "!openai=gpt-5-new"),
            ("new/anything", "!new=anything"),
            ("new/x/y", "!new=x/y"),
        ],
    );
}

#[test]
fn a_name_with_a_slash_is_a_model_where_somebody_serves_it_whole() {
    check(
        &nobody(),
        &[
            ("openai/gpt-oss-20b", "vllm-local=openai/gpt-oss-20b"),
            // A caller without entries means the provider where that serves the rest, whoever else lists the whole.
            ("openai/gpt-4o", "!openai=gpt-4o"),
        ],
    );
    let both = key(serde_json::json!([{"provider": "vllm-local"}, {"provider": "openai"}]));
    check(&both, &[("openai/gpt-oss-20b", "vllm-local=openai/gpt-oss-20b")]);
    // What counts is what the caller's own entries serve.
    let openai = key(serde_json::json!([{"provider": "openai"}]));
    check(&openai, &[("openai/gpt-oss-20b", "!openai=gpt-oss-20b")]);
    let written = key(serde_json::json!([
        {"provider": "new", "allowed_models": ["openai/gpt-4o"]}, {"provider": "openai", "allowed_models": ["gpt-4o"]},
    ]));
    check(
        &written,
        &[("openai/gpt-4o", "new=openai/gpt-4o"), ("gpt-4o", "openai=gpt-4o")],
    );
    let alias = key(serde_json::json!([
        {"provider": "vllm-local", "model_aliases": {"openai/gpt-4o": LLAMA}}, {"provider": "openai"},
    ]));
    check(
        &alias,
        &[("openai/gpt-4o", "vllm-local=meta-llama/Llama-3-8B-Instruct")],
    );
}

#[test]
fn a_star_alias_or_a_wildcard_does_not_take_a_prefix_away() {
    let principal = key(serde_json::json!([
        {"provider": "vllm-local", "model_aliases": {"*": LLAMA}},
        {"provider": "new", "allowed_models": ["*"]},
        {"provider": "openai", "weight": 0},
    ]));
    check(&principal, &[("openai/gpt-4o", "!openai=gpt-4o*")]);
}

#[test]
fn a_provider_that_the_key_does_not_list_is_blocked() {
    let principal = key(serde_json::json!([{"provider": "openai", "weight": 0, "allowed_models": ["gpt-4o-mini"]}]));
    check(
        &principal,
        &[
            ("anthropic/claude-3-5-haiku-20241022", "403 provider_blocked"),
            ("openai/gpt-4o-mini", "!openai=gpt-4o-mini*"),
            ("openai/gpt-4o", "403 model_blocked"),
            ("gpt-4o", "403 model_blocked"),
            (LLAMA, "403 model_blocked"),
            ("no-provider/gpt-4o-mini", "403 model_blocked"),
        ],
    );
    let error = authorise(&principal, "anthropic/claude", &world()).unwrap_err();
    assert_eq!(
        error.message,
        "virtual key vk does not list provider `anthropic`, asked for by `anthropic/claude`"
    );
    let error = authorise(&principal, "gpt-4o", &world()).unwrap_err();
    assert_eq!(error.message, "virtual key vk does not allow model `gpt-4o`");
}

#[test]
fn entries_that_name_a_model_are_candidates_in_listed_order() {
    let principal = key(serde_json::json!([
        {"provider": "vllm-local", "weight": 0.5, "allowed_models": ["m"]},
        {"provider": "ollama-local", "weight": 0.3, "model_aliases": {"m": "mistral"}},
        {"provider": "anthropic", "weight": 0.2, "allowed_models": ["n"]},
        {"provider": "openai", "weight": 0, "allowed_models": ["m"]},
    ]));
    check(
        &principal,
        &[
            ("m", "vllm-local=m ollama-local=mistral:latest openai=m*"),
            ("n", "anthropic=n"),
        ],
    );
    let grant = authorise(&principal, "m", &world()).unwrap();
    assert_eq!(
        grant.allowed.iter().map(|allowed| allowed.weight).collect::<Vec<_>>(),
        [0.5, 0.3, 0.0]
    );
    assert_eq!(
        grant.allowed.iter().map(|allowed| allowed.alias).collect::<Vec<_>>(),
        [false, true, false]
    );
    assert_eq!(
        grant.left_out,
        [LeftOut {
            provider: "anthropic".into(),
            reason: Reason::NotAllowed
        }]
    );
}

#[test]
fn an_entry_without_models_allows_what_its_provider_serves() {
    let principal = key(serde_json::json!([{"provider": "openai"}, {"provider": "ollama-local"}]));
    check(
        &principal,
        &[
            ("gpt-4o", "openai=gpt-4o"),
            ("mistral", "ollama-local=mistral:latest"),
            ("nonsense", "404 model_not_found"),
            // Somebody serves it, nobody that the key lists.
            (LLAMA, "403 model_blocked"),
        ],
    );
    let error = authorise(&principal, "nonsense", &world()).unwrap_err();
    assert_eq!(error.message, "no provider is known to serve model `nonsense`");
}

#[test]
fn a_provider_without_a_list_is_a_candidate_only_while_nobody_serves_the_name() {
    let principal = key(serde_json::json!([{"provider": "new"}, {"provider": "openai"}]));
    check(&principal, &[("gpt-4o", "openai=gpt-4o"), ("fresh", "new=fresh")]);
    let left_out = authorise(&principal, "gpt-4o", &world()).unwrap().left_out;
    assert_eq!(
        left_out,
        [LeftOut {
            provider: "new".into(),
            reason: Reason::OthersServe
        }]
    );
    // Serving something else for the name is not serving the name.
    let star = key(serde_json::json!([{"provider": "new"}, {"provider": "openai", "model_aliases": {"*": "gpt-4o"}}]));
    check(
        &star,
        &[("fresh", "new=fresh openai=gpt-4o"), ("gpt-4o", "openai=gpt-4o")],
    );
}

#[test]
fn a_star_alias_stands_for_any_name_that_the_entry_does_not_serve() {
    let hybrid = key(serde_json::json!([
        {"provider": "vllm-local", "weight": 0.9, "allowed_models": [LLAMA]},
        {"provider": "openai", "weight": 0.1, "allowed_models": ["gpt-4o"], "model_aliases": {"*": "gpt-4o-mini"}},
    ]));
    check(
        &hybrid,
        &[
            (LLAMA, "vllm-local=meta-llama/Llama-3-8B-Instruct openai=gpt-4o-mini"),
            ("gpt-4o", "openai=gpt-4o"),
            ("anything", "openai=gpt-4o-mini"),
            ("openai/anything", "!openai=gpt-4o-mini"),
            ("vllm-local/anything", "403 model_blocked"),
        ],
    );
    let open =
        key(serde_json::json!([{"provider": "openai", "model_aliases": {"*": "gpt-4o-mini", "fast": "gpt-4o"}}]));
    check(
        &open,
        &[
            ("gpt-4o", "openai=gpt-4o"),
            ("fast", "openai=gpt-4o"),
            (LLAMA, "openai=gpt-4o-mini"),
        ],
    );
}

#[test]
fn auto_takes_each_entrys_star_alias_or_first_allowed_model() {
    let principal = key(serde_json::json!([
        {"provider": "vllm-local", "weight": 0.5, "allowed_models": ["meta-*", LLAMA]},
        {"provider": "ollama-local", "weight": 0.3, "allowed_models": ["llama3:8b"], "model_aliases": {"*": "mistral"}},
        {"provider": "openai", "weight": 0.15, "allowed_models": ["openai/gpt-4o-mini"]},
        {"provider": "anthropic", "weight": 0.05},
        {"provider": "gone", "allowed_models": ["m"]},
    ]));
    let expected = "vllm-local=meta-llama/Llama-3-8B-Instruct ollama-local=mistral:latest openai=gpt-4o-mini";
    check(&principal, &[("auto", expected)]);
    let reasons: Vec<_> = authorise(&principal, "auto", &world()).unwrap().left_out;
    let expected = [("anthropic", Reason::NoModelForAuto), ("gone", Reason::NotConfigured)];
    assert_eq!(
        reasons,
        expected.map(|(provider, reason)| LeftOut {
            provider: provider.into(),
            reason
        })
    );
    // A model that is called so is one.
    let named = key(serde_json::json!([{"provider": "openai", "model_aliases": {"auto": "gpt-4o"}}]));
    check(&named, &[("auto", "openai=gpt-4o")]);
    let bare = key(serde_json::json!([{"provider": "openai"}]));
    check(&bare, &[("auto", "403 model_blocked")]);
}

#[test]
fn allowed_models_take_wildcards_tags_and_prefixes() {
    let principal = key(serde_json::json!([
        {"provider": "openai", "allowed_models": ["openai/gpt-4o"]},
        {"provider": "ollama-local", "allowed_models": ["mistral", "llama*:8b"]},
        {"provider": "vllm-local", "allowed_models": ["meta-llama/*"]},
        {"provider": "anthropic", "allowed_models": ["claude-3-5-haiku-20241022:latest"]},
    ]));
    check(
        &principal,
        &[
            ("gpt-4o", "openai=gpt-4o"),
            ("openai/gpt-4o", "!openai=gpt-4o"),
            ("openai/gpt-4o-mini", "403 model_blocked"),
            ("mistral", "ollama-local=mistral:latest"),
            ("mistral:latest", "ollama-local=mistral:latest"),
            ("mistral:7b", "403 model_blocked"),
            ("llama3:8b", "ollama-local=llama3:8b"),
            // The wildcard allows it, the provider is known not to serve it.
            ("llama2:8b", "404 model_not_found"),
            (LLAMA, "vllm-local=meta-llama/Llama-3-8B-Instruct"),
            ("claude-3-5-haiku-20241022", "anthropic=claude-3-5-haiku-20241022"),
        ],
    );
}

#[test]
fn a_model_that_is_written_out_is_a_candidate_whatever_the_list_says() {
    let principal = key(serde_json::json!([{"provider": "openai", "allowed_models": ["ft:mine", "new/thing"]}]));
    check(
        &principal,
        &[("ft:mine", "openai=ft:mine"), ("new/thing", "openai=new/thing")],
    );
}

#[test]
fn a_key_without_entries_may_use_whatever_is_configured() {
    let principal = key(serde_json::json!([]));
    check(
        &principal,
        &[
            ("gpt-4o", "openai=gpt-4o"),
            ("anthropic/claude-x", "!anthropic=claude-x"),
        ],
    );
}

#[test]
fn an_entry_of_a_provider_that_is_gone_is_left_out() {
    let principal = key(serde_json::json!([
        {"provider": "gone", "allowed_models": ["gpt-4o"]}, {"provider": "openai", "allowed_models": ["gpt-4o"]},
    ]));
    check(
        &principal,
        &[("gpt-4o", "openai=gpt-4o"), ("gone/gpt-4o", "403 model_blocked")],
    );
}

#[test]
fn key_ids_go_with_the_entry() {
    let principal = key(serde_json::json!([{"provider": "openai", "key_ids": ["k1", "k2"]}]));
    let grant = authorise(&principal, "gpt-4o", &world()).unwrap();
    assert_eq!(
        grant.allowed[0].key_ids.as_deref(),
        Some(&["k1".into(), "k2".into()][..])
    );
}

#[test]
fn names_without_sense_are_refused_and_not_more() {
    let principal = key(serde_json::json!([{"provider": "openai"}]));
    check(
        &principal,
        &[
            ("", "404 model_not_found"),
            ("/", "404 model_not_found"),
            ("openai/", "404 model_not_found"),
        ],
    );
}

#[test]
fn wildcards_stand_for_any_text() {
    for (pattern, text, fits) in [
        ("*", "", true),
        ("*", "x", true),
        ("gpt-*", "gpt-", true),
        ("gpt-*", "gp", false),
        ("*-mini", "gpt-4o-mini", true),
        ("a*a", "a", false),
        ("a*a", "aa", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "acb", false),
        ("*b*b", "ab", false),
        ("**", "x", true),
        ("é*", "éa", true),
    ] {
        assert_eq!(wildcard(pattern, text), fits, "{pattern} {text}");
    }
}

/// The definition of a wildcard, without any cleverness.
fn fits(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skip| fits(rest, &text[skip..])),
        Some((first, rest)) => text
            .split_first()
            .is_some_and(|(at, text)| at == first && fits(rest, text)),
    }
}

proptest! {
    #[test]
    fn wildcards_agree_with_their_definition(pattern in "[ab*é]{0,8}", text in "[abé]{0,8}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(wildcard(&pattern, &text), fits(&chars(&pattern), &chars(&text)));
    }

    /// Whatever is asked, a key reaches its own entries alone, and only models that these allow.
    #[test]
    fn a_key_never_leads_outside_of_its_entries(model in "(openai/|new/|ollama-local/)?(gpt-4o|mistral|m|auto|\\*|[a-c/:*]{0,4})") {
        let principal = key(serde_json::json!([
            {"provider": "openai", "allowed_models": ["gpt-4o"]},
            {"provider": "ollama-local", "allowed_models": ["m*"], "model_aliases": {"a": "mistral"}},
        ]));
        if let Ok(grant) = authorise(&principal, &model, &world()) {
            for allowed in &grant.allowed {
                let fits = match allowed.provider.as_str() {
                    "openai" => allowed.model == "gpt-4o",
                    "ollama-local" => allowed.model.as_str().starts_with('m'),
                    _ => false,
                };
                prop_assert!(fits, "{:?}", allowed);
            }
        }
    }
}
