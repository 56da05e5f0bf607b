//! The binary: arguments in, exit code out.

use std::process::ExitCode;

use gateway_server::Cli;

// Request work is many small allocations that live briefly; jemalloc serves them faster than glibc and gives memory back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match gateway_server::run(Cli::from_process()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
