//! Names with line ends survive forms, although browsers normalize line ends.

use serde_json::json;

use super::{Browser, after};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![a_name_with_a_line_end_survives_every_form];

fn a_name_with_a_line_end_survives_every_form(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let id = bob.get("/users/me").ok(200)["id"].clone();
    let body = json!({"name": "the\ncrew", "projects": ["a\nb"], "user_ids": [id]});
    let reply = alice.send("POST", "/teams", &body);
    assert_eq!(reply.status, 201, "{reply:?}");
    let team = reply.json()["id"].as_str().expect("an id").to_owned();
    let (hers, his) = (
        Browser::sign_in(&crick, &alice, "UTC"),
        Browser::sign_in(&crick, &bob, "UTC"),
    );
    let shared = || bob.get(&format!("/teams/{team}/members/me")).ok(200)["projects"].clone();

    let page = his.page("/dashboard/invitations");
    let project = sent(after(&page, "name=\"project\" value=\""));
    let invitations = bob.get("/users/me/invitations").ok(200);
    let id = invitations["invitations"][0]["id"].as_str().expect("an id");
    let accept = format!("/dashboard/invitations/{id}/accept");
    his.done(&accept, &[("share", "chosen"), ("project", &project)]);
    assert_eq!(shared(), json!(["a\nb"]));

    let address = format!("/dashboard/teams/{team}");
    his.done(&format!("{address}/share"), &[]);
    assert_eq!(shared(), json!([]));
    let page = his.page(&address);
    let project = sent(after(&page, "name=\"project\" value=\""));
    his.done(&format!("{address}/share"), &[("project", &project)]);
    assert_eq!(shared(), json!(["a\nb"]));

    let page = hers.page(&address);
    let form = page.split("id=\"change\"").nth(1).expect("the form");
    let project = sent(after(form, "name=\"project\" value=\""));
    let before = sent(after(form, "name=\"before\" value=\""));
    let fields = [
        ("name", "thecrew"),
        ("before", &before),
        ("project", &project),
    ];
    hers.done(&address, &fields);
    let same = alice.get(&format!("/teams/{team}")).ok(200);
    assert_eq!(
        (&same["name"], &same["projects"]),
        (&json!("the\ncrew"), &json!(["a\nb"]))
    );
    assert_eq!(shared(), json!(["a\nb"]));

    let reply = hers.post(&address, &[("name", "crew"), ("project", "a%00b")]);
    assert_eq!(reply.status, 400);
}

/// A value as a browser sends it.
fn sent(value: &str) -> String {
    value.replace("\r\n", "\n").replace('\n', "\r\n")
}
