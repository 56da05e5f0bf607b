//! How many pieces of memory a call takes on the line, over upstreams in memory that take some themselves: counted, and held
//! below a ceiling for each case.
//!
//! The count is that of the cheapest of many calls: what each of them takes, without tables that grow once in a while. The
//! writers of entries and rows, which come after the calls, are not in it. Numbers are those of a debug build, in which
//! nothing is optimised away.

#![allow(clippy::print_stdout, reason = "it says which ceilings can come down")]

use std::cmp::Ordering;

use gateway_benches::{Case, FRAMES, Setting};

/// So many calls come before those that are counted: pools, tables and caches are filled.
const WARM: usize = 200;
/// Calls that are counted.
const COUNTED: usize = 100;

/// The most that a call of each case may allocate.
const CALLS: [(&str, u64); 7] = [
    ("whole", 40),
    ("prose", 40),
    ("to-anthropic", 99),
    ("anonymous", 37),
    ("eight-quotas", 41),
    ("fallback", 48),
    ("refused", 52),
];
/// So much longer is the longer of two streams.
const FURTHER: usize = 50;
/// The most that those further frames may allocate, passed on as they are and translated.
const STREAMS: [(&str, u64); 2] = [("stream", 0), ("stream-from-anthropic", 150)];

#[test]
fn a_call_allocates_no_more_than_its_ceiling() {
    let setting = Setting::still(FRAMES);
    let counted = CALLS.map(|(name, ceiling)| (name.to_owned(), least(&setting, name), ceiling));
    setting.close();
    judge(&counted);
}

#[test]
fn a_frame_allocates_no_more_than_its_ceiling() {
    let settings = [FRAMES, FRAMES + FURTHER].map(Setting::still);
    let counted = STREAMS.map(|(name, ceiling)| {
        let [few, many] = settings.each_ref().map(|setting| least(setting, name));
        (format!("{FURTHER} frames of {name}"), many - few, ceiling)
    });
    settings.iter().for_each(Setting::close);
    judge(&counted);
}

/// Says what is over its ceiling, which is an error, and what is below, where the ceiling should follow.
fn judge(counted: &[(String, u64, u64)]) {
    let mut over = Vec::new();
    for (name, counted, ceiling) in counted {
        match counted.cmp(ceiling) {
            Ordering::Less => println!("{name}: {counted} allocations; the ceiling of {ceiling} can come down"),
            Ordering::Equal => {}
            Ordering::Greater => over.push(format!("{name}: {counted} allocations, at most {ceiling}")),
        }
    }
    assert!(
        over.is_empty(),
        "more is allocated than was; take it back, or raise the ceiling with a reason:\n{}",
        over.join("\n")
    );
}

fn least(setting: &Setting, name: &str) -> u64 {
    let case = Case::named(name).expect("the case is known");
    setting.runtime.block_on(setting.calls(&case, WARM));
    let counts = (0..COUNTED).map(|_| one(setting, &case));
    counts.min().unwrap_or_default()
}

/// One call by itself. The writers have had their turn before it.
fn one(setting: &Setting, case: &Case) -> u64 {
    setting.runtime.block_on(tokio::task::yield_now());
    let mut ended = None;
    let counted = allocation_counter::measure(|| {
        ended = Some(setting.runtime.block_on(setting.call(&case.headers, &case.body)));
    });
    assert_eq!(ended.map(|(status, _)| status), Some(case.status), "{}", case.name);
    counted.count_total
}
