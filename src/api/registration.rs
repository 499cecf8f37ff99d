//! Somebody whom the issuer knows comes for the first time: may they become a user, and under which login?

use super::{Api, ApiError};
use crate::config::{Allowed, Registration, Web};
use crate::oidc::{Claims, Issuer, Profile};
use crate::store::Caller;

/// Makes a user of the bearer of a verified token, if the operator lets them register.
///
/// # Errors
/// 403 when they may not, 503 when the issuer does not tell who they are: then there is no user.
pub(super) async fn register(
    api: &Api,
    issuer: &Issuer,
    token: &str,
    claims: &Claims,
) -> Result<Caller, ApiError> {
    if api.web.registration == Registration::Closed {
        return Err(not_invited(claims));
    }
    let profile = issuer.profile(token, claims).await?;
    if !may_register(&api.web, &profile) {
        return Err(not_invited(claims));
    }
    // An address is nobody's business; what stands before the @ may be a name.
    let name = profile.login.split('@').next().unwrap_or_default();
    let picture = profile.picture.as_deref();
    let caller = api
        .store
        .register(issuer.name(), claims.subject(), name, picture)
        .await?;
    tracing::info!(user = %caller.user.id(), "registered");
    Ok(caller)
}

fn may_register(web: &Web, profile: &Profile) -> bool {
    let address = profile.email.as_deref().filter(|_| profile.email_verified);
    let is_listed = |allowed: &Allowed| match allowed {
        // No other name: `nickname` and `name` are what people call themselves.
        Allowed::Login(login) => profile.claims().text("preferred_username") == Some(login),
        Allowed::Email(listed) => address.is_some_and(|own| own.to_lowercase() == *listed),
        Allowed::EmailDomain(domain) => {
            let found = address.and_then(|address| address.rsplit_once('@'));
            found.is_some_and(|(_, of)| of.eq_ignore_ascii_case(domain))
        }
        Allowed::Claim { name, value } => profile.contains(name, value),
    };
    match web.registration {
        Registration::Open => true,
        Registration::AllowList => web.registration_allow.iter().any(is_listed),
        Registration::Closed => false,
    }
}

fn not_invited(claims: &Claims) -> ApiError {
    ApiError::Forbidden(format!(
        "you are signed in, but not a user of this server; its operator can make you one: \
         crick-api-server user link LOGIN --subject '{}'",
        // As a shell wants it: who reads this may copy it.
        claims.subject().replace('\'', r"'\''")
    ))
}
