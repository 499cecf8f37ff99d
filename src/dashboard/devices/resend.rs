//! Sends a device everything again, after asking.

use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::html;

use super::{PATH, find};
use crate::dashboard::Dashboard;
use crate::dashboard::form::{Form, Nothing};
use crate::dashboard::id::Id;
use crate::dashboard::notice::Notice;
use crate::dashboard::page::{Tab, csrf, page};
use crate::dashboard::parameters::Parameters;
use crate::dashboard::visitor::Visitor;
use crate::http::HttpError;

/// Says what it does, and asks.
pub(in crate::dashboard) async fn confirm(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    Id(id): Id,
    parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    parameters.nothing_else()?;
    visitor.must_write()?;
    let device = find(&dashboard, &visitor, id).await?;
    let content = html! {
        h1 { "Send everything to " (device.name) " again?" }
        p {
            "At its next " code { "watson sync" } " the device receives all your frames, including those that it \
             pushed. Use this after restoring a backup, or if the device lacks frames."
        }
        @if device.is_shared { p { "This token is shared, so each device that uses it receives them." } }
        p.notice.bad {
            "Edits on the device that it has not pushed yet are overwritten, and frames that were removed with "
            code { "watson remove" } " come back."
        }
        form method="post" action={ (PATH) "/" (id) "/resend" } {
            (csrf(&visitor))
            button type="submit" { "Send everything again" }
            " "
            a.button.quiet href=(PATH) { "Cancel" }
        }
    };
    Ok(page(
        Some(&visitor),
        "Send everything again",
        Some(Tab::Devices),
        content,
    ))
}

/// Marks the device to be sent everything.
pub(in crate::dashboard) async fn resend(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, Nothing {}): Form<Nothing>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    dashboard.store.resend_to_id(visitor.user(), id).await?;
    Ok(Redirect::to(&Notice::Resent.on(PATH)))
}
