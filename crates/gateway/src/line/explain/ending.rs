//! What would happen in the end, in a sentence.

use gateway_types::{Call, Error, ErrorKind};

use super::answer::{CandidateTold, Explanation, Outcome, Refusal};

impl Explanation {
    /// The caller is refused, whatever the candidates.
    pub(super) fn refused(mut self, error: &Error) -> Self {
        self.outcome = refused(Refusal::of(error));
        self
    }

    /// What becomes of the candidates in their order: the first that nothing is in the way of is asked.
    pub(super) fn ended(mut self, call: &Call) -> Self {
        let mut passed_over = Vec::new();
        let mut asked = Vec::new();
        for candidate in self.candidates.iter().filter(|candidate| candidate.included) {
            match &candidate.refusal {
                Some(refusal) => passed_over.push((candidate, refusal)),
                None => asked.push(candidate),
            }
        }
        self.outcome = match asked.split_first() {
            Some((first, rest)) => {
                let before = |(over, _): &&(&CandidateTold, &Refusal)| over.place < first.place;
                let over: Vec<_> = passed_over.iter().filter(before).collect();
                Outcome {
                    sentence: goes_to(first, rest.len(), &over),
                    first: first.place,
                    refusal: None,
                }
            }
            None => refused(worth_coming_back_for(passed_over).unwrap_or_else(|| Refusal::of(&nobody(call)))),
        };
        self
    }
}

fn goes_to(first: &CandidateTold, others: usize, over: &[&(&CandidateTold, &Refusal)]) -> String {
    let mut said = String::new();
    for (candidate, refusal) in over {
        said += &format!("{} is passed over ({}). ", name(candidate), refusal.message);
    }
    said += &format!("It goes to {}", name(first));
    if let Some(cap) = first
        .clamped
        .filter(|cap| first.max_output.is_some_and(|most| *cap < most))
    {
        said += &format!(", with at most {cap} tokens in answer so that it stays within its limits");
    }
    said += &match others {
        0 => "; nobody else is asked if that fails.".to_owned(),
        1 => "; if that fails, one more is tried.".to_owned(),
        others => format!("; if that fails, up to {others} more are tried."),
    };
    said
}

fn name(candidate: &CandidateTold) -> String {
    format!("{}/{}", candidate.deployment.provider, candidate.deployment.model)
}

fn refused(refusal: Refusal) -> Outcome {
    Outcome {
        sentence: format!(
            "It is refused with {} {}: {}",
            refusal.status, refusal.code, refusal.message
        ),
        first: None,
        refusal: Some(refusal),
    }
}

/// Of several refusals the one that a caller is told: that which is over first.
fn worth_coming_back_for(refusals: Vec<(&CandidateTold, &Refusal)>) -> Option<Refusal> {
    let soonest = |(_, refusal): &(&CandidateTold, &Refusal)| refusal.retry_after_s.unwrap_or(u64::MAX);
    refusals
        .into_iter()
        .min_by_key(soonest)
        .map(|(_, refusal)| refusal.clone())
}

fn nobody(call: &Call) -> Error {
    let message = format!("nobody can be asked for model `{}`", call.model);
    Error::new(ErrorKind::ModelNotFound, message)
}

impl Refusal {
    pub(super) fn of(error: &Error) -> Self {
        Self {
            status: error.status(),
            code: error.kind.code().to_owned(),
            message: error.message.clone(),
            quota: error.limited.as_ref().map(|limited| limited.quota.clone()),
            retry_after_s: error.retry_after.map(|after| after.as_secs()),
        }
    }
}
