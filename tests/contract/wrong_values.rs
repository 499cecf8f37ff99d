//! Wrong values for every parameter and every field of every operation in the OpenAPI document: what the schema does not
//! allow is refused, and every refusal is in words for the client.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::schema::{Schemas, text_fits};
use super::world::World;
use crate::support::{Api, Engine, Reply, assert_plain, encoded, on_both_engines};

on_both_engines![
    a_wrong_parameter_is_refused_in_plain_words,
    a_wrong_field_is_refused_in_plain_words,
];

/// Texts that are no value of most parameters.
pub(super) const TEXTS: [&str; 22] = [
    "",
    " ",
    "x",
    "-1",
    "0",
    "1.5",
    "1e3",
    "99999999999999999999",
    "true",
    "null",
    "[]",
    "{}",
    "\0",
    "a\0b",
    ",",
    "a,,b",
    "2026-13-01",
    "2026-03-01T10:00:00",
    "10000-01-01T00:00:00Z",
    "Mars/Olympus",
    "12345678-9abc-4def-8123-456789abcde",
    "🚀",
];

/// An operation with all that is needed to ask for it.
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) path: String,
    /// The parameters of its address by name, and their schemas.
    pub(super) parameters: Vec<(String, Value)>,
    /// The example and the schema of its JSON body.
    pub(super) body: Option<(Value, Value)>,
    /// Whether a parameter that it does not know is refused.
    pub(super) is_strict: bool,
}

/// The operations of the document.
pub(super) fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().expect("paths").iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().expect("an item").iter();
        methods.map(move |(method, operation)| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let of_query = parameters.filter(|it| it["in"] == "query").map(|it| {
                let name = it["name"].as_str().expect("a name").to_owned();
                (name, it["schema"].clone())
            });
            let json = &operation["requestBody"]["content"]["application/json"];
            let scope = operation["security"][0]["bearer"][0].as_str();
            Operation {
                name: operation["operationId"]
                    .as_str()
                    .expect("a name")
                    .to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                parameters: of_query.collect(),
                body: (!json.is_null()).then(|| (json["example"].clone(), json["schema"].clone())),
                is_strict: matches!(scope, Some("read" | "write")),
            }
        })
    });
    operations.collect()
}

/// Where alice's own things are.
pub(super) fn address(world: &World, path: &str) -> String {
    let id = match path.split('/').nth(1) {
        Some("projects") => "{project}",
        Some("frames") => "{frame}",
        Some("teams") => "{team}",
        _ if path.contains("/tokens") => "{token}",
        _ if path.contains("/feeds") => "{feed}",
        _ => "{invitation}",
    };
    let path = path.replace("{id}", id).replace("{user_id}", "{member}");
    world.fill(&path.replace("{invitation_id}", "{invitation}"))
}

/// A reply is a success, or a refusal in plain words; the latter if it has to be one.
#[track_caller]
pub(super) fn check(reply: &Reply, must_be_refused: bool, of: &str) {
    if (200..300).contains(&reply.status) {
        let refusals = refusals(reply);
        assert!(!must_be_refused || !refusals.is_empty(), "{of} is taken");
        for refusal in refusals {
            assert_plain(refusal["reason"].as_str().expect("a reason"), of);
        }
        return;
    }
    assert!((400..500).contains(&reply.status), "{of}: {reply:?}");
    assert_plain(&reply.problem(reply.status), of);
}

/// The frames of a push that were set aside.
fn refusals(reply: &Reply) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    body["refusals"].as_array().cloned().unwrap_or_default()
}

/// Asks with a body, as a client in JSON does.
pub(super) fn send(who: &Api, operation: &Operation, address: &str, body: &[u8]) -> Reply {
    let json = [("Content-Type", "application/json")];
    match operation.method.as_str() {
        "GET" | "DELETE" => who.request(&operation.method, address, &[]),
        method => who.request_with_body(method, address, &json, body),
    }
}

fn a_wrong_parameter_is_refused_in_plain_words(engine: Engine) {
    let world = World::new(engine);
    let document = world.crick.stranger().get("/openapi.json").json();
    let mut checked = 0;
    for operation in operations(&document) {
        let path = address(&world, &operation.path);
        let body = operation
            .body
            .as_ref()
            .map(|(example, _)| example.to_string());
        let body = body.unwrap_or_default();
        let ask = |query: &str| {
            let address = format!("{path}?{query}");
            send(&world.alice, &operation, &address, body.as_bytes())
        };
        for (name, schema) in &operation.parameters {
            for text in TEXTS {
                let of = format!("{} {name}={text:?}", operation.name);
                let reply = ask(&format!("{name}={}", encoded(text)));
                check(&reply, !text_fits(name, schema, text), &of);
                checked += 1;
            }
            let is_list = schema["type"] == "array";
            let twice = ask(&format!("{name}=1&{name}=2"));
            check(
                &twice,
                !is_list,
                &format!("{} {name} twice", operation.name),
            );
            let bytes = ask(&format!("{name}=%C3%28"));
            check(
                &bytes,
                true,
                &format!("{} {name} in Latin-1", operation.name),
            );
        }
        // Nothing that would work is asked for, since it may remove what the others need.
        for unknown in ["colour=blue", "=", "%F0%9F%9A%80=1"] {
            let of = format!("{} {unknown}", operation.name);
            if operation.is_strict {
                check(&ask(unknown), true, &of);
            }
        }
        if operation.path.contains('{') && operation.is_strict {
            for text in [
                "x",
                "%00",
                "%FF",
                "%F0%9F%9A%80",
                "0",
                "12345678-9abc-4def-8123-45678",
            ] {
                let start = operation.path.split('{').next().expect("a path");
                let rest = operation.path[start.len()..]
                    .split_once('}')
                    .expect("an end")
                    .1;
                let address = world.fill(&format!("{start}{text}{rest}"));
                let address = address
                    .replace("{user_id}", text)
                    .replace("{invitation_id}", text);
                let reply = send(&world.alice, &operation, &address, body.as_bytes());
                check(&reply, true, &format!("{} {address}", operation.name));
                checked += 1;
            }
        }
    }
    assert!(checked > 1_000, "the whole document: {checked}");
}

fn a_wrong_field_is_refused_in_plain_words(engine: Engine) {
    let world = World::new(engine);
    let document = world.crick.stranger().get("/openapi.json").json();
    let schemas = Schemas::of(&document);
    let long = "x".repeat(10_000);
    let mut values = vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(1e300),
        json!(99_999),
        json!([]),
        json!({}),
        json!([null]),
        json!([5]),
        json!([[]]),
        json!([{}]),
        json!(["x"]),
        json!({"name": "x"}),
        json!(long),
        json!([long]),
        json!(vec!["x"; 300]),
    ];
    values.extend(TEXTS.map(Value::from));
    values.extend(TEXTS.map(|text| json!([text])));
    let mut checked = 0;
    for operation in operations(&document) {
        let Some((example, schema)) = &operation.body else {
            continue;
        };
        let path = address(&world, &operation.path);
        // A list of frames, of which the first one is wrong; the whole else.
        let (is_list, good, schema) = match example {
            Value::Array(list) if operation.name == "watson_push" => {
                (true, list[0].clone(), schema["items"].clone())
            }
            Value::Array(_) => continue,
            other => (false, other.clone(), schema.clone()),
        };
        let fields: BTreeMap<String, Value> = schemas.fields(&schema);
        assert!(!fields.is_empty(), "{}: no fields", operation.name);
        for (name, field) in &fields {
            for value in &values {
                let mut body = good.clone();
                body[name] = value.clone();
                let body = if is_list { json!([body]) } else { body };
                let of = format!("{} {name} = {value:.80}", operation.name);
                let reply = send(&world.alice, &operation, &path, body.to_string().as_bytes());
                // A frame without a project's name counts as nothing, and is kept.
                let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
                let is_kept = is_list && name == "project" && is_blank;
                check(&reply, !is_kept && !schemas.fits(field, value), &of);
                checked += 1;
            }
            let text = good.to_string();
            let twice = text.replacen('{', &format!("{{\"{name}\":{},", good[name]), 1);
            let twice = if is_list { format!("[{twice}]") } else { twice };
            let reply = send(&world.alice, &operation, &path, twice.as_bytes());
            let is_twice = good.get(name).is_some();
            check(
                &reply,
                is_twice,
                &format!("{} {name} twice", operation.name),
            );
        }
        for name in schemas.required(&schema) {
            let mut body = good.clone();
            body.as_object_mut().expect("an object").remove(&name);
            let body = if is_list { json!([body]) } else { body };
            let reply = send(&world.alice, &operation, &path, body.to_string().as_bytes());
            check(&reply, true, &format!("{} without {name}", operation.name));
        }
    }
    assert!(checked > 1_000, "the whole document: {checked}");
}
