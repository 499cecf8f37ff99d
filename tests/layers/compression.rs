//! Answers go out compressed to whoever understands that.

use std::io::Read as _;

use crate::support::{Crick, Engine, FrameJson, Reply, announce, frames, on_both_engines};

const EVERYTHING: &str = "/watson/frames/?last_sync=1970-01-01T00:00:00Z";

fn unpacked(reply: &Reply) -> Vec<u8> {
    let mut unpacked = Vec::new();
    match reply.header("content-encoding") {
        "gzip" => {
            let mut gzip = flate2::read::GzDecoder::new(reply.body.as_slice());
            gzip.read_to_end(&mut unpacked).expect("gzip");
        }
        "zstd" => unpacked = zstd::decode_all(reply.body.as_slice()).expect("zstd"),
        "" => unpacked.clone_from(&reply.body),
        other => panic!("an answer in {other}"),
    }
    unpacked
}

fn varies(reply: &Reply) -> bool {
    let mut fields = reply.headers.get_all("vary").iter();
    fields.any(|field| field == "accept-encoding")
}

on_both_engines![
    a_pull_of_ten_thousand_frames_is_the_same_in_every_coding,
    a_streamed_pull_is_compressed_for_watson,
];

fn a_pull_of_ten_thousand_frames_is_the_same_in_every_coding(engine: Engine) {
    let crick = Crick::start(engine);
    crick.device("laptop").push(&frames(10_000));
    let mut sizes = Vec::new();
    let mut contents = Vec::new();
    for (device, accepted, coding) in [
        ("a", "identity", ""),
        ("b", "gzip, deflate", "gzip"),
        ("c", "gzip, deflate, br, zstd", "zstd"),
    ] {
        let api = crick.device(device);
        let reply = api.request("GET", EVERYTHING, &[("Accept-Encoding", accepted)]);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-encoding"), coding);
        assert_eq!(reply.header("content-type"), "application/json");
        sizes.push(reply.body.len());
        let frames: Vec<FrameJson> =
            serde_json::from_slice(&unpacked(&reply)).expect("a bare list");
        contents.push(frames);
    }
    announce(&format!(
        "a pull of 10,000 frames in bytes: plain {}, gzip {}, zstd {}",
        sizes[0], sizes[1], sizes[2]
    ));
    assert!(
        sizes[1] * 4 < sizes[0] && sizes[2] * 4 < sizes[0],
        "{sizes:?}"
    );
    assert_eq!(contents[0].len(), 10_000);
    assert!(contents.iter().all(|content| *content == contents[0]));
}

fn a_streamed_pull_is_compressed_for_watson(engine: Engine) {
    let crick = Crick::start(engine);
    crick.device("laptop").push(&frames(5_000));
    let phone = crick.device("phone");
    // What the library of Watson's sends by itself.
    let requests = [("Accept-Encoding", "gzip, deflate"), ("Accept", "*/*")];
    let reply = phone.request("GET", EVERYTHING, &requests);
    assert_eq!(reply.header("content-encoding"), "gzip");
    assert_eq!(reply.header("transfer-encoding"), "chunked");
    assert_eq!(reply.header("content-length"), "");
    let frames: Vec<FrameJson> = serde_json::from_slice(&unpacked(&reply)).expect("a bare list");
    assert_eq!(frames.len(), 5_000);
}

#[test]
fn a_coding_is_chosen_by_what_the_client_accepts() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    laptop.push(&frames(20));
    for (accepted, coding) in [
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("zstd", "zstd"),
        ("gzip, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("gzip;q=0, zstd", "zstd"),
        ("gzip;q=0", ""),
        ("gzip;q=0, zstd;q=0.000", ""),
        ("identity", ""),
        ("deflate, br", ""),
        ("", ""),
        // Refused codings are no reason to refuse the answer.
        ("*;q=0", ""),
        ("identity;q=0", ""),
        ("gzip;q=0, identity;q=0, *;q=0", ""),
    ] {
        let reply = laptop.request("GET", EVERYTHING, &[("Accept-Encoding", accepted)]);
        assert_eq!(reply.status, 200, "{accepted}");
        assert_eq!(reply.header("content-encoding"), coding, "{accepted}");
        assert!(varies(&reply), "{accepted}");
        let list: Vec<FrameJson> = serde_json::from_slice(&unpacked(&reply)).expect("a list");
        assert_eq!(list.len(), 20, "{accepted}");
    }
    let unasked = laptop.get(EVERYTHING);
    assert_eq!(unasked.header("content-encoding"), "");
    assert!(varies(&unasked));
}

#[test]
fn a_small_answer_goes_out_as_it_is() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    let both = [("Accept-Encoding", "gzip, zstd")];
    for path in ["/users/me", "/projects", "/watson/frames", "/nothing"] {
        let reply = laptop.request("GET", path, &both);
        assert!(reply.body.len() < 512, "{path}");
        assert_eq!(reply.header("content-encoding"), "", "{path}");
        assert_eq!(
            reply.header("content-length"),
            reply.body.len().to_string(),
            "{path}"
        );
        assert!(varies(&reply), "{path}");
    }
}

#[test]
fn a_large_refusal_may_be_compressed_too() {
    // One in JSON is never large: what it quotes of a request is cut.
    let crick = Crick::start(Engine::sqlite());
    let gzip = [("Accept-Encoding", "gzip")];
    let reply = crick.stranger().request("GET", "/dashboard/nothing", &gzip);
    assert_eq!(reply.status, 404);
    assert_eq!(reply.header("content-encoding"), "gzip");
    let page = String::from_utf8(unpacked(&reply)).expect("UTF-8");
    assert!(page.contains("<h1>Not found</h1>"), "{page}");
}
