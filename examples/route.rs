//! The router alone, in a small service: three upstreams, one of them down, and many requests at once.
//!
//! Run it with `cargo run -p gateway-examples --bin route`. The upstreams are line servers in the same process; what
//! you would bring is a client for yours ([`ask`]), what its errors mean for the next choice (`From<&AskError>`), and
//! a clock, dice and a timer ([`Tokio`]).
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gateway_router::{Candidate, Choice, Deployment, Driven, Host, Outcome, Query, Router};
use gateway_types::{Now, Tick, Wall};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

fn main() -> io::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve())
}

async fn serve() -> io::Result<()> {
    let upstreams = Arc::new(HashMap::from([
        ("vllm", vacant().await?),
        ("ollama", upstream("OK").await?),
        ("cloud", upstream("OK").await?),
    ]));
    let host = Tokio { start: Instant::now() };
    let router = Router::default().driven_by(host.clone());

    // What is spawned must be `Send`: a run may wake up on another thread.
    let mut served: BTreeMap<String, u32> = BTreeMap::new();
    for wave in 0..10 {
        let mut requests = JoinSet::new();
        for n in 0..20 {
            requests.spawn(answer(router.clone(), upstreams.clone(), wave * 20 + n));
        }
        for answered in requests.join_all().await {
            *served.entry(answered).or_default() += 1;
        }
    }

    println!("200 requests, 20 at a time; only the first of them met the dead one:");
    for (how, count) in served {
        println!("  {count:>3} × {how}");
    }
    println!("\nwhat the router remembers:");
    for known in router.router().health(host.now()) {
        println!(
            "  {}: {:?}, {} calls, {} failed",
            known.deployment.provider, known.standing.condition, known.standing.calls, known.standing.failures
        );
    }
    Ok(())
}

/// One request: who answered it, and after how many attempts.
async fn answer(router: Driven, upstreams: Arc<HashMap<&'static str, SocketAddr>>, n: u32) -> String {
    let call = |choice: Choice| {
        let address = upstreams.get(choice.deployment().provider.as_str()).copied();
        async move { ask(address, &format!("request {n}")).await.map(|_| choice) }
    };
    match router.run(query(), call).await {
        Ok(choice) => format!("{} at attempt {}", choice.deployment().provider, choice.ordinal()),
        Err(error) => format!("not served: {error}"),
    }
}

/// Most of the traffic stays at home; the cloud is asked only when home does not answer.
fn query() -> Query {
    let place = |provider: &str, model: &str, weight| {
        let mut candidate = Candidate::new(Deployment::new(provider, "key-1", model)).weight(weight);
        candidate.timeout = Duration::from_secs(5);
        candidate
    };
    Query::new(
        "llama-3-8b",
        vec![
            place("vllm", "llama-3-8b", 0.7),
            place("ollama", "llama3", 0.3),
            place("cloud", "gpt-4o-mini", 0.0),
        ],
    )
}

/// The client: a line there, a line back.
async fn ask(address: Option<SocketAddr>, line: &str) -> Result<String, AskError> {
    let address = address.ok_or(AskError::Connect)?;
    let mut stream = TcpStream::connect(address).await.map_err(|_| AskError::Connect)?;
    stream
        .write_all(format!("{line}\n").as_bytes())
        .await
        .map_err(|_| AskError::Broke)?;
    let mut reply = String::new();
    BufReader::new(stream)
        .read_line(&mut reply)
        .await
        .map_err(|_| AskError::Broke)?;
    if reply.is_empty() {
        Err(AskError::Broke)
    } else {
        Ok(reply)
    }
}

/// How the client fails.
#[derive(Debug)]
enum AskError {
    Connect,
    Broke,
}

/// What that means for the next choice.
impl From<&AskError> for Outcome {
    fn from(error: &AskError) -> Self {
        match error {
            AskError::Connect => Self::Unreachable,
            AskError::Broke => Self::Broke,
        }
    }
}

/// The time, the dice and the timer of this service.
#[derive(Clone)]
struct Tokio {
    start: Instant,
}

impl Host for Tokio {
    fn now(&self) -> Now {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        Now {
            wall: Wall::from_millis(i64::try_from(wall).unwrap_or(i64::MAX)),
            tick: Tick::new(self.start.elapsed()),
        }
    }

    fn seed(&self) -> u64 {
        // The standard library seeds each of these from the operating system's randomness.
        RandomState::new().hash_one(())
    }

    fn sleep(&self, span: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(span))
    }
}

/// An upstream that answers every line with one of its own.
async fn upstream(reply: &'static str) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                if stream.read_line(&mut String::new()).await.is_ok() {
                    // The client may have left; then there is nobody to tell.
                    let _ = stream.write_all(format!("{reply}\n").as_bytes()).await;
                }
            });
        }
    });
    Ok(address)
}

/// An address where nobody listens.
async fn vacant() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0").await?.local_addr()
}
