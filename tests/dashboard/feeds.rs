//! Calendar feeds are created, read and deleted.

use super::{Browser, after, text};
use crate::support::{Crick, Engine, batch, frame_of, on_both_engines};

on_both_engines![
    a_feed_is_shown_once_works_and_is_deleted,
    an_invalid_feed_is_refused,
];

fn a_feed_is_shown_once_works_and_is_deleted(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let now = jiff::Timestamp::now();
    let before = (now - jiff::SignedDuration::from_mins(5)).to_string();
    alice.push(&[frame_of(&before, &now.to_string(), "apollo", &["moon"])]);
    alice.push(&[frame_of(&before, &now.to_string(), "secret", &["moon"])]);
    alice.push(&batch("apollo", 1));
    let browser = Browser::sign_in(&crick, &alice, "UTC");

    let fields = [
        ("name", "Moon <work>"),
        ("project", "apollo"),
        ("tag", "moon"),
        ("days", "7"),
    ];
    let made = browser.post("/dashboard/feeds", &fields);
    assert_eq!(made.status, 201);
    let page = text(made);
    let address = page.split("/calendar/").nth(1).expect("an address");
    let secret = address.split(".ics").next().expect("an end").to_owned();
    assert!(
        page.contains(&format!("http://{}/calendar/", crick.server.address)),
        "{page}"
    );
    let path = format!("/calendar/{secret}.ics");
    let calendar = crick.stranger().get(&path);
    assert_eq!(calendar.status, 200);
    let calendar = text(calendar);
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 1, "{calendar}");
    assert!(!calendar.contains("secret"), "{calendar}");

    let list = browser.page("/dashboard/feeds");
    assert!(
        list.contains("Moon &lt;work&gt;") && list.contains("last 7 days"),
        "{list}"
    );
    assert!(!list.contains(&secret), "{list}");
    let remove = format!(
        "/dashboard/feeds/{}",
        after(&list, "action=\"/dashboard/feeds/")
    );
    let his = Browser::sign_in(&crick, &bob, "UTC");
    assert_eq!(his.post(&remove, &[]).status, 404);
    assert!(!his.page("/dashboard/feeds").contains("Moon"));
    assert_eq!(browser.send(&remove, &[]).status, 403);
    assert!(browser.done(&remove, &[]).contains("Feed deleted."));
    assert_eq!(crick.stranger().get(&path).status, 404);
}

fn an_invalid_feed_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let nobodys = uuid::Uuid::new_v4().to_string();
    for (fields, status) in [
        (vec![("days", "7")], 400),
        (vec![("name", "x"), ("days", "0")], 400),
        (vec![("name", "x"), ("days", "3651")], 400),
        (vec![("name", "x"), ("days", "many")], 400),
        (vec![("name", "x"), ("team", "crew")], 400),
        (vec![("name", "x"), ("team", nobodys.as_str())], 404),
        (vec![("name", "x"), ("colour", "blue")], 400),
    ] {
        assert_eq!(
            browser.post("/dashboard/feeds", &fields).status,
            status,
            "{fields:?}"
        );
    }
    assert_eq!(
        browser.send("/dashboard/feeds", &[("name", "x")]).status,
        403
    );
    let none = alice.get("/users/me/feeds").ok(200);
    assert_eq!(none["feeds"], serde_json::json!([]));
}
