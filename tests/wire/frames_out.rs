//! What Watson relies on in responses: exact statuses, bare lists, and only the user's own frames.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::{Crick, Engine, FrameJson, frame, frames, on_both_engines};

on_both_engines![
    a_pull_returns_exactly_200_and_a_bare_list,
    a_push_returns_exactly_201_even_if_nothing_changes,
    ten_thousand_frames_are_stored_and_returned,
    pages_of_frames_are_returned_unchanged_for_any_number_of_projects,
    a_user_can_have_a_frame_with_the_id_of_another_users_frame,
    a_user_sees_only_their_own_frames_and_projects,
    projects_are_listed_once_each,
    a_full_pull_and_an_export_are_sorted_by_start,
];

fn ids(frames: &[FrameJson]) -> Vec<String> {
    let mut ids: Vec<String> = frames
        .iter()
        .map(|frame| {
            frame["id"]
                .as_str()
                .expect("an id")
                .replace("urn:uuid:", "")
        })
        .collect();
    ids.sort();
    ids
}

fn a_pull_returns_exactly_200_and_a_bare_list(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    assert_eq!(laptop.pull_everything(), Vec::<FrameJson>::new());
    laptop.push(&frames(3));
    assert_eq!(laptop.pull_everything().len(), 3);
}

fn a_push_returns_exactly_201_even_if_nothing_changes(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let three = frames(3);
    for _ in 0..3 {
        assert_eq!(laptop.try_push(&three).status, 201);
    }
    for nothing in ["[]", "null", " [ ]\n"] {
        assert_eq!(laptop.push_text(nothing).status, 201, "{nothing}");
    }
    assert_eq!(ids(&laptop.pull_everything()), ids(&three));
}

fn ten_thousand_frames_are_stored_and_returned(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let many = frames(10_000);
    laptop.push(&many);
    assert_eq!(ids(&laptop.pull_everything()), ids(&many));
}

fn pages_of_frames_are_returned_unchanged_for_any_number_of_projects(engine: Engine) {
    let crick = Crick::start(engine);
    let shown = |frames: &[FrameJson]| -> BTreeMap<String, String> {
        let keys = ["begin_at", "end_at", "project", "tags"];
        let row = |frame: &FrameJson| keys.map(|key| frame[key].to_string()).join(" ");
        let ids = frames
            .iter()
            .map(|frame| ids(std::slice::from_ref(frame)).remove(0));
        ids.zip(frames.iter().map(row)).collect()
    };
    for projects in [7, 1_200] {
        let laptop = crick.device(&format!("of {projects}"));
        let mut many = frames(2_500);
        for (at, frame) in many.iter_mut().enumerate() {
            frame["begin_at"] = json!(format!("2026-03-01T10:00:{:02}Z", at % 60));
            frame["end_at"] = json!("2026-03-01T11:00:00.000001Z");
            frame["project"] = json!(format!("{} \u{1d11e}\"\n", at % projects));
            frame["tags"] = json!(vec!["\u{e9}, \\"; at % 3]);
        }
        laptop.push(&many);
        let out = shown(&laptop.pull_everything());
        let known = shown(&many);
        let lost = known.iter().find(|(id, row)| out.get(*id) != Some(*row));
        assert_eq!(lost, None, "{projects} projects");
    }
}

fn a_user_can_have_a_frame_with_the_id_of_another_users_frame(engine: Engine) {
    let crick = Crick::start(engine);
    crick.database.add_user("bob");
    let (alice, bob) = (crick.device("laptop"), crick.device_of("bob", "laptop"));
    let of_alice = frame();
    alice.push(std::slice::from_ref(&of_alice));
    let mut of_bob = of_alice.clone();
    of_bob["project"] = json!("bob's");

    bob.push(std::slice::from_ref(&of_bob));

    let (alice, bob) = (alice.pull_everything(), bob.pull_everything());
    assert_eq!((alice.len(), bob.len()), (1, 1));
    assert_eq!(
        alice[0]["project"], of_alice["project"],
        "alice's frame is untouched"
    );
    assert_eq!(bob[0]["project"], "bob's");
    assert_eq!(alice[0]["id"], bob[0]["id"]);
}

fn a_user_sees_only_their_own_frames_and_projects(engine: Engine) {
    let crick = Crick::start(engine);
    crick.database.add_user("bob");
    crick.device("laptop").push(&frames(3));
    let bob = crick.device_of("bob", "laptop");
    assert_eq!(bob.pull_everything(), Vec::<FrameJson>::new());
    assert_eq!(bob.get("/watson/projects").json(), json!({"projects": []}));
}

fn projects_are_listed_once_each(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut three = frames(3);
    three[2]["project"] = json!("gemini");
    laptop.push(&three);
    laptop.push(&frames(2));
    let answer = laptop.get("/watson/projects/").json();
    let projects = answer["projects"].as_array().expect("a list");
    let mut names: Vec<&str> = projects
        .iter()
        .inspect(|project| assert!(project["id"].as_str().is_some_and(|id| !id.is_empty())))
        .map(|project| project["name"].as_str().expect("a name"))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["apollo", "gemini"]);
}

/// Watson's `restart`, `edit` and `start -G` count frames by position.
fn a_full_pull_and_an_export_are_sorted_by_start(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut many = frames(2_500);
    for (number, frame) in many.iter_mut().enumerate() {
        let day = 1 + number * 7 % 28;
        let hour = number * 5 % 24;
        frame["begin_at"] = json!(format!("2026-03-{day:02}T{hour:02}:00:00+00:00"));
        frame["end_at"] = json!(format!("2026-04-01T{hour:02}:00:00+00:00"));
    }
    laptop.push(&many);
    // An edit gives a frame a new sequence number.
    many[7]["project"] = json!("edited");
    laptop.push(&many[7..8]);
    let new_device = crick.device("new").try_pull("1970-01-01T00%3A00%3A00Z");
    for pulled in [laptop.pull_everything(), new_device.frames()] {
        assert_eq!(pulled.len(), many.len());
        let starts = pulled.iter().map(|frame| frame["start_at"].as_str());
        assert!(starts.is_sorted(), "a pull is not sorted");
    }
    let export = crick.database.crick(&["export", "alice"]).succeeded();
    let rows: serde_json::Value = serde_json::from_str(&export.stdout).expect("JSON");
    let starts = rows
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row[0].as_i64());
    assert!(starts.is_sorted(), "an export is not sorted");
}
