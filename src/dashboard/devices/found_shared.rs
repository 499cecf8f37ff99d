//! What the page says of tokens that turned out to be used by two devices.

use jiff::Timestamp;
use maud::{Markup, html};

use super::moment;
use crate::dashboard::visitor::Visitor;
use crate::store::Device;

/// A notice for each such token: what happened, and what to do.
pub(super) fn notices(devices: &[Device], visitor: &Visitor) -> Markup {
    let found = devices
        .iter()
        .filter_map(|device| Some((device, device.found_shared_at?)));
    html! { @for (device, found_at) in found { (notice(device, found_at, visitor)) } }
}

fn notice(device: &Device, found_at: Timestamp, visitor: &Visitor) -> Markup {
    html! {
        section.notice.bad aria-label={ "The token of " (device.name) } {
            p {
                strong { (device.name) ": This token seems to be used by two devices." }
                " It was noticed on " (moment(found_at, &visitor.zone)) ". Since then the server guesses which device is \
                 syncing. Both devices received all frames again, so none is missing, but edits that were not \
                 pushed by then may have been overwritten."
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
