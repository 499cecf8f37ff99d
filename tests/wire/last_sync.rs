//! The accepted forms of `last_sync`. `delta` tests its meaning.

use crate::support::{Crick, Engine, FrameJson, frames, on_both_engines};

on_both_engines![
    the_epoch_returns_everything_in_any_form,
    without_last_sync_everything_is_returned,
    the_same_instant_in_another_zone_is_the_same_last_sync,
    an_invalid_last_sync_is_refused,
];

fn the_epoch_returns_everything_in_any_form(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&frames(2));
    let spellings = [
        "1970-01-01T00%3A00%3A00%2B00%3A00",
        "1970-01-01T00:00:00Z",
        "1970-01-01T00:00:00.000000Z",
        "1970-01-01T05%3A45%3A00%2B05%3A45",
        "1969-12-31T16%3A00%3A00-08%3A00",
        // A plus sign that is not encoded arrives as a space.
        "1970-01-01T01:00:00+01:00",
        "1970-01-01T01:00:00%2001:00",
    ];
    for spelling in spellings {
        assert_eq!(laptop.try_pull(spelling).frames().len(), 2, "{spelling}");
    }
}

fn without_last_sync_everything_is_returned(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&frames(2));
    for path in ["/watson/frames", "/watson/frames/"] {
        assert_eq!(laptop.get(path).frames().len(), 2, "{path}");
    }
}

fn the_same_instant_in_another_zone_is_the_same_last_sync(engine: Engine) {
    let crick = Crick::start(engine);
    let (laptop, phone) = (crick.device("laptop"), crick.device("phone"));
    phone.pull_everything();
    phone.push(&[]);
    phone.try_pull("2026-11-23T10:00:00Z").frames();
    phone.push(&[]);
    laptop.push(&frames(2));
    let first = phone.try_pull("2026-11-23T12:00:00Z").frames();
    assert_eq!(first.len(), 2);
    let mut again: Vec<FrameJson> = phone.try_pull("2026-11-23T13%3A00%3A00%2B01%3A00").frames();
    again.sort_by_key(|frame| first.iter().position(|other| other == frame));
    assert_eq!(
        again, first,
        "the sync did not finish, so it is sent the same again"
    );
}

fn an_invalid_last_sync_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    for nonsense in [
        "yesterday",
        "12345",
        "2026-13-01T00:00:00Z",
        "2026-03-01T25:00:00Z",
        "%00",
        "2026-03-01T10:00:00Zulu",
    ] {
        laptop.try_pull(nonsense).problem(400);
    }
}
