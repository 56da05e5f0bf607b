//! From options to a running gateway, and back to nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::clock::SystemClock;
use gateway::control::ProviderView;
use gateway::ports::objects::Object;
use gateway::{Gateway, Options};
use gateway_providers::client::HyperTransport;
use gateway_store::{Sqlite, Stores};
use gateway_types::{Org, Secret};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

use crate::access::{Throttle, Tokens, is_guarded, is_loopback};
use crate::cli::{Args, default_data_dir};
use crate::config::catalogue::CatalogueFile;
use crate::config::{self, Watched};
use crate::edge::Phase;
use crate::edge::listen::{self, Listeners};
use crate::edge::tls::{self, Tls};
use crate::edge::worker::{self, End};
use crate::environment::Process;
use crate::limits::Limits;
use crate::routes::Routes;
use crate::run::RunError;
use crate::state::Edge;
use crate::telemetry::live::Live;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::{self, Watchers};
use crate::{announce, offers, secret, signals};

/// Threads for everything that is no inference request.
const ADMIN_THREADS: usize = 2;
/// How often models are asked for anew.
const DISCOVERY: Duration = Duration::from_secs(600);
/// How often metrics are tidied.
const TIDY: Duration = Duration::from_secs(1);

/// Serves until the process is told to stop.
pub(crate) fn serve(args: &Args) -> Result<(), RunError> {
    telemetry::log::start(&args.log_level, args.log_style)?;
    let admin = Builder::new_multi_thread()
        .worker_threads(ADMIN_THREADS)
        .thread_name("admin")
        .enable_all()
        .build()?;
    let outcome = admin.block_on(lead(args, &admin));
    // What still runs there is background work that has been told to end; it must not hold the process up.
    admin.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// Everything from the first file to the last byte, on the admin runtime.
async fn lead(args: &Args, admin: &Runtime) -> Result<(), RunError> {
    let mut signals = signals::Signals::new()?;
    let data = args
        .data_dir
        .clone()
        .unwrap_or_else(|| default_data_dir(|name| std::env::var(name).ok()));
    let data = std::path::absolute(&data).unwrap_or(data);
    make_folder(&data).map_err(|error| RunError::Data(data.clone(), error))?;
    let workers = args.workers.map_or_else(cores, usize::from);
    let (reloads, asked) = watch::channel(());
    let tls = speak_tls(args, &asked)?;
    let listeners = listen::bind(&args.host, args.port, workers)?;
    let stores = Sqlite::open(&data, &Org::default()).map_err(|error| RunError::Open(data.clone(), error))?;

    let (phase_is, phase) = watch::channel(Phase::Running);
    let edge = assemble(args, &data, &stores, &listeners, tls, admin, phase).await?;
    take_documents(args, &edge.gateway, &stores, asked).await?;
    let addresses = listeners.addresses.clone();
    let line = || edge.gateway.line(Arc::new(HyperTransport::new()));
    let mut ends = worker::start(&edge, listeners.sets, line)?;
    greet(args, &data, &edge)?;

    let mut outcome = Ok(());
    loop {
        tokio::select! {
            signal = signals.next() => match signal {
                signals::Signal::Reload => reloads.send_replace(()),
                signals::Signal::Stop => break,
            },
            end = ends.recv() => {
                outcome = Err(RunError::Worker(ended_early(end)));
                break;
            }
        }
    }
    tracing::info!(?addresses, timeout = ?edge.limits.drain, "stopping: requests in flight may finish");
    drain(&phase_is, &mut signals, &mut ends, edge.limits.drain).await;
    edge.gateway.close().await;
    drop(edge);
    stores.close().await;
    tracing::info!("stopped");
    outcome
}

/// The certificate for clients, where there is one, and a watch over its files.
fn speak_tls(args: &Args, asked: &watch::Receiver<()>) -> Result<Option<Arc<Tls>>, RunError> {
    let Some((certificate, key)) = args.tls_cert.as_deref().zip(args.tls_key.as_deref()) else {
        return Ok(None);
    };
    let (tls, files) = Tls::of(certificate, key)?;
    tokio::spawn(tls::watch(files, asked.clone()));
    Ok(Some(tls))
}

/// The gateway and everything around it that requests need.
async fn assemble(
    args: &Args,
    data: &Path,
    stores: &Stores,
    listeners: &Listeners,
    tls: Option<Arc<Tls>>,
    admin: &Runtime,
    phase: watch::Receiver<Phase>,
) -> Result<Arc<Edge>, RunError> {
    let variable = std::env::var(secret::VARIABLE).ok();
    let exposed = listeners.addresses.iter().any(|address| !is_loopback(address.ip()));
    let metrics = Arc::new(Metrics::new()?);
    let live = Arc::new(Live::default());
    let gateway = Gateway::builder(Arc::new(HyperTransport::new()))
        .options(Options {
            exposed,
            providers_from_environment: true,
            discovery_interval: DISCOVERY,
            secret: secret::load(data, variable.as_deref())?,
            admin_token: token(args.admin_token.as_ref()).is_some(),
            org: Org::default(),
        })
        .clock(Arc::new(SystemClock::default()))
        .ledger(stores.ledger())
        .settings(stores.settings())
        .objects(stores.objects())
        .audit(stores.audit())
        .logs(stores.logs())
        .recorder(Arc::new(Watchers {
            metrics: Arc::clone(&metrics),
            live: Arc::clone(&live),
        }))
        .environment(Arc::new(Process::allowing(&args.env_allow)))
        .start()
        .await?;
    let places = offers::places(std::env::var(offers::VARIABLE).ok().as_deref());
    tokio::spawn(offers::watch(gateway.clone(), places));
    tokio::spawn(tidy(Arc::clone(&metrics)));
    let edge = Arc::new(Edge {
        line: gateway.line(Arc::new(HyperTransport::new())),
        gateway,
        routes: Routes::new()?,
        limits: Limits::from(args),
        admin: admin.handle().clone(),
        metrics,
        live,
        connections: 0.into(),
        exposed,
        addresses: listeners.addresses.clone(),
        tls,
        tokens: Tokens {
            admin: token(args.admin_token.as_ref()),
            scrape: token(args.scrape_token.as_ref()),
        },
        throttle: Throttle::default(),
        phase,
    });
    Ok(edge)
}

/// Imports the seed, takes the configuration file up and watches it.
async fn take_documents(
    args: &Args,
    gateway: &Gateway,
    stores: &Stores,
    asked: watch::Receiver<()>,
) -> Result<(), RunError> {
    if let Some(path) = &args.config_seed {
        seed(path, gateway, stores).await?;
    }
    if let Some(path) = &args.catalog {
        let mut file = CatalogueFile::new(path.clone());
        file.look(gateway.control()).await;
        tokio::spawn(config::catalogue::watch(file, gateway.clone()));
    }
    if let Some(path) = &args.config {
        let file = Watched::first(path.clone(), gateway.control())
            .await
            .map_err(RunError::Document)?;
        tokio::spawn(config::watch(file, gateway.clone(), asked));
    }
    Ok(())
}

/// Imports a document, unless this store has had one: what was changed since must not be undone by the next start.
async fn seed(path: &Path, gateway: &Gateway, stores: &Stores) -> Result<(), RunError> {
    const KIND: &str = "seed";
    const ID: &str = "document";
    let now = gateway.clock().now().wall;
    if let Some(earlier) = stores
        .objects()
        .find(KIND, ID, now)
        .await
        .map_err(gateway::StartError::Store)?
    {
        tracing::info!(imported = %earlier.at.rfc3339(), "the store was seeded before; the document is not imported again");
        return Ok(());
    }
    let wrong = |error| RunError::Document(format!("{}: {error}", path.display()));
    for warning in gateway
        .control()
        .seed(config::load(path)?, "seed")
        .await
        .map_err(wrong)?
    {
        tracing::warn!(file = %path.display(), "{warning}");
    }
    let body = serde_json::json!({ "file": path.display().to_string() });
    let mark = Object {
        kind: KIND.into(),
        id: ID.into(),
        body,
        at: now,
        expires: None,
    };
    stores.objects().put(&mark).await.map_err(gateway::StartError::Store)?;
    Ok(())
}

/// Says where everything is.
fn greet(args: &Args, data: &Path, edge: &Edge) -> Result<(), RunError> {
    let name = |provider: ProviderView| match provider.origin.as_str() {
        "environment" => format!("{} (from the environment)", provider.name),
        _ => provider.name.to_string(),
    };
    let listed = edge.gateway.control().providers().providers;
    let providers: Vec<String> = listed.into_iter().map(name).collect();
    let mut notes = Vec::new();
    if edge.exposed && !is_guarded(edge) {
        notes.push(String::from(
            "the API is open to the network; the management API answers this machine only (see --admin-token)",
        ));
    }
    if let Some(path) = &args.config {
        notes.push(format!("settings from {}", path.display()));
    }
    let address = edge
        .addresses
        .first()
        .copied()
        .ok_or_else(|| std::io::Error::other("nothing listens"))?;
    // A start whose output nobody reads any more is a start all the same.
    let start = announce::Start {
        address,
        tls: edge.tls.is_some(),
        data,
        providers: &providers,
        notes: &notes,
    };
    if let Err(error) = announce::print(&start) {
        tracing::debug!(%error, "the start could not be announced");
    }
    tracing::info!(addresses = ?edge.addresses, exposed = edge.exposed, "listening");
    Ok(())
}

/// Lets requests in flight finish, up to a limit or a second signal.
async fn drain(
    phase: &watch::Sender<Phase>,
    signals: &mut signals::Signals,
    ends: &mut mpsc::UnboundedReceiver<End>,
    limit: Duration,
) {
    phase.send_replace(Phase::Draining);
    let over = tokio::time::sleep(limit);
    tokio::pin!(over);
    loop {
        tokio::select! {
            end = ends.recv() => if end.is_none() { return },
            signal = signals.next() => if signal == signals::Signal::Stop { break },
            () = &mut over => break,
        }
    }
    tracing::warn!("requests still in flight are cut");
    phase.send_replace(Phase::Cut);
    while ends.recv().await.is_some() {}
}

fn ended_early(end: Option<End>) -> String {
    match end {
        Some(End::Failed(error)) => format!("failed: {error}"),
        Some(End::Panicked) => String::from("panicked (the log says where)"),
        Some(End::Done) | None => String::from("ended before its time"),
    }
}

async fn tidy(metrics: Arc<Metrics>) {
    loop {
        tokio::time::sleep(TIDY).await;
        metrics.tidy();
    }
}

fn token(given: Option<&String>) -> Option<Secret> {
    given
        .filter(|token| !token.is_empty())
        .map(|token| Secret::new(token.as_str()))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The data folder, readable by its owner only where it is made here.
fn make_folder(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
