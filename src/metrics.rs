//! Metrics for Prometheus. `http/metrics.rs` serves them.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

const REQUESTS: &str = "crick_http_request_duration_seconds";
const CONNECTIONS: &str = "crick_connections";
const FRAMES: &str = "crick_frames_written_total";
const RATE_LIMITED: &str = "crick_rate_limited_total";
const VERSION: &str = "crick_build_info";

/// The histogram's buckets in seconds: from an empty sync to the request timeout.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0];

/// Installs the recorder. Without it nothing is counted, and counting costs nothing.
///
/// # Errors
/// When the process already has a recorder.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(REQUESTS.to_owned()), &BUCKETS)?
        .install_recorder()?;
    metrics::describe_histogram!(
        REQUESTS,
        metrics::Unit::Seconds,
        "Time until the head of the response, by method, route and status"
    );
    metrics::describe_gauge!(CONNECTIONS, "Open connections");
    metrics::describe_counter!(FRAMES, "Frames that were new or different");
    metrics::describe_counter!(
        RATE_LIMITED,
        "Requests refused with 429, by kind: the limit of a token or of an address"
    );
    metrics::describe_gauge!(VERSION, "1, labelled with the version");
    metrics::gauge!(VERSION, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// Counts a request. `route` is the template, so that the number of series is bounded.
pub fn request(method: &str, route: &str, status: u16, time: Duration) {
    // Clients choose the method; those that no route has share a series.
    let method = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other");
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::histogram!(REQUESTS, &labels).record(time);
}

/// Counts a connection while the guard lives.
#[must_use]
pub fn connection() -> impl Drop {
    struct Open;
    impl Drop for Open {
        fn drop(&mut self) {
            metrics::gauge!(CONNECTIONS).decrement(1.0);
        }
    }
    metrics::gauge!(CONNECTIONS).increment(1.0);
    Open
}

/// Counts frames that a push has stored.
pub fn frames_written(count: u64) {
    metrics::counter!(FRAMES).increment(count);
}

/// Counts a request that exceeded a limit of this kind, `token` or `address`.
pub fn rate_limited(kind: &'static str) {
    metrics::counter!(RATE_LIMITED, "kind" => kind).increment(1);
}
