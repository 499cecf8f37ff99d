//! Sign-in with a token, and sign-out.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{NoFields, PublicForm, SessionForm};
use super::page::public_page;
use super::parameters::Query;
use super::{Dashboard, cookie, zone};
use crate::http::HttpError;
use crate::http::address::Address;
use crate::model::Scope;
use crate::store::Caller;

/// The cost of a sign-in against the token's rate limit, like any write.
const SIGN_IN: u32 = 2;

/// The page to open after sign-in.
#[derive(Deserialize)]
pub(super) struct Next {
    pub(super) next: Option<String>,
}

impl Next {
    /// A page of the dashboard only, so that a link to sign-in cannot redirect to another site.
    pub(super) fn page(&self) -> &str {
        let path = self.next.as_deref().filter(|next| is_page(next));
        path.unwrap_or("/")
    }
}

/// `/`, or a path below `/dashboard/`. Browsers treat `//host` and `/\host` as other servers.
fn is_page(next: &str) -> bool {
    let is_plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let is_below = next == "/" || next.starts_with("/?") || next.starts_with("/dashboard/");
    is_plain && is_below
}

/// The form.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    Query(next): Query<Next>,
) -> Html<String> {
    form(&dashboard, next.page(), None)
}

/// The fields of the form.
#[derive(Deserialize)]
pub(super) struct SignIn {
    token: String,
    zone: Option<String>,
    next: Option<String>,
}

/// The client's address, for the limit on failed attempts.
pub(super) struct From(Address);

impl FromRequestParts<Dashboard> for From {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &Dashboard) -> Result<Self, HttpError> {
        Ok(Self(Address::of(&parts.extensions, &parts.headers)))
    }
}

/// Signs in with a token that may read.
pub(super) async fn sign_in(
    State(dashboard): State<Dashboard>,
    From(address): From,
    headers: HeaderMap,
    PublicForm(form): PublicForm<SignIn>,
) -> Result<Response, HttpError> {
    let next = Next { next: form.next };
    let Some(caller) = dashboard.store.authenticate(form.token.trim()).await? else {
        dashboard.rate_limits.failed_authentication(address)?;
        let why = "Invalid token. It may be incomplete, expired or revoked.";
        return Ok(refused(&dashboard, next.page(), why));
    };
    if !caller.may(Scope::Read) {
        let why = "This token can sync, but not read. Sign in with a token that has read access.";
        return Ok(refused(&dashboard, next.page(), why));
    }
    dashboard.rate_limits.token(caller.key(), SIGN_IN)?;
    start_session(
        &dashboard,
        &headers,
        &caller,
        form.zone.as_deref(),
        next.page(),
    )
    .await
}

/// Starts a session, and redirects to a page.
async fn start_session(
    dashboard: &Dashboard,
    headers: &HeaderMap,
    caller: &Caller,
    zone: Option<&str>,
    next: &str,
) -> Result<Response, HttpError> {
    let zone = zone::canonical_name(zone.unwrap_or_default());
    let zone = zone.as_deref().unwrap_or("UTC");
    let before = cookie::SESSION.value(headers);
    let secret = dashboard
        .store
        .create_session(caller, zone, before.as_ref())
        .await?;
    let cookie = cookie::SESSION.set(headers, &secret)?;
    Ok(([cookie], Redirect::to(next)).into_response())
}

fn refused(dashboard: &Dashboard, next: &str, why: &str) -> Response {
    (StatusCode::FORBIDDEN, form(dashboard, next, Some(why))).into_response()
}

fn form(dashboard: &Dashboard, next: &str, why: Option<&str>) -> Html<String> {
    let content = html! {
        h1 { "Sign in" }
        @if let Some(why) = why {
            p.notice.bad role="alert" { (why) }
        }
        form.card method="post" action="/dashboard/sign-in" {
            input type="hidden" name="next" value=(next);
            input type="hidden" name="zone" value="" data-zone;
            // Password managers need a user name.
            input type="text" name="user" autocomplete="username" hidden;
            label for="token" { "Token" }
            input #token name="token" type="password" required autofocus
                autocomplete="current-password" spellcheck="false" placeholder="crick…" aria-describedby="token-where";
            p.hint #token-where {
                "You can use the token you set up in Watson: "
                code { "watson config backend.token" } " shows it."
            }
            button type="submit" { "Sign in" }
        }
        @if dashboard.issuer.is_some() {
            (with_issuer(next))
        }
    };
    public_page("Sign in", content)
}

fn with_issuer(next: &str) -> Markup {
    let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    html! {
        p.or { "or" }
        p { a.button href={ "/dashboard/sign-in/issuer?next=" (query) } data-zone-link {
            "Sign in with your organization"
        } }
    }
}

/// Ends the session.
pub(super) async fn sign_out(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    SessionForm(session, NoFields {}): SessionForm<NoFields>,
) -> Result<Response, HttpError> {
    dashboard
        .store
        .delete_session(session.user(), &session.secret)
        .await?;
    let cookie = cookie::SESSION.clear(&headers)?;
    Ok(([cookie], Redirect::to("/dashboard/sign-in")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_never_redirects_to_another_server() {
        for (next, page) in [
            ("/", "/"),
            ("/?week=2026-W48", "/?week=2026-W48"),
            (
                "/dashboard/frames?tags=a%2Cb",
                "/dashboard/frames?tags=a%2Cb",
            ),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/dashboard/\\..\\evil", "/"),
            ("https://evil.example/dashboard/", "/"),
            ("/dashboard/x\r\nSet-Cookie: a=b", "/"),
            ("/docs", "/"),
            ("", "/"),
        ] {
            let asked = Next {
                next: Some(next.to_owned()),
            };
            assert_eq!(asked.page(), page, "{next}");
        }
        assert_eq!(Next { next: None }.page(), "/");
    }
}
