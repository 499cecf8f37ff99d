//! The dashboard: pages for people who look at their time in a browser. A client of the store as the API is, which it
//! does not know.
//!
//! HTML is made here and works without JavaScript; styles and the few lines of script come from here too, and nothing
//! from elsewhere. THE table of pages is `table`; who may see a page is in `visitor.rs`, what may be posted in `form.rs`.

mod assets;
mod chart;
mod chosen_names;
mod cookie;
mod devices;
mod duration;
mod error_page;
mod feeds;
mod form;
mod frame_table;
mod frames;
mod id;
mod invitations;
mod issuer;
mod notice;
mod origin;
mod page;
mod parameters;
mod range;
mod sign_in;
mod tags;
mod team;
mod teams;
mod visitor;
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

use crate::config;
use crate::config::Config;
use crate::http;
use crate::http::address::Address;
use crate::http::{HttpError, RateLimits};
use crate::oidc::Issuer;
use crate::store::Store;

/// What every page can reach. Cheap to clone.
#[derive(Clone)]
pub struct Dashboard(Arc<Shared>);

/// What the clones of a [`Dashboard`] share.
pub struct Shared {
    store: Store,
    watson_path: String,
    body_limit: usize,
    request_timeout: Duration,
    rate_limits: Arc<RateLimits>,
    /// With whom people can sign in, beside their tokens.
    issuer: Option<Issuer>,
    /// Who of them may become a user.
    rules: config::Access,
}

impl Dashboard {
    /// A dashboard over a store.
    #[must_use]
    pub fn new(store: Store, config: &Config, rate_limits: Arc<RateLimits>) -> Self {
        let issuer = config.oidc.clone().map(Issuer::new);
        Self(Arc::new(Shared {
            store,
            watson_path: config.watson_path.clone(),
            body_limit: config.body_limit,
            request_timeout: config.request_timeout,
            rate_limits,
            issuer: issuer.filter(Issuer::has_client),
            rules: config.access.clone(),
        }))
    }
}

impl Deref for Dashboard {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// THE table: address, and what it shows or does.
fn table() -> Router<Dashboard> {
    Router::new()
        .route("/", get(week::week))
        .route("/dashboard/year", get(year::year))
        .route("/dashboard/tags", get(tags::tags))
        .route("/dashboard/frames", get(frames::frames))
        .route("/dashboard/frames.csv", get(frames::csv))
        .route("/dashboard/frames.jsonl", get(frames::json_lines))
        .route("/dashboard/frames.ics", get(frames::calendar))
        .route("/dashboard/feeds", get(feeds::list).post(feeds::create))
        .route("/dashboard/feeds/{id}/remove", post(feeds::remove))
        .route("/dashboard/teams", get(teams::teams).post(teams::create))
        .route("/dashboard/teams/{id}", get(team::team).post(team::change))
        .route("/dashboard/teams/{id}/share", post(team::share))
        .route("/dashboard/teams/{id}/leave", post(team::leave))
        .route("/dashboard/teams/{id}/invite", post(team::invite))
        .route("/dashboard/teams/{id}/withdraw", post(team::withdraw))
        .route("/dashboard/teams/{id}/remove", post(team::remove))
        .route("/dashboard/teams/{id}/delete", post(team::delete))
        .route("/dashboard/invitations", get(invitations::invitations))
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
        .route("/dashboard/sign-in/issuer", get(issuer::begin))
        .route("/dashboard/sign-in/callback", get(issuer::come_back))
        .route("/dashboard/sign-out", post(sign_in::sign_out))
        .route("/dashboard/zone", post(zone::change))
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
        .route(assets::ROUTE, get(assets::asset))
        .route("/dashboard", get(overview))
        .route("/dashboard/", get(overview))
        .route("/dashboard/{*rest}", any(not_there))
}

/// The whole dashboard as one service.
pub fn router(dashboard: Dashboard) -> Router {
    let router = table()
        .method_not_allowed_fallback(not_taken)
        .layer(middleware::from_fn_with_state(dashboard.clone(), limits));
    http::guarded(router, dashboard.request_timeout)
        .layer(middleware::from_fn(error_page::render))
        .layer(middleware::map_response(policy))
        .with_state(dashboard)
}

/// Who asks what a page takes is told in `Allow`, which axum adds.
async fn not_taken(method: Method) -> Response {
    match method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        method => HttpError::MethodNotAllowed(method).into_response(),
    }
}

async fn overview() -> Redirect {
    Redirect::to("/")
}

/// A slash too many at the end of an address is forgiven.
async fn not_there(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_end_matches('/');
    if path == uri.path() || !matches!(method, Method::GET | Method::HEAD) {
        return HttpError::NotFound("This page does not exist.".to_owned()).into_response();
    }
    let query = uri.query().map(|query| format!("?{query}"));
    Redirect::to(&format!("{path}{}", query.unwrap_or_default())).into_response()
}

/// Counts a request against its address, before anything is asked of the database: a page once, a form twice.
async fn limits(
    State(dashboard): State<Dashboard>,
    request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    let address = Address::of(request.extensions(), request.headers());
    let cost = visitor::cost(request.method());
    dashboard.rate_limits.address(address, cost)?;
    Ok(next.run(request).await)
}

/// What a browser may do with an answer: keep nothing, unless the answer says otherwise, and load what is from here.
async fn policy(mut response: Response) -> Response {
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
