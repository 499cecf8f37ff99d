//! The time zone of a session.

use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

use super::Dashboard;
use super::form::Form;
use crate::http::HttpError;
use crate::model::{InvalidTimeZone, parse_zone};

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
    let zone = canonical_name(&wanted.zone)
        .map_err(|error| HttpError::BadRequest(format!("Your choice {error}.")))?;
    let user = visitor.user();
    dashboard
        .store
        .update_session_zone(user, &visitor.secret, &zone)
        .await?;
    Ok(Redirect::to("/"))
}

/// The name of a zone in the spelling of the time zone database.
pub(super) fn canonical_name(name: &str) -> Result<String, InvalidTimeZone> {
    let zone = parse_zone(name.trim())?;
    let name = zone.iana_name().ok_or(InvalidTimeZone)?;
    Ok(name.to_owned())
}
