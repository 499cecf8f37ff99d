//! Frames as files, by the session.

use super::Browser;
use crate::support::{Crick, Engine, batch, frame_of, on_both_engines};

on_both_engines![a_file_is_the_one_of_the_api_and_takes_a_session];

fn a_file_is_the_one_of_the_api_and_takes_a_session(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&batch("apollo", 70));
    alice.push(&[frame_of(
        "2026-03-05T10:00:00Z",
        "2026-03-05T12:00:00Z",
        "gemini",
        &["moon"],
    )]);
    let browser = Browser::sign_in(&crick, &alice, "Europe/Paris");
    let page = browser.page("/dashboard/frames?project=apollo");
    for suffix in ["csv", "jsonl", "ics"] {
        let path = format!("/dashboard/frames.{suffix}?project=apollo");
        assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
        let file = browser.get(&path);
        let same = alice.get(&format!("/frames.{suffix}?projects=apollo&tz=Europe/Paris"));
        assert_eq!((file.status, same.status), (200, 200));
        for name in ["content-type", "content-disposition"] {
            assert_eq!(file.headers[name], same.headers[name], "{suffix}");
        }
        let lines = |body: &[u8]| {
            let text = String::from_utf8(body.to_vec()).expect("UTF-8");
            // When a calendar was written stands in it.
            let lines = text.lines().filter(|line| !line.starts_with("DTSTAMP"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let file_lines = lines(&file.body);
        assert!(file_lines.len() >= 70, "{suffix}: {file_lines:?}");
        assert_eq!(file_lines, lines(&same.body), "{suffix}");
        assert_eq!(crick.stranger().get(&path).status, 303);
        assert_eq!(browser.get(&format!("{path}&page=2")).status, 400);
    }
}
