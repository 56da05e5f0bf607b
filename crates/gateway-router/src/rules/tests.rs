use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn schema() -> Schema {
    Schema::new()
        .name("model", Type::String, "")
        .name("provider", Type::String, "")
        .name("stream", Type::Bool, "")
        .name("token_estimate", Type::Int, "")
        .name("budget_used", Type::Double, "")
        .name("groups", Type::Strings, "")
        .name("headers", Type::HeaderMap, "")
        .name("tags", Type::StringMap, "")
        .name("params", Type::ScalarMap, "")
}

fn texts(pairs: &[(&str, &str)]) -> Fact {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

fn facts() -> Facts {
    let params: BTreeMap<_, _> = [
        ("temperature".to_owned(), Scalar::Double(0.7)),
        ("max_tokens".to_owned(), Scalar::Int(100)),
        ("user".to_owned(), Scalar::String("ann".into())),
        ("store".to_owned(), Scalar::Bool(true)),
    ]
    .into();
    Facts::new()
        .with("model", "gpt-4o")
        .with("provider", "")
        .with("stream", true)
        .with("token_estimate", 1200_i64)
        .with("budget_used", 82.5)
        .with("groups", vec!["eu".to_owned(), "gold".to_owned()])
        .with("headers", texts(&[("x-tier", "premium"), ("x-app", "Café")]))
        .with("tags", texts(&[("env", "prod")]))
        .with("params", Fact::Map(params))
}

#[track_caller]
fn verdict(source: &str) -> Verdict {
    match Condition::compile(source, &schema()) {
        Ok(condition) => condition.evaluate(&facts()),
        Err(faults) => panic!("{source}: {faults:?}"),
    }
}

#[test]
fn conditions_mean_what_they_say() {
    for fits in [
        "",
        "true",
        r#"model == "gpt-4o""#,
        "model.startsWith('gpt-') && !model.endsWith('mini') // the large ones",
        r#"headers["X-Tier"] == "premium""#,
        r#"headers["x-app"].contains("é") && size(headers["x-app"]) == 4"#,
        r#""x-TIER" in headers && !("x-none" in headers)"#,
        r#"has(tags.env) && tags.env in ["prod", "staging"]"#,
        "budget_used > 80 && token_estimate >= 1e3",
        r#"model.matches(r"^gpt-\d") && matches(model, "(?i)GPT")"#,
        "int(params.max_tokens) % 7 == 2",
        r#"params["temperature"] < 1 && params.user == "ann" && params.store == true"#,
        "params.user != 5",
        r#"groups.exists(g, g == "gold") && groups.all(g, size(g) < 5) && groups.exists_one(g, g.startsWith("e"))"#,
        r#"groups[1] == "gold""#,
        r#"tags.exists(name, tags[name] == "prod")"#,
        "(stream ? 1 : 2) == 1",
        r#"(provider == "" ? "any" : provider) + "/" + model == "any/gpt-4o""#,
        "-(-3) == 3 && 7 / 2 == 3 && -7 % 3 == -1",
        "9007199254740993 > 9007199254740992.0",
        r#"'''it's''' == "it's" && "\u0041" == 'A' && r'\d' == "\\d""#,
        // What is unknown does not matter where the rest settles it.
        r#"headers["x-none"] == "a" || stream"#,
    ] {
        assert_eq!(verdict(fits), Verdict::Fits, "{fits}");
    }
    for does_not in [
        "false",
        "!stream",
        r#"headers["x-none"] == "a" && false"#,
        r#"params.temperature == "0.7""#,
        "0.0 / 0.0 == 0.0 / 0.0",
        "[].exists(x, x == 1)",
    ] {
        assert_eq!(verdict(does_not), Verdict::DoesNot, "{does_not}");
    }
}

#[test]
fn what_a_call_has_not_leaves_a_condition_undecided() {
    for (source, why) in [
        (r#"headers["X-None"] == "a""#, "there is no `x-none`"),
        ("!(tags.none == 'a')", "there is no `none`"),
        (
            "params.user > 5",
            "a value is of another type than the condition takes it for",
        ),
        (
            "params.max_tokens.startsWith('a')",
            "a value is of another type than the condition takes it for",
        ),
        ("int(params.user) > 5", "a value is no number of the type asked for"),
        ("int(1e300) > 5", "a value is no number of the type asked for"),
        ("token_estimate / 0 == 1", "a division by zero"),
        ("token_estimate * 9223372036854775807 > 1", "a number is too large"),
        ("groups[2] == 'a'", "there is no item 2"),
        ("groups[-1] == 'a'", "there is no item -1"),
    ] {
        let Verdict::Undecided(unknown) = verdict(source) else {
            panic!("{source} is decided");
        };
        assert_eq!(unknown.to_string(), why, "{source}");
    }
    let condition = Condition::compile("stream", &schema()).unwrap();
    assert_eq!(
        condition.evaluate(&Facts::new()),
        Verdict::Undecided(Unknown::NoFact("stream".into()))
    );
}

#[test]
fn faults_are_told_with_their_places_and_what_would_be_right() {
    for (source, at, says) in [
        ("modle == 'a'", 0..5, "did you mean `model`"),
        ("team == 'a'", 0..4, "`budget_used`, `groups`"),
        ("true && header['a'] == 'b'", 8..14, "did you mean `headers`"),
        ("model = 'a'", 6..7, "`==`"),
        ("model == 'a' and stream", 13..16, "`&&`"),
        ("not stream", 0..3, "`!`"),
        ("model == 5", 0..10, "string and int"),
        ("budget_used > '80'", 0..18, "without quotes"),
        ("token_estimate + 0.5 > 1.0", 0..20, "double("),
        ("params.max_tokens + 1 > 5", 0..21, "int("),
        ("model", 0..5, "a condition is true or false"),
        ("params.store", 0..12, "== true"),
        ("stream < true", 0..13, "bool and bool"),
        ("model.env == 'a'", 0..9, "no field `env`"),
        ("headers[5] == 'a'", 8..9, "key of a map is a string"),
        ("groups['a'] == 'a'", 7..10, "index of a list is an int"),
        ("'a' in model", 0..12, "contains"),
        ("5 in groups", 0..11, "never in"),
        ("tags == tags", 0..4, "single value"),
        ("model.startswith('a')", 0..21, "`startsWith(text)`"),
        ("startsWith(model, 'a')", 0..22, "write `x.startsWith(text)`"),
        ("model.startsWith()", 0..18, "0 arguments"),
        ("model.startsWith(5)", 17..18, "takes a string"),
        ("size(5) == 1", 5..6, "no size"),
        ("has(model)", 4..9, "`has` takes a field"),
        ("model.matches('(')", 14..17, "no pattern"),
        ("model.matches(model)", 14..19, "stands in the expression"),
        (r"model.matches('(\\w{1,500}){1,500}')", 14..35, "bytes when compiled"),
        ("groups.map(g, g)", 0..16, "unknown method `map`"),
        ("groups.exists(g, groups.exists(h, g == h))", 17..41, "another"),
        ("stream ? 1 : 'a'", 0..16, "of one type"),
        ("{'a': 1} == 1", 0..1, "list what is wanted"),
        ("b'a' == 'a'", 0..1, "prefix"),
        ("null == model", 0..4, "reserved"),
        ("model == 'a", 9..11, "no end"),
        (r"model == 'a\d'", 11..13, "r\"\\d+\""),
        ("model ==", 8..8, "the expression ends"),
        ("(stream", 7..7, "`)`"),
        ("stream stream", 7..13, "an operator or the end"),
        ("99999999999999999999 > 1", 0..20, "no number that fits"),
        ("5px > 1", 0..3, "no number"),
        ("stream § 5", 7..9, "no meaning"),
        ("stream & stream", 7..8, "`&&`"),
    ] {
        let faults = Condition::compile(source, &schema()).expect_err(source);
        let fault = &faults[0];
        assert_eq!(fault.place, at, "{source}: {fault}");
        assert!(fault.message.contains(says), "{source}: {fault}");
    }
    let all = Condition::compile("modle == 'a' || (stream && size(5) > 1)\n  || nobody", &schema()).unwrap_err();
    assert_eq!(all.len(), 3, "all faults are told at once: {all:?}");
    assert_eq!(
        all[2].line_and_column("modle == 'a' || (stream && size(5) > 1)\n  || nobody"),
        (2, 6)
    );
    let source = "'é' == 'é' && nobody";
    assert_eq!(
        Condition::compile(source, &schema()).unwrap_err()[0].position(source),
        14
    );
}

#[test]
fn length_and_nesting_have_bounds_and_long_chains_are_fine() {
    for much in ["(", "[", "!", "-", "a[", "f(", "a.b(", "x?", "{", "\"", "a?b:"] {
        let source = much.repeat(4096 / much.len());
        assert!(Condition::compile(&source, &schema()).is_err(), "{much}");
    }
    for (from, chain) in [
        ("1", "+1"),
        ("model", ".a"),
        ("groups", "[0]"),
        ("1", "<1"),
        ("model", ".f()"),
    ] {
        let source = format!("{from}{}", chain.repeat((4096 - from.len()) / chain.len()));
        let faults = Condition::compile(&source, &schema()).unwrap_err();
        assert!(faults[0].message.contains("nested"), "{chain}: {faults:?}");
    }
    let long = vec!["model == 'a'"; 250].join(" || ");
    assert_eq!(verdict(&long), Verdict::DoesNot);
    let longer = format!("{long} || {long}");
    assert!(
        Condition::compile(&longer, &schema()).unwrap_err()[0]
            .message
            .contains("4096")
    );
}

fn rule(id: &str, priority: i64, condition: &str, weights: &[f64]) -> Rule {
    let target = |(index, weight): (usize, &f64)| Target {
        place: Place::model(format!("{id}-{index}")),
        weight: *weight,
    };
    Rule {
        id: id.into(),
        name: id.into(),
        priority,
        condition: Condition::compile(condition, &schema()).unwrap(),
        targets: weights.iter().enumerate().map(target).collect(),
        fallbacks: vec![],
    }
}

#[test]
fn nearer_scopes_come_first_then_lower_priorities_then_lesser_ids() {
    let near = Rules::new(vec![
        rule("later", 5, "stream", &[1.0]),
        rule("never", 0, "!stream", &[1.0]),
    ]);
    let far = Rules::new(vec![
        rule("b", 0, "true", &[1.0]),
        rule("a", 0, "true", &[1.0]),
        rule("first", -1, "tags.none == 'x'", &[1.0]),
    ]);
    let chosen = |scopes: &[&Rules]| {
        decide(scopes.iter().copied(), &facts(), 1)
            .chosen
            .map(|chosen| chosen.rule.id.clone())
    };
    assert_eq!(chosen(&[&near, &far]).as_deref(), Some("later"));
    assert_eq!(chosen(&[&far, &near]).as_deref(), Some("a"));
    assert_eq!(chosen(&[]), None);
    let decision = decide([&far], &facts(), 1);
    assert_eq!(decision.undecided.len(), 1);
    assert_eq!(decision.undecided[0].rule.id, "first");
}

#[test]
fn what_has_to_be_known_is_told_key_by_key() {
    let of = |source: &str| rule(source, 0, source, &[1.0]);
    let rules = Rules::new(vec![
        of("headers['X-Tier'] == 'a' && stream"),
        of("'X-App' in headers && has(tags.env)"),
        of("tags.exists(name, name == 'a')"),
    ]);
    let keys = |keys: &[&str]| Used::Keys(keys.iter().map(|key| (*key).to_owned()).collect());
    let expected: Uses = [
        ("headers".to_owned(), keys(&["x-app", "x-tier"])),
        ("stream".to_owned(), Used::Whole),
        ("tags".to_owned(), Used::Whole),
    ]
    .into();
    assert_eq!(*rules.uses(), expected);
}

#[test]
fn targets_are_drawn_by_weight_and_the_same_again_from_the_same_seed() {
    let rules = Rules::new(vec![rule("r", 0, "true", &[0.7, 0.3, 0.0])]);
    let mut drawn = [0; 3];
    for seed in 0..20_000 {
        let target = decide([&rules], &facts(), seed).chosen.unwrap().target;
        assert_eq!(target, decide([&rules], &facts(), seed).chosen.unwrap().target);
        drawn[target] += 1;
    }
    assert!((13_700..14_300).contains(&drawn[0]), "{drawn:?}");
    assert_eq!(drawn[2], 0);
}

/// Expressions of each type, as text. The names and functions are all that there are.
mod expressions {
    use super::*;

    fn texts() -> BoxedStrategy<String> {
        prop_oneof![
            Just("model".to_owned()),
            Just("provider".to_owned()),
            Just("headers['x-tier']".to_owned()),
            Just("headers['x-none']".to_owned()),
            Just("tags.env".to_owned()),
            Just("tags.none".to_owned()),
            Just("groups[1]".to_owned()),
            Just("groups[7]".to_owned()),
            "[a-zé]{0,3}".prop_map(|text| format!("'{text}'")),
        ]
        .boxed()
    }

    fn any() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["temperature", "max_tokens", "user", "store", "none"])
            .prop_map(|name| format!("params.{name}"))
    }

    fn ints() -> BoxedStrategy<String> {
        let leaf = prop_oneof![
            (-3..100_i64).prop_map(|number| number.to_string()),
            Just("9223372036854775807".to_owned()),
            Just("token_estimate".to_owned()),
            texts().prop_map(|text| format!("size({text})")),
            Just("groups.size()".to_owned()),
            any().prop_map(|any| format!("int({any})")),
        ];
        leaf.prop_recursive(3, 12, 2, |inner| {
            (
                inner.clone(),
                prop::sample::select(vec!["+", "-", "*", "/", "%"]),
                inner,
            )
                .prop_map(|(a, sign, b)| format!("({a} {sign} {b})"))
        })
        .boxed()
    }

    fn doubles() -> BoxedStrategy<String> {
        let leaf = prop_oneof![
            (0..1000_i64).prop_map(|number| format!("{number}.5")),
            Just("1e18".to_owned()),
            Just("budget_used".to_owned()),
            ints().prop_map(|int| format!("double({int})")),
            any().prop_map(|any| format!("double({any})")),
        ];
        leaf.prop_recursive(2, 8, 2, |inner| {
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/"]), inner)
                .prop_map(|(a, sign, b)| format!("({a} {sign} {b})"))
        })
        .boxed()
    }

    fn compared() -> BoxedStrategy<String> {
        let sign = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
        let equal = prop::sample::select(vec!["==", "!="]);
        let numbers = || prop_oneof![ints(), doubles()];
        prop_oneof![
            (texts(), sign.clone(), texts()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
            (numbers(), sign, numbers()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
            (any(), equal, prop_oneof![texts(), numbers()]).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        ]
        .boxed()
    }

    pub(super) fn conditions() -> BoxedStrategy<String> {
        let test = prop::sample::select(vec!["contains", "startsWith", "endsWith"]);
        let leaf = prop_oneof![
            Just("stream".to_owned()),
            Just("false".to_owned()),
            compared(),
            (texts(), test, texts()).prop_map(|(a, test, b)| format!("{a}.{test}({b})")),
            texts().prop_map(|text| format!("{text}.matches('^[a-m]+')")),
            texts().prop_map(|text| format!("{text} in groups")),
            texts().prop_map(|text| format!("{text} in tags")),
            (texts(), texts(), texts()).prop_map(|(a, b, c)| format!("{a} in [{b}, {c}]")),
            Just("has(tags.env)".to_owned()),
            Just("has(tags.none)".to_owned()),
            (texts(), prop::sample::select(vec!["all", "exists", "exists_one"]))
                .prop_map(|(text, each)| format!("groups.{each}(g, g < {text})")),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
                inner.clone().prop_map(|a| format!("!({a})")),
                (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("(({a}) ? ({b}) : ({c}))")),
            ]
        })
        .boxed()
    }
}

/// What the `cel` crate makes of an expression; `None` where it ends in an error.
fn reference(source: &str) -> Option<bool> {
    let mut context = cel::Context::default();
    for (name, fact) in &serde_json::to_value(facts()).unwrap().as_object().unwrap().clone() {
        context.add_variable_from_value(name.clone(), cel::to_value(fact).unwrap());
    }
    context.add_variable_from_value("token_estimate", 1200_i64);
    let params: std::collections::HashMap<String, cel::Value> = [
        ("temperature".to_owned(), cel::Value::Float(0.7)),
        ("max_tokens".to_owned(), cel::Value::Int(100)),
        ("user".to_owned(), cel::Value::from("ann")),
        ("store".to_owned(), cel::Value::Bool(true)),
    ]
    .into();
    context.add_variable_from_value("params", params);
    let program = cel::Program::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    match program.execute(&context) {
        Ok(cel::Value::Bool(truth)) => Some(truth),
        Ok(other) => panic!("{source}: {other:?}"),
        Err(_) => None,
    }
}

fn decided(verdict: &Verdict) -> Option<bool> {
    match verdict {
        Verdict::Fits => Some(true),
        Verdict::DoesNot => Some(false),
        Verdict::Undecided(_) => None,
    }
}

/// The reference's parser takes about 70 KiB of stack for a bracket in a build for tests.
fn with_much_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(run).unwrap();
    thread.join().unwrap();
}

#[test]
fn what_is_well_typed_passes_and_means_what_the_reference_says() {
    with_much_stack(|| {
        let config = ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(400)
        };
        proptest!(config, |(source in expressions::conditions())| {
            let condition = Condition::compile(&source, &schema());
            prop_assert!(condition.is_ok(), "{}: {:?}", source, condition);
            let found = decided(&condition.unwrap().evaluate(&facts()));
            prop_assert_eq!(found, reference(&source), "{}", source);
        });
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Whatever is written: it is a condition that can be asked, or there are faults with places inside of it.
    #[test]
    fn any_text_is_taken_or_refused(source in r#"([a-z]{1,3}|model|groups|tags|params|[0-9.]{1,3}|['"()\[\].,?:!&|=<>+*/%-]|&&|\|\||==| in |\\.|é|\n| ){0,24}"#) {
        match Condition::compile(&source, &schema()) {
            Ok(condition) => drop(condition.evaluate(&facts())),
            Err(faults) => for fault in faults {
                prop_assert!(fault.place.start <= fault.place.end && fault.place.end <= source.len());
                prop_assert!(source.is_char_boundary(fault.place.start) && source.is_char_boundary(fault.place.end));
                prop_assert!(fault.position(&source) <= fault.place.start);
            }
        }
    }
}

#[test]
fn the_parts_of_a_condition_are_read_off_it() {
    let parts = |source: &str| {
        let condition = Condition::compile(source, &schema()).unwrap();
        condition.parts().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(parts("  ").is_empty());
    assert_eq!(parts(" stream || true "), ["stream || true"]);
    assert_eq!(
        parts("stream && (budget_used > 80 || token_estimate > 5) && !(model == 'é')"),
        ["stream", "(budget_used > 80 || token_estimate > 5)", "!(model == 'é')"]
    );
    for part in parts("stream && (budget_used + 1.0) > 80 && !(model.startsWith('g'))") {
        assert!(Condition::compile(&part, &schema()).is_ok(), "{part}");
    }
}

#[test]
fn comparisons_with_written_values_are_found_wherever_they_stand() {
    let source = "stream ? 0.8 < budget_used : !(model in ['a', 'b']) && model != provider";
    let found = Condition::compile(source, &schema()).unwrap().comparisons();
    let found: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.name.as_str(),
                one.sign,
                one.value.to_string(),
                &source[one.place.clone()],
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("budget_used", ">", "0.8".to_owned(), "0.8"),
            ("model", "in", "\"a\"".to_owned(), "'a'"),
            ("model", "in", "\"b\"".to_owned(), "'b'"),
        ]
    );
}

#[test]
fn a_fault_tells_what_to_write_instead_where_that_is_known() {
    for (source, instead) in [
        ("budget_usd > 1", Some("budget_used")),
        ("model = 'a'", Some("==")),
        ("stream & stream", Some("&&")),
        ("stream and stream", Some("&&")),
        ("model ==", None),
    ] {
        let faults = Condition::compile(source, &schema()).unwrap_err();
        assert_eq!(faults[0].instead.as_deref(), instead, "{source}");
    }
}

/// Rules with these conditions, asked in this order.
fn in_order(conditions: &[&str]) -> Rules {
    let rule = |(at, source): (usize, &&str)| Rule {
        id: format!("{at:05}"),
        name: String::new(),
        priority: 0,
        condition: Condition::compile(source, &schema()).unwrap(),
        targets: Vec::new(),
        fallbacks: Vec::new(),
    };
    Rules::new(conditions.iter().enumerate().map(rule).collect())
}

#[test]
fn rules_that_are_for_other_models_are_passed_over_and_the_order_stays() {
    let rules = in_order(&[
        "model == 'b'",
        "headers['x'] == 'y' && 'a' == model",
        "model in ['b', 'a', 'a'] && budget_used > 50",
        "provider == 'p' && model == 'b'",
        "model == 'a' || stream",
        "budget_used >= 0",
        "",
    ]);
    let chosen = |facts: &Facts| {
        let decision = decide([&rules], facts, 1);
        let undecided: Vec<_> = decision.undecided.iter().map(|one| one.rule.id.clone()).collect();
        (decision.chosen.map(|chosen| chosen.rule.id.clone()), undecided)
    };
    let facts = |model: &str, used: f64| {
        let none = Fact::Map(Default::default());
        Facts::new()
            .with("model", model)
            .with("provider", "")
            .with("headers", none)
            .with("budget_used", used)
    };
    let id = |at: usize| format!("{at:05}");
    assert_eq!(chosen(&facts("b", 0.0)), (Some(id(0)), vec![]));
    assert_eq!(
        chosen(&facts("a", 60.0)),
        (Some(id(2)), vec![id(1)]),
        "in order, and what is undecided is told"
    );
    assert_eq!(chosen(&facts("a", 10.0)), (Some(id(4)), vec![id(1)]));
    assert_eq!(chosen(&facts("c", 60.0)), (Some(id(5)), vec![id(4)]));
    let nothing = chosen(&Facts::new());
    let all_unknown: Vec<_> = (0..6).map(id).collect();
    assert_eq!(
        nothing,
        (Some(id(6)), all_unknown),
        "what is not known is no reason to pass over"
    );
}

#[test]
fn only_what_a_rule_that_is_asked_looks_at_has_to_be_known() {
    let rules = in_order(&[
        "model == 'b' && tags['t'] == 'v'",
        "model == 'a' && headers['X'] == 'y'",
        "model == 'a' && headers['z'] == 'y'",
        "stream",
    ]);
    let mut told = Vec::new();
    let mut facts = Facts::new();
    let decision = rules.decide(&mut facts, 1, |facts, name, used| {
        told.push((name.to_owned(), used.has("x") && used.has("z")));
        match name {
            "model" => facts.set(name, "a"),
            _ => facts.set(name, [("z".to_owned(), "y")].into_iter().collect::<Fact>()),
        }
    });
    assert_eq!(decision.chosen.map(|chosen| chosen.rule.id.as_str()), Some("00002"));
    assert_eq!(
        told,
        [("model".to_owned(), true), ("headers".to_owned(), true)],
        "once each, and all that is used of it"
    );
}

proptest! {
    /// Whatever is passed over would not have fitted: asking every rule by itself gives the same.
    #[test]
    fn the_index_changes_no_decision(
        conditions in prop::collection::vec(prop_oneof![
            "model == '[ab]'", "model in \\['[ab]', '[bc]'\\]", "stream && model == '[ab]'", "provider == '[ab]' && model == '[ab]'",
            "model != '[ab]'", "stream \\|\\| model == '[ab]'", "headers\\['h'\\] == 'v' && provider == '[ab]'",
        ], 0..8),
        model in prop::option::of("[abc]"), provider in prop::option::of("[ab]"), stream in prop::option::of(any::<bool>()),
    ) {
        let mut facts = Facts::new();
        if let Some(model) = &model { facts.set("model", model.as_str()); }
        if let Some(provider) = &provider { facts.set("provider", provider.as_str()); }
        if let Some(stream) = stream { facts.set("stream", stream); }
        let sources: Vec<&str> = conditions.iter().map(String::as_str).collect();
        let rules = in_order(&sources);
        let one_by_one: Vec<_> = rules.iter().map(|rule| rule.condition.evaluate(&facts)).collect();
        let first = one_by_one.iter().position(|verdict| *verdict == Verdict::Fits);
        let before = &one_by_one[..first.unwrap_or(one_by_one.len())];
        let undecided = before.iter().filter(|verdict| matches!(verdict, Verdict::Undecided(_))).count();
        let decision = decide([&rules], &facts, 1);
        prop_assert_eq!(decision.chosen.map(|chosen| chosen.rule.id.clone()), first.map(|at| format!("{at:05}")));
        prop_assert_eq!(decision.undecided.len(), undecided);
    }
}
