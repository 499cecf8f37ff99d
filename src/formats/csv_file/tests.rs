use super::*;

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").expect("a zone")
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_found_and_none_that_is_a_text() {
    for text in [
        "a,b\n",
        "\"a\",\"b\"\n",
        "a,5\" disk\n",
        "a,5\"\" disk\n",
        "a,5\"\"\"\n",
        "\"say \"\"hi\"\"\",b\n",
        "\"\",\"\"\"\"\n",
        "\"a\"b\"c\n",
        "\"two\nlines\",x\n",
    ] {
        assert_eq!(open_quote(text), None, "{text}");
    }
    for (text, line) in [
        ("\"a", 1),
        ("a\nb,\"c\nd\n", 2),
        ("\"\"\"", 1),
        ("a,\"b \"\"c\"\"\n", 1),
    ] {
        assert_eq!(open_quote(text), Some(line), "{text}");
    }
}

#[test]
fn instants_are_those_of_the_zone_or_of_utc_when_its_offset_is_no_whole_minute() {
    let at = |text: &str| local(text.parse().expect("an instant"), &paris());
    assert_eq!(at("2026-07-01T08:00:00Z"), "2026-07-01T10:00:00+02:00");
    assert_eq!(at("2026-01-01T08:00:00.5Z"), "2026-01-01T09:00:00.5+01:00");
    assert_eq!(at("1905-01-01T08:00:00Z"), "1905-01-01T08:00:00+00:00");
}

#[test]
fn lengths_have_a_fraction_where_there_is_one() {
    let texts = [0, 3_600_000_000, 1_500_000, 1].map(|us| seconds(SignedDuration::from_micros(us)));
    assert_eq!(texts, ["0", "3600", "1.5", "0.000001"]);
}

#[test]
fn local_times_are_read_in_the_zone() {
    let file = "Project,START,End\napollo,2026-07-01 09:00,2026-07-01T10:30\ngemini,2026-07-01T09:00:00Z,nonsense\n";
    let reading = read(file, &paris()).expect("a table");
    assert_eq!(reading.frames.len(), 1, "{reading:?}");
    let (line, frame) = &reading.frames[0];
    assert_eq!((*line, frame.project.as_str()), (2, "apollo"));
    assert_eq!(frame.start_at.to_string(), "2026-07-01T07:00:00Z");
    assert_eq!(frame.end_at.to_string(), "2026-07-01T08:30:00Z");
    assert_eq!((reading.refused, reading.refusals[0].line), (1, 3));
}

#[test]
fn an_error_names_the_line_that_an_editor_shows() {
    let good = "2026-07-01 09:00,2026-07-01 10:00,apollo";
    let header = "start,end,project";
    for (lines, bad) in [
        (vec![header, "x,y,z"], 2),
        (vec![header, good, "x,y,z"], 3),
        (vec![header, "", "", good, "", "x,y,z", good], 6),
        (vec!["", header, "", "x,y,z"], 4),
        (
            vec![header, "2026-07-01,2026-07-01,\"two", "lines\"", "x,y,z"],
            4,
        ),
        (
            vec![
                header,
                "2026-07-01,2026-07-01,\"two",
                "",
                "lines\"",
                good,
                "x,y",
            ],
            6,
        ),
        (vec![header, good, "x,y,\"two", "lines\"", good], 3),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let file = lines.join(end) + end;
            let reading = read(&file, &paris()).expect("a table");
            let refused: Vec<u64> = reading.refusals.iter().map(|it| it.line).collect();
            assert_eq!(refused, [bad], "{file:?}");
        }
    }
    for end in ["\n", "\r\n", "\r"] {
        let file = [header, good, "", "2026-07-01,2026-07-01,\"open", good].join(end);
        let why = read(&file, &paris()).expect_err("an open quotation mark").0;
        assert_eq!(
            why, "the quotation mark in line 4 is never closed",
            "{file:?}"
        );
    }
}

#[test]
fn a_file_without_the_columns_is_no_such_file() {
    for text in ["", "start,end\n", "[1,2]", "nonsense"] {
        assert!(read(text, &TimeZone::UTC).is_err(), "{text}");
    }
}
