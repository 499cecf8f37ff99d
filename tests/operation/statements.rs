//! A push costs the same number of SQL statements whatever the number of frames in it.

use serde_json::Value;

use crate::support::{Crick, Device, Engine, FrameJson, announce, batch, frames, on_both_engines};

on_both_engines![a_push_of_one_frame_and_of_ten_thousand_use_the_same_number_of_statements];

fn a_push_of_one_frame_and_of_ten_thousand_use_the_same_number_of_statements(engine: Engine) {
    let one = statements_of_a_push(engine, &frames(1));
    let ten_thousand = statements_of_a_push(engine, &frames(10_000));
    let many_projects: Vec<FrameJson> = (0..500)
        .flat_map(|number| batch(&format!("project {number}"), 4))
        .collect();
    let five_hundred_projects = statements_of_a_push(engine, &many_projects);
    announce(&format!(
        "SQL statements of one push on {}: 1 frame {one}, 10,000 frames {ten_thousand}, \
         2,000 frames of 500 new projects {five_hundred_projects}",
        engine.name()
    ));
    assert!(one > 0, "no statement was counted");
    assert_eq!([ten_thousand, five_hundred_projects], [one, one]);
}

/// The statements of a push, told from others by the request that they belong to.
fn statements_of_a_push(engine: Engine, push: &[FrameJson]) -> usize {
    let mut crick = Crick::start_with(engine, &["--log", "info,sqlx=debug", "--drain-grace", "0"]);
    let api = crick.device("laptop");
    // The first sync opens connections to the database, and notes the use of the token.
    Device::new(api.clone()).sync();
    api.push(push);
    crick.server.terminate();
    assert_eq!(crick.server.wait().code(), Some(0));

    let events = crick.server.log.events();
    let is_push = |event: &&Value| {
        event["fields"]["message"] == "request" && event["fields"]["method"] == "POST"
    };
    let push = events.iter().rfind(is_push).expect("the push is logged");
    let request = &push["span"]["request_id"];
    assert!(request.is_string(), "{push}");
    events
        .iter()
        .filter(|event| event["target"] == "sqlx::query" && &event["span"]["request_id"] == request)
        .count()
}
