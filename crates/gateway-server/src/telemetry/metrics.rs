//! Figures for Prometheus: one set of series per provider and model, bounded in number.
//!
//! Names and labels never come from what a client wrote: a model becomes a label once an upstream has answered for it,
//! and beyond [`MODELS`] per provider they share the label `other`.

use std::fmt::Write;
use std::sync::Arc;

use dashmap::DashMap;
use gateway::ports::logs::{LogAttempt, LogRow};
use gateway_types::{ModelName, NanoUsd, ProviderName};
use metrics::{Gauge, Key, KeyName, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::series::{
    COST, DURATION, ERRORS, FALLBACKS, FIRST_TOKEN, INPUT, METADATA, OUTPUT, REQUESTS, RETRIES, SUCCESS, Series,
    UPSTREAM, UPSTREAM_LATENCY,
};
use crate::api::was_made;

/// Models of one provider that have series of their own.
const MODELS: usize = 100;
/// The label where nobody answered.
const NONE: &str = "none";
/// The label of models beyond [`MODELS`], and of those that never answered.
const OTHER: &str = "other";

const ACTIVE: &str = "bifrost_active_requests";

/// Seconds: fine where gateways differ, wide where models do.
const BUCKETS: [f64; 20] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 45.0, 60.0, 90.0, 120.0,
    300.0,
];

const COUNTERS: [(&str, &str); 8] = [
    (REQUESTS, "Client requests, by who answered and status class."),
    (SUCCESS, "Calls of upstreams that were answered."),
    (
        ERRORS,
        "Calls of upstreams that failed, by status; 0 where there was none.",
    ),
    (UPSTREAM, "Calls of upstreams; a request that failed over made several."),
    (INPUT, "Tokens on the way in."),
    (OUTPUT, "Tokens on the way out."),
    (RETRIES, "Further tries at the same provider."),
    (FALLBACKS, "Tries at another provider or model."),
];
const HISTOGRAMS: [(&str, &str); 3] = [
    (DURATION, "From a request's first byte in to its last byte out."),
    (
        FIRST_TOKEN,
        "From a streamed request's first byte in to its first content out.",
    ),
    (UPSTREAM_LATENCY, "How long calls of upstreams took."),
];

/// The figures.
pub(crate) struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    active: Gauge,
    nobody: Series,
    /// Of models that answered, and `other`.
    known: DashMap<(ProviderName, ModelName), Arc<Series>>,
    /// How many models a provider has in `known`.
    models: DashMap<ProviderName, usize>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics")
            .field("known", &self.known.len())
            .finish_non_exhaustive()
    }
}

impl Metrics {
    /// No figures yet.
    pub(crate) fn new() -> Result<Self, metrics_exporter_prometheus::BuildError> {
        let mut builder = PrometheusBuilder::new();
        for (name, _) in HISTOGRAMS {
            builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), &BUCKETS)?;
        }
        let recorder = builder.build_recorder();
        for (name, help) in COUNTERS {
            recorder.describe_counter(KeyName::from_const_str(name), None, help.into());
        }
        for (name, help) in HISTOGRAMS {
            recorder.describe_histogram(KeyName::from_const_str(name), None, help.into());
        }
        recorder.describe_gauge(
            KeyName::from_const_str(ACTIVE),
            None,
            "Client requests under way.".into(),
        );
        let active = recorder.register_gauge(&Key::from_static_name(ACTIVE), &METADATA);
        active.set(0.0);
        Ok(Self {
            handle: recorder.handle(),
            recorder,
            active,
            nobody: Series::new(NONE, NONE),
            known: DashMap::new(),
            models: DashMap::new(),
        })
    }

    /// A request has come.
    pub(crate) fn opened(&self) {
        self.active.increment(1.0);
    }

    /// A request is over.
    pub(crate) fn finished(&self, row: &LogRow) {
        self.active.decrement(1.0);
        let made = || row.attempts.iter().filter(|attempt| was_made(attempt));
        let count = |wanted: fn(&str) -> bool| made().filter(|attempt| wanted(&attempt.reason)).count() as u64;
        let retries = count(|reason| matches!(reason, "retry" | "other_key"));
        let fallbacks = count(|reason| reason == "fallback");
        let known = match (&row.provider, &row.model) {
            (Some(provider), Some(model)) => Some(self.of(provider, model)),
            (Some(provider), None) => Some(self.of_unknown(provider)),
            (None, _) => None,
        };
        let series = known.as_deref().unwrap_or(&self.nobody);
        series.request(row, &self.recorder);
        series.detours(retries, fallbacks, &self.recorder);
        // A client that leaves says nothing about the upstream.
        for attempt in made().filter(|attempt| attempt.outcome != "abandoned") {
            // Mostly it is the one that answered, whose series is at hand.
            let answered =
                row.provider.as_ref() == Some(&attempt.provider) && row.model.as_ref() == Some(&attempt.model);
            match known.as_ref().filter(|_| answered) {
                Some(series) => series.attempt(attempt, attempt.outcome == "success", &self.recorder),
                None => self.attempt(attempt),
            }
        }
    }

    fn attempt(&self, attempt: &LogAttempt) {
        let success = attempt.outcome == "success";
        let known = self
            .known
            .get(&(attempt.provider.clone(), attempt.model.clone()))
            .map(|series| Arc::clone(&series));
        let series = match known {
            Some(series) => series,
            None if success => self.of(&attempt.provider, &attempt.model),
            None => self.of_unknown(&attempt.provider),
        };
        series.attempt(attempt, success, &self.recorder);
    }

    /// The series of a model that answered, or the shared ones where its provider has many already.
    fn of(&self, provider: &ProviderName, model: &ModelName) -> Arc<Series> {
        let key = (provider.clone(), model.clone());
        if let Some(series) = self.known.get(&key) {
            return Arc::clone(&series);
        }
        let mut models = self.models.entry(provider.clone()).or_insert(0);
        if *models >= MODELS {
            drop(models);
            return self.of_unknown(provider);
        }
        let mut fresh = false;
        let series = Arc::clone(
            self.known
                .entry(key)
                .or_insert_with(|| {
                    fresh = true;
                    Arc::new(Series::new(provider.as_str(), model.as_str()))
                })
                .value(),
        );
        *models += usize::from(fresh);
        series
    }

    fn of_unknown(&self, provider: &ProviderName) -> Arc<Series> {
        let key = (provider.clone(), ModelName::new(OTHER));
        Arc::clone(
            self.known
                .entry(key)
                .or_insert_with(|| Arc::new(Series::new(provider.as_str(), OTHER)))
                .value(),
        )
    }

    /// Everything, as Prometheus reads it.
    pub(crate) fn render(&self) -> String {
        let mut text = self.handle.render();
        self.render_cost(&mut text);
        text
    }

    fn render_cost(&self, out: &mut String) {
        let _ = writeln!(out, "# HELP {COST} Dollars spent.\n# TYPE {COST} counter");
        let mut write = |series: &Series| {
            let [provider, model] = series.labels();
            let dollars = NanoUsd(series.cost());
            let _ = writeln!(
                out,
                "{COST}{{provider=\"{}\",model=\"{}\"}} {dollars}",
                escaped(provider.value()),
                escaped(model.value())
            );
        };
        self.known.iter().for_each(|series| write(&series));
        // What was spent without an answer: a client that left, a failed attempt that is billed.
        if self.nobody.cost() > 0 {
            write(&self.nobody);
        }
    }

    /// Moves what histograms have gathered to where it is rendered from; until then every sample takes memory.
    pub(crate) fn tidy(&self) {
        self.handle.run_upkeep();
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::sample;

    fn line<'a>(text: &'a str, start: &str) -> &'a str {
        text.lines()
            .find_map(|line| line.strip_prefix(start))
            .unwrap_or_else(|| panic!("no `{start}` in\n{text}"))
            .trim()
    }

    #[test]
    fn a_request_counts_once_for_the_provider_that_answered() {
        let metrics = Metrics::new().unwrap();
        metrics.opened();
        metrics.finished(&sample::row());
        let text = metrics.render();
        let labels = "{provider=\"openai\",model=\"served\"";
        assert_eq!(line(&text, &format!("{REQUESTS}{labels},status=\"2xx\"}}")), "1");
        assert_eq!(text.matches(&format!("\n{REQUESTS}{{")).count(), 1);
        assert_eq!(line(&text, &format!("{DURATION}_bucket{labels},le=\"0.0025\"}}")), "1");
        assert_eq!(line(&text, &format!("{COST}{labels}}}")), "0.0015");
        assert_eq!(line(&text, &format!("{INPUT}{labels}}}")), "12");
        assert_eq!(line(&text, &format!("{FALLBACKS}{labels}}}")), "1");
        assert_eq!(line(&text, &format!("{UPSTREAM}{labels}}}")), "1");
        assert_eq!(line(&text, ACTIVE), "0");
        for name in [COST, REQUESTS] {
            assert_eq!(line(&text, &format!("# TYPE {name}")), "counter");
        }
    }

    #[test]
    fn a_model_that_never_answered_becomes_no_label() {
        let metrics = Metrics::new().unwrap();
        metrics.finished(&sample::row());
        let text = metrics.render();
        assert!(
            text.contains(&format!("{UPSTREAM}{{provider=\"vllm\",model=\"other\"}} 1")),
            "{text}"
        );
        assert!(
            !text.contains("ollama"),
            "a candidate that was passed over was not called"
        );
    }

    #[test]
    fn what_was_spent_without_an_answer_is_spent_all_the_same() {
        let metrics = Metrics::new().unwrap();
        let mut row = sample::refused();
        row.cost = NanoUsd(1500);
        row.attempts = sample::row().attempts;
        row.attempts.truncate(1);
        row.attempts[0].outcome = "abandoned".into();
        metrics.finished(&row);
        let text = metrics.render();
        assert_eq!(
            line(&text, &format!("{COST}{{provider=\"none\",model=\"none\"}}")),
            "0.0000015"
        );
        assert!(
            !text.contains(ERRORS),
            "a client that leaves is no error of the upstream"
        );
    }

    #[test]
    fn a_refused_request_counts_for_nobody() {
        let metrics = Metrics::new().unwrap();
        metrics.finished(&sample::refused());
        let text = metrics.render();
        assert_eq!(
            line(
                &text,
                &format!("{REQUESTS}{{provider=\"none\",model=\"none\",status=\"4xx\"}}")
            ),
            "1"
        );
        assert!(!text.contains(ERRORS), "no upstream was called, so none failed");
    }

    #[test]
    fn models_beyond_the_bound_share_a_label() {
        let metrics = Metrics::new().unwrap();
        for n in 0..MODELS + 20 {
            let mut row = sample::row();
            row.model = Some(format!("m{n}").into());
            row.attempts.clear();
            metrics.finished(&row);
        }
        let text = metrics.render();
        assert_eq!(text.matches(&format!("\n{REQUESTS}{{")).count(), MODELS + 1);
        assert_eq!(
            line(
                &text,
                &format!("{REQUESTS}{{provider=\"openai\",model=\"other\",status=\"2xx\"}}")
            ),
            "20"
        );
    }

    #[test]
    fn labels_are_escaped() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
