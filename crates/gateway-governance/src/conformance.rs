//! The suite that every implementation of a port must pass. A store's tests mount it:
//!
//! ```
//! use std::sync::Arc;
//! use gateway_governance::{conformance, ledger::Ledger, memory::MemoryLedger};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(
//! conformance::ledger(|| async { Arc::new(MemoryLedger::new()) as Arc<dyn Ledger> })
//! # );
//! ```

use std::sync::Arc;

use gateway_types::{Basis, EntryId, Metered, NanoUsd, Now, Operation, Org, QuotaId, RequestId, Usage, Wall};

use crate::entry::{Charge, ENTRY_VERSION, Entry, Leg};
use crate::ledger::{Ask, Ledger, Return, Slice, Verified, Wanted, WindowState};
use crate::price::PricedBy;
use crate::quota::{Cut, Unit, WindowNo};

/// Checks all that [`Ledger`] promises. `make` gives a new, empty ledger each time; it panics where a promise is broken.
pub async fn ledger<F, Made>(make: F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn Ledger>>,
{
    a_window_opens_with_its_first_ask(&*make().await).await;
    grants_never_pass_the_limit(&*make().await).await;
    asks_of_one_call_see_each_other(&*make().await).await;
    a_raised_limit_grants_and_a_lowered_one_does_not(&*make().await).await;
    windows_roll_and_never_go_back(&*make().await).await;
    a_changed_cut_acts_at_once(&*make().await).await;
    quotas_do_not_touch_each_other(&*make().await).await;
    entries_charge_once(&*make().await).await;
    late_charges_go_to_their_own_window(&*make().await).await;
    overrun_counts_against_the_window(&*make().await).await;
    a_charge_without_any_grant_is_booked_in_full(&*make().await).await;
    returns_can_be_granted_again(&*make().await).await;
    returns_never_eat_what_is_settled(&*make().await).await;
    recovery_charges_what_nobody_settled(&*make().await).await;
    entries_come_back_newest_first(&*make().await).await;
    a_reset_opens_the_next_window_and_keeps_the_last(&*make().await).await;
    a_reset_window_of_the_calendar_ends_with_it(&*make().await).await;
    after_a_reset_windows_are_cut_as_ever(&*make().await).await;
    what_is_written_off_can_be_granted_again(&*make().await).await;
    history_tells_every_window(&*make().await).await;
    pages_take_what_fits_in_order(&*make().await).await;
    pages_go_on_while_entries_come(&*make().await).await;
    books_that_add_up_are_told_so(&*make().await).await;
    an_entry_that_does_not_add_up_is_told(&*make().await).await;
    parallel_leases_stay_under_the_limit(make().await).await;
}

const HOUR: u64 = 3_600_000;
const START: i64 = 1_700_000_000_000;

fn at(millis: i64) -> Wall {
    Wall::from_millis(START + millis)
}

fn ask(quota: &str, want: i64) -> Ask {
    Ask {
        quota: quota.into(),
        unit: Unit::NanoUsd,
        limit: 100,
        cut: Cut::Rolling(HOUR),
        want,
    }
}

async fn lease(ledger: &dyn Ledger, ask: Ask, now: Wall) -> Slice {
    let slices = ledger
        .lease(std::slice::from_ref(&ask), now)
        .await
        .expect("a healthy ledger leases");
    assert_eq!(slices.len(), 1, "one slice per ask");
    assert_eq!(slices[0].quota, ask.quota, "slices come in the order of the asks");
    slices[0].clone()
}

async fn give_back(ledger: &dyn Ledger, quota: &str, window: WindowNo, amount: i64) {
    ledger
        .give_back(&[Return {
            quota: quota.into(),
            window,
            amount,
        }])
        .await
        .expect("a healthy ledger takes slices back");
}

async fn state(ledger: &dyn Ledger, quota: &str) -> WindowState {
    let all = ledger.windows().await.expect("a healthy ledger reads");
    let mut of_it = all.into_iter().filter(|window| window.quota == quota);
    let window = of_it.next().expect("the quota has a window");
    assert_eq!(
        of_it.next(),
        None,
        "`windows` answers the latest window of a quota alone"
    );
    window
}

fn charge(quota: &str, window: WindowNo, amount: i64, overrun: i64) -> Charge {
    Charge {
        quota: quota.into(),
        window,
        unit: Unit::NanoUsd,
        amount,
        overrun,
    }
}

fn entry(charges: Vec<Charge>) -> Entry {
    let now = Now {
        wall: at(0),
        ..Now::default()
    };
    Entry {
        v: ENTRY_VERSION,
        id: EntryId::new(now),
        org: Org::default(),
        at: now.wall,
        request: RequestId::new(now),
        virtual_key: Some("vk".into()),
        team: None,
        customer: None,
        tags: Default::default(),
        operation: Operation::Chat,
        legs: charges.iter().map(leg).collect(),
        total: NanoUsd(charges.iter().map(|charge| charge.amount).sum()),
        charges,
    }
}

/// A leg that cost what a charge says.
fn leg(charge: &Charge) -> Leg {
    let cost = NanoUsd(charge.amount);
    Leg {
        provider: "p".into(),
        key: "k".into(),
        model: "m".into(),
        metered: Metered {
            cost: Some(cost),
            ..Metered::new(Usage::default(), Basis::Reported)
        },
        amounts: Vec::new(),
        cost,
        unpriced: false,
        overrun: NanoUsd(charge.overrun),
        priced_by: PricedBy::Provider,
    }
}

async fn append(ledger: &dyn Ledger, entry: &Entry) {
    ledger
        .append(std::slice::from_ref(entry))
        .await
        .expect("a healthy ledger appends");
}

async fn a_window_opens_with_its_first_ask(ledger: &dyn Ledger) {
    assert_eq!(ledger.windows().await.expect("an empty ledger reads"), []);
    let slice = lease(ledger, ask("q", 0), at(5)).await;
    let expected = Slice {
        quota: QuotaId::from("q"),
        window: WindowNo(1),
        started: at(5),
        ends: at(5 + HOUR as i64),
        granted: 0,
        granted_in_all: 0,
        charged: 0,
    };
    assert_eq!(slice, expected);
    let daily = lease(
        ledger,
        Ask {
            cut: Cut::Day,
            ..ask("d", 0)
        },
        at(5),
    )
    .await;
    assert_eq!(
        (daily.started, daily.ends),
        Cut::Day.window(at(5)),
        "aligned windows begin with the calendar"
    );
}

async fn grants_never_pass_the_limit(ledger: &dyn Ledger) {
    let first = lease(ledger, ask("q", 60), at(0)).await;
    assert_eq!((first.granted, first.granted_in_all), (60, 60));
    let second = lease(ledger, ask("q", 60), at(1)).await;
    assert_eq!(
        (second.granted, second.granted_in_all),
        (40, 100),
        "what is left is granted, not nothing"
    );
    let third = lease(ledger, ask("q", 60), at(2)).await;
    assert_eq!((third.granted, third.granted_in_all), (0, 100));
    assert_eq!(
        (third.window, third.charged),
        (first.window, 0),
        "grants are no charges"
    );
}

async fn asks_of_one_call_see_each_other(ledger: &dyn Ledger) {
    let slices = ledger
        .lease(&[ask("q", 70), ask("r", 70), ask("q", 70)], at(0))
        .await
        .expect("it leases");
    let granted: Vec<i64> = slices.iter().map(|slice| slice.granted).collect();
    assert_eq!(granted, [70, 70, 30]);
    assert_eq!(ledger.lease(&[], at(0)).await, Ok(Vec::new()));
}

async fn a_raised_limit_grants_and_a_lowered_one_does_not(ledger: &dyn Ledger) {
    lease(ledger, ask("q", 100), at(0)).await;
    let raised = lease(
        ledger,
        Ask {
            limit: 150,
            ..ask("q", 100)
        },
        at(1),
    )
    .await;
    assert_eq!((raised.granted, raised.granted_in_all), (50, 150));
    let lowered = lease(
        ledger,
        Ask {
            limit: 20,
            ..ask("q", 5)
        },
        at(2),
    )
    .await;
    assert_eq!((lowered.granted, lowered.granted_in_all), (0, 150));
    let none = lease(
        ledger,
        Ask {
            limit: 0,
            ..ask("z", 5)
        },
        at(2),
    )
    .await;
    assert_eq!((none.granted, none.granted_in_all), (0, 0));
}

async fn windows_roll_and_never_go_back(ledger: &dyn Ledger) {
    let hour = HOUR as i64;
    let first = lease(ledger, ask("q", 100), at(0)).await;
    let last_moment = lease(ledger, ask("q", 1), at(hour - 1)).await;
    assert_eq!((last_moment.window, last_moment.granted), (first.window, 0));
    let second = lease(ledger, ask("q", 30), at(hour)).await;
    assert!(second.window > first.window, "windows are numbered upwards");
    assert_eq!((second.started, second.ends), (at(hour), at(2 * hour)));
    assert_eq!((second.granted, second.granted_in_all, second.charged), (30, 30, 0));
    let back = lease(ledger, ask("q", 30), at(0)).await;
    assert_eq!(
        (back.window, back.granted_in_all),
        (second.window, 60),
        "a clock going back reopens nothing"
    );
    assert_eq!((back.started, back.ends), (second.started, second.ends));
    let later = lease(ledger, ask("q", 1), at(40 * hour)).await;
    assert_eq!(
        later.started,
        at(40 * hour),
        "a rolling window begins with its first use"
    );
    assert_eq!(state(ledger, "q").await.window, later.window);
}

async fn a_changed_cut_acts_at_once(ledger: &dyn Ledger) {
    let first = lease(ledger, ask("q", 10), at(0)).await;
    let minute = Ask {
        cut: Cut::Rolling(60_000),
        ..ask("q", 10)
    };
    let same = lease(ledger, minute.clone(), at(59_999)).await;
    assert_eq!(
        (same.window, same.ends, same.granted_in_all),
        (first.window, at(60_000), 20)
    );
    let next = lease(ledger, minute, at(60_000)).await;
    assert!(next.window > first.window, "the shorter window has ended");
    let longer = lease(ledger, ask("q", 10), at(150_000)).await;
    assert_eq!(
        (longer.window, longer.ends),
        (next.window, at(60_000 + HOUR as i64)),
        "a longer one goes on"
    );
}

async fn quotas_do_not_touch_each_other(ledger: &dyn Ledger) {
    lease(ledger, ask("q", 100), at(0)).await;
    let other = lease(
        ledger,
        Ask {
            unit: Unit::Requests,
            ..ask("r", 7)
        },
        at(9),
    )
    .await;
    assert_eq!((other.granted, other.granted_in_all, other.started), (7, 7, at(9)));
    assert_eq!(state(ledger, "r").await.unit, Unit::Requests);
    assert_eq!(state(ledger, "q").await.granted, 100);
}

async fn entries_charge_once(ledger: &dyn Ledger) {
    let window = lease(ledger, ask("q", 50), at(0)).await.window;
    let entry = entry(vec![charge("q", window, 20, 0)]);
    append(ledger, &entry).await;
    append(ledger, &entry).await;
    ledger
        .append(&[entry.clone(), entry.clone()])
        .await
        .expect("an entry that is there is taken as done");
    let state = state(ledger, "q").await;
    assert_eq!(
        (state.granted, state.settled, state.overrun, state.unaccounted),
        (50, 20, 0, 0)
    );
    assert_eq!(ledger.entries(10).await.expect("it reads"), [entry]);
    assert_eq!(lease(ledger, ask("q", 0), at(1)).await.charged, 20);
}

async fn late_charges_go_to_their_own_window(ledger: &dyn Ledger) {
    let first = lease(ledger, ask("q", 50), at(0)).await.window;
    let second = lease(ledger, ask("q", 10), at(HOUR as i64)).await;
    append(ledger, &entry(vec![charge("q", first, 40, 0)])).await;
    let state = state(ledger, "q").await;
    assert_eq!((state.window, state.settled, state.granted), (second.window, 0, 10));
    give_back(ledger, "q", first, 10).await;
    assert_eq!(lease(ledger, ask("q", 0), at(HOUR as i64)).await.granted_in_all, 10);
}

async fn overrun_counts_against_the_window(ledger: &dyn Ledger) {
    let window = lease(ledger, ask("q", 50), at(0)).await.window;
    append(ledger, &entry(vec![charge("q", window, 80, 30)])).await;
    let state = state(ledger, "q").await;
    assert_eq!((state.granted, state.settled, state.overrun), (80, 80, 30));
    let rest = lease(ledger, ask("q", 50), at(1)).await;
    assert_eq!((rest.granted, rest.granted_in_all, rest.charged), (20, 100, 80));
}

async fn a_charge_without_any_grant_is_booked_in_full(ledger: &dyn Ledger) {
    append(ledger, &entry(vec![charge("q", WindowNo(1), 8, 0)])).await;
    let state = state(ledger, "q").await;
    assert_eq!((state.granted, state.settled, state.overrun), (8, 8, 8));
}

async fn returns_can_be_granted_again(ledger: &dyn Ledger) {
    let window = lease(ledger, ask("q", 100), at(0)).await.window;
    give_back(ledger, "q", window, 40).await;
    let again = lease(ledger, ask("q", 100), at(1)).await;
    assert_eq!((again.granted, again.granted_in_all), (40, 100));
    give_back(ledger, "nobody", window, 40).await;
}

async fn returns_never_eat_what_is_settled(ledger: &dyn Ledger) {
    let window = lease(ledger, ask("q", 100), at(0)).await.window;
    append(ledger, &entry(vec![charge("q", window, 70, 0)])).await;
    give_back(ledger, "q", window, 100).await;
    let state = state(ledger, "q").await;
    assert_eq!((state.granted, state.settled), (70, 70));
}

async fn recovery_charges_what_nobody_settled(ledger: &dyn Ledger) {
    let window = lease(ledger, ask("q", 60), at(0)).await.window;
    append(ledger, &entry(vec![charge("q", window, 25, 0)])).await;
    for _ in 0..2 {
        ledger.recover().await.expect("it recovers");
        let state = state(ledger, "q").await;
        assert_eq!((state.granted, state.settled, state.unaccounted), (60, 25, 35));
    }
    let after = lease(ledger, ask("q", 100), at(1)).await;
    assert_eq!(
        (after.granted, after.granted_in_all, after.charged),
        (40, 100, 60),
        "the lost slice stays charged"
    );
    let next = lease(ledger, ask("q", 100), at(HOUR as i64)).await;
    assert_eq!((next.granted, next.charged), (100, 0), "until its window ends");
}

async fn entries_come_back_newest_first(ledger: &dyn Ledger) {
    let entries: Vec<Entry> = (0..5).map(|n| entry(vec![charge("q", WindowNo(1), n, 0)])).collect();
    ledger.append(&entries).await.expect("it appends");
    let latest = ledger.entries(2).await.expect("it reads");
    assert_eq!(latest, [entries[4].clone(), entries[3].clone()]);
}

async fn reset(ledger: &dyn Ledger, quota: &str, now: Wall) {
    ledger.reset(&quota.into(), now).await.expect("a healthy ledger resets");
}

async fn a_reset_opens_the_next_window_and_keeps_the_last(ledger: &dyn Ledger) {
    reset(ledger, "q", at(0)).await;
    assert_eq!(
        ledger.windows().await.expect("it reads"),
        [],
        "there was nothing to reset"
    );
    let first = lease(ledger, ask("q", 100), at(0)).await;
    append(ledger, &entry(vec![charge("q", first.window, 60, 0)])).await;
    reset(ledger, "q", at(1000)).await;
    reset(ledger, "q", at(2000)).await;
    let ended = state(ledger, "q").await;
    assert_eq!(
        (ended.window, ended.ends, ended.settled, ended.granted),
        (first.window, at(1000), 60, 100)
    );
    let next = lease(ledger, ask("q", 100), at(3000)).await;
    assert_eq!(next.window, WindowNo(first.window.0 + 1), "one reset, one window");
    assert_eq!((next.started, next.ends), (at(3000), at(3000 + HOUR as i64)));
    assert_eq!((next.granted, next.charged), (100, 0));
    append(ledger, &entry(vec![charge("q", first.window, 30, 0)])).await;
    give_back(ledger, "q", first.window, 10).await;
    let books = ledger
        .history(&"q".into(), Some(next.window), 9)
        .await
        .expect("it reads");
    assert!(
        books.iter().all(|old| (old.settled, old.granted) == (90, 90)),
        "{books:?}"
    );
    assert_eq!(
        state(ledger, "q").await.settled,
        0,
        "who holds of the old window settles there"
    );
}

async fn a_reset_window_of_the_calendar_ends_with_it(ledger: &dyn Ledger) {
    let daily = |want| Ask {
        cut: Cut::Day,
        ..ask("q", want)
    };
    let (_, midnight) = Cut::Day.window(at(0));
    lease(ledger, daily(10), at(0)).await;
    reset(ledger, "q", at(1000)).await;
    let early = lease(ledger, daily(10), at(500)).await;
    assert_eq!(
        (early.window, early.started, early.ends, early.granted_in_all),
        (WindowNo(2), at(1000), midnight, 10),
        "a clock that goes back does not go behind the reset"
    );
    let next = lease(ledger, daily(0), midnight).await;
    assert_eq!((next.window, next.started), (WindowNo(3), midnight));
}

async fn after_a_reset_windows_are_cut_as_ever(ledger: &dyn Ledger) {
    let daily = Ask {
        cut: Cut::Day,
        ..ask("q", 10)
    };
    lease(ledger, daily.clone(), at(0)).await;
    reset(ledger, "q", at(1)).await;
    let later = at(40 * HOUR as i64);
    let next = lease(ledger, daily, later).await;
    assert_eq!((next.started, next.ends), Cut::Day.window(later));
    assert_eq!(next.window, WindowNo(2));
}

async fn what_is_written_off_can_be_granted_again(ledger: &dyn Ledger) {
    let quota = QuotaId::from("q");
    let window = lease(ledger, ask("q", 60), at(0)).await.window;
    append(ledger, &entry(vec![charge("q", window, 25, 0)])).await;
    ledger.recover().await.expect("it recovers");
    assert_eq!(ledger.write_off(&quota, window).await, Ok(35));
    let state = state(ledger, "q").await;
    assert_eq!((state.granted, state.settled, state.unaccounted), (25, 25, 0));
    assert_eq!(
        ledger.write_off(&quota, window).await,
        Ok(0),
        "there is nothing left of it"
    );
    assert_eq!(ledger.write_off(&quota, WindowNo(99)).await, Ok(0));
    assert_eq!(ledger.write_off(&"nobody".into(), window).await, Ok(0));
    let after = lease(ledger, ask("q", 100), at(1)).await;
    assert_eq!((after.granted, after.granted_in_all, after.charged), (75, 100, 25));
    is_sound(ledger, 1).await;
}

async fn history_tells_every_window(ledger: &dyn Ledger) {
    let hour = HOUR as i64;
    for n in 0..4 {
        lease(ledger, ask("q", n), at(n * hour)).await;
        lease(ledger, ask("other", n), at(n * hour)).await;
    }
    let told = async |before: Option<u64>, limit: usize| -> Vec<(u64, i64)> {
        let windows = ledger.history(&"q".into(), before.map(WindowNo), limit).await;
        let windows = windows.expect("a healthy ledger reads");
        windows.iter().map(|window| (window.window.0, window.granted)).collect()
    };
    assert_eq!(told(None, 9).await, [(4, 3), (3, 2), (2, 1), (1, 0)]);
    assert_eq!(told(Some(4), 2).await, [(3, 2), (2, 1)]);
    assert_eq!(ledger.history(&"nobody".into(), None, 9).await, Ok(Vec::new()));
}

/// Entries that differ in everything a filter may ask for.
fn varied(n: u64) -> Entry {
    let names = |names: [&'static str; 3], pace: u64| names[(n / pace) as usize % 3];
    let mut entry = entry(vec![charge(names(["q", "r", "s"], 2), WindowNo(1), n as i64, 0)]);
    entry.at = at(n as i64 * 1000);
    entry.virtual_key = (!n.is_multiple_of(5)).then(|| names(["ka", "kb", "kc"], 1).into());
    entry.team = (!n.is_multiple_of(4)).then(|| names(["ta", "tb", "tc"], 1).into());
    entry.customer = (!n.is_multiple_of(7)).then(|| names(["ca", "cb", "cc"], 3).into());
    entry.legs[0].provider = names(["pa", "pb", "pc"], 1).into();
    entry.legs[0].model = names(["ma", "mb", "mc"], 3).into();
    if n.is_multiple_of(6) {
        let second = Leg {
            provider: "pd".into(),
            ..entry.legs[0].clone()
        };
        entry.total = NanoUsd(entry.total.0 * 2);
        entry.legs.push(second);
    }
    entry
}

async fn all_pages(ledger: &dyn Ledger, wanted: &Wanted) -> Vec<Entry> {
    let mut wanted = wanted.clone();
    let mut found = Vec::new();
    loop {
        let page = ledger.page(&wanted).await.expect("a healthy ledger reads");
        assert!(page.entries.len() <= wanted.limit, "a page is no longer than asked for");
        found.extend(page.entries);
        match page.next {
            Some(next) => wanted.after = Some(next),
            None => return found,
        }
    }
}

async fn pages_take_what_fits_in_order(ledger: &dyn Ledger) {
    let entries: Vec<Entry> = (0..60).map(varied).collect();
    ledger.append(&entries).await.expect("it appends");
    let any = || Wanted {
        limit: 7,
        ..Wanted::default()
    };
    let cases = [
        any(),
        Wanted {
            virtual_key: Some("kb".into()),
            ..any()
        },
        Wanted {
            team: Some("ta".into()),
            ..any()
        },
        Wanted {
            customer: Some("cc".into()),
            ..any()
        },
        Wanted {
            provider: Some("pd".into()),
            ..any()
        },
        Wanted {
            provider: Some("pb".into()),
            model: Some("ma".into()),
            ..any()
        },
        Wanted {
            model: Some("mb".into()),
            ..any()
        },
        Wanted {
            quota: Some("r".into()),
            ..any()
        },
        Wanted {
            request: Some(entries[17].request),
            ..any()
        },
        Wanted {
            from: Some(at(10_000)),
            until: Some(at(40_000)),
            ..any()
        },
        Wanted {
            from: Some(at(55_000)),
            ..any()
        },
        Wanted {
            until: Some(at(3_000)),
            team: Some("tb".into()),
            ..any()
        },
        Wanted {
            virtual_key: Some("nobody".into()),
            ..any()
        },
        Wanted { limit: 1000, ..any() },
    ];
    for wanted in cases {
        let mut expected: Vec<&Entry> = entries.iter().filter(|entry| wanted.takes(entry)).collect();
        let oldest = Wanted {
            oldest_first: true,
            ..wanted.clone()
        };
        let found = all_pages(ledger, &oldest).await;
        assert!(found.iter().eq(expected.iter().copied()), "oldest first: {wanted:?}");
        expected.reverse();
        let found = all_pages(ledger, &wanted).await;
        assert!(found.iter().eq(expected), "newest first: {wanted:?}");
    }
}

async fn pages_go_on_while_entries_come(ledger: &dyn Ledger) {
    let entries: Vec<Entry> = (0..20).map(varied).collect();
    ledger.append(&entries[..10]).await.expect("it appends");
    let first = Wanted {
        limit: 4,
        ..Wanted::default()
    };
    let page = ledger.page(&first).await.expect("it reads");
    ledger.append(&entries[10..]).await.expect("it appends");
    let rest = all_pages(
        ledger,
        &Wanted {
            after: page.next,
            ..first
        },
    )
    .await;
    let found: Vec<Entry> = page.entries.into_iter().chain(rest).collect();
    assert!(
        found.iter().eq(entries[..10].iter().rev()),
        "what comes later is not in older pages"
    );
}

async fn verified(ledger: &dyn Ledger) -> Verified {
    ledger.verify().await.expect("a healthy ledger reads")
}

async fn is_sound(ledger: &dyn Ledger, entries: u64) {
    let verified = verified(ledger).await;
    assert_eq!(
        (verified.entries, verified.found),
        (entries, 0),
        "{:?}",
        verified.differences
    );
}

async fn books_that_add_up_are_told_so(ledger: &dyn Ledger) {
    assert_eq!(verified(ledger).await, Verified::default(), "empty books add up");
    let hour = HOUR as i64;
    let first = lease(ledger, ask("q", 60), at(0)).await.window;
    append(
        ledger,
        &entry(vec![charge("q", first, 25, 5), charge("r", WindowNo(1), 7, 0)]),
    )
    .await;
    ledger.recover().await.expect("it recovers");
    append(ledger, &entry(vec![charge("q", first, 90, 0)])).await;
    reset(ledger, "q", at(1)).await;
    let second = lease(ledger, ask("q", 60), at(2)).await.window;
    append(
        ledger,
        &entry(vec![charge("q", second, 1, 0), charge("q", first, 2, 0)]),
    )
    .await;
    give_back(ledger, "q", second, 100).await;
    lease(ledger, ask("q", 60), at(2 * hour)).await;
    ledger.recover().await.expect("it recovers");
    let verified = verified(ledger).await;
    assert_eq!(
        (verified.entries, verified.windows, verified.found),
        (3, 4, 0),
        "{:?}",
        verified.differences
    );
}

async fn an_entry_that_does_not_add_up_is_told(ledger: &dyn Ledger) {
    let mut wrong = entry(vec![charge("q", WindowNo(1), 20, 0)]);
    wrong.total = NanoUsd(21);
    append(ledger, &wrong).await;
    let verified = verified(ledger).await;
    let told: Vec<(&str, &str, &str)> = verified
        .differences
        .iter()
        .map(|one| (one.of.as_str(), one.booked.as_str(), one.computed.as_str()))
        .collect();
    assert_eq!(told, [("total", "21", "20")]);
    assert!(
        verified.differences[0].at.contains(&wrong.id.to_string()),
        "it is named"
    );
}

async fn parallel_leases_stay_under_the_limit(ledger: Arc<dyn Ledger>) {
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..16_i64 {
        let ledger = Arc::clone(&ledger);
        tasks.spawn(async move {
            let mut granted = 0;
            for round in 0..8 {
                let limited = Ask {
                    limit: 1000,
                    ..ask("q", 13)
                };
                granted += lease(&*ledger, limited, at(task + round)).await.granted;
            }
            granted
        });
    }
    let granted: i64 = tasks.join_all().await.into_iter().sum();
    assert_eq!(granted, 1000);
    assert_eq!(state(&*ledger, "q").await.granted, 1000);
}
