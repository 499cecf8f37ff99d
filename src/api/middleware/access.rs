//! Access control and rate limits. Every route passes here, so that no handler can forget to check.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::auth;
use super::preload::Preload;
use crate::api::extract::feed_address;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::http::address::Address;
use crate::http::request_log;
use crate::model::Scope;
use crate::store::Caller;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Access {
    /// Everyone, without credentials and without limits: for the operator's probes.
    Probe,
    /// Everyone, without credentials.
    Public,
    /// Everyone who knows the address, which is a secret.
    Feed,
    /// Credentials with this scope.
    Needs(Scope),
}

impl Access {
    /// What a request counts against the rate limits.
    fn cost(self) -> u32 {
        match self {
            Self::Probe => 0,
            Self::Public | Self::Feed | Self::Needs(Scope::Read | Scope::Sync) => 1,
            Self::Needs(Scope::Write) => 2,
        }
    }
}

/// Passes a request on if its credentials and the rate limits allow it, with the caller in its
/// extensions. The address is counted before the first query, everything else before the body is
/// read.
pub(in crate::api) async fn layer(
    State((api, access, refuses_parameters, preload)): State<(Api, Access, bool, Preload)>,
    mut request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    if access == Access::Probe {
        return Ok(next.run(request).await);
    }
    let address = Address::of(request.extensions(), request.headers());
    api.rate_limits.address(address, access.cost())?;
    if access == Access::Feed {
        let Some(feed) = api
            .store
            .open_feed(feed_address::secret(request.uri().path()))
            .await?
        else {
            api.rate_limits.failed_authentication(address)?;
            return Err(HttpError::NotFound("No such calendar feed".to_owned()));
        };
        request_log::user(request.extensions(), feed.user.id());
        api.rate_limits.token(feed.feed.id, access.cost())?;
        request.extensions_mut().insert(feed);
    }
    if let Access::Needs(scope) = access {
        let found = auth::caller(&api, preload, request.uri(), request.headers()).await;
        let (caller, preloaded) = match found {
            Err(error @ HttpError::Unauthorized(_)) => {
                api.rate_limits.failed_authentication(address)?;
                return Err(error);
            }
            found => found?,
        };
        request_log::user(request.extensions(), caller.user.id());
        api.rate_limits.token(caller.key(), access.cost())?;
        if !caller.may(scope) {
            return Err(HttpError::Forbidden(format!(
                "This token has the scopes {}, but this request needs {}",
                caller.scopes,
                scope.name()
            )));
        }
        if refuses_parameters && request.uri().query().is_some_and(|query| !query.is_empty()) {
            return Err(HttpError::BadRequest(
                "This address takes no parameters".to_owned(),
            ));
        }
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(preloaded);
    }
    Ok(next.run(request).await)
}

impl FromRequestParts<Api> for Caller {
    type Rejection = HttpError;

    /// The caller; a handler of a public route has none.
    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, HttpError> {
        parts.extensions.remove().ok_or(HttpError::Internal)
    }
}
