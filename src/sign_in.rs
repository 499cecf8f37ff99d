//! Finds the user of a verified token, and registers new users if the settings allow it. Used by
//! both the API, with a bearer token, and the dashboard, after signing in with a browser.

use crate::config::{AllowRule, Registration};
use crate::oidc::{Claims, Issuer, OidcError, Profile};
use crate::store::{Caller, Store, StoreError};

/// Why a sign-in fails.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The person is not a user and may not register. Contains a message for them.
    #[error("{0}")]
    NotInvited(String),
    /// The issuer does not provide a profile.
    #[error(transparent)]
    Issuer(#[from] OidcError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds the user of a verified token, or registers one.
pub async fn find_caller(
    store: &Store,
    issuer: &Issuer,
    registration: &Registration,
    token: &str,
    claims: &Claims,
) -> Result<Caller, SignInError> {
    match store.find_identity(issuer.name(), claims.subject()).await? {
        Some(caller) => Ok(caller),
        None => register(store, issuer, registration, token, claims).await,
    }
}

async fn register(
    store: &Store,
    issuer: &Issuer,
    registration: &Registration,
    token: &str,
    claims: &Claims,
) -> Result<Caller, SignInError> {
    if *registration == Registration::Closed {
        return Err(not_invited(claims));
    }
    let profile = issuer.profile(token, claims).await?;
    if !may_register(registration, &profile) {
        return Err(not_invited(claims));
    }
    // The login is visible to teams, so an email address is cut.
    let name = profile.login.split('@').next().unwrap_or_default();
    let picture = profile.picture.as_deref();
    let caller = store
        .register_user(issuer.name(), claims.subject(), name, picture)
        .await?;
    tracing::info!(user = %caller.user.id(), "registered");
    Ok(caller)
}

fn may_register(registration: &Registration, profile: &Profile) -> bool {
    let address = profile.email.as_deref().filter(|_| profile.email_verified);
    let is_listed = |rule: &AllowRule| match rule {
        // Not `nickname` or `name`, which people choose themselves.
        AllowRule::Login(login) => profile.claims().text("preferred_username") == Some(login),
        AllowRule::Email(listed) => address.is_some_and(|own| own.to_lowercase() == *listed),
        AllowRule::EmailDomain(domain) => {
            let found = address.and_then(|address| address.rsplit_once('@'));
            found.is_some_and(|(_, of)| of.eq_ignore_ascii_case(domain))
        }
        AllowRule::Claim { name, value } => profile.contains(name, value),
    };
    match registration {
        Registration::Open => true,
        Registration::AllowList(rules) => rules.iter().any(is_listed),
        Registration::Closed => false,
    }
}

fn not_invited(claims: &Claims) -> SignInError {
    SignInError::NotInvited(format!(
        "you are signed in, but not a user of this server; its operator can add you: \
         crick-api-server user link LOGIN --subject '{}'",
        // Quoted for a shell, because people copy it.
        claims.subject().replace('\'', r"'\''")
    ))
}
