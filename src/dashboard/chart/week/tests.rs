use jiff::Span;
use jiff::civil::date;

use super::*;
use crate::model::{Level, Share, Unit};

const HOUR: i128 = 3_600_000_000;

/// A sum by day and project.
fn sum(parts: &[(&str, &str, i128)]) -> Sum {
    let mut sum = Sum::default();
    for (day, project, time) in parts {
        let key = |name: &str| Key::new(Some(name.to_owned()), None);
        let keys = [
            (Level::Time(Unit::Day), key(day)),
            (Level::Project, key(project)),
        ];
        let share = Share {
            all: *time,
            once: *time,
        };
        sum.add(keys, share);
    }
    sum
}

fn week_of(monday: Date, sum: &Sum) -> Week {
    let days: Vec<Date> = monday.series(Span::new().days(1)).take(7).collect();
    Week::new(&days, sum)
}

/// The numbers of an attribute of all rectangles, in their order.
fn lengths(text: &str, attribute: &str) -> Vec<f64> {
    let rectangles = text.split("<rect ").skip(1);
    let of = |rectangle: &str| {
        let after = rectangle.split(&format!(" {attribute}=\"")).nth(1);
        let value = after.and_then(|after| after.split('"').next());
        value.map(|value| value.trim_end_matches('%').parse().expect("a number"))
    };
    rectangles.filter_map(of).collect()
}

#[test]
fn chart_table_and_total_agree() {
    let parts: Vec<(&str, String, i128)> = (0..300)
        .map(|at| {
            let day = ["2026-11-23", "2026-11-25", "2026-11-29"][at % 3];
            (day, format!("p{at}"), HOUR / 50 * (at as i128 + 1))
        })
        .collect();
    let parts: Vec<(&str, &str, i128)> = parts
        .iter()
        .map(|(day, project, time)| (*day, project.as_str(), *time))
        .collect();
    let sum = sum(&parts);
    let week = week_of(date(2026, 11, 23), &sum);
    let whole: i128 = parts.iter().map(|(_, _, time)| time).sum();

    assert_eq!(week.series.len(), 8);
    assert_eq!(week.series[7].name(), "All others");
    let series: i128 = week.series.iter().map(|series| series.total).sum();
    let days: i128 = week.days.iter().map(|day| day.total).sum();
    assert_eq!((series, days, sum.microseconds), (whole, whole, whole));
    for day in &week.days {
        assert_eq!(day.parts.iter().sum::<i128>(), day.total, "{}", day.date);
    }
    for (at, series) in week.series.iter().enumerate() {
        let in_days: i128 = week.days.iter().map(|day| day.parts[at]).sum();
        assert_eq!(in_days, series.total, "{}", series.name());
    }

    let text = week.draw().into_string();
    let most = week.days.iter().map(|day| day.total).max().expect("days");
    let drawn: f64 = lengths(&text, "height").iter().sum();
    let expected = HEIGHT * whole as f64 / Axis::new(most).top as f64;
    assert!((drawn - expected).abs() < 0.2, "{drawn} {expected}");
    assert!(text.contains(&format!("<td>{}</td></tr></tfoot>", format_duration(whole))));
}

#[test]
fn each_day_is_in_its_column_across_clock_changes_and_new_year() {
    for (monday, last, place) in [
        (date(2026, 3, 23), "2026-03-29", 6),
        (date(2026, 10, 19), "2026-10-25", 6),
        (date(2026, 12, 28), "2027-01-01", 4),
        (date(2020, 12, 28), "2021-01-03", 6),
    ] {
        let sum = sum(&[(last, "apollo", 25 * HOUR)]);
        let week = week_of(monday, &sum);
        let worked: Vec<usize> = (0..7).filter(|at| week.days[*at].total > 0).collect();
        assert_eq!(worked, [place], "{last}");
        let x = lengths(&week.draw().into_string(), "x");
        let left = 100.0 / 7.0 * (place as f64 + (1.0 - FILLED) / 2.0);
        assert!((x[0] - left).abs() < 0.01, "{last}: {x:?}");
    }
}

#[test]
fn extreme_times_give_valid_drawings() {
    for times in [&[][..], &[1_000_000], &[1], &[30 * HOUR, 9_000_000 * HOUR]] {
        let parts: Vec<_> = times
            .iter()
            .map(|time| ("2026-11-24", "apollo", *time))
            .collect();
        let text = week_of(date(2026, 11, 23), &sum(&parts))
            .draw()
            .into_string();
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        let heights = lengths(&text, "height");
        assert_eq!(heights.len(), times.len().min(1), "{text}");
        assert!(heights.iter().all(|height| (0.0..=HEIGHT).contains(height)));
    }
}

#[test]
fn eight_projects_keep_their_names() {
    let names: Vec<String> = (0..8).map(|at| format!("p{at}")).collect();
    let parts: Vec<_> = names
        .iter()
        .map(|name| ("2026-11-24", name.as_str(), HOUR))
        .collect();
    let week = week_of(date(2026, 11, 23), &sum(&parts));
    let shown: Vec<&str> = week.series.iter().map(Series::name).collect();
    assert_eq!(shown, names);
}

#[test]
fn a_project_cannot_be_markup() {
    let evil = "<script>alert('x')</script>\"><b onload=x>";
    let text = week_of(date(2026, 11, 23), &sum(&[("2026-11-24", evil, HOUR)]));
    let text = text.draw().into_string();
    assert!(!text.contains("<script") && !text.contains("<b "), "{text}");
    assert!(text.contains("&lt;script"), "{text}");
}
