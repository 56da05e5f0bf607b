//! The audit log, durable: who did what to what, each record chained to the one before it by its hash, so that a record
//! that was changed, removed or moved is found.
//!
//! A chain shows what happened to its records, not what happened to all of them at once: whoever can write the store and
//! knows the format can write another chain. Noting the head that [`AuditStore::verify`] tells, somewhere else, closes
//! that gap.

use async_trait::async_trait;
use aws_lc_rs::digest::{Context, SHA256};
use gateway_types::{Revision, Wall};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::settings::{Change, Edit};

/// The format of [`AuditRecord`] as it is stored and hashed.
pub const AUDIT_VERSION: u32 = 1;

/// How many faults are told in words; further ones are counted.
const TOLD: usize = 1000;

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub at: Wall,
    /// By whom: a user, an API token, `admin`, `loopback`, a file, a command.
    pub actor: String,
    /// What: `provider.update`, `virtual_key.create`, `login`, `ledger.write_off`, …
    pub action: String,
    /// To what: `provider/openai`, `user/anna`, … Empty where it is done to nothing in particular.
    pub target: String,
    /// What it said before; none where there was nothing.
    pub before: Option<Value>,
    /// What it says now, or what there is to tell of the event.
    pub after: Option<Value>,
    /// The revision of the settings that it made.
    pub revision: Option<Revision>,
}

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// The format: [`AUDIT_VERSION`].
    pub v: u32,
    /// Its number, counted from 1 without gaps.
    pub seq: u64,
    /// What was done.
    pub event: AuditEvent,
    /// The hash of this record and all before it.
    pub hash: Digest,
}

/// A SHA-256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(pub [u8; 32]);

/// Which records, newest first: those that fit all that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// By that actor.
    pub actor: Option<String>,
    /// That action, or all that begin with it where it ends in a dot or a star.
    pub action: Option<String>,
    /// To that target, or to all that begin with it where it ends in a slash or a star.
    pub target: Option<String>,
    /// At that time or later.
    pub from: Option<Wall>,
    /// Before that time.
    pub until: Option<Wall>,
    /// Where the page before ended: records with a smaller number.
    pub before: Option<u64>,
    /// How many at most.
    pub limit: usize,
}

/// A part of the records that fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditPage {
    /// The records.
    pub records: Vec<AuditRecord>,
    /// What to ask `before` for the next page, if there may be one.
    pub next: Option<u64>,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditVerified {
    /// How many records were read.
    pub records: u64,
    /// The hash of the last one: the head of the chain.
    pub head: Digest,
    /// What is wrong, up to a thousand times.
    pub faults: Vec<AuditFault>,
    /// How many faults there are.
    pub found: u64,
}

/// Something that is wrong with the chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// It does not have the hash that it and the one before it make.
    #[error("record {0} is not what was written after record {prior}: it was changed, or another stood before it", prior = .0.saturating_sub(1))]
    Changed(u64),
    /// They are not there.
    #[error("records {0} to {1} are missing")]
    Missing(u64, u64),
}

/// Where the audit log is kept. An implementation must promise:
///
/// - Records are numbered from 1 without gaps, in the order in which they are written, whoever writes at the same time.
/// - A record's hash is [`Link::after`] the hash of the one before it, computed where no other record can come between.
/// - A change of the settings that is kept writes its records ([`events`]) in the same commit: there is no revision
///   without them, and none of them without its revision.
/// - Nothing changes or removes a record.
#[async_trait]
pub trait AuditStore: Send + Sync + std::fmt::Debug {
    /// Writes events down, in that order, in one commit.
    async fn append(&self, events: &[AuditEvent]) -> Result<(), super::StoreError>;
    /// A page of the records that fit, newest first.
    async fn page(&self, query: &AuditQuery) -> Result<AuditPage, super::StoreError>;
    /// Computes every hash anew and tells what does not fit.
    async fn verify(&self) -> Result<AuditVerified, super::StoreError>;
}

/// What a change of the settings is to be remembered by: one event per edit.
pub fn events(change: &Change, revision: Revision) -> Vec<AuditEvent> {
    let event = |edit: &Edit| AuditEvent {
        at: change.at,
        actor: change.author.clone(),
        action: format!("{}.{}", edit.section, what_happened(edit)),
        target: format!("{}/{}", edit.section, name(edit)),
        before: edit.before.clone(),
        after: edit.after.clone(),
        revision: Some(revision),
    };
    change.edits.iter().map(event).collect()
}

const fn what_happened(edit: &Edit) -> &'static str {
    match (&edit.before, &edit.after) {
        (None, _) => "create",
        (Some(_), Some(_)) => "update",
        (Some(_), None) => "delete",
    }
}

/// The value of a retired key is named by its hash, which is nobody's to see; its virtual key is what it is known by.
pub fn name(edit: &Edit) -> &str {
    let body = edit.after.as_ref().or(edit.before.as_ref());
    match body.and_then(|body| body.get("id")).and_then(Value::as_str) {
        Some(id) if edit.section == "retired_key" => id,
        _ => &edit.name,
    }
}

/// A record as its hash sees it: bodies are the texts that are stored.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each field is that of the record or the event")]
pub struct Link<'a> {
    pub v: u32,
    pub seq: u64,
    pub at: Wall,
    pub actor: &'a str,
    pub action: &'a str,
    pub target: &'a str,
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
    pub revision: Option<Revision>,
}

impl Link<'_> {
    /// The hash of this record where that one's is before it: SHA-256 of that hash and the fields in their order. Numbers
    /// are big-endian, texts have their length before them, what may be missing a byte that says whether it is there.
    pub fn after(&self, previous: &Digest) -> Digest {
        let mut hash = Context::new(&SHA256);
        hash.update(&previous.0);
        hash.update(&self.v.to_be_bytes());
        hash.update(&self.seq.to_be_bytes());
        hash.update(&self.at.millis().to_be_bytes());
        for text in [self.actor, self.action, self.target] {
            put(&mut hash, text);
        }
        for body in [self.before, self.after] {
            hash.update(&[u8::from(body.is_some())]);
            put(&mut hash, body.unwrap_or_default());
        }
        hash.update(&[u8::from(self.revision.is_some())]);
        hash.update(&self.revision.map_or(0, |revision| revision.0).to_be_bytes());
        let mut digest = Digest::default();
        digest.0.copy_from_slice(hash.finish().as_ref());
        digest
    }
}

fn put(hash: &mut Context, text: &str) {
    hash.update(&(text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

/// A walk along the chain, oldest record first.
#[derive(Debug, Default)]
pub struct Walk {
    verified: AuditVerified,
    last: u64,
}

impl Walk {
    /// A walk that begins after the record of that number and hash.
    pub fn from(last: u64, hash: Digest) -> Self {
        let verified = AuditVerified {
            head: hash,
            ..AuditVerified::default()
        };
        Self { verified, last }
    }

    /// Takes the next record and the hash that it was stored with.
    pub fn step(&mut self, link: &Link<'_>, stored: Digest) {
        self.verified.records += 1;
        let expected = self.last.saturating_add(1);
        if link.seq > expected {
            self.found(AuditFault::Missing(expected, link.seq - 1));
        } else if link.after(&self.verified.head) != stored {
            self.found(AuditFault::Changed(link.seq));
        }
        // What comes after is judged by what is there, so that one fault is told once.
        self.last = link.seq;
        self.verified.head = stored;
    }

    /// Ends where the store says that the last record was written, with that hash.
    pub fn end(mut self, last: u64, head: Digest) -> AuditVerified {
        if last > self.last {
            self.found(AuditFault::Missing(self.last.saturating_add(1), last));
        } else if last != self.last || head != self.verified.head {
            self.found(AuditFault::Changed(self.last));
        }
        self.verified
    }

    fn found(&mut self, fault: AuditFault) {
        self.verified.found += 1;
        if self.verified.faults.len() < TOLD {
            self.verified.faults.push(fault);
        }
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "a SHA-256 is 64 hexadecimal digits";
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|digit| digit.to_digit(16).map(|digit| digit as u8))
            .collect();
        let digits = digits.filter(|digits| digits.len() == 64).ok_or(WRONG)?;
        let mut digest = Self::default();
        for (byte, pair) in digest.0.iter_mut().zip(digits.chunks(2)) {
            *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
        }
        Ok(digest)
    }
}

impl AuditQuery {
    /// Whether an event is asked for.
    pub fn takes(&self, event: &AuditEvent) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        is(&self.actor, &event.actor)
            && begins_or_is(self.action.as_deref(), '.', &event.action)
            && begins_or_is(self.target.as_deref(), '/', &event.target)
            && self.from.is_none_or(|from| event.at >= from)
            && self.until.is_none_or(|until| event.at < until)
    }
}

fn begins_or_is(wanted: Option<&str>, mark: char, found: &str) -> bool {
    wanted.is_none_or(|wanted| match prefix(wanted, mark) {
        Some(prefix) => found.starts_with(prefix),
        None => found == wanted,
    })
}

/// What something has to begin with, where that is what is asked for: the text ends in `mark`, or in a star.
pub fn prefix(wanted: &str, mark: char) -> Option<&str> {
    wanted
        .strip_suffix('*')
        .or_else(|| wanted.ends_with(mark).then_some(wanted))
}
