//! What an issuer says about itself (OpenID Connect Discovery 1.0, section 4).

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use url::Url;

use super::client::Client;

/// The discovery of one issuer, as last read.
#[derive(Clone)]
pub(super) struct Discovery(Arc<Inner>);

struct Inner {
    issuer: String,
    client: Client,
    last: Mutex<Option<Arc<Document>>>,
}

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
        }))
    }

    /// The document as it was last read, or else as it is.
    pub(super) async fn cached(&self) -> Result<Arc<Document>, String> {
        let last = self.0.last.lock();
        let last = last.unwrap_or_else(PoisonError::into_inner).clone();
        match last {
            Some(document) => Ok(document),
            None => self.fetch().await,
        }
    }

    /// The document as it is. Whoever fetches keys begins here, so that the cached one is never much older than they are.
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
        let last = self.0.last.lock();
        *last.unwrap_or_else(PoisonError::into_inner) = Some(document.clone());
        Ok(document)
    }
}

impl Document {
    fn of(answer: &[u8], issuer: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
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
