//! The fuzz targets' API on a database in memory, and the checks of every response.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use clap::{Args as _, Command};
use crick_api::api::{self, Api};
use crick_api::config::{Config, Settings};
use crick_api::http::{self, RateLimits};
use crick_api::model::Scopes;
use crick_api::store::{Store, User};
use http_body_util::BodyExt as _;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// The server of this process.
pub static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// The API as it is served, without a connection.
pub struct Server {
    runtime: Runtime,
    store: Store,
    router: Router,
}

/// A user with a token that has all scopes.
pub struct Person {
    user: User,
    /// The token.
    pub token: String,
}

/// A complete response.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its header fields.
    pub headers: HeaderMap,
    /// Its body; null if it has none.
    pub json: Value,
}

impl Server {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let flags = Settings::augment_args(Command::new("fuzz")).get_matches_from([
            "fuzz",
            "--dsn=sqlite::memory:",
            "--rate-limit-token=0",
            "--rate-limit-address=0",
        ]);
        let config = Config::load(&flags, None).expect("settings");
        let (store, router) = runtime.block_on(async {
            let store = Store::open(&config.dsn, 1, true).await.expect("a database");
            let limits = Arc::new(RateLimits::new(&config.settings));
            let api = Api::new(store.clone(), &config, limits, CancellationToken::new());
            let router = http::around(api::router(api));
            (store, router)
        });
        Self {
            runtime,
            store,
            router,
        }
    }

    /// Creates a user without data.
    pub fn person(&self, login: &str) -> Person {
        self.runtime.block_on(async {
            let user = self.store.create_user(login).await.expect("a new user");
            let token = self
                .store
                .create_token(&user, "device", Scopes::ALL, None, false);
            let token = token.await.expect("a token").secret;
            Person {
                user,
                token: token.expose_secret().to_owned(),
            }
        })
    }

    /// Deletes a user with their data.
    pub fn forget(&self, person: &Person) {
        let removed = self.store.delete_user(&person.user);
        self.runtime.block_on(removed).expect("a user less");
    }

    /// Sends a request, and checks that the response is no 5xx and that its body is JSON.
    pub fn ask(&self, mut request: Request<Body>) -> Answer {
        let host = HeaderValue::from_static("crick.example");
        request.headers_mut().entry(HOST).or_insert(host);
        self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await;
            let (head, body) = answer.expect("an answer").into_parts();
            let body = body.collect().await.expect("the whole answer").to_bytes();
            assert!(!head.status.is_server_error(), "{} {body:?}", head.status);
            let json = match head.status {
                StatusCode::NO_CONTENT => Value::Null,
                _ => serde_json::from_slice(&body).expect("JSON"),
            };
            Answer {
                status: head.status,
                headers: head.headers,
                json,
            }
        })
    }
}

impl Person {
    /// The `Authorization` header.
    pub fn credentials(&self) -> HeaderValue {
        HeaderValue::try_from(format!("Token {}", self.token)).expect("a header")
    }
}
