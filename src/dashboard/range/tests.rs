use super::*;
use crate::dashboard::parameters::{InvalidParameter, Parameters};

const TODAY: Date = date(2026, 11, 25);

fn parse(text: &str) -> Result<DayRange, InvalidParameter> {
    take_range(&mut Parameters::parse(text)?, TODAY)
}

fn week(text: &str) -> Result<DayRange, InvalidParameter> {
    take_week(&mut Parameters::parse(text)?, TODAY)
}

#[test]
fn a_week_begins_on_monday_also_around_new_year() {
    for (text, from, to) in [
        ("", date(2026, 11, 23), date(2026, 11, 29)),
        ("week=2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("week=2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("week=2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
    ] {
        let range = week(text).expect("a week");
        assert_eq!((range.from, range.to), (from, to), "{text}");
    }
}

#[test]
fn invalid_weeks_are_refused() {
    for text in [
        "2025-W53", "2026-W00", "2026-W54", "2026-W1", "2026W48", "2026-48", "-026-W10",
        "1899-W10", "9999-W01", "2026-W+1", "x",
    ] {
        assert!(week(&format!("week={text}")).is_err(), "{text}");
    }
}

#[test]
fn previous_and_next_lead_back_to_the_same() {
    for text in [
        "",
        "range=week&date=2026-12-31",
        "range=month&date=2024-02-29",
        "range=year&date=2026-05-05",
        "from=2026-03-01&to=2026-03-10",
    ] {
        let range = parse(text).expect("a range");
        let earlier = previous(range).expect("a previous range");
        assert_eq!(next(earlier), Some(range), "{text}");
        let later = next(range).expect("a next range");
        assert_eq!(previous(later), Some(range), "{text}");
        assert_eq!(earlier.dates().last(), range.from.yesterday().ok().as_ref());
        assert_eq!(parse(&range_query(range)), Ok(range), "{text}");
    }
}

#[test]
fn links_stay_within_the_years_that_pages_show() {
    for text in [
        "range=year&date=1900-05-05",
        "range=month&date=1900-01-31",
        "range=week&date=1900-01-02",
        "from=1900-01-01&to=2026-01-01",
        "from=1900-01-02&to=1900-01-03",
    ] {
        let range = parse(text).expect("a range");
        assert_eq!(previous(range), None, "{text}");
    }
    for text in [
        "range=year&date=9998-05-05",
        "range=month&date=9998-12-31",
        "range=week&date=9998-12-31",
        "from=1900-01-01&to=9998-12-31",
        "from=9998-12-30&to=9998-12-31",
    ] {
        let range = parse(text).expect("a range");
        assert_eq!(next(range), None, "{text}");
    }
    assert_eq!(previous(week("week=1900-W01").expect("a week")), None);
    let last = week("week=9998-W53").or_else(|_| week("week=9998-W52"));
    assert_eq!(next(last.expect("a week")), None);
}

#[test]
fn contradicting_parameters_are_refused() {
    for text in [
        "range=day",
        "date=2026-01-01",
        "to=2026-01-01",
        "range=week&from=2026-01-01",
        "from=2026-02-01&to=2026-01-01",
        "from=2026-1-1",
        "from=0001-01-01",
        "range=week&range=week",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn ranges_have_readable_titles() {
    for (text, name) in [
        ("", "Week 48, 23 – 29 November 2026"),
        (
            "range=week&date=2026-12-31",
            "Week 53, 28 December 2026 – 3 January 2027",
        ),
        ("range=month&date=2026-12-31", "December 2026"),
        ("range=year", "2026"),
        ("from=2026-03-29&to=2026-04-02", "29 March – 2 April 2026"),
        ("from=2026-03-29&to=2026-03-29", "29 March 2026"),
    ] {
        assert_eq!(range_title(parse(text).expect("a range")), name);
    }
}

#[test]
fn a_year_has_four_digits() {
    let year = |text: &str| take_year(&mut Parameters::parse(text)?, TODAY);
    assert_eq!(year("year=2024").expect("a year").to, date(2024, 12, 31));
    assert_eq!(year("").expect("a year").from, date(2026, 1, 1));
    for text in ["24", "+024", "1899", "9999", "x", "20266"] {
        assert!(year(&format!("year={text}")).is_err(), "{text}");
    }
}
