//! Durations and shares as text.

use maud::{Markup, html};

/// A second in microseconds.
const SECOND: i128 = 1_000_000;

/// A duration in the format of `watson report` (`format_timedelta` of Watson 2.1): `3h 05m 12s`,
/// `05m 12s`, `12s`. Fractions of a second are dropped.
pub(super) fn format_duration(microseconds: i128) -> String {
    let (hours, minutes, seconds) = parts(microseconds);
    match (hours, minutes) {
        (0, 0) => format!("{seconds:02}s"),
        (0, _) => format!("{minutes:02}m {seconds:02}s"),
        _ => format!("{hours}h {minutes:02}m {seconds:02}s"),
    }
}

/// The total time of a page.
pub(super) fn tracked(microseconds: i128) -> Markup {
    html! {
        p.figure {
            @if microseconds == 0 { "Nothing tracked" }
            @else { strong { (format_duration(microseconds)) } " tracked" }
        }
    }
}

/// A shorter format for charts: `3h 05m`, `3h`, `5m`, and below a minute `12s`.
pub(super) fn short_duration(microseconds: i128) -> String {
    let (hours, minutes, seconds) = parts(microseconds);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m"),
        (_, 0) => format!("{hours}h"),
        _ => format!("{hours}h {minutes:02}m"),
    }
}

/// The shortest format, for phones: hours rounded to tenths, `3.1h`.
pub(super) fn decimal_hours(microseconds: i128) -> String {
    let tenths = (microseconds / (SECOND * 180) + 1) / 2;
    format!("{}.{}h", tenths / 10, tenths % 10)
}

/// A share in percent; 0 of 0 is 0 %.
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
    fn durations_have_watsons_format() {
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
            assert_eq!(format_duration(seconds * SECOND), expected);
            assert_eq!(format_duration(seconds * SECOND + SECOND - 1), expected);
        }
    }

    #[test]
    fn short_durations_have_no_seconds_after_minutes() {
        let written =
            [0, 59, 60, 3_599, 3_600, 27_030].map(|seconds| short_duration(seconds * SECOND));
        assert_eq!(written, ["0s", "59s", "1m", "59m", "1h", "7h 30m"]);
    }

    #[test]
    fn hours_are_rounded_to_tenths() {
        let written =
            [0, 179, 180, 3_600, 11_112, 90_000].map(|seconds| decimal_hours(seconds * SECOND));
        assert_eq!(written, ["0.0h", "0.0h", "0.1h", "1.0h", "3.1h", "25.0h"]);
    }

    #[test]
    fn small_shares_have_more_digits() {
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
