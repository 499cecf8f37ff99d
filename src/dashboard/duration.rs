//! How long something took, in Watson's words.

use maud::{Markup, html};

/// Microseconds of a second.
const SECOND: i128 = 1_000_000;

/// A time as `watson report` writes it (`format_timedelta` of Watson 2.1): `3h 05m 12s`, `05m 12s`, `12s`. Parts of a
/// second are cut off.
pub(super) fn duration(microseconds: i128) -> String {
    let (hours, minutes, seconds) = parts(microseconds);
    match (hours, minutes) {
        (0, 0) => format!("{seconds:02}s"),
        (0, _) => format!("{minutes:02}m {seconds:02}s"),
        _ => format!("{hours}h {minutes:02}m {seconds:02}s"),
    }
}

/// The total of a page, or that there is none.
pub(super) fn tracked(microseconds: i128) -> Markup {
    html! {
        p.figure {
            @if microseconds == 0 { "Nothing tracked" }
            @else { strong { (duration(microseconds)) } " tracked" }
        }
    }
}

/// The same for a place that is narrow: hours and full minutes, `3h 05m`, `3h` or `5m`, and below a minute the seconds.
pub(super) fn brief(microseconds: i128) -> String {
    let (hours, minutes, seconds) = parts(microseconds);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m"),
        (_, 0) => format!("{hours}h"),
        _ => format!("{hours}h {minutes:02}m"),
    }
}

/// The same for a place that is narrower still: hours and tenths of them, rounded, `3.1h`.
pub(super) fn hours(microseconds: i128) -> String {
    let tenths = (microseconds / (SECOND * 180) + 1) / 2;
    format!("{}.{}h", tenths / 10, tenths % 10)
}

/// What part of a whole something is, in percent; nothing of nothing is 0 %.
pub(super) fn percent(part: i128, whole: i128) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    match (part * 1_000 + whole / 2) / whole {
        0 => "< 0.1 %".to_owned(),
        tenths if tenths < 100 => format!("{}.{} %", tenths / 10, tenths % 10),
        tenths => format!("{} %", (tenths + 5) / 10),
    }
}

fn parts(microseconds: i128) -> (i128, i128, i128) {
    let seconds = microseconds / SECOND;
    (seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_watson_writes_it() {
        for (seconds, expected) in [
            (0, "00s"),
            (1, "01s"),
            (59, "59s"),
            (60, "01m 00s"),
            (312, "05m 12s"),
            (3_600, "1h 00m 00s"),
            (11_112, "3h 05m 12s"),
            (360_000, "100h 00m 00s"),
        ] {
            assert_eq!(duration(seconds * SECOND), expected);
            assert_eq!(duration(seconds * SECOND + SECOND - 1), expected);
        }
    }

    #[test]
    fn a_narrow_place_has_no_seconds_beside_minutes() {
        let written = [0, 59, 60, 3_599, 3_600, 27_030].map(|seconds| brief(seconds * SECOND));
        assert_eq!(written, ["0s", "59s", "1m", "59m", "1h", "7h 30m"]);
    }

    #[test]
    fn hours_are_rounded_to_tenths() {
        let written = [0, 179, 180, 3_600, 11_112, 90_000].map(|seconds| hours(seconds * SECOND));
        assert_eq!(written, ["0.0h", "0.0h", "0.1h", "1.0h", "3.1h", "25.0h"]);
    }

    #[test]
    fn a_share_is_as_exact_as_it_matters() {
        let written = [
            (0, 0),
            (0, 5),
            (1, 1_000_000),
            (1, 3),
            (12, 1_000),
            (999, 1_000),
            (7, 7),
        ]
        .map(|(part, whole)| percent(part, whole));
        assert_eq!(
            written,
            ["0 %", "0 %", "< 0.1 %", "33 %", "1.2 %", "100 %", "100 %"]
        );
    }
}
