//! A live call every few seconds, through the gateway's own door.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_providers::client::HyperTransport;
use gateway_providers::{Egress, Transport as _, WireRequest};
use gateway_types::json::Slices;
use http::{HeaderMap, Method, Uri};
use http_body_util::BodyExt as _;
use tokio::time::{sleep, timeout};

use crate::dice::Dice;
use crate::talk::Talk;
use crate::traffic::{self, Call};

/// How many calls are made when the gateway has started, so that it knows who is well and who is not.
const FIRST: usize = 48;

/// Calls once the gateway listens: a few times at once, and then until the runtime ends unless `quiet`.
pub(crate) async fn trickle(gateway: SocketAddr, talk: Arc<Talk>, seed: u64, quiet: bool) {
    let transport = Arc::new(HyperTransport::new());
    while tokio::net::TcpStream::connect(gateway).await.is_err() {
        sleep(Duration::from_millis(50)).await;
    }
    let mut dice = Dice::of(seed, &[b"trickle"]);
    let next = |dice: &mut Dice| tokio::spawn(make(Arc::clone(&transport), gateway, traffic::any(&talk, dice)));
    for _ in 0..FIRST {
        next(&mut dice);
        sleep(Duration::from_millis(60)).await;
    }
    if quiet {
        return;
    }
    loop {
        sleep(Duration::from_secs_f64(dice.around(2.0, 0.7).min(8.0))).await;
        next(&mut dice);
    }
}

/// Makes one call, to its end or for as long as its client waits. What came of it is the gateway's to tell.
async fn make(transport: Arc<HyperTransport>, gateway: SocketAddr, call: Call) {
    let Ok(uri) = format!("http://{gateway}{}", call.path()).parse::<Uri>() else {
        return;
    };
    let request = WireRequest {
        method: Method::POST,
        uri,
        headers: HeaderMap::clone(&call.headers),
        body: Slices::one(Bytes::from(call.body.to_string())),
    };
    let whole = async {
        if let Ok(mut answer) = transport.send(request, &Egress::default()).await {
            while answer.body.frame().await.is_some_and(|frame| frame.is_ok()) {}
        }
    };
    timeout(call.patience.unwrap_or(Duration::from_secs(300)), whole)
        .await
        .ok();
}
