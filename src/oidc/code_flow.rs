//! Signing in with the issuer in a browser: the authorization code flow (OpenID Connect Core, section 3.1) with PKCE
//! (RFC 7636).
//!
//! The browser goes to the issuer with a state, a nonce and a challenge, and comes back with a code, which is exchanged
//! for tokens. Nothing is kept here meanwhile: the browser keeps the secret from which all three are made, so that any
//! instance can go on where another began.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use migration::output::explain_file;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::discovery::SecretBy;
use super::{Claims, Issuer, OidcError, Refusal};
use crate::config::OidcClient;

/// What is asked about somebody: who they are, their name and their address.
const SCOPE: &str = "openid profile email";

/// A sign-in that has begun. Its secret is for the browser in which it did, and for nobody else.
#[derive(Clone, Debug)]
pub struct Attempt(SecretString);

impl Attempt {
    /// Begins one.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn begin() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes).into()))
    }

    /// Goes on with the one that has this secret.
    #[must_use]
    pub fn resume(secret: &str) -> Self {
        Self(secret.into())
    }

    /// What the browser keeps.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// Comes back with the browser, and shows that it is the one in which the attempt began.
    #[must_use]
    pub fn state(&self) -> String {
        self.derive("state")
    }

    /// Comes back in the token, and shows that it was made for this attempt.
    fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// Shows the issuer that whoever brings the code began the attempt.
    fn verifier(&self) -> String {
        self.derive("verifier")
    }

    /// 43 characters that tell nothing of the secret, nor of each other.
    fn derive(&self, purpose: &str) -> String {
        digest(&format!("{purpose} {}", self.secret()))
    }
}

fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// Somebody whom the issuer has just told us about.
#[derive(Debug)]
pub struct Bearer {
    /// What it said.
    pub claims: Claims,
    /// With which it can be asked for more, see [`Issuer::profile`].
    pub access_token: SecretString,
}

/// What the issuer gives for a code. There is more, which is not for us.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: String,
}

impl Issuer {
    /// Whether people can sign in with it in a browser.
    #[must_use]
    pub fn has_client(&self) -> bool {
        self.0.config.client.is_some()
    }

    /// Where to send the browser of somebody who signs in; the issuer sends it on to `back`.
    ///
    /// # Errors
    /// When the issuer does not tell where that is.
    pub async fn authorization_url(&self, attempt: &Attempt, back: &Url) -> Result<Url, OidcError> {
        let client = self.client()?;
        let document = self.0.discovery.cached().await.map_err(unavailable)?;
        let endpoint = document.authorization_endpoint.clone();
        let mut url = endpoint.ok_or_else(|| none_known("authorization_endpoint"))?;
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", back.as_str()),
            ("scope", SCOPE),
            ("state", &attempt.state()),
            ("nonce", &attempt.nonce()),
            ("code_challenge", &digest(&attempt.verifier())),
            ("code_challenge_method", "S256"),
        ]);
        Ok(url)
    }

    /// Exchanges the code that came `back` for word of whose it is, at the time `now`.
    ///
    /// # Errors
    /// When the code is not good for this attempt, or the issuer cannot be asked.
    pub async fn redeem(
        &self,
        attempt: &Attempt,
        code: &str,
        back: &Url,
        now: Timestamp,
    ) -> Result<Bearer, OidcError> {
        let client = self.client()?;
        let tokens = self.tokens(client, attempt, code, back).await?;
        let claims = self.verify_for(&client.id, &tokens.id_token, now);
        let claims = claims.await?;
        let is_for_us = claims.text("azp").is_none_or(|party| party == client.id);
        if !is_for_us || claims.text("nonce") != Some(&attempt.nonce()) {
            return Err(Refusal::Attempt.into());
        }
        Ok(Bearer {
            claims,
            access_token: tokens.access_token.into(),
        })
    }

    fn client(&self) -> Result<&OidcClient, OidcError> {
        let client = self.0.config.client.as_ref();
        client.ok_or_else(|| unavailable("oidc_client_id is not set".to_owned()))
    }

    async fn tokens(
        &self,
        client: &OidcClient,
        attempt: &Attempt,
        code: &str,
        back: &Url,
    ) -> Result<Tokens, OidcError> {
        let document = self.0.discovery.cached().await.map_err(unavailable)?;
        let endpoint = document.token_endpoint.clone();
        let endpoint = endpoint.ok_or_else(|| none_known("token_endpoint"))?;
        let secret = secret(client).await?;
        let (form, authorization) = {
            let mut form = Serializer::new(String::new());
            form.extend_pairs([
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", back.as_str()),
                ("client_id", &client.id),
                ("code_verifier", &attempt.verifier()),
            ]);
            let authorization = match (&secret, document.secret_by) {
                (None, _) => None,
                (Some(secret), SecretBy::Header) => Some(basic(&client.id, secret.expose_secret())),
                (Some(secret), SecretBy::Form) => {
                    form.append_pair("client_secret", secret.expose_secret());
                    None
                }
            };
            (form.finish(), authorization)
        };
        let asked = self.0.client.post_form(&endpoint, authorization, form);
        match asked.await.map_err(unavailable)? {
            (200, answer) => serde_json::from_slice(&answer)
                // The error may quote what it could not read.
                .map_err(|_| unavailable(format!("{endpoint}: the answer holds no tokens"))),
            (400, answer) if is_invalid_grant(&answer) => Err(Refusal::Attempt.into()),
            (status, _) => Err(unavailable(format!(
                "{endpoint}: the answer's status is {status}; are oidc_client_id and its secret right?"
            ))),
        }
    }
}

/// The code is unknown, used, too old, or another's (RFC 6749, section 5.2).
fn is_invalid_grant(answer: &[u8]) -> bool {
    let answer: Option<serde_json::Value> = serde_json::from_slice(answer).ok();
    answer.is_some_and(|answer| answer["error"] == "invalid_grant")
}

/// The secret of a client, as the file holds it now.
async fn secret(client: &OidcClient) -> Result<Option<SecretString>, OidcError> {
    let Some(file) = client.secret_file.clone() else {
        return Ok(None);
    };
    let read = tokio::task::spawn_blocking(move || {
        std::fs::read_to_string(&file)
            .map_err(|error| format!("{}: {}", file.display(), explain_file(&error)))
    });
    let text = read.await.map_err(|error| unavailable(error.to_string()))?;
    let text = SecretString::from(text.map_err(unavailable)?);
    Ok(Some(text.expose_secret().trim_end().into()))
}

/// Both are written as in a form before they are joined (RFC 6749, section 2.3.1).
fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", encode(id), encode(secret)))
    )
}

fn none_known(what: &str) -> OidcError {
    unavailable(format!("the issuer's discovery names no {what}"))
}

fn unavailable(cause: String) -> OidcError {
    OidcError::Unavailable {
        detail: "signing in with the issuer does not work just now; try again, or sign in with a token",
        cause,
    }
}
