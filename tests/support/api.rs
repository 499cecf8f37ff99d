//! An HTTP client that treats every status as a response, not as an error.

use serde_json::Value;
use ureq::http::{HeaderMap, Request};

use super::FrameJson;

/// A client of one server, with or without a token.
#[derive(Clone)]
pub(crate) struct Api {
    agent: ureq::Agent,
    address: String,
    token: Option<String>,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Api {
    /// A client of the server at `address`.
    pub(crate) fn new(address: &str, token: Option<&str>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            // The tests check redirects themselves.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            // Watson opens a connection for every request.
            .max_idle_connections(0)
            // Unoptimized code fills the buffers of each connection byte by byte: with the
            // default of 128 KiB, that takes a fifth of the suite's time.
            .input_buffer_size(32 * 1024)
            .output_buffer_size(32 * 1024)
            .build()
            .new_agent();
        Self {
            agent,
            address: address.to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// The same client after the server moved to another address.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self::new(address, self.token.as_deref())
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().expect("a client with a token")
    }

    /// Sends a request without a body.
    #[track_caller]
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = self
            .head(method, path, headers)
            .body(())
            .expect("a request");
        read(self.agent.run(request))
    }

    /// Sends a request with a body.
    #[track_caller]
    pub(crate) fn request_with_body(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let request = self
            .head(method, path, headers)
            .body(body.to_vec())
            .expect("a request");
        read(self.agent.run(request))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[])
    }

    /// Sends a request with a JSON body.
    #[track_caller]
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Reply {
        let json = [("Content-Type", "application/json")];
        self.request_with_body(method, path, &json, body.to_string().as_bytes())
    }

    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.request("DELETE", path, &[])
    }

    /// Pushes `body` unchanged.
    #[track_caller]
    pub(crate) fn push_text(&self, body: &str) -> Reply {
        let json = [("Content-Type", "application/json")];
        self.request_with_body("POST", "/watson/frames/bulk/", &json, body.as_bytes())
    }

    /// Pushes frames and returns the response, whatever its status.
    #[track_caller]
    pub(crate) fn try_push(&self, frames: &[FrameJson]) -> Reply {
        self.push_text(&Value::from(frames.to_vec()).to_string())
    }

    /// Pushes frames, which must succeed.
    #[track_caller]
    pub(crate) fn push(&self, frames: &[FrameJson]) {
        let reply = self.try_push(frames);
        assert_eq!(reply.status, 201, "{reply:?}");
    }

    /// Pulls with the URL-encoded `last_sync` and returns the response, whatever its status.
    #[track_caller]
    pub(crate) fn try_pull(&self, encoded_last_sync: &str) -> Reply {
        self.get(&format!("/watson/frames/?last_sync={encoded_last_sync}"))
    }

    /// Lists all frames of the user without changing any sync state.
    #[track_caller]
    pub(crate) fn pull_everything(&self) -> Vec<FrameJson> {
        self.get("/watson/frames/").frames()
    }

    fn head(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> ureq::http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Token {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
    }
}

#[track_caller]
fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Reply {
    let (head, mut body) = answer.expect("the server answers").into_parts();
    Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body
            .with_config()
            .limit(1 << 30)
            .read_to_vec()
            .expect("the answer arrives whole"),
    }
}

impl Reply {
    /// The value of a header field, or an empty string.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a printable header"))
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// The JSON body of a successful response.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        assert_eq!(self.header("content-type"), "application/json");
        self.json()
    }

    /// The text of a successful response.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        let text = str::from_utf8(&self.body).expect("UTF-8");
        assert_eq!(self.status, 200, "{text}");
        text
    }

    /// The list of frames that a pull returns.
    #[track_caller]
    pub(crate) fn frames(&self) -> Vec<FrameJson> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), "application/json");
        match self.json() {
            Value::Array(frames) => frames,
            other => panic!("a pull answers a bare list, not {other}"),
        }
    }

    /// Checks that the response is a problem document (RFC 9457) and returns its `detail`.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> String {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{text}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], status, "{text}");
        for member in ["type", "title", "detail"] {
            let words = problem[member].as_str().unwrap_or_default();
            assert!(!words.trim().is_empty(), "no {member} in {text}");
        }
        problem["detail"].as_str().unwrap_or_default().to_owned()
    }
}
