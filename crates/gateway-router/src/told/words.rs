//! The sentences: which rule, who stands where and why, who is left out, and what became of each try.

use super::{Decision, DeploymentRecord, PlanRecord, Seated, Tried};
use crate::query::Strategy;
use crate::rules::Place;

/// As many names are listed one by one; what is beyond is counted.
const LISTED: usize = 4;

pub(super) fn why(decision: &Decision<'_>) -> Vec<String> {
    let mut said = Vec::new();
    if let Some((rule, place)) = decision.rule {
        said.push(format!("Rule `{rule}` sent it to {}.", target(place)));
    }
    if let Some(plan) = decision.plan {
        let names = Names(plan);
        said.extend(candidates(plan));
        said.extend(order(plan, &names));
        said.extend(last_resorts(plan, &names));
        said.extend(left_out(plan, &names));
        said.extend(tries(decision.tried, &names));
        said.extend(ending(plan, decision.tried));
    } else {
        said.extend(tries(decision.tried, &Names(&PlanRecord::default())));
    }
    said
}

fn target(place: &Place) -> String {
    let name = match (&place.provider, &place.model) {
        (Some(provider), Some(model)) => format!("{provider}/{model}"),
        (Some(provider), None) => provider.to_string(),
        (None, Some(model)) => format!("`{model}`, wherever it is served"),
        (None, None) => "where it was going".to_owned(),
    };
    match &place.key {
        Some(key) => format!("{name}, key `{key}`"),
        None => name,
    }
}

/// How many there are, and how they are chosen among.
fn candidates(plan: &PlanRecord) -> Option<String> {
    let model = plan.model.as_ref()?;
    let how = match plan.strategy {
        Some(Strategy::Weighted) => ", drawn by weight",
        Some(Strategy::LeastBusy) => ", the less busy of two drawn first",
        Some(Strategy::Latency) => ", the fastest first",
        Some(Strategy::Cost) => ", the cheapest first",
        Some(Strategy::Affinity) => ", the one that has the session first",
        None => "",
    };
    match plan.picks.len() + plan.left_out.len() {
        0 => None,
        1 => Some(format!("There is one candidate for `{model}`.")),
        n => Some(format!("There are {n} candidates for `{model}`{how}.")),
    }
}

/// Who comes first and why, and who is next.
fn order(plan: &PlanRecord, names: &Names<'_>) -> Vec<String> {
    let mut well = plan.picks.iter().filter(|pick| !pick.last_resort);
    let Some(first) = well.next() else { return Vec::new() };
    let name = names.of(&first.deployment);
    let mut said = Vec::new();
    if plan.picks.len() + plan.left_out.len() > 1 {
        said.push(match (first.reason.share, first.weight) {
            (Some(share), Some(weight)) => {
                format!(
                    "{name}, with weight {weight}, is drawn first: {} of the weights.",
                    percent(share)
                )
            }
            _ => format!("{name} comes first: {}.", first.reason.words),
        });
    }
    let next: Vec<String> = well.map(|pick| names.of(&pick.deployment)).collect();
    if !next.is_empty() {
        said.push(format!("Next in line: {}.", list(&next)));
    }
    said
}

fn last_resorts(plan: &PlanRecord, names: &Names<'_>) -> Vec<String> {
    let last = plan.picks.iter().filter(|pick| pick.last_resort);
    few(last, |pick| {
        let name = names.of(&pick.deployment);
        format!("{name} is a last resort: {}", trouble(pick))
    })
}

fn left_out(plan: &PlanRecord, names: &Names<'_>) -> Vec<String> {
    let out = plan.left_out.iter().filter(|out| out.reason.code != "duplicate");
    few(out, |out| {
        format!("{} is left out: {}", names.of(&out.deployment), out.reason.words)
    })
}

/// A sentence for each of the first, and how many more there are.
fn few<'s>(seats: impl Iterator<Item = &'s Seated>, say: impl Fn(&Seated) -> String) -> Vec<String> {
    let seats: Vec<_> = seats.collect();
    let mut said: Vec<String> = seats
        .iter()
        .take(LISTED)
        .map(|seat| format!("{}.", say(seat)))
        .collect();
    if let (Some(last), Some(more)) = (
        said.last_mut(),
        seats.len().checked_sub(LISTED).filter(|more| *more > 0),
    ) {
        last.push_str(&format!(" So are {more} more."));
    }
    said
}

/// What is wrong with it.
fn trouble(seat: &Seated) -> String {
    let wrong = match seat.reason.code.as_ref() {
        "broken" => "it failed too often",
        "unreachable" => "it cannot be reached",
        "key_refused" => "its key was refused",
        "rate_limited" => "its key is rate limited",
        "model_missing" => "it did not know the model",
        _ => {
            let words = &seat.reason.words;
            return words.strip_prefix("last resort: ").unwrap_or(words).to_owned();
        }
    };
    match seat.reason.ready_in_ms {
        Some(ms) if ms > 0 => format!("{wrong}; it is asked again in {}", span(ms as f64)),
        _ => wrong.to_owned(),
    }
}

/// What became of each try, in order.
fn tries(tried: &[Tried<'_>], names: &Names<'_>) -> Vec<String> {
    let say = |(at, one): (usize, &Tried<'_>)| {
        let name = names.tried(one);
        let became = became(one);
        match one.kind {
            _ if at == 0 || one.outcome == "skipped" => format!("{name} {became}."),
            "retry" => format!("It was tried again, and {became}."),
            "other_key" => format!("So {name} was tried with another key (`{}`), and {became}.", one.key),
            _ => format!("So {name} was tried, and {became}."),
        }
    };
    tried.iter().enumerate().map(say).collect()
}

fn became(one: &Tried<'_>) -> String {
    let after = span(one.took_ms);
    let status = one.http_status.map(|status| format!(" ({status})")).unwrap_or_default();
    match (one.outcome, one.http_status) {
        ("success", _) => format!("answered after {after}"),
        ("failed", Some(status)) => format!("answered {status} after {after}"),
        ("failed", None) => format!("failed after {after}"),
        ("rejected", _) => format!("called the request wrong{status}"),
        ("key_refused", _) => format!("refused the gateway's key{status}"),
        ("rate_limited", _) => format!("limited the gateway's key{status}"),
        ("model_missing", _) => format!("did not know the model{status}"),
        ("busy", _) => format!("was busy{status}"),
        ("unreachable", _) => "could not be reached".to_owned(),
        ("timed_out", _) => format!("did not answer within {after}"),
        ("broke", _) => "broke off in the middle".to_owned(),
        ("abandoned", _) => format!("was still at work when the client left, after {after}"),
        ("skipped", _) => match one.message {
            Some(why) => format!("was passed over: {}", why.trim_end_matches('.')),
            None => "was passed over".to_owned(),
        },
        (other, _) => format!("ended as {other}"),
    }
}

/// Why nobody else was asked, where the last try was no success.
fn ending(plan: &PlanRecord, tried: &[Tried<'_>]) -> Option<String> {
    let last = tried.last()?;
    match last.outcome {
        "success" | "abandoned" | "broke" => None,
        "rejected" => {
            Some("What is wrong with a request is for its sender to see, so nobody else was asked.".to_owned())
        }
        _ => {
            let untried = plan.picks.iter().any(|pick| {
                let place = &pick.deployment;
                !tried.iter().any(|one| {
                    (one.provider, one.key, one.model)
                        == (place.provider.as_str(), place.key.as_str(), place.model.as_str())
                })
            });
            (!untried).then(|| "Nobody was left to ask.".to_owned())
        }
    }
}

/// What candidates are called: by as little as tells them apart.
struct Names<'a>(&'a PlanRecord);

impl Names<'_> {
    fn of(&self, place: &DeploymentRecord) -> String {
        self.name(place.provider.as_str(), place.key.as_str(), place.model.as_str())
    }

    fn tried(&self, one: &Tried<'_>) -> String {
        match one.kind {
            // Its key is told beside it.
            "other_key" => one.provider.to_owned(),
            _ => self.name(one.provider, one.key, one.model),
        }
    }

    fn name(&self, provider: &str, key: &str, model: &str) -> String {
        let seats = || self.0.picks.iter().chain(&self.0.left_out).map(|seat| &seat.deployment);
        let same = || seats().filter(|place| place.provider.as_str() == provider);
        let mut name = provider.to_owned();
        if same().any(|place| place.model.as_str() != model) {
            name = format!("{name}/{model}");
        }
        if same().any(|place| place.model.as_str() == model && place.key.as_str() != key) {
            name = format!("{name} (key `{key}`)");
        }
        name
    }
}

fn list(names: &[String]) -> String {
    let (shown, more) = names.split_at(names.len().min(LISTED));
    let shown = shown.join(", then ");
    match more.len() {
        0 => shown,
        n => format!("{shown}, and {n} more"),
    }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 1.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// A span as people say it.
fn span(ms: f64) -> String {
    match ms {
        ms if ms < 1.0 => "under a millisecond".to_owned(),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        ms if ms < 120_000.0 => format!("{:.1} s", ms / 1000.0),
        ms => format!("{:.0} min", ms / 60_000.0),
    }
}

#[cfg(test)]
mod tests;
