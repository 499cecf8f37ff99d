//! The two-device table with both versions of the real Watson, a token for each device.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::household::Household;
use super::install::{VERSIONS, watson};
use super::rows::{ROWS, Verdict};
use crate::support::{Crick, Engine, announce, on_both_engines};

on_both_engines![every_row_of_the_two_device_table_holds_for_both_watsons];

fn every_row_of_the_two_device_table_holds_for_both_watsons(engine: Engine) {
    let crick = Crick::start(engine);
    let columns: Vec<Vec<String>> = std::thread::scope(|scope| {
        let versions = VERSIONS.map(|version| scope.spawn(|| column(&crick, version)));
        versions
            .into_iter()
            .map(|version| version.join().expect("caught below"))
            .collect()
    });
    let mut table = format!(
        "Real Watson on {}, A in UTC, B in Europe/Paris, Asia/Tokyo and America/New_York\n| row | {} |\n| --- |{}",
        engine.name(),
        VERSIONS.join(" | "),
        " --- |".repeat(VERSIONS.len())
    );
    for (number, (row, _)) in ROWS.iter().enumerate() {
        let verdicts: Vec<&str> = columns
            .iter()
            .map(|column| column[number].as_str())
            .collect();
        table += &format!("\n| {row} | {} |", verdicts.join(" | "));
    }
    announce(&table);
    assert!(!table.contains(FAILED), "{table}");
}

const FAILED: &str = "FAILED";

/// The verdicts of one version, row by row.
fn column(crick: &Crick, version: &'static str) -> Vec<String> {
    let Some(python) = watson(version) else {
        return vec!["skipped".to_owned(); ROWS.len()];
    };
    let home = Household::new(crick, &format!("user-of-{version}"), &python);
    ROWS.iter()
        .map(
            |(_, row)| match catch_unwind(AssertUnwindSafe(|| row(&home))) {
                Ok(Verdict::Ok) => "ok".to_owned(),
                Ok(Verdict::Skipped) => "skipped".to_owned(),
                Err(_) => FAILED.to_owned(),
            },
        )
        .collect()
}
