use super::*;
use crate::model::{Key, Level, Share};

const MINUTES: i128 = 60_000_000;

fn year(number: i16, days: &[(&str, i128)]) -> Year {
    let mut sum = Sum::default();
    for (day, time) in days {
        let key = Key::new(Some((*day).to_owned()), None);
        let share = Share {
            all: *time,
            once: *time,
        };
        sum.add([(Level::Time(Unit::Day), key)], share);
    }
    Year::new(number, &sum)
}

fn draw(year: &Year) -> String {
    let address = |day: Date| format!("/dashboard/frames?from={day}&to={day}");
    year.draw(address).into_string()
}

#[test]
fn a_day_is_in_the_row_of_its_weekday_and_the_column_of_its_week() {
    for (day, expected) in [
        (date(2026, 1, 1), (0, 3)),
        (date(2026, 1, 5), (1, 0)),
        (date(2026, 3, 29), (12, 6)),
        (date(2026, 12, 31), (52, 3)),
        (date(2021, 1, 3), (0, 6)),
        (date(2021, 1, 4), (1, 0)),
        (date(2020, 12, 31), (52, 3)),
        (date(2012, 1, 1), (0, 6)),
        (date(2012, 12, 31), (53, 0)),
    ] {
        let first = day.first_of_year();
        assert_eq!((column(first, day), row(day)), expected, "{day}");
    }
}

#[test]
fn every_day_of_a_year_has_its_own_square() {
    for number in 1990..2050 {
        let first = date(number, 1, 1);
        let days: Vec<Date> = first
            .series(jiff::Span::new().days(1))
            .take_while(|day| day.year() == number)
            .collect();
        let places: std::collections::HashSet<(i32, i32)> = days
            .iter()
            .map(|day| (column(first, *day), row(*day)))
            .collect();
        assert_eq!(places.len(), days.len());
        let text = draw(&year(number, &[]));
        assert_eq!(
            text.matches("<rect class=\"heat-0\" x=").count(),
            days.len()
        );
    }
}

#[test]
fn months_and_days_add_up_to_the_total() {
    let days = [
        ("2026-01-01", 1),
        ("2026-02-28", 90 * MINUTES),
        ("2026-12-31", 26 * 60 * MINUTES),
    ];
    let year = year(2026, &days);
    let whole: i128 = days.iter().map(|(_, time)| time).sum();
    assert_eq!(year.months().iter().sum::<i128>(), whole);
    assert_eq!(year.months()[11], 26 * 60 * MINUTES);
    let text = draw(&year);
    assert!(text.contains(&format!("<td>{}</td></tr></tfoot>", format_duration(whole))));
}

#[test]
fn colors_are_the_levels_of_the_api() {
    let levels = [
        (0, 0),
        (1, 1),
        (60, 1),
        (61, 2),
        (240, 2),
        (241, 3),
        (360, 3),
        (361, 4),
        (1_500, 4),
    ];
    for (minutes, level) in levels {
        assert_eq!(shade(minutes * MINUTES), level, "{minutes}");
    }
    assert_eq!(shade(1), 1);
    assert_eq!(shade(i128::MAX), 4);
}

#[test]
fn a_day_with_work_links_to_its_frames() {
    let text = draw(&year(2026, &[("2026-07-04", MINUTES)]));
    assert_eq!(text.matches("from=2026-07-04&amp;to=2026-07-04").count(), 2);
    assert_eq!(text.matches("<a ").count(), 2);
}

#[test]
fn days_of_other_years_are_not_drawn() {
    let year = year(2026, &[("2025-12-31", MINUTES), ("2027-01-01", MINUTES)]);
    assert!(year.days.is_empty());
}
