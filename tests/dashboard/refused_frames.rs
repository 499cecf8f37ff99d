//! The devices page lists frames that could not be stored.

use serde_json::json;

use super::Browser;
use super::devices::PATH;
use crate::support::{Crick, Engine, FrameJson, frame, on_both_engines};

on_both_engines![
    a_refused_frame_is_listed_until_it_is_stored,
    only_the_owner_clears_the_list,
    the_newest_hundred_of_a_device_are_listed,
    a_refused_frame_is_listed_for_ninety_days,
];

/// A frame that cannot be stored, and its id as Watson shows it.
fn bad_frame(project: &str) -> (FrameJson, String) {
    let mut frame = frame();
    frame["project"] = json!(project);
    frame["tags"] = json!(["a\u{0}b"]);
    let id = frame["id"].as_str().expect("an id");
    let id = id.replace("urn:uuid:", "").replace('-', "");
    (frame, id)
}

fn a_refused_frame_is_listed_until_it_is_stored(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    assert!(!browser.page(PATH).contains("could not be stored"));
    let laptop = crick.device("laptop");
    let ((mut bad, id), (other, other_id)) = (bad_frame("apollo <11>"), bad_frame("gemini"));
    let nil = json!({"id": "00000000-0000-0000-0000-000000000000"});
    laptop.push(&[
        frame(),
        bad.clone(),
        other,
        nil,
        json!({"project": "no id"}),
    ]);
    // Again, as after a lost response.
    laptop.push(&[bad.clone()]);

    let page = browser.page(PATH);
    assert!(page.contains("Frames that could not be stored"), "{page}");
    for words in [
        "apollo &lt;11&gt; from 2026-03-01T10:00:00+00:00",
        "holds the character NUL",
        &format!("watson edit {id}"),
        &format!("watson remove {id}"),
        "watson remove 00000000000000000000000000000000",
        "its id is missing or nil",
    ] {
        assert!(page.contains(words), "no {words}: {page}");
    }
    assert_eq!(page.matches(&format!("watson edit {id}")).count(), 1);
    assert!(page.contains(&other_id));

    bad["tags"] = json!(["fixed"]);
    // Another device's push does not change this one.
    crick.device("phone").push(&[bad.clone()]);
    assert!(browser.page(PATH).contains(&id));
    laptop.push(&[bad]);
    let page = browser.page(PATH);
    assert!(!page.contains(&id) && page.contains(&other_id), "{page}");
}

fn only_the_owner_clears_the_list(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let (bad, id) = bad_frame("apollo");
    alice.push(&[bad]);
    let clear = format!("{PATH}/refused/clear");
    let of_bob = Browser::sign_in(&crick, &bob, "UTC");
    assert!(!of_bob.page(PATH).contains(&id));
    of_bob.done(&clear, &[]);
    let reader = Browser::sign_in(&crick, &crick.device("laptop"), "UTC");
    let page = reader.page(PATH);
    assert!(page.contains(&id) && !page.contains(&clear), "{page}");
    assert_eq!(reader.post(&clear, &[]).status, 403);
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let page = browser.page(PATH);
    assert!(page.contains(&id) && page.contains(&clear), "{page}");
    let page = browser.done(&clear, &[]);
    assert!(
        page.contains("List cleared") && !page.contains(&id),
        "{page}"
    );
}

fn the_newest_hundred_of_a_device_are_listed(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (first, first_id) = bad_frame("first");
    alice.push(&[first]);
    let many: Vec<FrameJson> = (0..300).map(|_| bad_frame("apollo").0).collect();
    alice.push(&many);
    let phone = crick.device("phone");
    let (of_phone, id) = bad_frame("phone");
    phone.push(&[of_phone]);
    let page = Browser::sign_in(&crick, &alice, "UTC").page(PATH);
    assert_eq!(page.matches("apollo from").count(), 100);
    assert!(!page.contains(&first_id) && page.contains(&id), "{page}");
    let count = crick.database.number("SELECT count(*) FROM refused_frames");
    assert_eq!(count, 101);
}

fn a_refused_frame_is_listed_for_ninety_days(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (old, id) = bad_frame("old");
    alice.push(&[old]);
    let later = |days: i64| {
        let by = days * 86_400_000_000;
        let sql = format!("UPDATE refused_frames SET refused_at = refused_at - {by}");
        crick.database.execute(&sql);
    };
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    later(89);
    assert!(browser.page(PATH).contains(&id));
    later(2);
    assert!(!browser.page(PATH).contains(&id));
    alice.push(&[bad_frame("new").0]);
    let count = crick.database.number("SELECT count(*) FROM refused_frames");
    assert_eq!(count, 1, "the old one is deleted");
}
