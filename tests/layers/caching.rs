//! What may be kept of an answer, and not sending again what the client has.

use serde_json::json;

use crate::support::{Api, Crick, Engine, Reply, batch, frame, on_both_engines};

on_both_engines![what_did_not_change_is_304_and_what_changed_is_sent];

fn if_none_match(api: &Api, path: &str, tags: &str) -> Reply {
    api.request("GET", path, &[("If-None-Match", tags)])
}

#[track_caller]
fn assert_not_modified(reply: &Reply, tag: &str) {
    assert_eq!((reply.status, reply.body.len()), (304, 0), "{reply:?}");
    assert_eq!(reply.header("etag"), tag);
    assert_eq!(reply.header("cache-control"), "private, no-cache");
    assert_eq!(reply.header("vary"), "accept-encoding");
    for absent in [
        "content-type",
        "content-length",
        "content-encoding",
        "transfer-encoding",
    ] {
        assert_eq!(reply.header(absent), "", "{absent}");
    }
}

fn what_did_not_change_is_304_and_what_changed_is_sent(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&[frame()]);
    let first = laptop.get("/projects");
    let tag = first.header("etag");
    assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}");
    assert_not_modified(&if_none_match(&laptop, "/projects", tag), tag);
    assert_not_modified(&if_none_match(&laptop, "/projects/", tag), tag);

    laptop.push(&batch("gemini", 1));

    let second = if_none_match(&laptop, "/projects", tag);
    assert_eq!(second.status, 200);
    assert_ne!(second.header("etag"), tag);
    assert_eq!(second.json()["projects"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_list_of_tags_a_star_and_strong_tags_are_understood() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    let tag = laptop.get("/users/me").header("etag").to_owned();
    let strong = tag.trim_start_matches("W/");
    for known in [
        "*".to_owned(),
        strong.to_owned(),
        format!("\"a\", W/\"b\", {tag}"),
        format!("{tag},\"c\""),
        format!("\"a,b\" ,\t{strong} "),
    ] {
        assert_not_modified(&if_none_match(&laptop, "/users/me", &known), &tag);
    }
    let two_fields = [("If-None-Match", "\"a\""), ("If-None-Match", tag.as_str())];
    assert_not_modified(&laptop.request("GET", "/users/me", &two_fields), &tag);
    for unknown in ["\"a\"", "", "nonsense", "W/\"\"", strong.trim_matches('"')] {
        assert_eq!(if_none_match(&laptop, "/users/me", unknown).status, 200);
    }
}

#[test]
fn head_has_the_tag_and_the_length_of_get() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    let get = laptop.get("/users/me");
    let head = laptop.request("HEAD", "/users/me", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("etag"), get.header("etag"));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    let tag = [("If-None-Match", get.header("etag"))];
    let head = laptop.request("HEAD", "/users/me", &tag);
    assert_not_modified(&head, get.header("etag"));
    // What is left out of a pull is not empty.
    let head = laptop.request("HEAD", "/watson/frames", &[]);
    assert_eq!((head.status, head.header("content-length")), (200, ""));
}

#[test]
fn the_tag_is_the_same_in_every_coding() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    for number in 0..50 {
        laptop.push(&batch(&format!("project {number}"), 1));
    }
    let plain = laptop.get("/projects");
    let tag = plain.header("etag");
    for coding in ["gzip", "zstd"] {
        for method in ["GET", "HEAD"] {
            let accept = ("Accept-Encoding", coding);
            let packed = laptop.request(method, "/projects", &[accept]);
            assert_eq!(packed.header("content-encoding"), coding, "{method}");
            assert_eq!(packed.header("content-length"), "", "{method}");
            assert_eq!(packed.header("etag"), tag, "{method}");
            let known = [accept, ("If-None-Match", tag)];
            assert_not_modified(&laptop.request(method, "/projects", &known), tag);
        }
    }
}

#[test]
fn a_tag_is_no_way_around_the_token() {
    let crick = Crick::start(Engine::sqlite());
    let tag = crick
        .device("laptop")
        .get("/users/me")
        .header("etag")
        .to_owned();
    for known in [tag.as_str(), "*"] {
        let refused = if_none_match(&crick.stranger(), "/users/me", known);
        refused.problem(401);
        assert_eq!(refused.header("etag"), "");
    }
}

#[test]
fn watsons_routes_and_probes_have_no_tag_and_are_not_kept() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    laptop.push(&[frame()]);
    for path in ["/watson/projects", "/watson/frames/", "/livez", "/readyz"] {
        let reply = if_none_match(&laptop, path, "*");
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("etag"), "", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
    let push = laptop.try_push(&[frame()]);
    assert_eq!(push.header("cache-control"), "no-store");
    let refused = crick.stranger().get("/watson/frames");
    assert_eq!(refused.header("cache-control"), "no-store");
}

#[test]
fn an_answer_to_somebody_is_theirs_and_one_with_a_secret_is_not_kept() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    for path in ["/projects", "/users/me", "/users/me/tokens", "/users"] {
        let reply = laptop.get(path);
        assert_eq!(reply.header("cache-control"), "private, no-cache", "{path}");
    }
    let refused = crick.stranger().get("/projects");
    assert_eq!(refused.header("cache-control"), "private, no-cache");

    let created = crick.database.crick(&[
        "token",
        "create",
        "alice",
        "--device",
        "admin",
        "--scopes",
        "sync,read,write",
    ]);
    let writer = crick.with_token(created.succeeded().stdout.trim());
    let body = json!({"name": "phone"}).to_string();
    let made = writer.request_with_body("POST", "/users/me/tokens", &[], body.as_bytes());
    assert_eq!(made.status, 201);
    assert_eq!(made.header("cache-control"), "no-store");
    assert_eq!(made.header("etag"), "");
}
