//! The profile of the bearer of a token, for their registration.

use std::fmt;

use url::Url;

use super::{Claims, OidcError};

/// The claims that may become the login, in order of preference.
const NAMES: [&str; 4] = ["preferred_username", "nickname", "name", "email"];
/// The maximum length of a picture's address.
const PICTURE_LIMIT: usize = 2048;

/// A person, as the issuer describes them. Hidden by `Debug`.
#[derive(Clone)]
pub struct Profile {
    /// The first of the claims `preferred_username`, `nickname`, `name` and `email`.
    pub login: String,
    /// The email address.
    pub email: Option<String>,
    /// Whether the issuer has verified the email address.
    pub email_verified: bool,
    /// The `https` address of a picture.
    pub picture: Option<String>,
    claims: Claims,
}

impl Profile {
    /// Returns `None` if the claims contain no name.
    pub(super) fn from_claims(claims: &Claims) -> Option<Self> {
        let login = NAMES.iter().find_map(|name| text_claim(claims, name))?;
        Some(Self {
            login: login.to_owned(),
            email: text_claim(claims, "email").map(str::to_owned),
            email_verified: claims.is_true("email_verified"),
            picture: claims.text("picture").and_then(parse_picture),
            claims: claims.clone(),
        })
    }

    /// Adds the response of the userinfo endpoint to the claims of the token.
    pub(super) fn from_userinfo(claims: &Claims, answer: &[u8]) -> Result<Self, OidcError> {
        // The error may quote the profile, so only its position is logged.
        let answer = serde_json::from_slice(answer).map_err(|error| {
            unavailable(format!("not a JSON object at column {}", error.column()))
        })?;
        let answer = Claims::new(answer);
        // OpenID Connect Core, section 5.3.2.
        if answer.subject() != claims.subject() {
            return Err(unavailable(
                "userinfo describes another subject (sub)".into(),
            ));
        }
        Self::from_claims(&claims.merge(&answer))
            .ok_or_else(|| no_userinfo("the userinfo endpoint returns no name"))
    }

    /// Whether a claim of the token or of userinfo is this string, or a list that contains it.
    #[must_use]
    pub fn contains(&self, claim: &str, value: &str) -> bool {
        self.claims.contains(claim, value)
    }

    /// The claims of the token and of userinfo.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").finish_non_exhaustive()
    }
}

/// A claim that is a string and not blank.
fn text_claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    let text = claims.text(name)?.trim();
    (!text.is_empty()).then_some(text)
}

fn parse_picture(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let is_usable = url.scheme() == "https" && url.as_str().len() <= PICTURE_LIMIT;
    is_usable.then(|| url.into())
}

pub(super) fn unavailable(cause: String) -> OidcError {
    OidcError::Unavailable {
        detail: "the issuer's profile service is unavailable; try again",
        cause,
    }
}

pub(super) fn no_userinfo(cause: &str) -> OidcError {
    OidcError::Unavailable {
        detail: "the token has none of the claims preferred_username, nickname, name and email, \
                 and the issuer provides no name otherwise; have one of them added to the token",
        cause: cause.to_owned(),
    }
}
