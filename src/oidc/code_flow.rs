//! Signing in with a browser: the authorization code flow (OpenID Connect Core, section 3.1) with
//! PKCE (RFC 7636).
//!
//! The browser goes to the issuer with a state, a nonce and a challenge, and returns with a code,
//! which is exchanged for tokens. All three are derived from a secret that the browser keeps, so
//! the server stores nothing, and any instance can finish a sign-in.

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

const SCOPE: &str = "openid profile email";

/// A sign-in in progress. Only its browser may know the secret.
#[derive(Clone, Debug)]
pub struct Attempt(SecretString);

impl Attempt {
    /// Starts a sign-in.
    pub fn begin() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes).into()))
    }

    /// Resumes the sign-in with this secret.
    #[must_use]
    pub fn resume(secret: &str) -> Self {
        Self(secret.into())
    }

    /// The secret that the browser keeps.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returned by the browser; proves that it started this sign-in.
    #[must_use]
    pub fn state(&self) -> String {
        self.derive("state")
    }

    /// Returned in the token; proves that it was issued for this sign-in.
    fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// Proves to the issuer that the client with the code started the sign-in.
    fn verifier(&self) -> String {
        self.derive("verifier")
    }

    /// 43 characters that reveal nothing about the secret or each other.
    fn derive(&self, purpose: &str) -> String {
        digest(&format!("{purpose} {}", self.secret()))
    }
}

fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// A person who has just signed in.
#[derive(Debug)]
pub struct Bearer {
    /// The claims of the ID token.
    pub claims: Claims,
    /// The token for [`Issuer::profile`].
    pub access_token: SecretString,
}

/// The relevant part of the token response.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: String,
}

impl Issuer {
    /// Whether people can sign in with a browser.
    #[must_use]
    pub fn has_client(&self) -> bool {
        self.0.config.client.is_some()
    }

    /// The address to which to redirect the browser; the issuer redirects it to `back`.
    pub async fn authorization_url(&self, attempt: &Attempt, back: &Url) -> Result<Url, OidcError> {
        let client = self.client()?;
        let document = self.0.discovery.cached().await.map_err(unavailable)?;
        let endpoint = document.authorization_endpoint.clone();
        let mut url = endpoint.ok_or_else(|| not_in_discovery("authorization_endpoint"))?;
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

    /// Exchanges a code for tokens, and verifies the ID token at the time `now`.
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
        let endpoint = endpoint.ok_or_else(|| not_in_discovery("token_endpoint"))?;
        let secret = read_secret(client).await?;
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
                (Some(secret), SecretBy::Header) => {
                    Some(basic_auth(&client.id, secret.expose_secret()))
                }
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
                // The error may quote a token.
                .map_err(|_| unavailable(format!("{endpoint}: the response contains no tokens"))),
            (400, answer) if is_invalid_grant(&answer) => Err(Refusal::Attempt.into()),
            (status, _) => Err(unavailable(format!(
                "{endpoint}: the response has status {status}; check oidc_client_id and its secret"
            ))),
        }
    }
}

/// The code is unknown, used, expired, or of another client (RFC 6749, section 5.2).
fn is_invalid_grant(answer: &[u8]) -> bool {
    let answer: Option<serde_json::Value> = serde_json::from_slice(answer).ok();
    answer.is_some_and(|answer| answer["error"] == "invalid_grant")
}

/// Reads the secret at each sign-in, so that it can be rotated.
async fn read_secret(client: &OidcClient) -> Result<Option<SecretString>, OidcError> {
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

/// Both parts are form-encoded (RFC 6749, section 2.3.1).
fn basic_auth(id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", encode(id), encode(secret)))
    )
}

fn not_in_discovery(what: &str) -> OidcError {
    unavailable(format!("the issuer's discovery names no {what}"))
}

fn unavailable(cause: String) -> OidcError {
    OidcError::Unavailable {
        detail: "signing in with the issuer is not available; try again, or sign in with a token",
        cause,
    }
}
