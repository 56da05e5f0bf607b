//! One case of the line so many times, and nothing else: for callgrind, which counts instructions. What a call takes is the
//! difference of two runs, divided by the difference of their numbers.

#[path = "line/setting.rs"]
mod setting;

use std::process::ExitCode;

use setting::{Setting, chat, code, presented, prose};

/// After so many calls the writers of ledger entries and log rows get the thread.
const BATCH: usize = 32;
const CASES: [&str; 6] = [
    "whole",
    "stream",
    "prose",
    "code",
    "to-anthropic",
    "stream-from-anthropic",
];

#[allow(clippy::print_stderr, reason = "it says how it is used")]
fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (case, calls) = (
        args.next().unwrap_or_default(),
        args.next().and_then(|calls| calls.parse().ok()),
    );
    let (Some(calls), true) = (calls, CASES.contains(&case.as_str())) else {
        eprintln!("usage: instructions CASE CALLS; cases: {}", CASES.join(", "));
        return ExitCode::FAILURE;
    };
    let body = match case.as_str() {
        "whole" => chat("gpt-4o-mini", false),
        "stream" => chat("gpt-4o-mini", true),
        "prose" => prose(400_000),
        "code" => code(400_000),
        "to-anthropic" => chat("anthropic/claude-3-5-haiku-20241022", false),
        _ => chat("anthropic/claude-3-5-haiku-20241022", true),
    };
    run(&body, calls);
    ExitCode::SUCCESS
}

fn run(body: &bytes::Bytes, calls: usize) {
    let setting = Setting::new();
    let headers = presented();
    setting.runtime.block_on(async {
        for nth in 1..=calls {
            assert_ne!(setting.call(&headers, body).await, 0, "there is an answer");
            if nth % BATCH == 0 {
                tokio::task::yield_now().await;
            }
        }
    });
    setting.close();
}
