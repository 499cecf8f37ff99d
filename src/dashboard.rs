//! The dashboard: pages for people. Like the API it is a client of the store, and independent of
//! the API.
//!
//! The HTML works without JavaScript, and loads nothing from other servers. `routes` lists the
//! pages, `session.rs` authenticates their readers, and `form.rs` protects what they post.

mod assets;
mod chart;
mod cookie;
mod devices;
mod duration;
mod error_page;
mod feeds;
mod flash;
mod form;
mod frames;
mod id;
mod invitations;
mod issuer;
mod name_filter;
mod origin;
mod page;
mod parameters;
mod range;
mod session;
mod sign_in;
mod tags;
mod team;
mod teams;
mod week;
mod year;
mod zone;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{any, get, post};

use crate::config::{Config, Registration};
use crate::http;
use crate::http::address::Address;
use crate::http::{HttpError, RateLimits};
use crate::oidc::Issuer;
use crate::store::Store;

/// The state of every page. Cheap to clone.
#[derive(Clone)]
pub struct Dashboard(Arc<Shared>);

/// The state that the clones of a [`Dashboard`] share.
pub struct Shared {
    store: Store,
    watson_path: String,
    body_limit: usize,
    request_timeout: Duration,
    rate_limits: Arc<RateLimits>,
    /// The provider for sign-in, if one is configured.
    issuer: Option<Issuer>,
    /// Who may become a user on first sign-in.
    registration: Registration,
}

impl Dashboard {
    /// Creates a dashboard.
    #[must_use]
    pub fn new(store: Store, config: &Config, rate_limits: Arc<RateLimits>) -> Self {
        let issuer = config.oidc.clone().map(Issuer::new);
        Self(Arc::new(Shared {
            store,
            watson_path: config.settings.watson_path.clone(),
            body_limit: config.settings.body_limit.get(),
            request_timeout: config.settings.request_timeout.duration(),
            rate_limits,
            issuer: issuer.filter(Issuer::has_client),
            registration: config.registration.clone(),
        }))
    }
}

impl Deref for Dashboard {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The route table.
fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/", get(week::show))
        .route("/dashboard/year", get(year::show))
        .route("/dashboard/tags", get(tags::show))
        .route("/dashboard/frames", get(frames::list))
        .route("/dashboard/frames.csv", get(frames::csv))
        .route("/dashboard/frames.jsonl", get(frames::json_lines))
        .route("/dashboard/frames.ics", get(frames::calendar))
        .route("/dashboard/feeds", get(feeds::list).post(feeds::create))
        .route("/dashboard/feeds/{id}/remove", post(feeds::delete))
        .route("/dashboard/teams", get(teams::list).post(teams::create))
        .route("/dashboard/teams/{id}", get(team::show).post(team::update))
        .route("/dashboard/teams/{id}/share", post(team::share))
        .route("/dashboard/teams/{id}/leave", post(team::leave))
        .route("/dashboard/teams/{id}/invite", post(team::invite))
        .route("/dashboard/teams/{id}/withdraw", post(team::withdraw))
        .route("/dashboard/teams/{id}/remove", post(team::remove_member))
        .route("/dashboard/teams/{id}/delete", post(team::delete))
        .route("/dashboard/invitations", get(invitations::list))
        .route(
            "/dashboard/invitations/{id}/accept",
            post(invitations::accept),
        )
        .route(
            "/dashboard/invitations/{id}/decline",
            post(invitations::decline),
        )
        .route(
            "/dashboard/sign-in",
            get(sign_in::show).post(sign_in::sign_in),
        )
        .route("/dashboard/sign-in/issuer", get(issuer::start))
        .route("/dashboard/sign-in/callback", get(issuer::callback))
        .route("/dashboard/sign-out", post(sign_in::sign_out))
        .route("/dashboard/zone", post(zone::update))
        .route(
            "/dashboard/devices",
            get(devices::list).post(devices::create),
        )
        .route(
            "/dashboard/devices/refused/clear",
            post(devices::refused::clear),
        )
        .route(
            "/dashboard/devices/{id}/revoke",
            get(devices::confirm).post(devices::revoke),
        )
        .route(
            "/dashboard/devices/{id}/resend",
            get(devices::resend::confirm).post(devices::resend::resend),
        )
        .route(assets::ROUTE, get(assets::get))
        .route("/dashboard", get(redirect_home))
        .route("/dashboard/", get(redirect_home))
        .route("/dashboard/{*rest}", any(not_found))
}

/// The dashboard as a service.
pub fn router(dashboard: Dashboard) -> Router {
    let router = routes()
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(
            dashboard.clone(),
            limit_rate,
        ));
    http::guarded(router, dashboard.request_timeout)
        .layer(middleware::from_fn(error_page::render))
        .layer(middleware::map_response(set_headers))
        .with_state(dashboard)
}

/// axum adds `Allow`.
async fn method_not_allowed(method: Method) -> Response {
    match method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        method => HttpError::MethodNotAllowed(method).into_response(),
    }
}

async fn redirect_home() -> Redirect {
    Redirect::to("/")
}

/// Redirects a path with trailing slashes to the page.
async fn not_found(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_end_matches('/');
    if path == uri.path() || !matches!(method, Method::GET | Method::HEAD) {
        return HttpError::NotFound("This page does not exist.".to_owned()).into_response();
    }
    let query = uri.query().map(|query| format!("?{query}"));
    Redirect::to(&format!("{path}{}", query.unwrap_or_default())).into_response()
}

/// Counts a request against its address before any query: a page once, a form twice.
async fn limit_rate(
    State(dashboard): State<Dashboard>,
    request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    let address = Address::of(request.extensions(), request.headers());
    let cost = session::cost(request.method());
    dashboard.rate_limits.address(address, cost)?;
    Ok(next.run(request).await)
}

/// Forbids caching, unless the response allows it, and loading anything from other servers.
async fn set_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(header::HeaderValue::from_static("no-store"));
    // With the API's `no-referrer` a browser would send forms with `Origin: null`.
    headers.insert(
        header::REFERRER_POLICY,
        header::HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    response
}
