//! The dashboard shows what the API returns, to users who may see it.

mod devices;
mod downloads;
mod escapes;
mod exact_names;
mod feeds;
mod forms;
mod frames;
mod http;
mod invitations;
mod line_ends;
mod origins;
mod refusals;
mod refused_frames;
mod secrets;
mod sessions;
mod sign_in;
mod statements;
mod tags;
mod teams;
mod week;
mod wrong_values;
mod year;

use crate::support::{Api, Crick, Reply};

/// A signed-in browser, which follows no redirects.
struct Browser {
    client: Api,
    cookie: String,
}

impl Browser {
    /// Signs in with a client's token.
    #[track_caller]
    fn sign_in(crick: &Crick, who: &Api, zone: &str) -> Self {
        let client = crick.stranger();
        let form = encode(&[("token", who.token()), ("zone", zone)]);
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let reply =
            client.request_with_body("POST", "/dashboard/sign-in", &headers, form.as_bytes());
        assert_eq!(reply.status, 303, "{reply:?}");
        let cookie = reply.headers["set-cookie"].to_str().expect("a text");
        let cookie = cookie.split(';').next().expect("a cookie").to_owned();
        Self { client, cookie }
    }

    /// Requests a page.
    #[track_caller]
    fn get(&self, path: &str) -> Reply {
        self.client
            .request("GET", path, &[("Cookie", &self.cookie)])
    }

    /// Returns a page, which must exist.
    #[track_caller]
    fn page(&self, path: &str) -> String {
        let reply = self.get(path);
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        text(reply)
    }

    /// Sends a form with the session's token.
    #[track_caller]
    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.page("/dashboard/teams");
        let csrf = after(&page, "name=\"csrf\" value=\"");
        self.send(path, &[fields, &[("csrf", csrf)]].concat())
    }

    /// Sends fields.
    #[track_caller]
    fn send(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        self.client
            .request_with_body("POST", path, &headers, encode(fields).as_bytes())
    }

    /// Sends a form, which must succeed, and returns the next page.
    #[track_caller]
    fn done(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let reply = self.post(path, fields);
        assert_eq!(reply.status, 303, "{path}: {reply:?}");
        let next = reply.headers["location"].to_str().expect("a text");
        self.page(next)
    }
}

fn text(reply: Reply) -> String {
    String::from_utf8(reply.body).expect("UTF-8")
}

fn encode(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

/// The text between `text` and the next quotation mark.
#[track_caller]
fn after<'a>(page: &'a str, text: &str) -> &'a str {
    let rest = page.split_once(text).unwrap_or_else(|| panic!("{page}")).1;
    rest.split('"').next().expect("an end")
}

/// The rows of the tables of a class, each as the texts of its cells.
fn rows(page: &str, class: &str) -> Vec<Vec<String>> {
    let start = format!("<table class=\"{class}\"");
    let tables = page.split(&start).skip(1);
    let tables = tables.map(|rest| rest.split("</table>").next().expect("an end"));
    tables
        .flat_map(|table| table.split("<tr").skip(1))
        .map(|row| {
            let cells = row.split(['\n']).collect::<String>();
            let cells = cells.replace("</th>", "</td>");
            let cells = cells.split("</td>").map(plain);
            let mut cells: Vec<String> = cells.collect();
            cells.pop();
            cells
        })
        .collect()
}

/// A piece of a page without tags, also without a partial one at its start.
fn plain(markup: &str) -> String {
    let mut text = String::new();
    let mut is_tag = !markup.starts_with('<');
    for letter in markup.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => is_tag = false,
            letter if !is_tag => text.push(letter),
            _ => (),
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"")
        .replace("&amp;", "&")
        .trim()
        .to_owned()
}

/// Seconds in Watson's format.
fn watson(seconds: &serde_json::Value) -> String {
    let seconds = seconds.as_f64().expect("a number") as u64;
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest:02}s"),
        (0, _) => format!("{minutes:02}m {rest:02}s"),
        _ => format!("{hours}h {minutes:02}m {rest:02}s"),
    }
}

/// Names and times of a report's groups, longest first.
fn longest_first(report: &serde_json::Value) -> Vec<(String, String)> {
    let mut groups = report["groups"].as_array().cloned().expect("groups");
    groups.sort_by(|a, b| {
        let seconds = |group: &serde_json::Value| group["seconds"].as_f64().expect("a number");
        seconds(b).total_cmp(&seconds(a))
    });
    let groups = groups.iter().map(|group| {
        let name = group["key"].as_str().unwrap_or("No tags");
        (name.to_owned(), watson(&group["seconds"]))
    });
    groups.collect()
}

/// Names and times of the rows of a bar table.
#[track_caller]
fn bars(page: &str, caption: &str) -> Vec<(String, String)> {
    let start = format!("<caption class=\"unseen\">{caption}</caption>");
    let at = page
        .find(&start)
        .unwrap_or_else(|| panic!("no {caption}: {page}"));
    let table = format!("<table class=\"bars\"{}", &page[at..]);
    let table = table.split("</table>").next().expect("an end");
    let table = format!("{table}</table>");
    let names = table.split("<span class=\"name\">").skip(1);
    let names = names.map(|rest| {
        plain(&format!(
            "<>{}",
            rest.split("</span>").next().expect("an end")
        ))
    });
    let times = rows(&table, "bars").into_iter().skip(1);
    names
        .zip(times)
        .map(|(name, cells)| (name, cells[1].clone()))
        .collect()
}
