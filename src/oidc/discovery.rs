//! What an issuer says about itself (OpenID Connect Discovery 1.0, section 4).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use url::Url;

use super::client::Client;

/// The discovery of one issuer, as last read.
#[derive(Clone)]
pub(super) struct Discovery(Arc<Inner>);

struct Inner {
    issuer: String,
    client: Client,
    last: Mutex<Last>,
    /// Held by whoever asks on behalf of those who would take an older document, too.
    asking: tokio::sync::Mutex<()>,
}

/// How the last questions went.
#[derive(Default)]
struct Last {
    document: Option<(Arc<Document>, Instant)>,
    problem: Option<(String, Instant)>,
}

/// How long a document is taken for what the issuer says: an endpoint may move.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long after a question that failed nobody asks again who would take an older document. Whoever is not signed in
/// can make us ask.
const PAUSE: Duration = Duration::from_secs(5);

/// The parts of the document that we use.
pub(super) struct Document {
    /// Where its keys are.
    pub(super) jwks_uri: Url,
    /// Where it tells about the bearer of a token.
    pub(super) userinfo_endpoint: Option<Url>,
    /// Where people sign in.
    pub(super) authorization_endpoint: Option<Url>,
    /// Where the code that they bring back is exchanged for tokens.
    pub(super) token_endpoint: Option<Url>,
    /// How a client shows its secret there.
    pub(super) secret_by: SecretBy,
}

/// How a client shows its secret (OpenID Connect Core, section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretBy {
    /// `client_secret_basic`: in the header `Authorization`; when nothing else is said.
    Header,
    /// `client_secret_post`: in the form.
    Form,
}

/// The same as they are written.
#[derive(Deserialize)]
struct Written {
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
            asking: tokio::sync::Mutex::default(),
        }))
    }

    /// The document as it was read within the last hour, or as it is, or, if that is not to be had, as it ever was. One
    /// asks for all who wait.
    pub(super) async fn cached(&self) -> Result<Arc<Document>, String> {
        if let Some(known) = self.known() {
            return known;
        }
        let _asking = self.0.asking.lock().await;
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

    /// What is known without asking.
    fn known(&self) -> Option<Result<Arc<Document>, String>> {
        let last = self.last();
        let (document, problem) = (last.document.as_ref(), last.problem.as_ref());
        if let Some((document, _)) = document.filter(|(_, read)| read.elapsed() < FRESH) {
            return Some(Ok(document.clone()));
        }
        let (problem, _) = problem.filter(|(_, at)| at.elapsed() < PAUSE)?;
        Some(document.map_or(Err(problem.clone()), |(document, _)| Ok(document.clone())))
    }

    /// The document as it is. Whoever fetches keys begins here.
    pub(super) async fn fetch(&self) -> Result<Arc<Document>, String> {
        let issuer = &self.0.issuer;
        let url = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let url = Url::parse(&url).map_err(|error| format!("{url}: {error}"))?;
        let answer = self.0.client.get(&url, None).await?;
        let document = Document::of(&answer, issuer).map_err(|cause| format!("{url}: {cause}"))?;
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
    fn of(answer: &[u8], issuer: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(answer)
            .map_err(|_| "this is not the discovery document of an issuer".to_owned())?;
        if written.issuer != issuer {
            return Err(format!(
                "the issuer is {:?} there, but {issuer:?} in the settings",
                written.issuer
            ));
        }
        let url = |text: String| Url::parse(&text).map_err(|error| format!("{text}: {error}"));
        Ok(Self {
            jwks_uri: url(written.jwks_uri)?,
            userinfo_endpoint: written.userinfo_endpoint.map(url).transpose()?,
            authorization_endpoint: written.authorization_endpoint.map(url).transpose()?,
            token_endpoint: written.token_endpoint.map(url).transpose()?,
            secret_by: match written.token_endpoint_auth_methods_supported {
                Some(methods) if !methods.iter().any(|name| name == "client_secret_basic") => {
                    SecretBy::Form
                }
                _ => SecretBy::Header,
            },
        })
    }
}
