//! The time zone of a session.

use axum::extract::State;
use axum::response::Redirect;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::Dashboard;
use super::form::Form;
use crate::http::HttpError;

/// The zone to change to.
#[derive(Deserialize)]
pub(super) struct Wanted {
    zone: String,
}

/// Changes the session's time zone.
pub(super) async fn change(
    State(dashboard): State<Dashboard>,
    Form(visitor, wanted): Form<Wanted>,
) -> Result<Redirect, HttpError> {
    let zone = named(&wanted.zone).ok_or_else(|| {
        HttpError::BadRequest(
            "There is no such time zone. One is named like Europe/Paris or America/New_York."
                .to_owned(),
        )
    })?;
    let user = visitor.user();
    dashboard
        .store
        .session_zone(user, &visitor.secret, &zone)
        .await?;
    Ok(Redirect::to("/"))
}

/// The name of a zone as the database of zones writes it; none when it is none's.
pub(super) fn named(name: &str) -> Option<String> {
    let zone = TimeZone::get(name.trim()).ok()?;
    // `Etc/Unknown` is a zone by which nothing can be told.
    let name = zone.iana_name().filter(|_| !zone.is_unknown())?;
    Some(name.to_owned())
}
