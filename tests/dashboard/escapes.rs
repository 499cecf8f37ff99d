//! Every page escapes names.

use serde_json::json;

use super::Browser;
use crate::support::{Crick, Engine, frame_of, on_both_engines};

on_both_engines![a_name_is_never_markup];

const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror='x'>";

fn a_name_is_never_markup(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let now = jiff::Timestamp::now();
    let before = now - jiff::SignedDuration::from_mins(5);
    alice.push(&[frame_of(
        &before.to_string(),
        &now.to_string(),
        EVIL,
        &[EVIL],
    )]);
    let bobs = bob.get("/users/me").ok(200)["id"].clone();
    let body = json!({"name": EVIL, "projects": [EVIL], "user_ids": [bobs]});
    let team = alice.send("POST", "/teams", &body).json()["id"].clone();
    let team = team.as_str().expect("an id").to_owned();
    let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let hers = Browser::sign_in(&crick, &alice, "UTC");
    let his = Browser::sign_in(&crick, &bob, "UTC");
    let evil = super::encode(&[("project", EVIL), ("tag", EVIL)]);
    for (browser, path) in [
        (&hers, "/".to_owned()),
        (&hers, format!("/dashboard/year?year={}", day.year())),
        (&hers, "/dashboard/tags?range=year".to_owned()),
        (&hers, format!("/dashboard/frames?{evil}")),
        (&hers, "/dashboard/teams".to_owned()),
        (&hers, format!("/dashboard/teams/{team}?range=year&q=bo")),
        (&his, "/dashboard/invitations".to_owned()),
        (&hers, "/dashboard/feeds".to_owned()),
    ] {
        let page = browser.page(&path);
        assert!(!page.contains("<script>"), "{path}: {page}");
        assert!(!page.contains("<img"), "{path}: {page}");
        if !path.contains("year?") {
            assert!(page.contains("&lt;script&gt;"), "{path}: {page}");
        }
        assert!(!page.contains("style=\""), "{path}: {page}");
    }
    let bad = hers.get(&format!(
        "/dashboard/frames?{}",
        super::encode(&[(EVIL, "x")])
    ));
    assert_eq!(bad.status, 400);
    assert!(!super::text(bad).contains("<script>"));
}
