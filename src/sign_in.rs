//! Somebody whom an issuer vouches for: which user they are, and, when they come for the first time, whether they may
//! become one, and under which login. The same whether a program brings the token or a browser comes from the issuer.

use crate::config::{AllowRule, Registration};
use crate::oidc::{Claims, Issuer, OidcError, Profile};
use crate::store::{Caller, Store, StoreError};

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// They are no user, and may not become one. A sentence for them.
    #[error("{0}")]
    NotInvited(String),
    /// The issuer does not tell who they are.
    #[error(transparent)]
    Issuer(#[from] OidcError),
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The user whom a verified token is about; a new one, if they may register.
///
/// # Errors
/// When they may not, or when it cannot be told who they are: then there is no user.
pub async fn caller(
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
    // An address is nobody's business; what stands before the @ may be a name.
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
        // No other name: `nickname` and `name` are what people call themselves.
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
        "you are signed in, but not a user of this server; its operator can make you one: \
         crick-api-server user link LOGIN --subject '{}'",
        // As a shell wants it: who reads this may copy it.
        claims.subject().replace('\'', r"'\''")
    ))
}
