//! Sends a device everything again.

use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::html;

use super::{PATH, find_device};
use crate::dashboard::Dashboard;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::{Form, NoFields};
use crate::dashboard::id::Id;
use crate::dashboard::page::{Tab, csrf};
use crate::dashboard::parameters::Parameters;
use crate::dashboard::session::Session;
use crate::http::HttpError;

/// Asks for confirmation.
pub(in crate::dashboard) async fn confirm(
    State(dashboard): State<Dashboard>,
    session: Session,
    Id(id): Id,
    parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    parameters.reject_unknown()?;
    session.require_write()?;
    let device = find_device(&dashboard, &session, id).await?;
    let content = html! {
        h1 { "Send everything to " (device.name) " again?" }
        p {
            "At its next " code { "watson sync" } " the device receives all your frames, \
             including those that it pushed. Use this after restoring a backup, or if the device lacks frames."
        }
        @if device.is_shared { p {
            "This token is shared, so each device that uses it receives them."
        } }
        p.notice.bad {
            "Edits on the device that it has not pushed yet are overwritten, and frames that were \
             removed with "
            code { "watson remove" } " come back."
        }
        form method="post" action={ (PATH) "/" (id) "/resend" } {
            (csrf(&session))
            button type="submit" { "Send everything again" }
            " "
            a.button.quiet href=(PATH) { "Cancel" }
        }
    };
    Ok(session.page("Send everything again", Tab::Devices, content))
}

/// Schedules the resend for the next sync.
pub(in crate::dashboard) async fn resend(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, NoFields {}): Form<NoFields>,
) -> Result<Redirect, HttpError> {
    dashboard.store.resend_to_id(session.user(), id).await?;
    Ok(Redirect::to(&Flash::RESEND_SCHEDULED.address(PATH)))
}
