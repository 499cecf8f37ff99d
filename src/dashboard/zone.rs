//! The time zone of a session.

use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

use super::Dashboard;
use super::form::SessionForm;
use crate::http::HttpError;
use crate::model::{InvalidTimeZone, parse_zone};

/// The fields of the form.
#[derive(Deserialize)]
pub(super) struct ZoneForm {
    zone: String,
}

/// Updates the session's time zone.
pub(super) async fn update(
    State(dashboard): State<Dashboard>,
    SessionForm(session, form): SessionForm<ZoneForm>,
) -> Result<Redirect, HttpError> {
    let zone = canonical_name(&form.zone)
        .map_err(|error| HttpError::BadRequest(format!("Your choice {error}.")))?;
    let user = session.user();
    dashboard
        .store
        .update_session_zone(user, &session.secret, &zone)
        .await?;
    Ok(Redirect::to("/"))
}

/// The name of a zone in the spelling of the time zone database.
pub(super) fn canonical_name(name: &str) -> Result<String, InvalidTimeZone> {
    let zone = parse_zone(name.trim())?;
    let name = zone.iana_name().ok_or(InvalidTimeZone)?;
    Ok(name.to_owned())
}
