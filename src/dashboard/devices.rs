//! `/dashboard/devices`: the devices that sync, each with a token of its own: create, list, revoke, and send a
//! device everything again.

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

use super::form::{Form, Nothing};
use super::id::Id;
use super::notice::Notice;
use super::page::{Tab, csrf, page, sentence};
use super::parameters::Parameters;
use super::visitor::Visitor;
use super::{Dashboard, cookie};
use crate::http::HttpError;
use crate::model::Scope;
use crate::store::{Device, NotGranted};
use form::NewDevice;

/// Where the devices are.
const PATH: &str = "/dashboard/devices";

/// The devices, and the form for one more.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let notice = Notice::take(&mut parameters)?;
    parameters.nothing_else()?;
    let devices = dashboard.store.list_tokens(visitor.user()).await?;
    let refused = dashboard.store.list_refused_frames(visitor.user()).await?;
    let content = html! {
        h1 { "Devices" }
        (Notice::markup(notice))
        (refused::list(&refused, &devices, &visitor))
        p {
            "Each device that runs Watson, and each program, has its own token. You see when it was last used, \
             and can revoke it without affecting the others."
        }
        (found_shared::notices(&devices, &visitor))
        (table(&devices, &visitor))
        @if visitor.may_write() { (form::form(&visitor, &NewDevice::default(), None)) }
        @else { p.hint { "You signed in with a read-only token, so you cannot create or revoke tokens." } }
    };
    Ok(page(Some(&visitor), "Devices", Some(Tab::Devices), content))
}

fn table(devices: &[Device], visitor: &Visitor) -> Markup {
    let now = Timestamp::now();
    html! {
        div.scroll tabindex="0" role="region" aria-label="Devices" {
            // On a phone each cell is a line, with which some browsers forget what a row is: hence the roles.
            table.devices role="table" {
                thead role="rowgroup" { tr role="row" {
                    th scope="col" role="columnheader" { "Device" }
                    th scope="col" role="columnheader" { "Permissions" }
                    th scope="col" role="columnheader" { "Created" }
                    th scope="col" role="columnheader" { "Last used" }
                    th scope="col" role="columnheader" { "Expires" }
                    @if visitor.may_write() {
                        th scope="col" role="columnheader" { span.unseen { "Actions" } }
                    }
                } }
                tbody role="rowgroup" {
                    @for device in devices {
                        tr role="row" {
                            th scope="row" role="rowheader" {
                                (device.name)
                                @if device.is_shared { " " span.tag { "shared" } }
                                @if visitor.is_device(device.id) { " " span.hint { "(this browser)" } }
                            }
                            td role="cell" data-label="Permissions" { (allowed(device)) }
                            td role="cell" data-label="Created" { (moment(device.created_at, &visitor.zone)) }
                            td role="cell" data-label="Last used" { @match device.last_used_at {
                                Some(at) => (moment(at, &visitor.zone)),
                                None => "never",
                            } }
                            td role="cell" data-label="Expires" { @match device.expires_at {
                                Some(at) if at <= now => "expired",
                                Some(at) => (moment(at, &visitor.zone)),
                                None => "never",
                            } }
                            @if visitor.may_write() {
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
            a href={ (PATH) "/" (device.id) "/" (name) } { (words) span.unseen { " " (about) (device.name) } }
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

/// What a token allows, in words.
fn allowed(device: &Device) -> String {
    let words: Vec<&str> = device.scopes.iter().map(word).collect();
    words.join(", ")
}

fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::Sync => "sync",
        Scope::Read => "read",
        Scope::Write => "write",
    }
}

fn moment(at: Timestamp, zone: &TimeZone) -> Markup {
    let local = at.to_zoned(zone.clone());
    html! {
        time datetime=(at) { (local.strftime("%Y-%m-%d %H:%M")) }
    }
}

/// Makes a token, and shows it this once.
pub(super) async fn create(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Form(visitor, wanted): Form<NewDevice>,
) -> Result<Response, HttpError> {
    visitor.must_write()?;
    let grant = wanted.days().and_then(|days| {
        visitor
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
            return Ok(refused(&visitor, &wanted, status, why(error)));
        }
    };
    let user = visitor.user();
    let made = dashboard.store.create_token(
        user,
        &wanted.name,
        grant.scopes,
        grant.expires_at,
        wanted.shared,
    );
    match made.await {
        Ok(made) => {
            let page = created::page(&visitor, &made, &headers, &dashboard.watson_path);
            Ok((StatusCode::CREATED, page).into_response())
        }
        Err(error) => match HttpError::from(error) {
            error @ (HttpError::Conflict(_) | HttpError::BadRequest(_)) => {
                let why = sentence(&error.to_string());
                Ok(refused(&visitor, &wanted, error.status(), why))
            }
            other => Err(other),
        },
    }
}

/// The form again, as it was filled in.
fn refused(visitor: &Visitor, wanted: &NewDevice, status: StatusCode, why: String) -> Response {
    let content = html! {
        h1 { "Devices" }
        (form::form(visitor, wanted, Some(&why)))
        p { a href=(PATH) { "All devices" } }
    };
    let page = page(Some(visitor), "Devices", Some(Tab::Devices), content);
    (status, page).into_response()
}

fn why(error: NotGranted) -> String {
    match error {
        NotGranted::NoScope => "Choose at least one permission.".to_owned(),
        NotGranted::Days => {
            "Choose 1 to 3650 days, or leave the field empty for no expiry.".to_owned()
        }
        NotGranted::MayMore(own) => {
            format!("A token cannot have more permissions than the one you signed in with: {own}.")
        }
        NotGranted::LivesLonger(_) => sentence(&error.to_string()),
    }
}

/// Asks once more.
pub(super) async fn confirm(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    Id(id): Id,
    parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    parameters.nothing_else()?;
    visitor.must_write()?;
    let device = find(&dashboard, &visitor, id).await?;
    let is_own = visitor.is_device(id);
    let content = html! {
        h1 { "Revoke " (device.name) "?" }
        p {
            "Its token stops working immediately, and " code { "watson sync" } " on it fails. Synced frames are kept. \
             The device continues where it left off when it gets a new token with the same name."
        }
        @if is_own { p.notice.bad { "You signed in with this token, so you will be signed out." } }
        form method="post" action={ (PATH) "/" (id) "/revoke" } {
            (csrf(&visitor))
            button.bad type="submit" { "Revoke token" }
            " "
            a.button.quiet href=(PATH) { "Cancel" }
        }
    };
    Ok(page(
        Some(&visitor),
        "Revoke a token",
        Some(Tab::Devices),
        content,
    ))
}

async fn find(dashboard: &Dashboard, visitor: &Visitor, id: Uuid) -> Result<Device, HttpError> {
    let devices = dashboard.store.list_tokens(visitor.user()).await?;
    let found = devices.into_iter().find(|device| device.id == id);
    found.ok_or_else(|| HttpError::NotFound("This device does not exist.".to_owned()))
}

/// Revokes a token; with the one by which somebody signed in, their session ends.
pub(super) async fn revoke(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    headers: HeaderMap,
    Form(visitor, Nothing {}): Form<Nothing>,
) -> Result<Response, HttpError> {
    visitor.must_write()?;
    let (store, user) = (&dashboard.store, visitor.user());
    store.revoke_token_by_id(user, id).await?;
    if visitor.is_device(id) {
        let cookie = cookie::SESSION.removed(&headers)?;
        return Ok(([cookie], Redirect::to("/dashboard/sign-in")).into_response());
    }
    Ok(Redirect::to(&Notice::Revoked.on(PATH)).into_response())
}
