//! Reports agree with `watson report --json` and `watson aggregate --json` on the same frames.
//!
//! Watson cuts frames at the edges of its range, too, but its day ends a microsecond before
//! midnight, which is missing from each frame that continues. Frames are whole seconds, so rounded
//! sums are exact. A frame that covers a whole day of 23 or 25 hours counts 24 for Watson; the test
//! has none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::device::WatsonDevice;
use super::install::watson;
use crate::support::{Api, Crick, Engine, announce, on_both_engines};

on_both_engines![reports_agree_with_watsons_own];

/// A zone and ranges of days in it, with days of 23, 24, 24.5 and 25 hours.
const CASES: [(&str, [(&str, &str); 2]); 5] = [
    (
        "Europe/Paris",
        [("2026-03-24", "2026-04-02"), ("2026-10-20", "2026-10-31")],
    ),
    (
        "America/New_York",
        [("2026-03-06", "2026-03-10"), ("2026-10-28", "2026-11-04")],
    ),
    // Clocks change at midnight. Watson counts the hour after a skipped midnight twice, and ignores
    // the hour before a repeated one, so these days are left out.
    (
        "America/Sao_Paulo",
        [("2018-11-04", "2018-11-10"), ("2018-02-18", "2018-02-24")],
    ),
    (
        "Australia/Lord_Howe",
        [("2026-04-01", "2026-04-08"), ("2026-10-01", "2026-10-06")],
    ),
    (
        "Asia/Tokyo",
        [("2026-03-24", "2026-04-02"), ("2018-11-01", "2018-11-08")],
    ),
];

/// Rounded seconds by day, project and tag; an empty name stands for all.
type Sums = BTreeMap<(String, String, String), i64>;

fn reports_agree_with_watsons_own(engine: Engine) {
    let Some(python) = watson("2.1.0") else {
        return;
    };
    let crick = Crick::start(engine);
    let frames = frames(many());
    let (mut compared, mut largest) = (0, 0.0_f64);
    for (zone, ranges) in CASES {
        let login = zone.replace('/', "-");
        crick.database.add_user(&login);
        let api = crick.device_of(&login, "laptop");
        let device = WatsonDevice::new(
            python.clone(),
            zone,
            &crick.server.watson_url(),
            api.token(),
        );
        device.write(&frames);
        assert_eq!(device.sync().pushed, frames.len());
        for (from, to) in ranges {
            let (mut theirs, mut ours) = (Sums::new(), Sums::new());
            let range = ["--json", "--from", from, "--to", to];
            let report = json(&device, &[&["report"], &range[..]].concat());
            largest = largest.max(watson_sums(&report, "", &mut theirs));
            let days = json(&device, &[&["aggregate"], &range[..]].concat());
            for day in days.as_array().expect("days") {
                let name = day["timespan"]["from"].as_str().expect("a day")[..10].to_owned();
                largest = largest.max(watson_sums(day, &name, &mut theirs));
            }
            our_sums(&api, zone, from, to, &mut ours);
            // Watson lists projects and tags with zero seconds.
            theirs.retain(|_, seconds| *seconds > 0);
            assert!(theirs.len() > 20, "{zone} from {from}: {theirs:?}");
            assert_eq!(ours, theirs, "{zone} from {from} to {to}");
            compared += ours.len();
        }
    }
    announce(&format!(
        "watson report and watson aggregate on {}: {} frames in {} zones, {compared} sums, all \
         equal; \
         Watson's are at most {largest:.6} s short",
        engine.name(),
        frames.len(),
        CASES.len()
    ));
}

/// The number of frames.
fn many() -> usize {
    let asked = std::env::var("CRICK_TEST_REPORT_FRAMES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(600)
}

/// Frames of up to ten hours in the weeks of [`CASES`], many of them over a midnight. The same in
/// every run.
fn frames(count: usize) -> Vec<(i64, i64, String, Vec<String>)> {
    const WEEKS: [i64; 8] = [
        1_774_200_000,
        1_792_300_000,
        1_772_600_000,
        1_793_000_000,
        1_541_000_000,
        1_518_400_000,
        1_775_000_000,
        1_790_700_000,
    ];
    let mut state = 7_u64;
    let mut below = move |limit: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let frame = |number: usize| {
        let start = WEEKS[number % WEEKS.len()] + below(950_000) as i64;
        let end = start + below(36_000) as i64;
        let project = ["apollo", "gemini", "Ærø", "zond"][below(4) as usize].to_owned();
        let tags = ["moon", "mars", "Venus"][..below(4) as usize].iter();
        (
            start,
            end,
            project,
            tags.map(|tag| (*tag).to_owned()).collect(),
        )
    };
    (0..count).map(frame).collect()
}

fn json(device: &WatsonDevice, arguments: &[&str]) -> Value {
    let ran = device.watson(arguments).succeeded();
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// Adds the sums of one of Watson's reports, and returns the largest rounding.
fn watson_sums(report: &Value, day: &str, sums: &mut Sums) -> f64 {
    let mut largest = 0.0_f64;
    let mut take = |project: &str, tag: &str, sum: &Value| {
        let seconds = sum["time"].as_f64().expect("seconds");
        let short = seconds.round() - seconds;
        assert!((0.0..0.1).contains(&short.max(0.0)), "{seconds}");
        largest = largest.max(short);
        sums.insert(
            (day.into(), project.into(), tag.into()),
            seconds.round() as i64,
        );
    };
    take("", "", report);
    for project in report["projects"].as_array().expect("projects") {
        let name = project["name"].as_str().expect("a name");
        take(name, "", project);
        for tag in project["tags"].as_array().expect("tags") {
            take(name, tag["name"].as_str().expect("a name"), tag);
        }
    }
    largest
}

/// Adds the same sums of this server. Watson has no group for frames without tags.
fn our_sums(api: &Api, zone: &str, from: &str, to: &str, sums: &mut Sums) {
    let report = |levels: &str| {
        let query = format!("from={from}&to={to}&tz={zone}&group_by={levels}");
        api.get(&format!("/reports/summary?{query}")).ok(200)
    };
    let mut take = |day: &str, by_project: &Value| {
        let mut insert = |project: &str, tag: &str, sum: &Value| {
            let seconds = sum["seconds"].as_i64().expect("whole seconds");
            sums.insert((day.into(), project.into(), tag.into()), seconds);
        };
        insert("", "", by_project);
        for project in by_project["groups"].as_array().expect("projects") {
            let name = project["key"].as_str().expect("a name");
            insert(name, "", project);
            for tag in project["groups"].as_array().expect("tags") {
                if let Some(tag_name) = tag["key"].as_str() {
                    insert(name, tag_name, tag);
                }
            }
        }
    };
    take("", &report("project,tag"));
    for day in report("day,project,tag")["groups"]
        .as_array()
        .expect("days")
    {
        take(day["key"].as_str().expect("a day"), day);
    }
}
