//! The gateway from outside: the real binary, real sockets, and nothing else that is known of it.
//!
//! Each file is a subject; the names of the tests are sentences about what a person can rely on.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

mod support;

mod rig; // the upstream that the rest stands on

mod access; // who may use the management API: roles, users, tokens, sessions
mod alerts; // webhooks that are told of budgets
mod bad_input;
mod books; // the ledger and the audit log: found, exported, verified, written off
mod chat; // chat, completions, embeddings, models; plain, streamed, with tools; towards OpenAI and Anthropic
mod environment; // providers from environment variables, and servers noticed on local ports
mod errands; // files and batches, by their ids
mod explain; // what would happen to a request, without sending it
mod failover; // what a client never sees of a bad upstream
mod governance; // customers, teams, models and providers with limits, through the management API
mod limits; // budgets and rate limits, over restarts and crashes
mod money; // crowds and crashes: the ledger says what the vendors say
mod observability; // metrics, logs, headers
mod operations; // flags, configuration files, health, explain, shutdown, access
mod overview; // figures over time, and pages of the log
mod passthrough; // a provider's own API behind a prefix
mod playground; // calls in the name of a key
mod prices; // overrides, a file of prices, other measures than tokens, what providers say they charge
mod providers; // tried, disabled, refreshed, counted on; the catalogue of models
mod quickstart; // providers by API: every call of the quick start as printed
mod responses; // turns that go on from earlier ones
mod rotation; // new values of keys, and what a key may know of itself
mod rows; // one row of the log: why, what it cost, what was said
mod rules; // routing rules
mod secrets; // what nobody ever sees again
mod settings; // back to an earlier revision, and carried elsewhere as a document
mod strategies; // how one of several is chosen
mod tls; // certificates, ALPN, resumption, renewal
mod virtual_keys; // who may use what: credentials, weights, aliases, allowed models, discovery // clients that send nonsense, too much, too slowly, or leave
