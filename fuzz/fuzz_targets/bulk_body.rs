//! Any bytes as the body of a push: 201 means that a pull returns the frames that were sent and not
//! refused, 400 and 422 that it returns none.

#![no_main]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Request, StatusCode, header::AUTHORIZATION};
use crick_api_fuzz::{Person, SERVER};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

/// A frame as it is sent and as it is answered. Keys that are not here mean nothing.
#[derive(Debug, Deserialize)]
struct Frame {
    id: String,
    start_at: Option<String>,
    begin_at: Option<String>,
    end_at: String,
    project: String,
    tags: Option<Vec<String>>,
}

/// A frame's span in microseconds, project and tags.
type Meaning = (i64, i64, String, Vec<String>);

thread_local! {
    /// The user, a new one after every accepted push.
    static PERSON: RefCell<Option<(u64, Person)>> = const { RefCell::new(None) };
}

fuzz_target!(|body: &[u8]| {
    PERSON.with_borrow_mut(|person| {
        let (count, somebody) = person.get_or_insert_with(|| (0, SERVER.person("p0")));
        let push =
            Request::post("/watson/frames/bulk/").header(AUTHORIZATION, somebody.credentials());
        let pushed = SERVER.ask(push.body(Body::from(body.to_vec())).expect("a request"));
        let pull = Request::get("/watson/frames/").header(AUTHORIZATION, somebody.credentials());
        let pulled = SERVER.ask(pull.body(Body::empty()).expect("a request"));
        assert_eq!(pulled.status, StatusCode::OK);
        match pushed.status {
            StatusCode::CREATED => {
                let items: Option<Vec<&RawValue>> = serde_json::from_slice(body).expect("a list");
                let items = items.unwrap_or_default();
                assert_eq!(pushed.json["received"], items.len());
                let refused = refused(&pushed.json);
                let stored: Vec<Frame> = serde_json::from_value(pulled.json).expect("frames");
                let number = stored.len();
                let stored = meanings(stored);
                let sent = items.iter().enumerate();
                let sent = sent.filter(|(index, _)| !refused.contains(index));
                let sent = sent.map(|(_, item)| serde_json::from_str(item.get()).expect("a frame"));
                // Beyond the refusals that are listed it is not known which the others are.
                let sent = match pushed.json["refused"].as_u64() {
                    Some(count) if count > refused.len() as u64 => stored.clone(),
                    _ => meanings(sent.collect()),
                };
                assert_eq!(number, stored.len(), "a frame is answered once");
                assert_eq!(sent, stored);
                SERVER.forget(somebody);
                *count += 1;
                *somebody = SERVER.person(&format!("p{count}"));
            }
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
                assert_eq!(pulled.json, Value::Array(Vec::new()))
            }
            other => panic!("a push is answered {other}"),
        }
    });
});

/// The positions of the refused frames.
fn refused(pushed: &Value) -> BTreeSet<usize> {
    let refusals = pushed["refusals"].as_array().into_iter().flatten();
    let places = refusals.map(|refusal| refusal["index"].as_u64().expect("a place") as usize);
    places.collect()
}

/// Frames by their identifier. Of two with the same one the later counts.
fn meanings(frames: Vec<Frame>) -> BTreeMap<Uuid, Meaning> {
    let instant = |text: &str| text.parse::<Timestamp>().expect("an instant");
    let microsecond = |text: &str| instant(text).as_nanosecond().div_euclid(1_000) as i64;
    frames
        .into_iter()
        .map(|frame| {
            let id = Uuid::parse_str(&frame.id.to_lowercase()).expect("a UUID");
            let start = frame.start_at.or(frame.begin_at).expect("a start");
            let span = (microsecond(&start), microsecond(&frame.end_at));
            let tags = frame.tags.unwrap_or_default();
            (id, (span.0, span.1, frame.project, tags))
        })
        .collect()
}
