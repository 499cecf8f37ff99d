//! The form for a new token.

use maud::{Markup, html};
use serde::Deserialize;

use super::PATH;
use crate::dashboard::page::csrf;
use crate::dashboard::session::Session;
use crate::model::{Scope, Scopes};
use crate::store::NotGranted;

/// The fields of the form.
#[derive(Deserialize)]
pub(in crate::dashboard) struct NewDevice {
    pub(super) name: String,
    #[serde(default)]
    scopes: Vec<Scope>,
    /// Empty for no expiry.
    #[serde(default)]
    days: String,
    /// Whether several devices use the token.
    #[serde(default)]
    pub(super) shared: bool,
}

impl Default for NewDevice {
    fn default() -> Self {
        Self {
            name: String::new(),
            scopes: Scopes::default().iter().collect(),
            days: String::new(),
            shared: false,
        }
    }
}

impl NewDevice {
    pub(super) fn scopes(&self) -> Scopes {
        self.scopes.iter().copied().collect()
    }

    pub(super) fn days(&self) -> Result<Option<u16>, NotGranted> {
        match self.days.trim() {
            "" => Ok(None),
            days => days.parse().map(Some).map_err(|_| NotGranted::Days),
        }
    }
}

/// The form with these values, and an error.
pub(super) fn form(session: &Session, device: &NewDevice, why: Option<&str>) -> Markup {
    html! {
        h2 #new { "Add a device" }
        @if let Some(why) = why { p.notice.bad role="alert" { (why) } }
        form.card method="post" action=(PATH) aria-labelledby="new" {
            (csrf(session))
            label for="name" { "Name" }
            input #name name="name" value=(device.name) required maxlength="64" autocomplete="off"
                placeholder="laptop" aria-describedby="name-hint";
            p.hint #name-hint { "A name you will recognize. Each device has one active token." }
            fieldset {
                legend { "Permissions" }
                @for scope in Scope::ALL {
                    @if session.caller.may(scope) {
                        (checkbox(scope, device.scopes().allows(scope)))
                    }
                }
            }
            label for="days" { "Expires after (days)" }
            input #days name="days" value=(device.days) type="number" min="1" max="3650"
                inputmode="numeric" aria-describedby="days-hint";
            p.hint #days-hint { "Leave empty for no expiry." }
            label.choice {
                input type="checkbox" name="shared" value="true" checked[device.shared]
                    aria-describedby="shared-hint";
                " Several devices use this token"
            }
            p.hint #shared-hint {
                "Not recommended: the server has to guess which device is syncing. A wrong guess \
                 sends frames twice, and may overwrite edits."
            }
            button type="submit" { "Create token" }
        }
    }
}

fn checkbox(scope: Scope, is_checked: bool) -> Markup {
    let about = match scope {
        Scope::Sync => "push and pull frames with Watson",
        Scope::Read => "view everything in this dashboard",
        Scope::Write => "change frames, teams and tokens",
    };
    html! {
        label.choice {
            input type="checkbox" name="scopes" value=(scope.name()) checked[is_checked];
            " " (scope.name()) span.hint { " – " (about) }
        }
    }
}
