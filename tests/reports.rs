//! Reports.

mod groups;
mod partition;
mod ranges;
mod refusals;
mod statements;
mod teams;

use serde_json::Value;

use crate::support::Api;

/// A report that must succeed.
#[track_caller]
fn report(api: &Api, query: &str) -> Value {
    api.get(&format!("/reports/summary?{query}")).ok(200)
}

/// The groups of a report as one line: `apollo 3600 (moon 3600, - 60), gemini 60`.
#[track_caller]
fn groups(api: &Api, query: &str) -> String {
    line(&report(api, query))
}

fn line(sum: &Value) -> String {
    let groups = sum["groups"].as_array().expect("groups");
    let groups: Vec<String> = groups
        .iter()
        .map(|group| {
            let key = group["key"].as_str().unwrap_or("-");
            let within = match group.get("groups") {
                Some(_) => format!(" ({})", line(group)),
                None => String::new(),
            };
            format!("{key} {}{within}", group["seconds"])
        })
        .collect();
    groups.join(", ")
}
