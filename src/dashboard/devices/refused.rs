//! Frames of pushes that cannot be stored, each with the command that fixes it.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use uuid::Uuid;

use super::{PATH, moment};
use crate::dashboard::Dashboard;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::{Form, NoFields};
use crate::dashboard::page::csrf;
use crate::dashboard::session::Session;
use crate::http::HttpError;
use crate::store::{Device, RecordedFrame};

/// Clears the list.
pub(in crate::dashboard) async fn clear(
    State(dashboard): State<Dashboard>,
    Form(session, NoFields {}): Form<NoFields>,
) -> Result<Response, HttpError> {
    dashboard
        .store
        .delete_refused_frames(session.user())
        .await?;
    Ok(Redirect::to(&Flash::REFUSED_CLEARED.address(PATH)).into_response())
}

/// The list, unless it is empty.
pub(super) fn list(frames: &[RecordedFrame], devices: &[Device], session: &Session) -> Markup {
    html! {
        @if !frames.is_empty() {
            section.panel aria-labelledby="refused" {
                h2 #refused { "Frames that could not be stored" }
                p {
                    "These frames exist only on their device; everything else was synced. Run the \
                     command on the device, then " code { "watson sync" } ". A frame leaves this \
                     list when it is stored, or after 90 days."
                }
                (table(frames, devices, &session.zone))
                @if session.may_write() {
                    form method="post" action={ (PATH) "/refused/clear" } {
                        (csrf(session))
                        button.quiet type="submit" { "Clear the list" }
                    }
                }
            }
        }
    }
}

fn table(frames: &[RecordedFrame], devices: &[Device], zone: &TimeZone) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Frames that could not be stored" {
            table {
                thead { tr {
                    th scope="col" { "Device" }
                    th scope="col" { "Frame" }
                    th scope="col" { "Problem" }
                    th scope="col" { "Command" }
                    th scope="col" { "Last pushed" }
                } }
                tbody {
                    @for frame in frames {
                        tr {
                            td { bdi { (device(frame, devices)) } }
                            th scope="row" { bdi { (frame.description) } }
                            td { (frame.reason) }
                            td { (command(frame)) }
                            td { (moment(frame.refused_at, zone)) }
                        }
                    }
                }
            }
        }
    }
}

fn device<'a>(frame: &RecordedFrame, devices: &'a [Device]) -> &'a str {
    let of_frame = |device: &&Device| Some(device.id) == frame.device;
    match devices.iter().find(of_frame) {
        Some(device) => &device.name,
        None if frame.device.is_some() => "a revoked device",
        None => "no device",
    }
}

/// The command that fixes a frame. Watson finds frames by hexadecimal ids, and cannot edit an id.
fn command(frame: &RecordedFrame) -> Markup {
    let id = frame.id.as_deref().unwrap_or_default();
    html! {
        @match Uuid::try_parse(id) {
            Ok(uuid) if uuid.is_nil() => {
                code { "watson remove " (id) } ", and add it again with " code { "watson add" }
            }
            Ok(_) => { code { "watson edit " (id) } " or " code { "watson remove " (id) } }
            Err(_) => {
                "Watson cannot edit it without a valid id: remove it from Watson's "
                code { "frames" } " file, and add it again with " code { "watson add" }
            }
        }
    }
}
