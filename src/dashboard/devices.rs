//! `/dashboard/devices`: list, create and revoke tokens, and send a device everything again.

mod created;
mod form;
mod found_shared;
pub(super) mod refused;
pub(super) mod resend;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, NoFields};
use super::id::Id;
use super::page::{Tab, csrf, to_sentence};
use super::parameters::Parameters;
use super::session::Session;
use super::{Dashboard, cookie};
use crate::http::HttpError;
use crate::model::Scope;
use crate::store::{Device, NotGranted};
use form::NewDevice;

/// The path of the list.
const PATH: &str = "/dashboard/devices";

/// The list of tokens, and the form for a new one.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    session: Session,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let flash = Flash::take(&mut parameters)?;
    parameters.reject_unknown()?;
    let devices = dashboard.store.list_tokens(session.user()).await?;
    let refused = dashboard.store.list_refused_frames(session.user()).await?;
    let content = html! {
        h1 { "Devices" }
        (Flash::markup(flash))
        (refused::list(&refused, &devices, &session))
        p {
            "Each device that runs Watson, and each program, has its own token. You see when it was \
             last used, and can revoke it without affecting the others."
        }
        (found_shared::notices(&devices, &session))
        (table(&devices, &session))
        @if session.may_write() { (form::form(&session, &NewDevice::default(), None)) }
        @else { p.hint {
            "You signed in with a read-only token, so you cannot create or revoke tokens."
        } }
    };
    Ok(session.page("Devices", Tab::Devices, content))
}

fn table(devices: &[Device], session: &Session) -> Markup {
    let now = Timestamp::now();
    html! {
        div.scroll tabindex="0" role="region" aria-label="Devices" {
            // Some browsers drop the table semantics of the phone layout, hence the roles.
            table.devices role="table" {
                thead role="rowgroup" { tr role="row" {
                    th scope="col" role="columnheader" { "Device" }
                    th scope="col" role="columnheader" { "Permissions" }
                    th scope="col" role="columnheader" { "Created" }
                    th scope="col" role="columnheader" { "Last used" }
                    th scope="col" role="columnheader" { "Expires" }
                    @if session.may_write() {
                        th scope="col" role="columnheader" { span.unseen { "Actions" } }
                    }
                } }
                tbody role="rowgroup" {
                    @for device in devices {
                        tr role="row" {
                            th scope="row" role="rowheader" {
                                (device.name)
                                @if device.is_shared { " " span.tag { "shared" } }
                                @if session.is_device(device.id) {
                                    " " span.hint { "(this browser)" }
                                }
                            }
                            td role="cell" data-label="Permissions" { (permissions(device)) }
                            td role="cell" data-label="Created" {
                                (moment(device.created_at, &session.zone))
                            }
                            td role="cell" data-label="Last used" { @match device.last_used_at {
                                Some(at) => (moment(at, &session.zone)),
                                None => "never",
                            } }
                            td role="cell" data-label="Expires" { @match device.expires_at {
                                Some(at) if at <= now => "expired",
                                Some(at) => (moment(at, &session.zone)),
                                None => "never",
                            } }
                            @if session.may_write() {
                                td role="cell" { (actions(device)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn actions(device: &Device) -> Markup {
    let action = |name: &str, words: &str, about: &str| {
        html! {
            a href={ (PATH) "/" (device.id) "/" (name) } {
                (words) span.unseen { " " (about) (device.name) }
            }
        }
    };
    html! {
        (action("revoke", "Revoke", ""))
        @if device.scopes.allows(Scope::Sync) {
            br;
            (action("resend", "Send everything again", "to "))
        }
    }
}

fn permissions(device: &Device) -> String {
    let names: Vec<&str> = device.scopes.iter().map(Scope::name).collect();
    names.join(", ")
}

fn moment(at: Timestamp, zone: &TimeZone) -> Markup {
    let local = at.to_zoned(zone.clone());
    html! {
        time datetime=(at) { (local.strftime("%Y-%m-%d %H:%M")) }
    }
}

/// Creates a token, and shows it once.
pub(super) async fn create(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Form(session, wanted): Form<NewDevice>,
) -> Result<Response, HttpError> {
    let grant = wanted.days().and_then(|days| {
        session
            .caller
            .grant(wanted.scopes(), days, Timestamp::now())
    });
    let grant = match grant {
        Ok(grant) => grant,
        Err(error) => {
            let status = if error.is_forbidden() {
                StatusCode::FORBIDDEN
            } else {
                StatusCode::BAD_REQUEST
            };
            return Ok(form_again(&session, &wanted, status, grant_error(error)));
        }
    };
    let user = session.user();
    let created = dashboard.store.create_token(
        user,
        &wanted.name,
        grant.scopes,
        grant.expires_at,
        wanted.shared,
    );
    match created.await {
        Ok(token) => {
            let page = created::page(&session, &token, &headers, &dashboard.watson_path);
            Ok((StatusCode::CREATED, page).into_response())
        }
        Err(error) => match HttpError::from(error) {
            error @ (HttpError::Conflict(_) | HttpError::BadRequest(_)) => {
                let why = to_sentence(&error.to_string());
                Ok(form_again(&session, &wanted, error.status(), why))
            }
            other => Err(other),
        },
    }
}

/// The filled-in form with an error.
fn form_again(session: &Session, wanted: &NewDevice, status: StatusCode, why: String) -> Response {
    let content = html! {
        h1 { "Devices" }
        (form::form(session, wanted, Some(&why)))
        p { a href=(PATH) { "All devices" } }
    };
    let page = session.page("Devices", Tab::Devices, content);
    (status, page).into_response()
}

fn grant_error(error: NotGranted) -> String {
    match error {
        NotGranted::NoScope => "Choose at least one permission.".to_owned(),
        NotGranted::Days => {
            "Choose 1 to 3650 days, or leave the field empty for no expiry.".to_owned()
        }
        NotGranted::MayMore(own) => {
            format!("A token cannot have more permissions than the one you signed in with: {own}.")
        }
        NotGranted::LivesLonger(_) => to_sentence(&error.to_string()),
    }
}

/// Asks for confirmation.
pub(super) async fn confirm(
    State(dashboard): State<Dashboard>,
    session: Session,
    Id(id): Id,
    parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    parameters.reject_unknown()?;
    session.require_write()?;
    let device = find_device(&dashboard, &session, id).await?;
    let is_own = session.is_device(id);
    let content = html! {
        h1 { "Revoke " (device.name) "?" }
        p {
            "Its token stops working immediately, and " code { "watson sync" } " on it fails. \
             Synced frames are kept. The device continues where it left off when it gets a new \
             token with the same name."
        }
        @if is_own { p.notice.bad { "You signed in with this token, so you will be signed out." } }
        form method="post" action={ (PATH) "/" (id) "/revoke" } {
            (csrf(&session))
            button.bad type="submit" { "Revoke token" }
            " "
            a.button.quiet href=(PATH) { "Cancel" }
        }
    };
    Ok(session.page("Revoke a token", Tab::Devices, content))
}

async fn find_device(
    dashboard: &Dashboard,
    session: &Session,
    id: Uuid,
) -> Result<Device, HttpError> {
    let devices = dashboard.store.list_tokens(session.user()).await?;
    let found = devices.into_iter().find(|device| device.id == id);
    found.ok_or_else(|| HttpError::NotFound("This device does not exist.".to_owned()))
}

/// Revokes a token. The session's own token takes the session with it.
pub(super) async fn revoke(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    headers: HeaderMap,
    Form(session, NoFields {}): Form<NoFields>,
) -> Result<Response, HttpError> {
    let (store, user) = (&dashboard.store, session.user());
    store.revoke_token_by_id(user, id).await?;
    if session.is_device(id) {
        let cookie = cookie::SESSION.clear(&headers)?;
        return Ok(([cookie], Redirect::to("/dashboard/sign-in")).into_response());
    }
    Ok(Redirect::to(&Flash::TOKEN_REVOKED.address(PATH)).into_response())
}
