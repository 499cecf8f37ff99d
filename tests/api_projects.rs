//! Projects in the API.

mod archive;
mod delete;
mod rename;
mod workloads;

use serde_json::{Value, json};

use crate::support::Api;

/// The projects that a query answers.
#[track_caller]
fn listed(api: &Api, path: &str) -> Vec<Value> {
    let list = api.get(path).ok(200);
    list["projects"].as_array().expect("a list").clone()
}

/// Their names.
#[track_caller]
fn names(api: &Api, path: &str) -> Vec<Value> {
    let projects = listed(api, path).into_iter();
    projects.map(|mut project| project["name"].take()).collect()
}

/// The address of a project in use, by its name.
#[track_caller]
fn path_of(api: &Api, name: &str) -> String {
    let projects = listed(api, "/projects");
    let project = projects.iter().find(|project| project["name"] == name);
    let id = project.and_then(|project| project["id"].as_str());
    format!("/projects/{}", id.expect("the project"))
}

/// A change of a project that is done.
#[track_caller]
fn change(api: &Api, path: &str, change: Value) -> Value {
    api.send("PATCH", path, &change).ok(200)
}

#[track_caller]
fn rename(api: &Api, path: &str, name: &str) -> Value {
    change(api, path, json!({"name": name}))
}
