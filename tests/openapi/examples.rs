//! Every example of the document, asked of a real server and compared with what it answers.

use std::fs;

use serde_json::{Map, Value, json};

use super::{file, refreshes, world};
use crate::support::{Engine, Reply, on_both_engines};

on_both_engines![every_example_is_what_a_server_answers];

/// Operations whose answer is this document.
const WITHOUT: [&str; 2] = ["server_document", "server_docs"];
/// Values that are another each time.
const CHANGING: [&str; 5] = ["created_at", "last_used_at", "expires_at", "token", "url"];

fn every_example_is_what_a_server_answers(engine: Engine) {
    let path = file("src/api/openapi/examples.json");
    let text = fs::read_to_string(&path).expect("the examples");
    let mut examples: Map<String, Value> = serde_json::from_str(&text).expect("JSON");
    let (crick, _) = world::start(engine);
    let document = crick.stranger().get("/openapi.json").json();
    let mut unused: Vec<String> = examples.keys().cloned().collect();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let name = operation["operationId"].as_str().expect("a name");
            if WITHOUT.contains(&name) {
                continue;
            }
            let example = examples.get_mut(name);
            let example = example.unwrap_or_else(|| panic!("{name} has no example"));
            unused.retain(|unused| unused != name);
            let reply = ask(engine, &method.to_uppercase(), path, example);
            assert_eq!(reply.status, example["status"], "{name}: {reply:?}");
            let answer = (!reply.body.is_empty()).then(|| body(&reply));
            if refreshes() {
                if let Some(answer) = answer {
                    example["answer"] = answer;
                }
                continue;
            }
            let written = example.get("answer").cloned();
            assert_eq!(
                answer.map(without_changing),
                written.map(without_changing),
                "{name}"
            );
        }
    }
    assert!(
        unused.is_empty(),
        "no operation has these examples: {unused:?}"
    );
    if refreshes() {
        let text = serde_json::to_string_pretty(&examples).expect("JSON");
        fs::write(path, text + "\n").expect("the examples are written");
    }
}

/// Asks a server of its own, because examples remove what others ask for.
fn ask(engine: Engine, method: &str, path: &str, example: &Value) -> Reply {
    let (_crick, ada) = world::start(engine);
    let mut address = path.to_owned();
    for (name, value) in object(&example["path"]) {
        address = address.replace(&format!("{{{name}}}"), &text(&value));
    }
    let parameters: Vec<String> = object(&example["query"])
        .into_iter()
        .flat_map(|(name, value)| {
            let values = match value {
                Value::Array(values) => values,
                value => vec![value],
            };
            let pair = move |value| format!("{name}={}", text(value).replace('+', "%2B"));
            values.iter().map(pair).collect::<Vec<_>>()
        })
        .collect();
    if !parameters.is_empty() {
        address = format!("{address}?{}", parameters.join("&"));
    }
    match example.get("body") {
        Some(body) => {
            let json = [("Content-Type", "application/json")];
            ada.request_with_body(method, &address, &json, body.to_string().as_bytes())
        }
        None => ada.request(method, &address, &[]),
    }
}

/// The body of an answer: a text where it is not JSON.
fn body(reply: &Reply) -> Value {
    let media = reply.header("content-type");
    if media.starts_with("application/") && media.ends_with("json") {
        return reply.json();
    }
    Value::from(String::from_utf8_lossy(&reply.body))
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The same with a word for what is another each time: moments, secrets, identifiers that the server has made up.
fn without_changing(value: Value) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .map(|(name, value)| {
                let changes = CHANGING.contains(&name.as_str()) && !value.is_null()
                    || name == "id" && !is_of_the_world(&value);
                let value = if changes {
                    json!("another")
                } else {
                    without_changing(value)
                };
                (name, value)
            })
            .collect(),
        // When an event was written.
        Value::String(text) if text.contains("DTSTAMP:") => {
            let lines = text.lines().filter(|line| !line.starts_with("DTSTAMP:"));
            lines.collect::<Vec<_>>().join("\n").into()
        }
        Value::Array(list) => list.into_iter().map(without_changing).collect(),
        other => other,
    }
}

fn is_of_the_world(id: &Value) -> bool {
    let id = id.as_str().unwrap_or_default();
    id.starts_with("0196f3a0-") || world::FRAMES.contains(&id) || id.starts_with("1f0c7a52-")
}
