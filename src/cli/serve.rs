//! `serve`: from settings and sockets to a running server, and back.

use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{open, watson_lines};
use crate::api::{self, Api};
use crate::config::Config;
use crate::server::{self, Limits, Listener};
use crate::store::Store;
use crate::systemd::{self, Sockets};

/// The longest a self-check may take; slower than this is as good as dead.
const SELF_CHECK: Duration = Duration::from_secs(5);

/// Serves until a signal says to stop, then drains. A second signal cuts the drain short.
pub(super) async fn run(config: Config, sockets: Sockets) -> anyhow::Result<()> {
    let is_activated = !sockets.http.is_empty();
    let store = open(&config).await?;
    let listeners = listeners(sockets.http, &config)?;
    let (stopping, halt) = (CancellationToken::new(), CancellationToken::new());
    let router = api::router(Api::new(store.clone(), &config, stopping.clone()));

    for listener in &listeners {
        tracing::info!(address = listener.address(), "listening");
    }
    if config.is_default_dsn && !is_activated && !systemd::is_journal() {
        let address = listeners.first().and_then(Listener::tcp_address);
        introduce(&store, &config, address).await?;
    }
    systemd::ready("serving");
    let watchdog = tokio::spawn(systemd::watchdog({
        let router = router.clone();
        move || is_ready(router.clone())
    }));
    tokio::spawn(stop_on_signal(stopping.clone(), halt.clone()));

    let drained = server::run(listeners, router, Limits::from(&config), stopping, halt).await;
    watchdog.abort();
    store.close().await;
    if drained.cut > 0 {
        tracing::warn!(cut = drained.cut, "some requests were not finished");
    }
    Ok(())
}

fn listeners(inherited: Vec<systemd::Socket>, config: &Config) -> anyhow::Result<Vec<Listener>> {
    if inherited.is_empty() {
        let listener = Listener::open(&config.listen)
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        return Ok(vec![listener]);
    }
    let listeners = inherited.into_iter().map(Listener::inherited);
    listeners
        .collect::<Result<_, _>>()
        .context("cannot use the socket that systemd passed")
}

/// Cancels `stopping` at the first signal and `halt` at the second.
async fn stop_on_signal(stopping: CancellationToken, halt: CancellationToken) {
    for token in [stopping, halt] {
        match systemd::stop_signal().await {
            Ok(signal) => tracing::info!(signal, "stopping"),
            Err(error) => tracing::error!(%error, "signals cannot be listened to; stopping"),
        }
        if !token.is_cancelled() {
            systemd::stopping("draining");
        }
        token.cancel();
    }
}

/// The watchdog's self-check: the router answers, and with it the database.
async fn is_ready(router: Router) -> bool {
    let Ok(request) = Request::get("/readyz").body(Body::empty()) else {
        return false;
    };
    match tokio::time::timeout(SELF_CHECK, router.oneshot(request)).await {
        Ok(Ok(response)) => response.status().is_success(),
        _ => false,
    }
}

/// The first start on an empty embedded database: makes a user and a token, and prints what to type into Watson.
async fn introduce(
    store: &Store,
    config: &Config,
    address: Option<std::net::SocketAddr>,
) -> anyhow::Result<()> {
    if !store.users().await?.is_empty() {
        return Ok(());
    }
    let user = store.user_add("me").await?;
    let token = store.token_create(&user, "first device", None).await?;
    let mut config = config.clone();
    if let Some(address) = address {
        config.listen = crate::config::Listen::Tcp(address);
    }
    println!(
        "\nWelcome. The data is kept in {}.\nType on the device that has Watson:\n\n{}\n\n\
         A token for another device: crick-api-server token create me --device NAME\n",
        config.dsn,
        watson_lines(&config, token.0.expose_secret())
    );
    Ok(())
}
