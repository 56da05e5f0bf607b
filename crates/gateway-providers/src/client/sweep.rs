//! Closes what lies idle, with one timer for a host instead of one for each connection.

use std::sync::Weak;
use std::time::Duration;

use super::host::Host;

/// How long a connection may lie idle, in sweeps: 45 seconds, which is shorter than what the usual load balancers allow,
/// so that we close first.
pub(super) const ROUNDS: u32 = 9;
const EVERY: Duration = Duration::from_secs(5);

/// Sweeps for as long as anything lies idle.
pub(super) async fn run(host: Weak<Host>) {
    let sweeping = async {
        loop {
            tokio::time::sleep(EVERY).await;
            if !host.upgrade().is_some_and(|host| host.sweep()) {
                return;
            }
        }
    };
    // A budget would have most of many connections look as if they had nothing to say.
    tokio::task::coop::unconstrained(sweeping).await;
}
