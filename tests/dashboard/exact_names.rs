//! Every valid name can be selected: by link, by checkbox, and by typing.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Browser, encode, text};
use crate::support::{Crick, Engine, FrameJson, frame_of, on_both_engines, unusual_names};

on_both_engines![
    every_unusual_name_selects_its_frames_and_survives_the_form,
    every_unusual_tag_is_a_link,
    a_feed_of_every_unusual_name_starts_from_the_list_of_its_frames,
];

/// A frame per name, which is its tag and its project.
fn frames() -> Vec<(String, FrameJson)> {
    let frame = |(minutes, name): (i64, String)| {
        let start = Timestamp::now() - SignedDuration::from_mins(minutes);
        let end = start + SignedDuration::from_secs(minutes);
        let frame = frame_of(&start.to_string(), &end.to_string(), &name, &[&name]);
        (name, frame)
    };
    (1..).zip(unusual_names()).map(frame).collect()
}

/// A user with these frames. Frames without a project do not count, so a frame of apollo has the
/// blank tag, too.
fn browser(crick: &Crick) -> Browser {
    let alice = crick.person("alice");
    let at = (Timestamp::now() - SignedDuration::from_mins(1)).to_string();
    let now = Timestamp::now().to_string();
    let blank = frames()
        .into_iter()
        .filter(|(name, _)| name.trim().is_empty());
    let on_apollo = blank.map(|(name, _)| frame_of(&at, &now, "apollo", &[&name]));
    let mut frames: Vec<FrameJson> = frames().into_iter().map(|(_, frame)| frame).collect();
    frames.extend(on_apollo);
    alice.push(&frames);
    Browser::sign_in(crick, &alice, "UTC")
}

/// The fields of a form as a browser sends them, with its line ends and without unchecked boxes.
fn fields(form: &str) -> Vec<(String, String)> {
    let inputs = form.split("<input ").skip(1).filter_map(|input| {
        let tag = input.split('>').next()?;
        let attribute = |name: &str| {
            let (_, rest) = tag.split_once(&format!("{name}=\""))?;
            Some(super::plain(&format!(">{}", rest.split('"').next()?)))
        };
        let is_sent = !tag.contains("type=\"checkbox\"") || tag.contains("checked");
        let value = attribute("value").unwrap_or_default();
        let value = value.replace("\r\n", "\n").replace('\n', "\r\n");
        is_sent.then_some((attribute("name")?, value))
    });
    inputs.collect()
}

/// The number of frames of a page.
fn count(page: &str) -> usize {
    let figure = page
        .split("<strong>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    figure.and_then(|text| text.parse().ok()).expect("a number")
}

fn every_unusual_name_selects_its_frames_and_survives_the_form(engine: Engine) {
    let crick = Crick::start(engine);
    let browser = browser(&crick);
    for (name, frame) in frames() {
        let project = frame["project"].as_str().expect("a name");
        let query = encode(&[("tag", &name), ("project", project)]);
        let page = browser.page(&format!("/dashboard/frames?{query}"));
        assert_eq!(count(&page), 1, "{name:?}");
        let form = page.split("<form class=\"filter").nth(1).expect("a form");
        let form = form.split("</form>").next().expect("its end");
        let sent = fields(form);
        let sent: Vec<(&str, &str)> = sent
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert!(sent.len() >= 6, "{sent:?}");
        let again = browser.page(&format!("/dashboard/frames?{}", encode(&sent)));
        assert_eq!(count(&again), 1, "{name:?}");
        assert!(again.contains(&page_link(&query)), "{name:?}");

        let is_typed = !name.is_empty() && !name.contains(['\r', '\n']);
        if is_typed {
            let typed = encode(&[("add_tag", &name), ("add_project", project)]);
            let page = browser.page(&format!("/dashboard/frames?{typed}"));
            assert_eq!(count(&page), 1, "{name:?}");
        }
    }
}

/// The link to the download of a filter.
fn page_link(query: &str) -> String {
    let (tag, project) = query.split_once('&').expect("two names");
    format!("/dashboard/frames.csv?{project}&amp;{tag}\"")
}

fn every_unusual_tag_is_a_link(engine: Engine) {
    let crick = Crick::start(engine);
    let browser = browser(&crick);
    let list = [1, 2].map(|page| browser.page(&format!("/dashboard/frames?page={page}")));
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let yesterday = today.yesterday().expect("a day");
    let tags = browser.page(&format!("/dashboard/tags?from={yesterday}&to={today}"));
    for (name, _) in frames() {
        let link = format!("/dashboard/frames?{}", encode(&[("tag", &name)]));
        assert!(
            list.iter()
                .any(|page| page.contains(&format!("href=\"{link}\""))),
            "{name:?}"
        );
        assert!(tags.contains(&format!("href=\"{link}&amp;")), "{name:?}");
    }
    for page in list.iter().chain([&tags]) {
        for link in page.split("<a ").skip(1) {
            let link = link.split("</a>").next().expect("an end");
            let text = super::plain(&format!("<{link}"));
            assert!(
                text.chars()
                    .any(|it| it.is_alphanumeric() || it.is_ascii_punctuation() || it > '\u{2030}'),
                "{link}"
            );
        }
    }
}

fn a_feed_of_every_unusual_name_starts_from_the_list_of_its_frames(engine: Engine) {
    let crick = Crick::start(engine);
    let browser = browser(&crick);
    for (name, frame) in frames() {
        let project = frame["project"].as_str().expect("a name");
        let query = encode(&[("project", project), ("tag", &name)]);
        let page = browser.page(&format!("/dashboard/frames?{query}"));
        let link = format!("/dashboard/feeds?{}", query.replace('&', "&amp;"));
        assert!(page.contains(&format!("href=\"{link}\"")), "{name:?}");
        let page = browser.page(&format!("/dashboard/feeds?{query}"));
        let form = page
            .split("aria-labelledby=\"new\"")
            .nth(1)
            .expect("a form");
        let mut sent = fields(form.split("</form>").next().expect("its end"));
        for (field, value) in &mut sent {
            if field == "name" {
                *value = "work".to_owned();
            }
        }
        let sent: Vec<(&str, &str)> = sent
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let made = text(browser.send("/dashboard/feeds", &sent));
        let secret = made.split("/calendar/").nth(1).expect("an address");
        let secret = secret.split(".ics").next().expect("an end");
        let calendar = crick.stranger().get(&format!("/calendar/{secret}.ics"));
        let events = calendar.text().matches("BEGIN:VEVENT").count();
        assert_eq!(events, 1, "{name:?}");
        let list = browser.page("/dashboard/feeds");
        let id = super::after(&list, "action=\"/dashboard/feeds/");
        browser.done(&format!("/dashboard/feeds/{id}"), &[]);
    }
}
