//! Warnings about tokens that two devices use.

use jiff::Timestamp;
use maud::{Markup, html};

use super::moment;
use crate::dashboard::session::Session;
use crate::store::Device;

/// A warning for each such token: what happened, and what to do.
pub(super) fn notices(devices: &[Device], session: &Session) -> Markup {
    let found = devices
        .iter()
        .filter_map(|device| Some((device, device.found_shared_at?)));
    html! { @for (device, found_at) in found { (notice(device, found_at, session)) } }
}

fn notice(device: &Device, found_at: Timestamp, session: &Session) -> Markup {
    html! {
        section.notice.bad aria-label={ "The token of " (device.name) } {
            p {
                strong { (device.name) ": This token seems to be used by two devices." }
                " It was noticed on " (moment(found_at, &session.zone)) ". Since then the server \
                 guesses which device is syncing. Both devices received all frames again, so none \
                 is missing, but edits that were not pushed by then may have been overwritten."
            }
            p { "Give each device its own token:" }
            ol {
                li { "Run " code { "watson sync" } " on every device that uses this token." }
                li {
                    "Create a token for each device below, with a new name, and set it there with "
                    code { "watson config backend.token" } "."
                }
                li { "Revoke the token of " (device.name) "." }
            }
        }
    }
}
