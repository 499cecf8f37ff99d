//! The form for a new feed.

use jiff::Timestamp;
use maud::{Markup, html};
use uuid::Uuid;

use super::PATH;
use crate::dashboard::name_filter::NameFilter;
use crate::dashboard::page::csrf;
use crate::dashboard::parameters::{InvalidParameter, Parameters};
use crate::dashboard::session::Session;
use crate::http::HttpError;
use crate::store::{FEED_DAYS, FeedSelection, InvalidFeed, Team};

/// The form with some names preselected.
pub(super) fn form(teams: &[Team], names: &NameFilter, session: &Session) -> Markup {
    html! {
        section.panel aria-labelledby="new" {
            h2 id="new" { "Create a feed" }
            form method="post" action=(PATH) {
                (csrf(session))
                div.field {
                    label for="name" { "Calendar name" }
                    input id="name" name="name" required maxlength="64" autocomplete="off";
                }
                div.field {
                    label for="team" { "Whose frames" }
                    select id="team" name="team" {
                        option value="" { "Your own" }
                        @for team in teams { option value=(team.id) { "Team " (team.name) } }
                    }
                }
                (names.fields(None))
                div.field {
                    label for="days" { "Days to include" }
                    input id="days" name="days" type="number" value=(FEED_DAYS)
                        min="1" max="3650" required;
                }
                button type="submit" { "Create feed" }
            }
        }
    }
}

/// Takes the fields of the form. A feed expires with the token of the session.
pub(super) fn feed(
    form: &mut Parameters,
    expires_at: Option<Timestamp>,
) -> Result<FeedSelection, HttpError> {
    let team = form.take_one("team")?.map(|text| {
        text.parse::<Uuid>()
            .map_err(|_| InvalidParameter("Choose a team.".to_owned()))
    });
    let days = form.take_one("days")?.map(|text| {
        text.parse()
            .map_err(|_| InvalidParameter("Choose 1 to 3650 days.".to_owned()))
    });
    let names = NameFilter::take(form)?;
    let feed = FeedSelection {
        name: form.take_one("name")?.unwrap_or_default(),
        projects: names.projects,
        tags: names.tags,
        team: team.transpose()?,
        days_back: days.transpose()?.unwrap_or(FEED_DAYS),
        expires_at,
    };
    Ok(feed.checked()?)
}

impl From<InvalidFeed> for HttpError {
    fn from(error: InvalidFeed) -> Self {
        Self::BadRequest(match error {
            InvalidFeed::Days => "Choose 1 to 3650 days.".to_owned(),
            other => other.to_string(),
        })
    }
}
