//! Questions to an issuer: one request, one JSON answer. No redirects, no answer without end, no waiting for ever.

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

/// How long an issuer may take to answer, name look-up and handshakes included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer, in bytes.
pub(super) const ANSWER_LIMIT: usize = 1 << 20;

type Connections = HyperClient<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client that is made ready by its first question: a server that asks nothing reads no certificates.
#[derive(Clone, Default)]
pub(super) struct Client(Arc<OnceCell<Connections>>);

impl Client {
    /// The answer at `url`, asked in the name of the bearer of a token, or in nobody's. A failure says what happened, and
    /// holds nothing of the token.
    pub(super) async fn get(&self, url: &Url, token: Option<&str>) -> Result<Vec<u8>, String> {
        let mut request = Request::get(url.as_str());
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, secret(format!("Bearer {token}"))?);
        }
        match self.ask(url, request, Bytes::new()).await? {
            (StatusCode::OK, answer) => Ok(answer),
            (status, _) => Err(format!("{url}: the answer's status is {status}")),
        }
    }

    /// The status and the answer to a form that is sent to `url`, with a header `Authorization` if there is one. A
    /// failure holds nothing of either.
    pub(super) async fn post_form(
        &self,
        url: &Url,
        authorization: Option<String>,
        form: String,
    ) -> Result<(u16, Vec<u8>), String> {
        let mut request =
            Request::post(url.as_str()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, secret(authorization)?);
        }
        let (status, answer) = self.ask(url, request, form.into()).await?;
        Ok((status.as_u16(), answer))
    }

    async fn ask(
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
            Err(_) => Err(format!("{url}: no answer within {} s", TIMEOUT.as_secs())),
        }
    }

    async fn exchange(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Vec<u8>), String> {
        let needs_roots = url.scheme() == "https";
        let connections = self.0.get_or_try_init(|| connections(needs_roots));
        let connections = connections.await?;
        let response = connections.request(request).await;
        let response = response.map_err(|error| root_cause(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_LIMIT);
        let body = body.collect().await;
        let body = body.map_err(|error| root_cause(&*error))?;
        Ok((status, body.to_bytes().into()))
    }
}

/// A header's value that is not shown in logs.
fn secret(value: String) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| "a token with characters that no header can hold".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Reads the system's root certificates. Connections are not kept: questions are hours apart.
async fn connections(needs_roots: bool) -> Result<Connections, String> {
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

/// What caused an error in the first place: what hyper says around it is for its programmers.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
