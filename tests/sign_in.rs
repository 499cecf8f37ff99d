//! Signing in with an issuer: identities, registration, and an unavailable issuer.

mod browser;
mod fetch_jwks;
mod first_time;
mod identity;

use serde_json::{Value, json};

use crate::support::{AUDIENCE, Api, Crick, Engine, TestIssuer};

/// A server that accepts the tokens of an issuer.
struct SignIn {
    crick: Crick,
    issuer: TestIssuer,
}

impl SignIn {
    #[track_caller]
    fn start(engine: Engine, options: &[&str]) -> Self {
        let issuer = TestIssuer::start();
        let url = issuer.url();
        let mut all = vec!["--oidc-issuer", &url, "--oidc-audience", AUDIENCE];
        all.extend(options);
        let crick = Crick::start_with(engine, &all);
        Self { crick, issuer }
    }

    /// A person with a token of the issuer that contains these claims.
    fn person(&self, claims: &Value) -> Api {
        self.with_token(&self.issuer.token(claims))
    }

    fn with_token(&self, token: &str) -> Api {
        self.crick.with_token(token)
    }
}

/// The claims of a person with a nickname.
fn named(nickname: &str) -> Value {
    json!({"sub": format!("auth0|{nickname}"), "nickname": nickname})
}
