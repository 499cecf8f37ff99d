//! Wrong values for every field of every form, and for every parameter of every page, are refused
//! in plain words.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Browser, encode, plain};
use crate::support::{Crick, Engine, Reply, assert_plain, frame, on_both_engines};

on_both_engines![
    a_wrong_field_is_refused_in_plain_words,
    a_wrong_parameter_is_refused_in_plain_words,
    an_unreadable_form_is_refused_in_plain_words,
];

const TEXTS: [&str; 19] = [
    "",
    " ",
    "x",
    "-1",
    "0",
    "1.5",
    "1e3",
    "99999999999999999999",
    "true",
    "null",
    "[]",
    "\0",
    "a\0b",
    ",",
    "2026-13-01",
    "2026-W60",
    "Mars/Olympus",
    "12345678-9abc-4def-8123-456789abcde",
    "%C3%28",
];

/// A form of a page.
#[derive(Debug)]
struct Form {
    is_post: bool,
    action: String,
    fields: Vec<(String, String)>,
}

/// A user with one of everything, and the pages that show it.
fn user_with_everything(crick: &Crick) -> (Browser, Vec<String>) {
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    alice.push(&[frame()]);
    let [me, him] = [&alice, &bob].map(|who| who.get("/users/me").ok(200)["id"].clone());
    let team = json!({"name": "crew", "projects": ["apollo"], "user_ids": [him]});
    let team = alice.send("POST", "/teams", &team).ok(201)["id"].clone();
    let his = json!({"name": "his", "projects": ["apollo"], "user_ids": [me]});
    bob.send("POST", "/teams", &his).ok(201);
    alice
        .send("POST", "/users/me/feeds", &json!({"name": "work"}))
        .ok(201);
    let token = alice.get("/users/me/tokens").ok(200)["tokens"][0]["id"].clone();
    let text = |id: serde_json::Value| id.as_str().expect("an id").to_owned();
    let (team, token) = (text(team), text(token));
    let pages = vec![
        "/".to_owned(),
        "/dashboard/year".to_owned(),
        "/dashboard/tags".to_owned(),
        "/dashboard/frames?tag=nasa&project=apollo".to_owned(),
        "/dashboard/teams".to_owned(),
        format!("/dashboard/teams/{team}?q=bo"),
        "/dashboard/invitations".to_owned(),
        "/dashboard/feeds?tag=nasa".to_owned(),
        "/dashboard/devices".to_owned(),
        format!("/dashboard/devices/{token}/revoke"),
        "/dashboard/sign-in".to_owned(),
    ];
    (Browser::sign_in(crick, &alice, "UTC"), pages)
}

/// The value of an attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain(&format!(">{}", rest.split('"').next()?)))
}

/// The forms of a page.
fn forms(page: &str) -> Vec<Form> {
    let forms = page.split("<form").skip(1).map(|form| {
        let form = form.split("</form>").next().expect("an end");
        let (tag, inside) = form.split_once('>').expect("a tag");
        let fields = inside.split('<').skip(1).filter_map(|piece| {
            let tag = piece.split('>').next()?;
            let is_field = ["input", "select", "textarea", "button"]
                .iter()
                .any(|kind| tag.starts_with(kind));
            let value = attribute(tag, "value").unwrap_or_default();
            is_field.then_some((attribute(tag, "name")?, value))
        });
        let action = attribute(tag, "action").expect("an address");
        Form {
            is_post: attribute(tag, "method").as_deref() == Some("post"),
            action: action.split('#').next().expect("a path").to_owned(),
            fields: fields.collect(),
        }
    });
    forms.collect()
}

/// Checks a response, and returns whether it is a refusal, which must be a page with a sentence.
#[track_caller]
fn check(reply: Reply, of: &str) -> bool {
    let (status, page) = (reply.status, super::text(reply));
    if (200..400).contains(&status) {
        return false;
    }
    assert!((400..500).contains(&status), "{of}: {status} {page}");
    let (_, main) = page.split_once("<main").expect("a page");
    let sentence = plain(&format!("<{}", main.replace("</p>", " </p>")));
    assert_plain(&sentence, of);
    true
}

fn a_wrong_field_is_refused_in_plain_words(engine: Engine) {
    let crick = Crick::start(engine);
    let (browser, pages) = user_with_everything(&crick);
    let (mut actions, mut refused) = (BTreeSet::new(), 0);
    for page in &pages {
        for form in forms(&browser.page(page)) {
            // Valid values for all fields, so that only one is wrong at a time.
            let good: Vec<(&str, &str)> = form
                .fields
                .iter()
                .map(|(name, value)| match (name.as_str(), value.as_str()) {
                    ("name", "") => ("name", "x"),
                    ("q", _) => ("q", "bo"),
                    field => field,
                })
                .collect();
            let send = |fields: &[(&str, &str)]| match form.is_post {
                true => browser.send(&form.action, fields),
                false => browser.get(&format!("{}?{}", form.action, encode(fields))),
            };
            for at in 0..good.len() {
                let name = good[at].0;
                // A valid form must not delete what the other forms need, or sign out.
                let ends = [
                    "/revoke",
                    "/sign-out",
                    "/leave",
                    "/delete",
                    "/remove",
                    "/withdraw",
                ];
                let only_wrong = ends.iter().any(|end| form.action.ends_with(end));
                if only_wrong && name == "csrf" && good.len() > 1 {
                    continue;
                }
                for text in TEXTS {
                    let mut fields = good.clone();
                    fields[at] = (name, text);
                    let of = format!("{page}: {} {name}={text:?}", form.action);
                    refused += usize::from(check(send(&fields), &of));
                }
                if only_wrong {
                    continue;
                }
                let twice = [&good[..], &[(name, "1"), (name, "2")]].concat();
                refused += usize::from(check(send(&twice), &format!("{page}: {name} twice")));
                let without: Vec<_> = good.iter().copied().filter(|it| it.0 != name).collect();
                refused += usize::from(check(send(&without), &format!("{page}: no {name}")));
            }
            let unknown = [&good[..], &[("colour", "blue")]].concat();
            if form.action != "/dashboard/sign-out" {
                refused += usize::from(check(send(&unknown), &format!("{page}: unknown")));
            }
            actions.insert(form.action);
        }
    }
    assert!(actions.len() >= 12, "{actions:?}");
    assert!(refused > 300, "{refused}");
}

fn a_wrong_parameter_is_refused_in_plain_words(engine: Engine) {
    let crick = Crick::start(engine);
    let (browser, pages) = user_with_everything(&crick);
    let names = [
        "week",
        "year",
        "range",
        "date",
        "from",
        "to",
        "page",
        "project",
        "tag",
        "encoded_tag",
        "encoded_project",
        "add_tag",
        "notice",
        "q",
        "next",
        "zone",
        "code",
        "state",
        "error",
        "x",
    ];
    let more = [
        "/dashboard/frames.csv",
        "/dashboard/frames.jsonl",
        "/dashboard/frames.ics",
        "/dashboard/sign-in/issuer",
        "/dashboard/sign-in/callback",
        "/dashboard/teams/x",
        "/dashboard/teams/%FF",
        "/dashboard/devices/x/revoke",
        "/dashboard/nothing",
    ];
    let mut refused = 0;
    for page in pages.iter().map(String::as_str).chain(more) {
        let page = page.split('?').next().expect("a path");
        for name in names {
            for text in TEXTS {
                let of = format!("{page}?{name}={text:?}");
                let path = format!("{page}?{}", encode(&[(name, text)]));
                refused += usize::from(check(browser.get(&path), &of));
            }
            let twice = format!("{page}?{name}=1&{name}=2");
            refused += usize::from(check(browser.get(&twice), &twice));
            let bytes = format!("{page}?{name}=%C3%28");
            refused += usize::from(check(browser.get(&bytes), &bytes));
        }
    }
    assert!(refused > 1_000, "{refused}");
}

fn an_unreadable_form_is_refused_in_plain_words(engine: Engine) {
    let crick = Crick::start(engine);
    let (browser, _) = user_with_everything(&crick);
    for path in [
        "/dashboard/sign-in",
        "/dashboard/devices",
        "/dashboard/zone",
        "/dashboard/teams",
    ] {
        for (media_type, body) in [
            ("application/x-www-form-urlencoded", &b""[..]),
            ("application/x-www-form-urlencoded", b"token=%FF"),
            ("application/x-www-form-urlencoded", b"token=\xff"),
            (
                "application/x-www-form-urlencoded",
                b"token=1&token=2&csrf=1&csrf=2",
            ),
            (
                "application/x-www-form-urlencoded",
                b"zone=1&zone=2&token=x",
            ),
            ("application/json", b"{}"),
            ("", b"x"),
        ] {
            let headers = [("Cookie", &*browser.cookie), ("Content-Type", media_type)];
            let reply = browser
                .client
                .request_with_body("POST", path, &headers, body);
            let of = format!("{path} {media_type} {body:?}");
            assert!(check(reply, &of), "{of}");
        }
    }
}
