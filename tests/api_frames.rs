//! Frames in the API.

mod days;
mod exact_names;
mod filters;
mod one;
mod pages;
mod refusals;
mod statements;
mod teams;

use serde_json::Value;

use crate::support::{Api, Reply};

/// The starts of the frames in a page, as an abbreviation of the frames.
#[track_caller]
fn starts(reply: &Reply) -> Vec<String> {
    let page = reply.ok(200);
    let frames = page["frames"].as_array().expect("a list of frames");
    frames
        .iter()
        .map(|frame| frame["start_at"].as_str().expect("a start").to_owned())
        .collect()
}

/// The same of a query.
#[track_caller]
fn starts_of(api: &Api, query: &str) -> Vec<String> {
    starts(&api.get(&format!("/frames?{query}")))
}

/// The id of a project by its name.
#[track_caller]
fn project_id(api: &Api, name: &str) -> String {
    let list = api.get("/projects").ok(200);
    let projects = list["projects"].as_array().expect("a list of projects");
    let project = projects.iter().find(|project| project["name"] == name);
    let id = project.and_then(|project| project["id"].as_str());
    id.expect("the project").to_owned()
}

/// The `meta.page` of a query.
#[track_caller]
fn page_of(api: &Api, query: &str) -> Value {
    api.get(&format!("/frames?{query}")).ok(200)["meta"]["page"].clone()
}
