//! The series of one provider and model: handles that are registered once and then cost an atomic each.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use gateway::ports::logs::{LogAttempt, LogRow};
use metrics::{Counter, Histogram, Key, Label, Level, Metadata, Recorder, SharedString};
use metrics_exporter_prometheus::PrometheusRecorder;

pub(super) const REQUESTS: &str = "bifrost_requests_total";
pub(super) const DURATION: &str = "bifrost_request_duration_seconds";
pub(super) const COST: &str = "bifrost_cost_total";
pub(super) const INPUT: &str = "bifrost_input_tokens_total";
pub(super) const OUTPUT: &str = "bifrost_output_tokens_total";
pub(super) const FIRST_TOKEN: &str = "bifrost_stream_first_token_latency_seconds";
pub(super) const UPSTREAM_LATENCY: &str = "bifrost_upstream_latency_seconds";
pub(super) const UPSTREAM: &str = "bifrost_upstream_requests_total";
pub(super) const SUCCESS: &str = "bifrost_success_requests_total";
pub(super) const ERRORS: &str = "bifrost_error_requests_total";
pub(super) const RETRIES: &str = "bifrost_request_retries_total";
pub(super) const FALLBACKS: &str = "bifrost_fallbacks_total";

pub(super) const METADATA: Metadata<'static> = Metadata::new("gateway", Level::INFO, None);

const CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// All series of one provider and model.
pub(super) struct Series {
    labels: [Label; 2],
    requests: [OnceLock<Counter>; CLASSES.len()],
    errors: Mutex<Vec<(u16, Counter)>>,
    duration: Lazy<Histogram>,
    first_token: Lazy<Histogram>,
    upstream_latency: [Lazy<Histogram>; 2],
    upstream: Lazy<Counter>,
    success: Lazy<Counter>,
    input: Lazy<Counter>,
    output: Lazy<Counter>,
    retries: Lazy<Counter>,
    fallbacks: Lazy<Counter>,
    /// Counters of `metrics` are whole numbers; dollars are not. So this one is kept in nano-dollars, exactly.
    cost: AtomicI64,
}

type Lazy<T> = OnceLock<T>;

impl std::fmt::Debug for Series {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Series").field(&self.labels).finish()
    }
}

impl Series {
    pub(super) fn new(provider: &str, model: &str) -> Self {
        let label = |name: &'static str, value: &str| Label::new(name, SharedString::from(value.to_owned()));
        Self {
            labels: [label("provider", provider), label("model", model)],
            requests: Default::default(),
            errors: Mutex::default(),
            duration: Lazy::new(),
            first_token: Lazy::new(),
            upstream_latency: [Lazy::new(), Lazy::new()],
            upstream: Lazy::new(),
            success: Lazy::new(),
            input: Lazy::new(),
            output: Lazy::new(),
            retries: Lazy::new(),
            fallbacks: Lazy::new(),
            cost: AtomicI64::new(0),
        }
    }

    /// Counts a client request that ended here.
    pub(super) fn request(&self, row: &LogRow, recorder: &PrometheusRecorder) {
        let class = match usize::from(row.http_status / 100) {
            class @ 1..=5 => class,
            _ => 0,
        };
        self.requests[class]
            .get_or_init(|| self.counter(recorder, REQUESTS, &[("status", CLASSES[class])]))
            .increment(1);
        self.duration
            .get_or_init(|| self.histogram(recorder, DURATION, &[]))
            .record(seconds(row.latency_us));
        if let Some(us) = row.ttft_us.filter(|_| row.stream) {
            self.first_token
                .get_or_init(|| self.histogram(recorder, FIRST_TOKEN, &[]))
                .record(seconds(us));
        }
        if let Some(metered) = &row.metered {
            let (input, output) = (metered.usage.input_total(), metered.usage.output_total());
            self.input
                .get_or_init(|| self.counter(recorder, INPUT, &[]))
                .increment(input);
            self.output
                .get_or_init(|| self.counter(recorder, OUTPUT, &[]))
                .increment(output);
        }
        self.cost.fetch_add(row.cost.0.max(0), Ordering::Relaxed);
    }

    /// Counts an error by the upstream's status; 0 where there was none.
    fn error(&self, status: u16, recorder: &PrometheusRecorder) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counter)) = errors.iter().find(|(known, _)| *known == status) {
            return counter.increment(1);
        }
        let counter = self.counter(recorder, ERRORS, &[("status_code", &status.to_string())]);
        counter.increment(1);
        errors.push((status, counter));
    }

    /// Counts what it took to get there.
    pub(super) fn detours(&self, retries: u64, fallbacks: u64, recorder: &PrometheusRecorder) {
        self.retries
            .get_or_init(|| self.counter(recorder, RETRIES, &[]))
            .increment(retries);
        self.fallbacks
            .get_or_init(|| self.counter(recorder, FALLBACKS, &[]))
            .increment(fallbacks);
    }

    /// Counts a call of the upstream.
    pub(super) fn attempt(&self, attempt: &LogAttempt, success: bool, recorder: &PrometheusRecorder) {
        self.upstream
            .get_or_init(|| self.counter(recorder, UPSTREAM, &[]))
            .increment(1);
        if success {
            self.success
                .get_or_init(|| self.counter(recorder, SUCCESS, &[]))
                .increment(1);
        } else {
            self.error(attempt.http_status.unwrap_or(0), recorder);
        }
        let word = if success { "true" } else { "false" };
        self.upstream_latency[usize::from(success)]
            .get_or_init(|| self.histogram(recorder, UPSTREAM_LATENCY, &[("is_success", word)]))
            .record(seconds(attempt.took_us));
    }

    /// What was spent here, in nano-dollars.
    pub(super) fn cost(&self) -> i64 {
        self.cost.load(Ordering::Relaxed)
    }

    pub(super) fn labels(&self) -> &[Label; 2] {
        &self.labels
    }

    fn key(&self, name: &'static str, more: &[(&'static str, &str)]) -> Key {
        let more = more
            .iter()
            .map(|(name, value)| Label::new(*name, SharedString::from((*value).to_owned())));
        Key::from_parts(name, self.labels.iter().cloned().chain(more).collect::<Vec<_>>())
    }

    fn counter(&self, recorder: &PrometheusRecorder, name: &'static str, more: &[(&'static str, &str)]) -> Counter {
        recorder.register_counter(&self.key(name, more), &METADATA)
    }

    fn histogram(&self, recorder: &PrometheusRecorder, name: &'static str, more: &[(&'static str, &str)]) -> Histogram {
        recorder.register_histogram(&self.key(name, more), &METADATA)
    }
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
