//! The parts of a range are as long as the whole, in every zone with daylight saving time since 1970.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::report;
use crate::support::{Crick, Engine, announce, frame_of, on_both_engines};

on_both_engines![parts_are_as_long_as_the_whole_around_every_zones_changes_of_clocks];

/// Pseudorandom numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as i64 % limit
    }
}

/// A change of clocks since 1970 in every zone that ever had daylight saving time since.
fn changes(numbers: &mut Numbers) -> Vec<(String, Timestamp)> {
    let end: Timestamp = "2030-01-01T00:00:00Z".parse().expect("an instant");
    let mut changes = Vec::new();
    for name in jiff::tz::db().available() {
        let zone = TimeZone::get(name.as_str()).expect("a zone");
        let since_1970: Vec<_> = zone
            .following(Timestamp::UNIX_EPOCH)
            .take_while(|change| change.timestamp() < end)
            .collect();
        if since_1970.iter().any(|change| change.dst().is_dst()) {
            let at = numbers.below(since_1970.len() as i64) as usize;
            changes.push((name.to_string(), since_1970[at].timestamp()));
        }
    }
    changes
}

fn parts_are_as_long_as_the_whole_around_every_zones_changes_of_clocks(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut numbers = Numbers(42);
    let changes = changes(&mut numbers);
    assert!(changes.len() > 200, "{}", changes.len());
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for (_, change) in &changes {
        for longest in [7_200, 100_000, 300_000, 3_000_000] {
            let start = change.as_second() + numbers.below(400_000) - 200_000;
            spans.push((start, start + numbers.below(longest)));
        }
    }
    let at = |second: i64| {
        Timestamp::from_second(second)
            .expect("an instant")
            .to_string()
    };
    let frames: Vec<_> = spans
        .iter()
        .enumerate()
        .map(|(number, (start, end))| {
            let project = ["apollo", "gemini", "zond"][number % 3];
            frame_of(&at(*start), &at(*end), project, &["a", "b"][..number % 3])
        })
        .collect();
    alice.push(&frames);

    for (name, change) in &changes {
        let zone = TimeZone::get(name).expect("a zone");
        let day = zone.to_datetime(*change).date();
        let (from, to) = (day - 4.days(), day + numbers.below(6).days());
        let whole = overlap(&spans, &zone, from, to);
        for levels in [
            "project",
            "day,project",
            "week,day,tag",
            "month,week,project",
            "tag,day",
        ] {
            let query = format!("from={from}&to={to}&tz={name}&group_by={levels}");
            let report = report(&alice, &query);
            assert_eq!(report["seconds"], json!(whole), "{query}");
            let parts_of_all = !levels.starts_with("tag");
            assert_parts(&report, levels, parts_of_all, &query);
        }
    }
    announce(&format!(
        "Parts of reports on {}: {} frames, {} zones with daylight saving time since 1970",
        engine.name(),
        frames.len(),
        changes.len()
    ));
}

/// The seconds of spans within days, computed differently from the server.
fn overlap(spans: &[(i64, i64)], zone: &TimeZone, from: Date, to: Date) -> i64 {
    let begin = |day: Date| {
        let day = day.to_zoned(zone.clone()).expect("a day");
        day.start_of_day()
            .expect("its start")
            .timestamp()
            .as_second()
    };
    let (since, until) = (begin(from), begin(to.tomorrow().expect("a day")));
    let within = spans
        .iter()
        .map(|(start, end)| end.min(&until) - start.max(&since));
    within.filter(|seconds| *seconds > 0).sum()
}

/// Every sum equals the sum of its groups, unless they are tags.
fn assert_parts(sum: &Value, levels: &str, are_parts: bool, query: &str) {
    let Some(groups) = sum["groups"].as_array() else {
        return;
    };
    let total: i64 = groups
        .iter()
        .map(|group| group["seconds"].as_i64().expect("seconds"))
        .sum();
    if are_parts {
        assert_eq!(sum["seconds"], json!(total), "{query}");
    } else {
        assert!(sum["seconds"].as_i64() <= Some(total), "{query}");
    }
    let (_, rest) = levels.split_once(',').unwrap_or_default();
    for group in groups {
        assert_parts(group, rest, !rest.starts_with("tag"), query);
    }
}
