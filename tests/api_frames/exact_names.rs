//! The parameters `tag` and `project` accept every name that a frame can have.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::{
    Api, Crick, Engine, FrameJson, any_name, encoded, frame_of, on_both_engines, unusual_names,
};

on_both_engines![
    frames_files_and_reports_are_filtered_by_every_unusual_name,
    a_team_and_a_feed_are_filtered_by_every_unusual_name,
    frames_are_filtered_by_any_name,
    lists_and_exact_names_are_combined,
    an_impossible_name_finds_nothing,
    a_filter_has_at_most_256_names_and_each_counts_once,
];

/// Frames of a minute each with these tags, on projects of the same names. A frame whose project has no
/// name counts nowhere, so that a blank tag is on one of apollo's, too.
fn frames_named(names: &[String]) -> Vec<FrameJson> {
    let frame = |minutes: i64, project: &str, tag: &str| {
        let start = Timestamp::now() - SignedDuration::from_mins(minutes);
        let end = start + SignedDuration::from_mins(1);
        frame_of(&start.to_string(), &end.to_string(), project, &[tag])
    };
    let frames = (1..).zip(names).flat_map(|(minutes, name)| {
        let blank = name.trim().is_empty();
        let on_apollo = blank.then(|| frame(minutes, "apollo", name));
        [frame(minutes, name, name)].into_iter().chain(on_apollo)
    });
    frames.collect()
}

/// A project of these frames that has a name, on which there is one with this tag.
fn project_with(tag: &str) -> &str {
    if tag.trim().is_empty() { "apollo" } else { tag }
}

/// The ids of the frames that fit.
fn ids<'a>(
    frames: impl IntoIterator<Item = &'a Value>,
    fits: impl Fn(&Value) -> bool,
) -> BTreeSet<String> {
    let fitting = frames.into_iter().filter(|frame| fits(frame));
    let id = |frame: &Value| frame["id"].as_str().expect("an id").to_owned();
    fitting.map(id).collect()
}

/// The ids of the frames that a query finds.
#[track_caller]
fn found(api: &Api, query: &str) -> BTreeSet<String> {
    let list = api.get(&format!("/frames?limit=10000&{query}")).ok(200);
    ids(list["frames"].as_array().expect("frames"), |_| true)
}

fn has_tag(frame: &Value, tag: &str) -> bool {
    let tags = frame["tags"].as_array().expect("tags");
    tags.iter().any(|it| it == tag)
}

/// Both filters find in a list just the frames that have a name.
#[track_caller]
fn assert_found(api: &Api, frames: &[FrameJson], name: &str) {
    let by_tag = ids(frames, |frame| has_tag(frame, name));
    assert_eq!(
        found(api, &format!("tag={}", encoded(name))),
        by_tag,
        "{name:?}"
    );
    let by_project = ids(frames, |frame| frame["project"] == name);
    let query = format!("project={}", encoded(name));
    assert_eq!(found(api, &query), by_project, "{name:?}");
}

fn frames_files_and_reports_are_filtered_by_every_unusual_name(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let names = unusual_names();
    let frames = frames_named(&names);
    alice.push(&frames);
    for name in &names {
        assert_found(&alice, &frames, name);
        let tag = encoded(name);
        let lines = alice.get(&format!("/frames.jsonl?tag={tag}"));
        let lines: Vec<Value> = lines
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let fitting = ids(&frames, |frame| has_tag(frame, name));
        assert_eq!(ids(&lines, |_| true), fitting, "{name:?}");
        let csv = alice.get(&format!("/frames.csv?tag={tag}"));
        assert!(fitting.iter().all(|id| csv.text().contains(id)), "{name:?}");
        let calendar = alice.get(&format!("/frames.ics?project={tag}"));
        let on_project = ids(&frames, |frame| frame["project"] == *name).len();
        let events = calendar.text().matches("BEGIN:VEVENT").count();
        assert_eq!(events, on_project, "{name:?}");

        let report = format!("/reports/summary?group_by=tag&tag={tag}");
        let groups = &alice.get(&report).ok(200)["groups"];
        assert_eq!(groups.as_array().map(Vec::len), Some(1), "{name:?}");
        assert_eq!(groups[0]["key"], *name);
        if !name.trim().is_empty() {
            let report = format!("/reports/summary?project={tag}");
            assert_eq!(alice.get(&report).ok(200)["groups"][0]["key"], *name);
        }
    }
}

fn a_team_and_a_feed_are_filtered_by_every_unusual_name(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let names = unusual_names();
    let frames = frames_named(&names);
    alice.push(&frames);
    let projects: BTreeSet<&str> = names.iter().map(|name| project_with(name)).collect();
    let team = json!({"name": "crew", "projects": projects});
    let team = alice.send("POST", "/teams", &team).ok(201)["id"].clone();
    let team = team.as_str().expect("an id");
    for name in &names {
        let project = project_with(name);
        let query = format!(
            "teamId={team}&project={}&tag={}",
            encoded(project),
            encoded(name)
        );
        let fits = |frame: &Value| has_tag(frame, name) && frame["project"] == project;
        assert_eq!(found(&alice, &query), ids(&frames, fits), "{name:?}");
        let report = alice.get(&format!("/reports/summary?group_by=tag&{query}"));
        assert_eq!(report.ok(200)["groups"][0]["key"], *name);

        let wanted = json!({"name": "work", "projects": [name], "tags": [name]});
        let feed = alice.send("POST", "/users/me/feeds", &wanted).ok(201);
        let url = feed["url"].as_str().expect("an address");
        let path = &url[url.find("/calendar/").expect("a path")..];
        let calendar = crick.stranger().get(path);
        let events = calendar.text().matches("BEGIN:VEVENT").count();
        assert_eq!(events, 1, "{name:?}");
        let id = feed["id"].as_str().expect("an id");
        assert_eq!(alice.delete(&format!("/users/me/feeds/{id}")).status, 204);
    }
}

fn frames_are_filtered_by_any_name(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut runner = TestRunner::new(Config::default());
    let mut frames = Vec::new();
    for _ in 0..64 {
        let name = any_name().new_tree(&mut runner).expect("a name").current();
        let pushed = frames_named(std::slice::from_ref(&name));
        alice.push(&pushed);
        frames.extend(pushed);
        assert_found(&alice, &frames, &name);
    }
}

fn lists_and_exact_names_are_combined(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let at = |hour: u8, project: &str, tags: &[&str]| {
        let at = format!("2026-03-01T{hour}:00:00Z");
        frame_of(&at, &at, project, tags)
    };
    let frames = [
        at(10, "a, b", &["x", "y, z"]),
        at(11, "a", &["x", "y"]),
        at(12, "b", &["y, z", "y"]),
        at(13, " a", &["x ", ""]),
    ];
    alice.push(&frames);
    let hours = |query: &str| -> Vec<String> {
        let starts = super::starts_of(&alice, query);
        starts
            .iter()
            .map(|start| start[11..13].to_owned())
            .collect()
    };
    assert_eq!(hours("project=a,+b"), ["10"]);
    assert_eq!(hours("project=a,+b&project=b"), ["12", "10"]);
    assert_eq!(hours("project=a,+b&projects=b,a"), ["12", "11", "10"]);
    assert_eq!(hours("project=+a"), ["13"]);
    assert_eq!(hours("projects=+a"), ["11"]);
    assert_eq!(hours("tag=y,+z"), ["12", "10"]);
    assert_eq!(hours("tag=y,+z&tag=x"), ["10"]);
    assert_eq!(hours("tag=y,+z&tags=y"), ["12"]);
    assert_eq!(hours("tag="), ["13"]);
    assert_eq!(hours("tag=&tag=x+"), ["13"]);
    assert!(hours("tag=x+&tag=x").is_empty());
    let meta = &alice.get("/frames?project=a").ok(200)["meta"];
    assert_eq!(meta["projects"], json!({}));
}

fn an_impossible_name_finds_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&frames_named(&unusual_names()));
    let long = "x".repeat(10_000);
    for query in [format!("tag={long}"), format!("project={long}")] {
        assert!(found(&alice, &query).is_empty(), "{:.20}", query);
    }
}

fn a_filter_has_at_most_256_names_and_each_counts_once(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&frames_named(&["x".to_owned()]));
    let different = |name: &str, count: usize| -> String {
        (0..count).map(|at| format!("&{name}={at}")).collect()
    };
    for name in ["tag", "project"] {
        let list = |count: usize| {
            let names: Vec<String> = (0..count).map(|at| at.to_string()).collect();
            format!("{name}s={}", names.join(","))
        };
        for query in [different(name, 256), list(256)] {
            assert!(found(&alice, &query).is_empty());
        }
        let half = format!("{}&{name}=x", list(256));
        for query in [different(name, 257), list(257), half] {
            for path in ["/frames", "/frames.csv", "/reports/summary"] {
                let detail = alice.get(&format!("{path}?{query}")).problem(400);
                assert!(detail.contains("256"), "{detail}");
            }
        }
        let same = format!("&{name}=x").repeat(3_000);
        assert_eq!(found(&alice, &same).len(), 1);
    }
}
