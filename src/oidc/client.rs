//! Requests to an issuer, with a time limit and a size limit, and without redirects.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Builder;
use hyper::{Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client as HyperClient, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;
use url::Url;

use crate::config::Oidc;

/// The time limit, which includes name resolution and handshakes.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum size of a response, in bytes.
pub(super) const RESPONSE_LIMIT: usize = 1 << 20;

type Connections = HyperClient<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client that reads the root certificates for its first request.
#[derive(Clone, Default)]
pub(super) struct Client(Arc<OnceCell<Connections>>);

impl Client {
    /// Gets `url`, with a bearer token if there is one, which never appears in an error.
    pub(super) async fn get(&self, url: &Url, token: Option<&str>) -> Result<Vec<u8>, String> {
        let mut request = Request::get(url.as_str());
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, secret_header(format!("Bearer {token}"))?);
        }
        match self.send(url, request, Bytes::new()).await? {
            (StatusCode::OK, answer) => Ok(answer),
            (status, _) => Err(format!("{url}: the response has status {status}")),
        }
    }

    /// Posts a form. Neither the form nor `authorization` appears in an error.
    pub(super) async fn post_form(
        &self,
        url: &Url,
        authorization: Option<String>,
        form: String,
    ) -> Result<(u16, Vec<u8>), String> {
        let mut request =
            Request::post(url.as_str()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, secret_header(authorization)?);
        }
        let (status, answer) = self.send(url, request, form.into()).await?;
        Ok((status.as_u16(), answer))
    }

    async fn send(
        &self,
        url: &Url,
        request: Builder,
        body: Bytes,
    ) -> Result<(StatusCode, Vec<u8>), String> {
        Oidc::check_url(url)?;
        let request = request.header(ACCEPT, "application/json");
        let request = request
            .body(Full::new(body))
            .map_err(|error| root_cause(&error))?;
        match tokio::time::timeout(TIMEOUT, self.exchange(url, request)).await {
            Ok(answer) => answer.map_err(|cause| format!("{url}: {cause}")),
            Err(_) => Err(format!("{url}: no response within {} s", TIMEOUT.as_secs())),
        }
    }

    async fn exchange(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Vec<u8>), String> {
        let needs_roots = url.scheme() == "https";
        let connections = self.0.get_or_try_init(|| connect(needs_roots));
        let connections = connections.await?;
        let response = connections.request(request).await;
        let response = response.map_err(|error| root_cause(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), RESPONSE_LIMIT);
        let body = body.collect().await;
        let body = body.map_err(|error| root_cause(&*error))?;
        Ok((status, body.to_bytes().into()))
    }
}

/// A header value that `Debug` hides.
fn secret_header(value: String) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| "the token contains characters that are invalid in a header".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Reads the system's root certificates. Idle connections are closed, because requests are rare.
async fn connect(needs_roots: bool) -> Result<Connections, String> {
    let found = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs)
        .await
        .map_err(|error| error.to_string())?;
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 && needs_roots {
        let errors = found.errors;
        return Err(format!("this system has no root certificates: {errors:?}"));
    }
    let tls =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .build();
    Ok(HyperClient::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(connector))
}

/// The root cause, without the context that hyper adds for its programmers.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
