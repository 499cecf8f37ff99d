//! A local OpenID Connect issuer with discovery, keys, userinfo and configurable failures.

mod code_flow;
mod signing_key;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use code_flow::Codes;
pub(crate) use code_flow::{CLIENT, parameters};
pub(crate) use signing_key::{Kind, SigningKey};

/// The default audience of its tokens.
pub(crate) const AUDIENCE: &str = "https://crick.example/api";
/// How long a test waits for a request to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// How it responds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Correctly.
    Up,
    /// With this status and a JSON object.
    Status(u16),
    /// With a body that is not JSON.
    Garbage,
    /// With 2 MiB and no `Content-Length`.
    Endless,
    /// With a redirect.
    Redirect,
    /// By closing the connection.
    HangUp,
    /// Not at all until the mood changes.
    Silent,
}

/// A running issuer. It signs its tokens with `key` and publishes that key at first.
pub(crate) struct TestIssuer {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// The key that signs tokens.
    pub(crate) key: SigningKey,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    documents: BTreeMap<&'static str, Value>,
    moods: BTreeMap<&'static str, Mood>,
    /// The path and the `Authorization` header of each request.
    requests: Vec<(String, Option<String>)>,
    codes: Codes,
    is_over: bool,
}

impl TestIssuer {
    /// The path of the discovery document.
    pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
    /// The path of the keys (JWKS).
    pub(crate) const JWKS: &str = "/jwks";
    /// The path of the userinfo endpoint.
    pub(crate) const USERINFO: &str = "/userinfo";
    const PATHS: [&str; 3] = [Self::DISCOVERY, Self::JWKS, Self::USERINFO];
    /// The path of the token endpoint.
    pub(crate) const TOKEN: &str = "/token";

    /// Starts an issuer with one key for ES256.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let issuer = Self {
            shared: Arc::default(),
            address,
            key: SigningKey::new(Kind::Es256, "first"),
        };
        issuer.set_discovery(json!({
            "issuer": issuer.url(),
            "jwks_uri": issuer.at(Self::JWKS),
            "userinfo_endpoint": issuer.at(Self::USERINFO),
            "authorization_endpoint": issuer.at("/authorize?tenant=1"),
            "token_endpoint": issuer.at(Self::TOKEN),
        }));
        issuer.publish(&[&issuer.key]);
        issuer.set_userinfo(json!({"sub": "auth0|ada", "nickname": "ada"}));
        let shared = issuer.shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.state().is_over {
                    break;
                }
                let shared = shared.clone();
                std::thread::spawn(move || shared.serve(stream.expect("a connection")));
            }
        });
        issuer
    }

    /// Its issuer identifier, with a trailing slash, like those of Auth0.
    pub(crate) fn url(&self) -> String {
        self.at("/")
    }

    /// The URL of a path.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Publishes only these keys.
    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        let keys = keys.iter().map(|key| key.jwk()).collect();
        self.publish_jwks(keys);
    }

    /// Publishes these keys, given as JSON.
    pub(crate) fn publish_jwks(&self, keys: Vec<Value>) {
        self.set(Self::JWKS, json!({ "keys": keys }));
    }

    /// The published keys as the content of a file.
    pub(crate) fn jwks(&self) -> String {
        self.shared.state().documents[Self::JWKS].to_string()
    }

    /// Changes fields of the discovery document.
    pub(crate) fn set_discovery(&self, document: Value) {
        self.set(Self::DISCOVERY, document);
    }

    /// Changes the userinfo response.
    pub(crate) fn set_userinfo(&self, document: Value) {
        self.set(Self::USERINFO, document);
    }

    /// Changes how it responds to all requests.
    pub(crate) fn set_mood(&self, mood: Mood) {
        for path in Self::PATHS {
            self.set_mood_at(path, mood);
        }
    }

    /// Changes how it responds at one path.
    pub(crate) fn set_mood_at(&self, path: &'static str, mood: Mood) {
        self.shared.state().moods.insert(path, mood);
        self.shared.changed.notify_all();
    }

    /// The number of requests to a path.
    pub(crate) fn requests(&self, path: &str) -> usize {
        self.shared.state().requests_at(path)
    }

    /// Waits until the number of requests to a path is `count`.
    #[track_caller]
    pub(crate) fn wait_for_requests(&self, path: &str, count: usize) {
        let state = self.shared.state();
        let waiting = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.requests_at(path) < count);
        let (_state, patience) = waiting.expect("no panic in the issuer");
        assert!(
            !patience.timed_out(),
            "{path} had fewer than {count} requests"
        );
    }

    /// The `Authorization` header of the last request to a path.
    pub(crate) fn last_authorization(&self, path: &str) -> Option<String> {
        let state = self.shared.state();
        let last = state.requests.iter().rev().find(|(at, _)| at == path);
        last.and_then(|(_, authorization)| authorization.clone())
    }

    /// The claims of a token that is valid for a day, with `changes` applied. Null removes a claim.
    pub(crate) fn claims(&self, changes: &Value) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("a year after 1970").as_secs();
        let mut claims = json!({
            "iss": self.url(), "aud": AUDIENCE, "sub": "auth0|ada", "iat": now, "exp": now + 86_400,
        });
        let map = claims.as_object_mut().expect("an object");
        map.extend(changes.as_object().expect("an object").clone());
        map.retain(|_, value| !value.is_null());
        claims
    }

    /// Signs a user in whose browser was redirected to `address`. The ID token is valid except for
    /// `changes`. Returns the code and the state of the redirect back.
    pub(crate) fn sign_in(&self, address: &str, changes: &Value) -> (String, String) {
        let asked = parameters(address);
        let state = asked["state"].clone();
        let mut all = json!({"aud": CLIENT, "nonce": asked["nonce"]});
        let map = all.as_object_mut().expect("an object");
        map.extend(changes.as_object().expect("an object").clone());
        let token = self.token(&all);
        (self.shared.state().codes.give(asked, token), state)
    }

    /// The `Authorization` header and the form of the last request to the token endpoint.
    pub(crate) fn last_exchange(&self) -> (Option<String>, BTreeMap<String, String>) {
        self.shared.state().codes.last.clone().expect("a code")
    }

    /// A token that is valid except for these changes to its claims.
    pub(crate) fn token(&self, changes: &Value) -> String {
        self.key.sign(&self.claims(changes))
    }

    fn set(&self, path: &'static str, document: Value) {
        self.shared.state().documents.insert(path, document);
    }
}

impl Drop for TestIssuer {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        self.shared.changed.notify_all();
        // Wakes the accepting thread.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic in the issuer")
    }

    /// Responds to one request and ignores a closed connection.
    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(&stream);
        let mut lines = reader.by_ref().lines().map_while(Result::ok);
        let Some(path) = lines
            .next()
            .and_then(|line| Some(line.split(' ').nth(1)?.to_owned()))
        else {
            return;
        };
        let mut headers: BTreeMap<String, String> = lines
            .take_while(|line| !line.is_empty())
            .filter_map(|line| {
                Some(line.split_once(':')?).map(|(n, v)| (n.to_lowercase(), v.trim().to_owned()))
            })
            .collect();
        let authorization = headers.remove("authorization");
        let length = headers.get("content-length").map_or("0", String::as_str);
        let mut body = Vec::new();
        let length = length.parse().expect("a length");
        drop(reader.take(length).read_to_end(&mut body));
        let mut state = self.state();
        state.requests.push((path.clone(), authorization.clone()));
        self.changed.notify_all();
        while !state.is_over && state.mood(&path) == Mood::Silent {
            state = self.changed.wait(state).expect("no panic in the issuer");
        }
        let answer = if path == TestIssuer::TOKEN && state.mood(&path) == Mood::Up {
            let body = String::from_utf8(body).expect("a form");
            let (status, document) = state.codes.redeem(authorization, &body);
            answer(status, "", &document.to_string())
        } else {
            state.answer(&path)
        };
        drop(state);
        drop((&stream).write_all(&answer));
    }
}

impl State {
    fn requests_at(&self, path: &str) -> usize {
        self.requests.iter().filter(|(at, _)| at == path).count()
    }

    fn mood(&self, path: &str) -> Mood {
        self.moods.get(path).copied().unwrap_or(Mood::Up)
    }

    fn answer(&self, path: &str) -> Vec<u8> {
        let (real, is_redirected) = match path.strip_prefix("/moved") {
            Some(real) => (real, true),
            None => (path, false),
        };
        let Some(document) = self.documents.get(real) else {
            return answer(404, "", "{}");
        };
        match self.mood(real) {
            Mood::Redirect if !is_redirected => {
                answer(302, &format!("Location: /moved{real}\r\n"), "")
            }
            Mood::Up | Mood::Redirect => answer(200, "", &document.to_string()),
            Mood::Status(status) => answer(status, "", r#"{"error": "not now"}"#),
            Mood::Garbage => answer(200, "", "<html>"),
            Mood::Endless => {
                let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
                answer.extend(document.to_string().into_bytes());
                answer.resize(2 << 20, b' ');
                answer
            }
            Mood::HangUp | Mood::Silent => Vec::new(),
        }
    }
}

fn answer(status: u16, header: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Some reason\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{header}\r\n{body}"
    )
    .into_bytes()
}
