//! The gateway with scripted vendors and a day of traffic, to look around in without a key: `cargo xtask demo`.
//!
//! The day is lived, not written: the real gateway serves thousands of calls over the stores of the data folder, on a clock
//! that leaps from timer to timer ([`time`]). Then the server starts on that folder, and calls keep coming.
//!
//! - **Owns**: what the vendors say ([`vendors`], [`talk`]), who calls ([`callers`], [`traffic`]), what is set up
//!   ([`settings`]).
//! - **Does not know**: how the gateway serves a call, and what it writes down.
//! - **Read first**: [`day`].

#![expect(clippy::print_stdout, reason = "a demo tells what it does")]

mod books;
mod callers;
mod day;
mod dice;
mod memory;
mod places;
mod settings;
mod sockets;
mod talk;
mod time;
mod traffic;
mod trickle;
mod vendors;

#[cfg(test)]
mod tests;

use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clap::Parser;
use gateway_types::Wall;
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::day::Plan;
use crate::places::Places;
use crate::talk::Talk;

/// How long a day is.
const DAY: Duration = Duration::from_secs(86_400);

/// A gateway with scripted vendors and a day of traffic.
#[derive(Debug, Parser)]
#[command(name = "demo")]
struct Args {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// How many days of traffic.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=90))]
    days: u32,
    /// How many calls a day.
    #[arg(long, default_value_t = 6000)]
    calls: usize,
    /// What all chance comes from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// No calls once the gateway runs, but for some at its start.
    #[arg(long)]
    quiet_now: bool,
    /// Folder for the data, which must be empty and is kept. A temporary one otherwise, which is removed at the end.
    #[arg(long, value_name = "DIR")]
    app_dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let folder = Folder::open(args.app_dir.as_deref())?;
    let talk = Arc::new(Talk::read());
    let (places, listeners) = Places::take()?;
    let port = free_port(args.port)?;
    if !lived(args, folder.path(), &places, &talk)? {
        return Ok(());
    }
    introduce(args, port);
    let vendors = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    {
        let _entered = vendors.enter();
        sockets::serve(listeners, &talk, args.seed)?;
    }
    let gateway = SocketAddr::from(([127, 0, 0, 1], port));
    vendors.spawn(trickle::trickle(gateway, talk, args.seed, args.quiet_now));
    serve(port, folder.path())
}

/// Lives through the day, and says whether it was not interrupted.
fn lived(args: &Args, folder: &Path, places: &Places, talk: &Arc<Talk>) -> Result<bool, Box<dyn Error>> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let plan = Plan {
        calls: args.calls * args.days as usize,
        span: DAY * args.days,
        seed: args.seed,
        end: Wall::from_millis(i64::try_from(now.as_millis())?),
    };
    println!("living through {} day(s) with {} calls …", args.days, plan.calls);
    let begun = Instant::now();
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
    let whole = runtime.block_on(async {
        tokio::select! {
            done = day::live(plan, folder, places, talk) => done.map(|()| true),
            _ = tokio::signal::ctrl_c() => Ok(false),
        }
    })?;
    println!("… which took {:.1} s\n", begun.elapsed().as_secs_f64());
    Ok(whole)
}

/// The gateway as anybody starts it, until it is told to stop.
fn serve(port: u16, folder: &Path) -> Result<(), Box<dyn Error>> {
    let port = format!("--port={port}");
    let folder = format!("--data-dir={}", folder.display());
    let cli = gateway_server::Cli::parse_from([
        "gateway-server",
        &port,
        &folder,
        "--log-level=error",
        "--drain-timeout=2s",
    ]);
    Ok(gateway_server::run(cli)?)
}

/// Says what there is to see.
fn introduce(args: &Args, port: u16) {
    let base = format!("http://127.0.0.1:{port}");
    println!("What to look at, at {base}/");
    for (path, what) in [
        (
            "/ui/overview",
            "the day: what it cost, how fast it was, the hour in which Anthropic was down",
        ),
        (
            "/ui/logs",
            "every call with its conversation, tokens, cost and attempts; new ones arrive as they happen",
        ),
        (
            "/ui/providers",
            "two clouds too many, two servers of our own, and Mistral, which is out of order",
        ),
        ("/ui/keys", "ten applications: one has spent its budget, one nearly"),
        (
            "/ui/routing",
            "rules that send calls elsewhere, and what would happen to one",
        ),
        (
            "/ui/playground",
            "a chat with any of the models; the answers are scripted",
        ),
    ] {
        println!("  {base}{path:16} {what}");
    }
    let calls = if args.quiet_now {
        "no further calls are made"
    } else {
        "a call every few seconds goes on"
    };
    println!("Vendors are scripted and local; {calls}. Stop it with Ctrl-C.\n");
    println!(
        "  curl {base}/v1/chat/completions -H 'authorization: Bearer {}' \\",
        callers::credential("support-chat")
    );
    println!(
        "    -H 'content-type: application/json' -d '{{\"model\": \"gpt-4o-mini\", \"messages\": [{{\"role\": \"user\", \"content\": \"Hello\"}}]}}'\n"
    );
}

/// The port asked for, or a free one.
fn free_port(port: u16) -> Result<u16, Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .map_err(|why| format!("port {port} cannot be used: {why}; choose another with --port, 0 for any"))?;
    Ok(listener.local_addr()?.port())
}

/// Where the data is.
enum Folder {
    /// For as long as the demo runs.
    Temporary(TempDir),
    /// For longer.
    Kept(PathBuf),
}

impl Folder {
    fn open(kept: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let Some(path) = kept else {
            return Ok(Self::Temporary(TempDir::with_prefix("gateway-demo-")?));
        };
        std::fs::create_dir_all(path)?;
        if std::fs::read_dir(path)?.next().is_some() {
            let path = path.display();
            return Err(format!("{path} is not empty: the demo makes its own data; choose another folder").into());
        }
        Ok(Self::Kept(path.to_owned()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}
