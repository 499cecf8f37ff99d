//! Forms of other sites do nothing.

use serde_json::json;

use super::{Browser, after, encode};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    a_form_needs_its_sessions_token,
    a_form_of_another_site_does_nothing_even_with_the_token,
];

fn a_form_needs_its_sessions_token(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let [hers, hers_too] = [0, 1].map(|_| Browser::sign_in(&crick, &alice, "UTC"));
    let his = Browser::sign_in(&crick, &bob, "UTC");
    let [own, other, bobs] = [&hers, &hers_too, &his].map(|it| {
        let page = it.page("/dashboard/teams");
        after(&page, "name=\"csrf\" value=\"").to_owned()
    });
    let team = [("name", "crew"), ("add", "apollo")];
    let send = |csrf: &[(&str, &str)]| {
        let fields = [&team[..], csrf].concat();
        hers.send("/dashboard/teams", &fields).status
    };
    for wrong in ["", "x", &other, &bobs, &own[1..], &own.to_lowercase()] {
        assert_eq!(send(&[("csrf", wrong)]), 403, "{wrong}");
    }
    assert_eq!(send(&[]), 403);
    assert_eq!(send(&[("csrf", &own), ("csrf", &own)]), 400);
    assert_eq!(alice.get("/teams").ok(200)["teams"], json!([]));
    assert_eq!(send(&[("csrf", &own)]), 303);
}

fn a_form_of_another_site_does_nothing_even_with_the_token(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let page = browser.page("/dashboard/teams");
    let csrf = after(&page, "name=\"csrf\" value=\"");
    let own = format!("http://{}", crick.server.address);
    let send = |path: &str, fields: &[(&str, &str)], said: (&str, &str)| {
        let headers = [
            ("Cookie", browser.cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            said,
        ];
        let body = encode(fields);
        let reply = crick
            .stranger()
            .request_with_body("POST", path, &headers, body.as_bytes());
        (reply.status, reply.header("set-cookie").to_owned())
    };
    let forms: [(&str, &[(&str, &str)]); 4] = [
        ("/dashboard/sign-in", &[("token", alice.token())]),
        ("/dashboard/sign-out", &[("csrf", csrf)]),
        ("/dashboard/zone", &[("csrf", csrf), ("zone", "Asia/Tokyo")]),
        (
            "/dashboard/devices",
            &[("csrf", csrf), ("name", "x"), ("scopes", "read")],
        ),
    ];
    for said in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "none"),
    ] {
        for (path, fields) in forms {
            let refused = (403, String::new());
            assert_eq!(send(path, fields, said), refused, "{path} {said:?}");
        }
    }
    assert!(browser.page("/").contains("value=\"UTC\""));
    let devices = alice.get("/users/me/tokens").ok(200)["tokens"].clone();
    assert_eq!(devices.as_array().map(Vec::len), Some(1), "{devices}");
    for said in [("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")] {
        let (path, fields) = forms[2];
        assert_eq!(send(path, fields, said).0, 303, "{said:?}");
    }
}
