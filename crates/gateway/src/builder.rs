//! Putting a gateway together from its ports.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway_governance::governor::{self, Governor};
use gateway_governance::ledger::Ledger;
use gateway_governance::memory::MemoryLedger;
use gateway_providers::Transport;
use gateway_router::Router;
use gateway_types::{Clock, Org};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::alerts;
use crate::clock::SystemClock;
use crate::control::discovery::{self, Wishes};
use crate::control::{Control, Parts};
use crate::environment::{Empty, Environment};
use crate::kept::{self, Kept};
use crate::line::finish::Finisher;
use crate::line::{Line, Recorders};
use crate::ports::audit::AuditStore;
use crate::ports::logs::LogStore;
use crate::ports::memory::{MemoryAudit, MemoryLogs, MemoryObjects, MemorySettings};
use crate::ports::objects::ObjectStore;
use crate::ports::settings::SettingsStore;
use crate::record::{self, Journal, Recorder};

/// What a host decides once.
#[derive(Clone)]
pub struct Options {
    /// Whether callers from beyond this machine can reach the gateway: virtual keys are then enforced unless the
    /// settings say otherwise.
    pub exposed: bool,
    /// Whether providers are picked up from well-known variables of the environment.
    pub providers_from_environment: bool,
    /// How often discovered model lists are refreshed.
    pub discovery_interval: Duration,
    /// The gateway's secret: seals provider keys at rest and keys the hashes of virtual keys.
    pub secret: [u8; 32],
    /// Whether the host lets somebody in to manage the gateway who is neither a user nor an API token of the settings:
    /// otherwise the last of those who may cannot be removed.
    pub admin_token: bool,
    /// Whose records are read and written.
    pub org: Org,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            exposed: false,
            providers_from_environment: false,
            discovery_interval: Duration::from_secs(600),
            secret: [0; 32],
            admin_token: false,
            org: Org::default(),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("exposed", &self.exposed)
            .field("org", &self.org)
            .finish_non_exhaustive()
    }
}

/// The parts of a gateway. Everything has an in-memory default but the transport.
#[derive(Debug)]
pub struct Builder {
    transport: Arc<dyn Transport>,
    options: Options,
    clock: Arc<dyn Clock>,
    ledger: Arc<dyn Ledger>,
    settings: Arc<dyn SettingsStore>,
    objects: Arc<dyn ObjectStore>,
    audit: Arc<dyn AuditStore>,
    logs: Arc<dyn LogStore>,
    recorders: Vec<Arc<dyn Recorder>>,
    environment: Arc<dyn Environment>,
}

/// A running gateway. Cheap to clone. Call [`Gateway::close`] before the process ends, so that what is settled is
/// durable and what was leased goes back.
#[derive(Clone, Debug)]
pub struct Gateway {
    control: Control,
    governor: Arc<Governor>,
    logs: Arc<dyn LogStore>,
    journal: Arc<Journal>,
    recorders: Recorders,
    finisher: Finisher,
    tasks: Arc<Mutex<Tasks>>,
}

/// The background work, owned by the gateway.
#[derive(Debug, Default)]
struct Tasks {
    discovery: Option<JoinHandle<()>>,
    alerts: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    writers: Vec<JoinHandle<()>>,
}

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A store could not be read.
    #[error(transparent)]
    Store(#[from] crate::ports::StoreError),
    /// What the store holds is not what this version understands.
    #[error("{0}")]
    Settings(String),
}

impl Builder {
    /// Sets what the host decides once.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Takes the time from there instead of from the machine.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Keeps leases and entries there.
    #[must_use]
    pub fn ledger(self, ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger, ..self }
    }

    /// Keeps settings there.
    #[must_use]
    pub fn settings(self, settings: Arc<dyn SettingsStore>) -> Self {
        Self { settings, ..self }
    }

    /// Keeps objects there.
    #[must_use]
    pub fn objects(self, objects: Arc<dyn ObjectStore>) -> Self {
        Self { objects, ..self }
    }

    /// Keeps the audit log there: where the settings, whose changes are written into it, are kept.
    #[must_use]
    pub fn audit(self, audit: Arc<dyn AuditStore>) -> Self {
        Self { audit, ..self }
    }

    /// Keeps log rows there.
    #[must_use]
    pub fn logs(self, logs: Arc<dyn LogStore>) -> Self {
        Self { logs, ..self }
    }

    /// Tells finished requests to it as well.
    #[must_use]
    pub fn recorder(mut self, recorder: Arc<dyn Recorder>) -> Self {
        self.recorders.push(recorder);
        self
    }

    /// Reads `env.NAME` values there.
    #[must_use]
    pub fn environment(self, environment: Arc<dyn Environment>) -> Self {
        Self { environment, ..self }
    }

    /// Reads the stores and starts the background work on the current tokio runtime: ledger writer, lease keeper, log
    /// writer, discovery.
    pub async fn start(self) -> Result<Gateway, StartError> {
        let options = governor::Options::default();
        let (governor, money) = Governor::new(
            Arc::clone(&self.ledger),
            Arc::clone(&self.clock),
            self.options.org.clone(),
            options,
        );
        let governor = Arc::new(governor);
        let transport = Arc::clone(&self.transport);
        let (wishes, wished) = Wishes::new();
        let (kept, names) = Kept::new(Arc::clone(&self.objects), Arc::clone(&self.clock));
        let control = Control::start(Parts {
            governor: Arc::clone(&governor),
            router: Arc::new(Router::new(gateway_router::Config::default())),
            clock: Arc::clone(&self.clock),
            settings: self.settings,
            objects: self.objects,
            audit: self.audit,
            ledger: self.ledger,
            environment: self.environment,
            transport: self.transport,
            secret: self.options.secret,
            admin_token: self.options.admin_token,
            exposed: self.options.exposed,
            providers_from_environment: self.options.providers_from_environment,
            wishes,
            kept: Arc::clone(&kept),
        })
        .await?;
        let money = tokio::spawn(money.run());
        governor.ready().await;
        let (journal, pages) = Journal::new();
        let journal = Arc::new(journal);
        let mut logged: Vec<Arc<dyn Recorder>> = vec![Arc::clone(&journal) as _];
        logged.extend(self.recorders.iter().cloned());
        let recorders = Recorders {
            logged: logged.into(),
            unlogged: self.recorders.into(),
        };
        let post = alerts::Post {
            transport,
            clock: Arc::clone(&self.clock),
            first_pause: alerts::FIRST_PAUSE,
        };
        let (stop_alerts, stopped) = oneshot::channel();
        let shared = Arc::clone(control.shared());
        crate::line::batch::resume(&shared).await;
        let retention = {
            let shared = Arc::clone(&shared);
            move || shared.snapshot.load().client.retention
        };
        let tasks = Tasks {
            discovery: Some(tokio::spawn(discovery::run(
                shared,
                wished,
                self.options.discovery_interval,
            ))),
            alerts: governor
                .crossings()
                .map(|crossings| (stop_alerts, tokio::spawn(post.run(crossings, stopped)))),
            writers: vec![
                money,
                tokio::spawn(kept::keep(kept, names)),
                tokio::spawn(record::keep(pages, Arc::clone(&self.logs), self.clock, retention)),
            ],
        };
        Ok(Gateway {
            control,
            governor,
            logs: self.logs,
            journal,
            recorders,
            finisher: Finisher::new(),
            tasks: Arc::new(Mutex::new(tasks)),
        })
    }
}

impl Gateway {
    /// A gateway whose discovery calls go through that transport.
    pub fn builder(transport: Arc<dyn Transport>) -> Builder {
        let audit = Arc::new(MemoryAudit::new());
        Builder {
            transport,
            options: Options::default(),
            clock: Arc::new(SystemClock::default()),
            ledger: Arc::new(MemoryLedger::default()),
            settings: Arc::new(MemorySettings::audited(Arc::clone(&audit))),
            objects: Arc::new(MemoryObjects::default()),
            audit,
            logs: Arc::new(MemoryLogs::default()),
            recorders: Vec::new(),
            environment: Arc::new(Empty),
        }
    }

    /// A data plane for one worker, with its own transport.
    pub fn line(&self, transport: Arc<dyn Transport>) -> Line {
        let shared = Arc::clone(self.control.shared());
        Line::new(shared, transport, self.recorders.clone(), self.finisher.clone())
    }

    /// The control plane.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The log rows.
    pub fn logs(&self) -> &Arc<dyn LogStore> {
        &self.logs
    }

    /// How many log rows were dropped because their queue was full.
    pub fn dropped_rows(&self) -> u64 {
        self.journal.dropped()
    }

    /// The clock in use.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.control.shared().clock
    }

    /// Stops the background work once everything that is settled is durable. Lines must be idle by then.
    pub async fn close(&self) {
        let Tasks {
            discovery,
            alerts,
            writers,
        } = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        if let Some(discovery) = discovery {
            discovery.abort();
            discovery.await.ok();
        }
        self.finisher.close().await;
        self.journal.close();
        self.control.shared().batches.close();
        self.control.shared().kept.close();
        self.governor.close().await;
        if let Some((stop, alerts)) = alerts {
            stop.send(()).ok();
            alerts.await.ok();
        }
        for writer in writers {
            writer.await.ok();
        }
    }
}
