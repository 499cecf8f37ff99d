//! What the issuer says about the bearer of a token, for their first login.

use std::fmt;

use url::Url;

use super::{Claims, OidcError};

/// What may serve as a login, the best first.
const NAMES: [&str; 4] = ["preferred_username", "nickname", "name", "email"];
/// The longest address of a picture, in characters.
const PICTURE_LIMIT: usize = 2048;

/// A person, as their issuer describes them. Not shown by `Debug`.
#[derive(Clone)]
pub struct Profile {
    /// The name that suits a login best, as asserted: `preferred_username`, `nickname`, `name` or `email`.
    pub login: String,
    /// Their email address.
    pub email: Option<String>,
    /// Whether the issuer knows that it is theirs.
    pub email_verified: bool,
    /// The address of their picture, `https` only.
    pub picture: Option<String>,
    claims: Claims,
}

impl Profile {
    /// The profile that claims hold, if they hold a name.
    pub(super) fn of(claims: &Claims) -> Option<Self> {
        let login = NAMES.iter().find_map(|name| text(claims, name))?;
        Some(Self {
            login: login.to_owned(),
            email: text(claims, "email").map(str::to_owned),
            email_verified: claims.is_true("email_verified"),
            picture: claims.text("picture").and_then(picture),
            claims: claims.clone(),
        })
    }

    /// The profile that the userinfo endpoint answered for a token with these claims.
    pub(super) fn of_userinfo(claims: &Claims, answer: &[u8]) -> Result<Self, OidcError> {
        // What a broken profile says stays out of the log: the place of the error is enough.
        let answer = serde_json::from_slice(answer).map_err(|error| {
            unavailable(format!("not a JSON object at column {}", error.column()))
        })?;
        let answer = Claims::new(answer);
        // OpenID Connect Core, section 5.3.2.
        if answer.subject() != claims.subject() {
            return Err(unavailable("userinfo is about somebody else (sub)".into()));
        }
        Self::of(&claims.overlaid_with(&answer))
            .ok_or_else(|| no_userinfo("the userinfo endpoint knows no name either"))
    }

    /// Whether a claim, of the token or of userinfo, is this text or a list with this text in it.
    #[must_use]
    pub fn contains(&self, claim: &str, value: &str) -> bool {
        self.claims.contains(claim, value)
    }

    /// All that is claimed, by the token or by userinfo.
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

/// A claim that is a text and says something.
fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    let text = claims.text(name)?.trim();
    (!text.is_empty()).then_some(text)
}

fn picture(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let is_usable = url.scheme() == "https" && url.as_str().len() <= PICTURE_LIMIT;
    is_usable.then(|| url.into())
}

/// The userinfo endpoint gave nothing to use.
pub(super) fn unavailable(cause: String) -> OidcError {
    OidcError::Unavailable {
        detail: "the issuer of the token does not tell who you are just now; try again",
        cause,
    }
}

/// Nobody says a name.
pub(super) fn no_userinfo(cause: &str) -> OidcError {
    OidcError::Unavailable {
        detail: "the token has none of the claims preferred_username, nickname, name and email, and the issuer gives \
                 no name otherwise; have one of them added to the token",
        cause: cause.to_owned(),
    }
}
