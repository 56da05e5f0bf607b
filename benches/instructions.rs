//! One case of the line so many times, and nothing else: for callgrind, which counts instructions. What a call takes is the
//! difference of two runs, divided by the difference of their numbers; `cargo xtask bench --instructions` does that.

use std::process::ExitCode;

use gateway_benches::{CASES, Case, Setting};

#[allow(clippy::print_stderr, reason = "it says how it is used")]
fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let case = args.next().and_then(|name| Case::named(&name));
    let calls = args.next().and_then(|calls| calls.parse().ok());
    let (Some(case), Some(calls)) = (case, calls) else {
        eprintln!("usage: gateway-instructions CASE CALLS; cases: {}", CASES.join(", "));
        return ExitCode::FAILURE;
    };
    let setting = Setting::default();
    setting.runtime.block_on(setting.calls(&case, calls));
    setting.close();
    ExitCode::SUCCESS
}
