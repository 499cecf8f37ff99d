//! A row of the table of routes: what stands in it, and how the rows become a router.

use axum::Router;
use axum::handler::Handler;
use axum::http::header::ALLOW;
use axum::http::{Method, StatusCode};
use axum::middleware;
use axum::routing::{MethodFilter, MethodRouter, on, options};

use super::extract::body;
use super::middleware::preload::Preload;
use super::middleware::{access, caching};
use super::state::Api;
use crate::model::Scope;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody, without credentials, however often: for the operator's probes.
    Probe,
    /// Anybody, without credentials.
    Public,
    /// Whoever knows the address, which is a secret.
    Feed,
    /// Whoever has credentials that allow this.
    Needs(Scope),
}

impl Access {
    /// What a request counts for against the limits.
    pub(super) fn cost(self) -> u32 {
        match self {
            Self::Probe => 0,
            Self::Public | Self::Feed | Self::Needs(Scope::Read | Scope::Sync) => 1,
            Self::Needs(Scope::Write) => 2,
        }
    }
}

/// A method at an address: who may use it, and what it does.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) access: Access,
    handler: MethodRouter<Api>,
    /// A body of up to `bulk_body_limit` is expected, which the handler sees to; else `body_limit` holds.
    is_bulk: bool,
    /// Its address takes parameters, which the handler sees to; else one is refused.
    has_parameters: bool,
    preload: Preload,
}

impl Route {
    fn new<H, T>(
        method: Method,
        filter: MethodFilter,
        path: impl Into<String>,
        access: Access,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        Self {
            method,
            path: path.into(),
            access,
            handler: on(filter, handler),
            is_bulk: false,
            has_parameters: false,
            preload: Preload::Nothing,
        }
    }

    /// Expects a large body.
    pub(super) fn bulk(mut self) -> Self {
        self.is_bulk = true;
        self
    }

    /// Takes parameters.
    pub(super) fn with_parameters(mut self) -> Self {
        self.has_parameters = true;
        self
    }

    /// Loads data by the same statement as the token.
    pub(super) fn preload(mut self, preload: Preload) -> Self {
        self.preload = preload;
        self
    }

    fn into_handler(self, api: &Api) -> MethodRouter<Api> {
        // Watson's routes ignore what they do not know, and so do the public ones, which nothing hangs on.
        let is_strict = matches!(self.access, Access::Needs(Scope::Read | Scope::Write));
        let refuses_parameters = is_strict && !self.has_parameters;
        let access = (api.clone(), self.access, refuses_parameters, self.preload);
        let mut handler = self
            .handler
            .layer(middleware::from_fn_with_state(access, access::layer));
        if !self.is_bulk {
            handler = handler.layer(middleware::from_fn_with_state(api.body_limit, body::small));
        }
        handler.layer(middleware::from_fn_with_state(self.access, caching::layer))
    }
}

macro_rules! method {
    ($name:ident, $method:ident) => {
        pub(super) fn $name<H, T>(path: impl Into<String>, access: Access, handler: H) -> Route
        where
            H: Handler<T, Api>,
            T: 'static,
        {
            let (method, filter) = (Method::$method, MethodFilter::$method);
            Route::new(method, filter, path, access, handler)
        }
    };
}
method!(get, GET);
method!(post, POST);
method!(put, PUT);
method!(patch, PATCH);
method!(delete, DELETE);

/// Makes a router of the table. Each address is served with and without a trailing slash, because Watson sends one and a
/// redirect would cost a round trip and leave a proxy's path prefix. `HEAD` goes with `GET`; `OPTIONS` says what there is.
pub(super) fn router(api: &Api, mut table: Vec<Route>) -> Router<Api> {
    let mut router = Router::new();
    while let Some(path) = table.first().map(|route| route.path.clone()) {
        let (here, rest): (Vec<Route>, Vec<Route>) =
            table.into_iter().partition(|route| route.path == path);
        table = rest;
        let allowed = allowed(&here);
        let mut handlers: MethodRouter<Api> =
            options(async move || (StatusCode::NO_CONTENT, [(ALLOW, allowed)]));
        for route in here {
            handlers = handlers.merge(route.into_handler(api));
        }
        if path != "/" {
            router = router.route(&format!("{path}/"), handlers.clone());
        }
        router = router.route(&path, handlers);
    }
    router
}

/// The methods of an address, as `Allow` lists them.
fn allowed(routes: &[Route]) -> String {
    let mut names: Vec<&str> = vec!["OPTIONS"];
    for route in routes {
        names.push(route.method.as_str());
        if route.method == Method::GET {
            names.push("HEAD");
        }
    }
    names.sort_unstable();
    names.join(",")
}
