//! The discovery document of an issuer (OpenID Connect Discovery 1.0, section 4).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use url::Url;

use super::client::Client;

/// The cached discovery document of one issuer.
#[derive(Clone)]
pub(super) struct Discovery(Arc<Inner>);

struct Inner {
    issuer: String,
    client: Client,
    last: Mutex<Last>,
    /// Held during a request, so that others wait for its result.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Last {
    document: Option<(Arc<Document>, Instant)>,
    problem: Option<(String, Instant)>,
}

/// How long a document is used, because an endpoint may move.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// The minimum time between failed requests, which clients can cause without signing in.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) struct Document {
    pub(super) jwks_uri: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) authorization_endpoint: Option<Url>,
    pub(super) token_endpoint: Option<Url>,
    /// How a client sends its secret to the token endpoint.
    pub(super) secret_by: SecretBy,
}

/// How a client sends its secret (OpenID Connect Core, section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretBy {
    /// `client_secret_basic`: in the header `Authorization`; the default.
    Header,
    /// `client_secret_post`: in the form.
    Form,
}

/// The document in its JSON form.
#[derive(Deserialize)]
struct RawDocument {
    issuer: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Discovery {
    pub(super) fn new(issuer: &str, client: Client) -> Self {
        Self(Arc::new(Inner {
            issuer: issuer.to_owned(),
            client,
            last: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }))
    }

    /// The document from the cache; fetched if it is an hour old, and the old one if that fails.
    pub(super) async fn cached(&self) -> Result<Arc<Document>, String> {
        if let Some(known) = self.known() {
            return known;
        }
        let _fetching = self.0.fetching.lock().await;
        if let Some(known) = self.known() {
            return known;
        }
        match self.fetch().await {
            Ok(document) => Ok(document),
            Err(problem) => {
                let mut last = self.last();
                last.problem = Some((problem.clone(), Instant::now()));
                let older = last.document.as_ref();
                older.map_or(Err(problem), |(document, _)| Ok(document.clone()))
            }
        }
    }

    /// The result without a request, if there is a recent one.
    fn known(&self) -> Option<Result<Arc<Document>, String>> {
        let last = self.last();
        let (document, problem) = (last.document.as_ref(), last.problem.as_ref());
        if let Some((document, _)) = document.filter(|(_, read)| read.elapsed() < FRESH) {
            return Some(Ok(document.clone()));
        }
        let (problem, _) = problem.filter(|(_, at)| at.elapsed() < PAUSE)?;
        Some(document.map_or(Err(problem.clone()), |(document, _)| Ok(document.clone())))
    }

    /// Fetches the document.
    pub(super) async fn fetch(&self) -> Result<Arc<Document>, String> {
        let issuer = &self.0.issuer;
        let url = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let url = Url::parse(&url).map_err(|error| format!("{url}: {error}"))?;
        let answer = self.0.client.get(&url, None).await?;
        let document =
            Document::parse(&answer, issuer).map_err(|cause| format!("{url}: {cause}"))?;
        let document = Arc::new(document);
        let mut last = self.last();
        last.document = Some((document.clone(), Instant::now()));
        last.problem = None;
        Ok(document)
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Document {
    fn parse(answer: &[u8], issuer: &str) -> Result<Self, String> {
        let raw: RawDocument = serde_json::from_slice(answer)
            .map_err(|_| "this is not a discovery document".to_owned())?;
        if raw.issuer != issuer {
            return Err(format!(
                "the document names the issuer {:?}, the settings {issuer:?}",
                raw.issuer
            ));
        }
        let url = |text: String| Url::parse(&text).map_err(|error| format!("{text}: {error}"));
        Ok(Self {
            jwks_uri: url(raw.jwks_uri)?,
            userinfo_endpoint: raw.userinfo_endpoint.map(url).transpose()?,
            authorization_endpoint: raw.authorization_endpoint.map(url).transpose()?,
            token_endpoint: raw.token_endpoint.map(url).transpose()?,
            secret_by: match raw.token_endpoint_auth_methods_supported {
                Some(methods) if !methods.iter().any(|name| name == "client_secret_basic") => {
                    SecretBy::Form
                }
                _ => SecretBy::Header,
            },
        })
    }
}
