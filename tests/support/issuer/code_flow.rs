//! The authorization and token endpoints of the issuer.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

/// The client id of the server under test.
pub(crate) const CLIENT: &str = "crick-web";

/// The codes that have not been exchanged yet.
#[derive(Default)]
pub(super) struct Codes {
    codes: BTreeMap<String, Asked>,
    /// The `Authorization` header and the form of the last token request.
    pub(super) last: Option<(Option<String>, BTreeMap<String, String>)>,
}

/// The parameters of an authorization request.
struct Asked {
    parameters: BTreeMap<String, String>,
    id_token: String,
}

impl Codes {
    /// Signs a user in and returns the code for the redirect back.
    pub(super) fn give(
        &mut self,
        parameters: BTreeMap<String, String>,
        id_token: String,
    ) -> String {
        let code = format!("code-{}", self.codes.len() + 1);
        self.codes.insert(
            code.clone(),
            Asked {
                parameters,
                id_token,
            },
        );
        code
    }

    /// Exchanges a code for tokens, or returns an error (RFC 6749, 5.2; RFC 7636, 4.6).
    pub(super) fn redeem(&mut self, authorization: Option<String>, body: &str) -> (u16, Value) {
        let form: BTreeMap<String, String> = pairs(body);
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let asked = self.codes.remove(field("code"));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
        let fits = asked.as_ref().is_some_and(|asked| {
            asked.parameters["code_challenge"] == challenge
                && asked.parameters["redirect_uri"] == field("redirect_uri")
                && asked.parameters["client_id"] == CLIENT
                && field("grant_type") == "authorization_code"
        });
        self.last = Some((authorization, form.clone()));
        match asked.filter(|_| fits) {
            Some(asked) => {
                let tokens = json!({
                    "access_token": "opaque", "token_type": "Bearer", "id_token": asked.id_token,
                });
                (200, tokens)
            }
            None => (400, json!({"error": "invalid_grant"})),
        }
    }
}

/// The query parameters of a URL.
pub(crate) fn parameters(address: &str) -> BTreeMap<String, String> {
    let url = Url::parse(address).expect("an address");
    pairs(url.query().unwrap_or_default())
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}
