//! How `last_sync` may be written. What it means is in `delta`.

use crate::support::{Crick, Engine, FrameJson, frames, on_both_engines};

on_both_engines![
    the_epoch_is_everything_however_it_is_written,
    no_last_sync_is_everything,
    the_same_instant_in_another_zone_is_the_same_last_sync,
    a_last_sync_that_makes_no_sense_is_refused,
];

fn the_epoch_is_everything_however_it_is_written(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&frames(2));
    let spellings = [
        "1970-01-01T00%3A00%3A00%2B00%3A00",
        "1970-01-01T00:00:00Z",
        "1970-01-01T00:00:00.000000Z",
        "1970-01-01T05%3A45%3A00%2B05%3A45",
        "1969-12-31T16%3A00%3A00-08%3A00",
        // A plus sign that nobody encoded arrives as a space.
        "1970-01-01T01:00:00+01:00",
        "1970-01-01T01:00:00%2001:00",
    ];
    for spelling in spellings {
        assert_eq!(laptop.try_pull(spelling).frames().len(), 2, "{spelling}");
    }
}

fn no_last_sync_is_everything(engine: Engine) {
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
        "the sync did not finish, so it is answered again"
    );
}

fn a_last_sync_that_makes_no_sense_is_refused(engine: Engine) {
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
