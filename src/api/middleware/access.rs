//! Who may go on to a route's handler, and how often. Every row of the table passes here, so that no handler can forget
//! to ask.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::auth;
use super::preload::Preload;
use crate::api::handlers::calendar;
use crate::api::route::Access;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::http::address::Address;
use crate::http::request_log;
use crate::store::Caller;

/// Lets a request through to the handler if its credentials allow it and its allowances suffice, and leaves word of whose
/// they are. The address is counted before anything is asked of the database, and everything before the body is read.
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
            .open_feed(calendar::secret(request.uri().path()))
            .await?
        else {
            api.rate_limits.failed_authentication(address)?;
            return Err(HttpError::NotFound(
                "there is no such calendar feed".to_owned(),
            ));
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
                "this token does not allow it: it may {}, and this takes {}",
                caller.scopes,
                scope.name()
            )));
        }
        if refuses_parameters && request.uri().query().is_some_and(|query| !query.is_empty()) {
            return Err(HttpError::BadRequest(
                "this address takes no parameters".to_owned(),
            ));
        }
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(preloaded);
    }
    Ok(next.run(request).await)
}

impl FromRequestParts<Api> for Caller {
    type Rejection = HttpError;

    /// The caller who was let through; a handler of a public route has none.
    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, HttpError> {
        parts.extensions.remove().ok_or(HttpError::Internal)
    }
}
