//! Any bytes as `Authorization`: only the token gives access.

#![no_main]

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use crick_api_fuzz::{Person, SERVER};
use libfuzzer_sys::{Corpus, fuzz_target};

static PERSON: LazyLock<Person> = LazyLock::new(|| SERVER.person("somebody"));

/// Stands for the valid token, which no mutation would find.
const TOKEN: &str = "TOKEN";

// A line for each header of this name: a client may send several.
fuzz_target!(|input: &[u8]| -> Corpus {
    let mut request = Request::get("/users/me");
    let mut holds_token = false;
    for line in input.split(|byte| *byte == b'\n') {
        let value = match std::str::from_utf8(line) {
            Ok(text) => text.replace(TOKEN, &PERSON.token).into_bytes(),
            Err(_) => line.to_vec(),
        };
        holds_token |= String::from_utf8_lossy(&value).contains(&PERSON.token);
        let Ok(value) = HeaderValue::from_bytes(&value) else {
            return Corpus::Reject;
        };
        request = request.header(header::AUTHORIZATION, value);
    }
    let answer = SERVER.ask(request.body(Body::empty()).expect("a request"));
    match answer.status.as_u16() {
        200 => assert!(holds_token, "let in without the token"),
        401 => assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE)),
        other => panic!("credentials are answered {other}"),
    }
    Corpus::Keep
});
