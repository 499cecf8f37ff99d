//! What is accepted, and the error texts.

use serde::Deserialize;
use uuid::Uuid;

use super::{InvalidInput, read_json, read_pairs};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
    Blue,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
struct Even(u8);

impl TryFrom<String> for Even {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = text.parse().ok().filter(|number| number % 2 == 0);
        number.map(Self).ok_or("must be an even number")
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Everything {
    name: String,
    id: Option<Uuid>,
    count: Option<u16>,
    share: Option<f64>,
    is_new: Option<bool>,
    colour: Option<Colour>,
    even: Option<Even>,
    #[serde(default)]
    list: Vec<String>,
}

fn refusal<T>(read: Result<T, InvalidInput>) -> String {
    match read {
        Ok(_) => "taken".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn json_is_read_and_refused_in_words_of_our_own() {
    let all = r#"{"name": "a\u0041", "id": null, "count": 3, "share": 1, "is_new": true, "colour": "green",
                  "even": "2", "list": ["x", ""]}"#;
    let all: Everything = read_json(all.as_bytes()).expect("everything");
    assert_eq!((all.name.as_str(), all.count), ("aA", Some(3)));
    assert_eq!((all.colour, all.even), (Some(Colour::Green), Some(Even(2))));
    assert_eq!((all.share, all.list.len()), (Some(1.0), 2));
    for (text, why) in [
        ("", "it is empty"),
        (" \n", "it is empty"),
        (r#"{"name": "#, "it ends in the middle of a value"),
        ("{\n\"name\" 1}", "syntax error in line 2, column 8"),
        (r#"{"name": "x"} x"#, "syntax error in line 1, column 15"),
        ("[]", "expected an object"),
        ("null", "expected an object"),
        (r#"["ada"]"#, "expected an object"),
        ("{}", "name is missing"),
        (r#"{"name": 1}"#, "name must be a string"),
        (r#"{"name": null}"#, "name must be a string"),
        (r#"{"name": "a", "name": "b"}"#, "name is given twice"),
        (r#"{"name": "a", "id": "x"}"#, "id must be a UUID"),
        (r#"{"name": "a", "id": 1}"#, "id must be a string"),
        (
            r#"{"name": "a", "count": 1.5}"#,
            "count must be a whole number",
        ),
        (
            r#"{"name": "a", "count": -1}"#,
            "count must be a whole number",
        ),
        (
            r#"{"name": "a", "count": 65536}"#,
            "count must be a whole number",
        ),
        (
            r#"{"name": "a", "count": "1"}"#,
            "count must be a whole number",
        ),
        (r#"{"name": "a", "share": {}}"#, "share must be a number"),
        (
            r#"{"name": "a", "is_new": 1}"#,
            "is_new must be true or false",
        ),
        (
            r#"{"name": "a", "colour": "x"}"#,
            "colour must be red, green or blue",
        ),
        (r#"{"name": "a", "colour": 1}"#, "colour must be a string"),
        (
            r#"{"name": "a", "even": "3"}"#,
            "even must be an even number",
        ),
        (r#"{"name": "a", "list": "x"}"#, "list must be a list"),
        (
            r#"{"name": "a", "list": ["x", 1]}"#,
            "list[1] must be a string",
        ),
        (
            r#"{"nam\n": "a"}"#,
            r#""nam\n" is unknown; expected name, id, count, share, is_new, colour, even or list"#,
        ),
    ] {
        assert_eq!(
            refusal(read_json::<Everything>(text.as_bytes())),
            why,
            "{text}"
        );
    }
    let outer = read_json::<Vec<Everything>>(br#"[{"name": "a"}, {"name": "b", "list": [1]}]"#);
    assert_eq!(refusal(outer), "[1].list[0] must be a string");
}

#[test]
fn an_address_is_read_and_refused_in_words_of_our_own() {
    let all =
        "name=a+b%2Bc&count=3&share=0.5&is_new=false&colour=blue&list=x&even=4&list=&list=%2C&&";
    let all: Everything = read_pairs(all.as_bytes()).expect("everything");
    assert_eq!((all.name.as_str(), all.count), ("a b+c", Some(3)));
    assert_eq!((all.is_new, all.even), (Some(false), Some(Even(4))));
    assert_eq!(all.list, ["x", "", ","]);
    let id = "name=x&id=6da2b18a-ca82-438e-bfa3-efd52a7c5608";
    assert!(read_pairs::<Everything>(id.as_bytes()).is_ok());
    for (text, why) in [
        ("", "name is missing"),
        ("name=a&name=b", "name is given twice"),
        ("name=a&count=", "count must be a whole number"),
        ("name=a&count=1&count=2", "count is given twice"),
        ("name=a&share=", "share must be a number"),
        ("name=a&is_new=yes", "is_new must be true or false"),
        ("name=a&colour=", "colour must be red, green or blue"),
        ("name=a&id=", "id must be a UUID"),
        ("name=%ff", "name is not UTF-8"),
        ("%ff=a", "it is not UTF-8"),
        (
            "name=a&=b",
            r#""" is unknown; expected name, id, count, share, is_new, colour, even or list"#,
        ),
    ] {
        assert_eq!(
            refusal(read_pairs::<Everything>(text.as_bytes())),
            why,
            "{text}"
        );
    }
    assert_eq!(
        refusal(read_pairs::<Everything>(b"name=\xff")),
        "it is not UTF-8"
    );
}

#[test]
fn a_structure_that_takes_other_names_ignores_them_however_often_they_are_given() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Only {
        name: String,
    }
    let only = Only {
        name: "a".to_owned(),
    };
    assert_eq!(read_pairs(b"x=1&name=a&x=2&y=").as_ref(), Ok(&only));
    let json = br#"{"x": [null, {"y": 1e3}], "x": true, "name": "a"}"#;
    assert_eq!(read_json(json).as_ref(), Ok(&only));
}

#[test]
fn a_long_name_is_cut_in_a_refusal() {
    let why = refusal(read_pairs::<Everything>("x".repeat(10_000).as_bytes()));
    assert!(why.len() < 300, "{why}");
    let why = refusal(read_pairs::<Everything>(
        format!("{}=%ff", "x".repeat(10_000)).as_bytes(),
    ));
    assert!(why.len() < 300, "{why}");
}
