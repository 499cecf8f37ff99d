//! Renaming a project renames it in every frame, on every device.

use serde_json::json;

use super::{change, names, path_of, rename};
use crate::support::{Crick, Device, Engine, batch, on_both_engines};

on_both_engines![
    a_rename_reaches_every_device_at_its_next_sync,
    a_rename_keeps_the_order_of_frames_and_every_other_project,
    renaming_to_the_same_name_changes_nothing,
    a_project_cannot_take_the_name_of_another,
    an_old_name_can_be_used_again,
];

fn a_rename_reaches_every_device_at_its_next_sync(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut laptop = Device::new(crick.device("laptop"));
    let mut phone = Device::new(crick.device("phone"));
    let renamed = [laptop.add("apollo"), laptop.add("apollo")];
    let other = laptop.add("gemini");
    laptop.sync();
    phone.sync();
    let project = rename(&alice, &path_of(&alice, "apollo"), "artemis");
    assert_eq!(project["name"], "artemis");
    for device in [&mut laptop, &mut phone] {
        let sync = device.sync();
        assert_eq!(sync.received.len(), 2, "only what was renamed is sent");
        for id in renamed {
            assert_eq!(device.project(id), Some("artemis"));
        }
        assert_eq!(device.project(other), Some("gemini"));
        let next = device.sync();
        assert_eq!((next.received.len(), next.pushed.len()), (0, 0));
    }
    assert_eq!(names(&alice, "/projects"), ["artemis", "gemini"]);
}

fn a_rename_keeps_the_order_of_frames_and_every_other_project(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    alice.push(&[batch("apollo", 3), batch("gemini", 2), batch("apollo", 3)].concat());
    bob.push(&batch("apollo", 2));
    let order = |project: &str| -> Vec<String> {
        let frames = alice.pull_everything().into_iter();
        let of_project = frames.filter(|frame| frame["project"] == project);
        of_project.map(|frame| frame["id"].to_string()).collect()
    };
    let before = order("apollo");
    rename(&alice, &path_of(&alice, "apollo"), "artemis");
    assert_eq!(order("artemis"), before);
    assert_eq!(order("gemini").len(), 2);
    assert_eq!(names(&bob, "/projects"), ["apollo"]);
    // What is written next comes after them.
    alice.push(&batch("artemis", 1));
    assert_eq!(order("artemis").len(), 7);
    let newest = "SELECT count(*) FROM users u WHERE seq < (SELECT max(seq) FROM frames f WHERE f.user_id = u.id)";
    assert_eq!(crick.database.number(newest), 0);
}

fn renaming_to_the_same_name_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut laptop = Device::new(crick.device("laptop"));
    laptop.add("apollo");
    laptop.sync();
    let path = path_of(&alice, "apollo");
    rename(&alice, &path, "apollo");
    change(&alice, &path, json!({"archived": true, "name": "apollo"}));
    assert_eq!(laptop.sync().received.len(), 0);
}

fn a_project_cannot_take_the_name_of_another(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[batch("apollo", 1), batch("gemini", 1)].concat());
    let body = json!({"name": "gemini", "archived": true});
    let detail = alice
        .send("PATCH", &path_of(&alice, "apollo"), &body)
        .problem(409);
    assert!(detail.contains("gemini"), "{detail}");
    assert_eq!(names(&alice, "/projects"), ["apollo", "gemini"]);
    // Compared exactly.
    rename(&alice, &path_of(&alice, "apollo"), "Gemini");
}

fn an_old_name_can_be_used_again(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&batch("apollo", 1));
    rename(&alice, &path_of(&alice, "apollo"), "artemis");
    alice.push(&batch("apollo", 1));
    assert_eq!(names(&alice, "/projects"), ["apollo", "artemis"]);
}
