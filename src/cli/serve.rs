//! `serve`: starts and stops the server.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{connect, print_line, watson_lines};
use crate::api;
use crate::api::Api;
use crate::config::{Config, Listen};
use crate::dashboard;
use crate::dashboard::Dashboard;
use crate::http;
use crate::http::RateLimits;
use crate::metrics;
use crate::model::Scopes;
use crate::server;
use crate::server::{Limits, ListenError, Listener};
use crate::store::Store;
use crate::systemd;
use crate::systemd::{Sockets, StopSignals};

/// The time limit of the self-check, longer than that of `/readyz` for the database.
const SELF_CHECK: Duration = Duration::from_secs(15);

/// How long the connections to the database may take to close.
const CLOSING: Duration = Duration::from_secs(5);

/// Serves until a stop signal arrives, then drains. A second signal ends the drain early.
pub(super) async fn run(config: Config, sockets: Sockets) -> anyhow::Result<()> {
    let signals = StopSignals::new().context("cannot listen to signals")?;
    let is_activated = !sockets.http.is_empty();
    let (stopping, halt) = (CancellationToken::new(), CancellationToken::new());
    let store = connect(&config).await?;
    // Concurrently, because a client whose connection starts the server waits for both.
    let router = tokio::task::spawn_blocking({
        let (store, config, stopping) = (store.clone(), config.clone(), stopping.clone());
        move || router(&store, &config, &stopping)
    });
    store.prepare(&config.dsn, config.migrate_on_start).await?;
    store.check_writable(&config.dsn).await?;
    let listeners = listeners(sockets.http, Some(&config.settings.listen))?;
    let metrics_listeners =
        self::listeners(sockets.metrics, config.settings.metrics_listen.as_ref())?;
    let router = router.await?;

    for listener in &metrics_listeners {
        tracing::info!(address = listener.address(), "listening for metrics");
    }
    for listener in &listeners {
        tracing::info!(address = listener.address(), "listening");
    }
    if config.is_default_dsn && !is_activated && !systemd::is_journal() {
        let address = listeners.first().and_then(Listener::tcp_address);
        welcome_first_user(&store, &config, address).await?;
    }
    systemd::ready("serving");
    let watchdog = tokio::spawn(systemd::watchdog({
        let router = router.clone();
        move || is_alive(router.clone())
    }));
    tokio::spawn(stop_on_signal(signals, stopping.clone(), halt.clone()));

    let limits = Limits::from(&config.settings);
    let metrics = tokio::spawn(serve_metrics(
        metrics_listeners,
        limits,
        stopping.clone(),
        halt.clone(),
    ));
    let drained = server::run(listeners, router, limits, stopping, halt.clone()).await;
    watchdog.abort();
    metrics.abort();
    tokio::select! {
        () = store.close() => {}
        () = halt.cancelled() => {}
        () = tokio::time::sleep(CLOSING) => {
            tracing::warn!("stopping without closing the database, which does not respond");
        }
    }
    if drained.cut > 0 {
        tracing::warn!(cut = drained.cut, "some requests were aborted");
    }
    Ok(())
}

/// The API, and the dashboard unless it is disabled.
fn router(store: &Store, config: &Config, stopping: &CancellationToken) -> Router {
    let limits = Arc::new(RateLimits::new(&config.settings));
    let api = Api::new(store.clone(), config, limits.clone(), stopping.clone());
    let mut router = api::router(api);
    if config.settings.dashboard {
        router = router.merge(dashboard::router(Dashboard::new(
            store.clone(),
            config,
            limits,
        )));
    }
    http::around(router)
}

/// The sockets that systemd passed, or else one at `listen`.
fn listeners(
    inherited: Vec<systemd::Socket>,
    listen: Option<&Listen>,
) -> anyhow::Result<Vec<Listener>> {
    let listeners: Result<_, ListenError> = if inherited.is_empty() {
        listen.map(Listener::open).into_iter().collect()
    } else {
        inherited.into_iter().map(Listener::inherited).collect()
    };
    Ok(listeners?)
}

/// Serves the metrics. Nothing is counted without a socket for them.
async fn serve_metrics(
    listeners: Vec<Listener>,
    limits: Limits,
    stopping: CancellationToken,
    halt: CancellationToken,
) {
    if listeners.is_empty() {
        return;
    }
    match metrics::install() {
        Ok(handle) => {
            server::run(
                listeners,
                http::metrics::router(handle),
                limits,
                stopping,
                halt,
            )
            .await;
        }
        Err(error) => tracing::error!(%error, "cannot install the metrics"),
    }
}

/// Cancels `stopping` at the first signal and `halt` at the second.
async fn stop_on_signal(
    mut signals: StopSignals,
    stopping: CancellationToken,
    halt: CancellationToken,
) {
    let signal = signals.next().await;
    tracing::info!(signal, "stopping");
    systemd::stopping("draining");
    stopping.cancel();
    let signal = signals.next().await;
    tracing::warn!(signal, "stopping at once");
    halt.cancel();
}

/// The self-check for the watchdog: `/readyz`, which queries the database, responds in time. Any
/// status will do, because a restart does not help while the database is down or during a drain.
async fn is_alive(router: Router) -> bool {
    let request = Request::get("/readyz").header("Host", "localhost");
    let Ok(request) = request.body(Body::empty()) else {
        return false;
    };
    tokio::time::timeout(SELF_CHECK, router.oneshot(request))
        .await
        .is_ok()
}

/// On an empty default database, creates a user and a token, and prints how to set up Watson.
async fn welcome_first_user(
    store: &Store,
    config: &Config,
    address: Option<std::net::SocketAddr>,
) -> anyhow::Result<()> {
    if !store.list_users().await?.is_empty() {
        return Ok(());
    }
    let user = store.create_user("me").await?;
    let token = store
        .create_token(&user, "first device", Scopes::default(), None, false)
        .await?;
    let address = address.map_or_else(
        || "https://ADDRESS-OF-THIS-SERVER".to_owned(),
        |at| format!("http://{at}"),
    );
    let lines = watson_lines(
        &address,
        &config.settings.watson_path,
        token.secret.expose_secret(),
    );
    print_line(&format!(
        "\nWelcome. The database is {}.\nType on the device with Watson:\n\n{lines}\n\n\
         Token for another device: crick-api-server token create me --device NAME\n",
        config.dsn
    ))
}
