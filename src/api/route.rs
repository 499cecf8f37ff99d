//! A row of the table of routes, and how the rows become a router.

use axum::Router;
use axum::http::header::ALLOW;
use axum::http::{Method, StatusCode};
use axum::middleware;
use axum::routing::{MethodRouter, options};
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{RefOr, Schema};
use utoipa_axum::router::UtoipaMethodRouter;

use super::extract::body;
use super::middleware::access::{self, Access};
use super::middleware::caching;
use super::middleware::preload::Preload;
use super::state::Api;
use crate::model::Scope;

/// A method at an address: who may use it, and what it does.
pub(super) struct Route {
    pub(super) path: String,
    pub(super) access: Access,
    /// The operation, as the handler's attribute describes it, and the schemas that it refers to.
    pub(super) item: PathItem,
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
    /// Whether the OpenAPI document has it.
    pub(super) is_documented: bool,
    handler: MethodRouter<Api>,
    /// Whether the handler itself enforces a limit, `bulk_body_limit`, in place of `body_limit`.
    is_bulk: bool,
    preload: Preload,
}

/// A row: what `routes!` found at the handler (path, method and description), and who may use it.
pub(super) fn route((schemas, paths, handler): UtoipaMethodRouter<Api>, access: Access) -> Route {
    let (path, item) = paths.paths.into_iter().next().unwrap_or_default();
    Route {
        path,
        access,
        item,
        schemas,
        is_documented: true,
        handler,
        is_bulk: false,
        preload: Preload::Nothing,
    }
}

impl Route {
    /// Expects a large body.
    pub(super) fn bulk(mut self) -> Self {
        self.is_bulk = true;
        self
    }

    /// Loads data by the same statement as the token.
    pub(super) fn preload(mut self, preload: Preload) -> Self {
        self.preload = preload;
        self
    }

    /// Stays out of the OpenAPI document.
    pub(super) fn undocumented(mut self) -> Self {
        self.is_documented = false;
        self
    }

    /// The method and the operation. A row has one.
    pub(super) fn operation(&mut self) -> Option<(Method, &mut Operation)> {
        let item = &mut self.item;
        let operations = [
            (Method::GET, &mut item.get),
            (Method::POST, &mut item.post),
            (Method::PUT, &mut item.put),
            (Method::PATCH, &mut item.patch),
            (Method::DELETE, &mut item.delete),
        ];
        let mut present = operations.into_iter();
        present.find_map(|(method, operation)| Some((method, operation.as_mut()?)))
    }

    /// Whether the handler reads parameters of the address.
    fn has_parameters(&mut self) -> bool {
        let operation = self.operation();
        let mut parameters = operation
            .into_iter()
            .flat_map(|(_, operation)| operation.parameters.iter().flatten());
        parameters.any(|it| matches!(it, RefOr::T(it) if it.parameter_in == ParameterIn::Query))
    }

    fn into_handler(mut self, api: &Api) -> MethodRouter<Api> {
        // Watson's routes and the public ones ignore parameters that they do not know.
        let is_strict = matches!(self.access, Access::Needs(Scope::Read | Scope::Write));
        let refuses_parameters = is_strict && !self.has_parameters();
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

/// Builds the router from the table. Each address is served with and without a trailing slash,
/// because Watson sends one, and a redirect would cost a round trip and drop a proxy's path prefix.
/// `HEAD` goes with `GET`; `OPTIONS` lists the methods.
pub(super) fn router(api: &Api, mut table: Vec<Route>) -> Router<Api> {
    let mut router = Router::new();
    while let Some(path) = table.first().map(|route| route.path.clone()) {
        let (mut here, rest): (Vec<Route>, Vec<Route>) =
            table.into_iter().partition(|route| route.path == path);
        table = rest;
        let allowed = allowed_methods(&mut here);
        let mut handlers: MethodRouter<Api> =
            options(async move || (StatusCode::NO_CONTENT, [(ALLOW, allowed)]));
        for route in here {
            handlers = handlers.merge(route.into_handler(api));
        }
        router = router
            .route(&format!("{path}/"), handlers.clone())
            .route(&path, handlers);
    }
    router
}

/// The value of `Allow`.
fn allowed_methods(routes: &mut [Route]) -> String {
    let mut methods = vec![Method::OPTIONS];
    for (method, _) in routes.iter_mut().filter_map(Route::operation) {
        if method == Method::GET {
            methods.push(Method::HEAD);
        }
        methods.push(method);
    }
    let mut names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    names.sort_unstable();
    names.join(",")
}
