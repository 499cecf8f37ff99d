//! Any query at every address that has parameters: success or 400.

#![no_main]

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{Request, header::AUTHORIZATION};
use crick_api_fuzz::{Person, SERVER};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static PERSON: LazyLock<Person> = LazyLock::new(|| SERVER.person("somebody"));

/// The addresses without a variable part that answer JSON, from the OpenAPI document.
static ADDRESSES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let document = crick_api::api::openapi("/watson");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let paths = document["paths"].as_object().expect("addresses");
    let answers_json =
        |item: &Value| item["get"]["responses"]["200"]["content"]["application/json"].is_object();
    paths
        .iter()
        .filter(|(path, item)| !path.contains('{') && answers_json(item))
        .map(|(path, _)| path.clone())
        .collect()
});

// An address, a question mark, and the query: `/users?q=ada`. Of an address that is not known only
// the length counts.
fuzz_target!(|input: &[u8]| {
    let at = input.iter().position(|byte| *byte == b'?').unwrap_or(0);
    let (address, query) = input.split_at(at);
    let known = ADDRESSES.iter().find(|known| known.as_bytes() == address);
    let address = known.unwrap_or(&ADDRESSES[address.len() % ADDRESSES.len()]);
    let uri = format!(
        "{address}?{}",
        escaped(query.strip_prefix(b"?").unwrap_or(query))
    );
    let request = Request::get(&uri).header(AUTHORIZATION, PERSON.credentials());
    let answer = SERVER.ask(request.body(Body::empty()).expect("a request"));
    assert!(
        matches!(answer.status.as_u16(), 200 | 400),
        "{uri}: {}",
        answer.status
    );
});

/// The query with those bytes escaped that no client can send as they are.
fn escaped(query: &[u8]) -> String {
    query.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'!' | b'$'..=b';' | b'=' | b'?'..=b'Z' | b'_' | b'a'..=b'z' | b'~' => {
                text.push(char::from(*byte))
            }
            other => write!(text, "%{other:02X}").expect("text"),
        }
        text
    })
}
