//! The forms of a team's owner.

use maud::{Markup, html};

use crate::dashboard::form::encode_name;
use crate::dashboard::page::csrf;
use crate::dashboard::session::Session;
use crate::dashboard::teams::address;
use crate::store::{Person, Team, TeamInvitation};

/// All forms. `found` is the result of a search, if there was one.
pub(super) fn section(
    team: &Team,
    invitations: &[TeamInvitation],
    found: Option<&[Person]>,
    session: &Session,
) -> Markup {
    html! {
        section.panel aria-labelledby="invite" {
            h2 id="invite" { "Invite people" }
            (search(team, found, session))
            @if !invitations.is_empty() {
                h3 { "Pending invitations" }
                ul.people { @for invitation in invitations { li {
                    bdi { (invitation.user.login) } " "
                    @let sent_at = invitation.created_at.to_zoned(session.zone.clone());
                    @let id = invitation.id.to_string();
                    span.aside { "sent " (sent_at.strftime("%-d %B %Y")) }
                    (button_form(team, "withdraw", "invitation", &id, "Cancel invitation", session))
                } } }
            }
        }
        section.panel aria-labelledby="change" {
            h2 id="change" { "Edit team" }
            (edit_form(team, session))
            (member_removal(team, session))
            (deletion_form(team, session))
        }
    }
}

fn search(team: &Team, found: Option<&[Person]>, session: &Session) -> Markup {
    html! {
        form.search method="get" action={ (address(team.id)) "#invite" } {
            div.field {
                label for="q" { "Find by username" }
                input id="q" name="q" type="search" required minlength="2" maxlength="64"
                    autocomplete="off";
            }
            button type="submit" { "Search" }
        }
        @if let Some(found) = found {
            @if found.is_empty() { p.empty { "No user found." } }
            ul.people { @for person in found { li {
                bdi { (person.login) }
                @if person.id == session.user().id() { " " span.aside { "(you)" } }
                @else {
                    (button_form(team, "invite", "user", &person.id.to_string(), "Invite", session))
                }
            } } }
        }
    }
}

fn edit_form(team: &Team, session: &Session) -> Markup {
    html! {
        form method="post" action=(address(team.id)) {
            (csrf(session))
            div.field {
                label for="name" { "Name" }
                input type="hidden" name="before" value=(encode_name(&team.name));
                input id="name" name="name" value=(team.name) required maxlength="512"
                    autocomplete="off";
            }
            fieldset {
                legend { "Shared projects" }
                @for project in &team.projects { label.choice {
                    input type="checkbox" name="project" value=(encode_name(project)) checked;
                    " " bdi { (project) }
                } }
            }
            div.field {
                label for="add" { "Add projects, one per line" }
                textarea id="add" name="add" rows="3" aria-describedby="add-hint" {}
                p.hint id="add-hint" {
                    "Your own projects with these names are shared immediately; other members are "
                    "asked first. Unticked projects stop being shared immediately."
                }
            }
            button type="submit" { "Save" }
        }
    }
}

fn member_removal(team: &Team, session: &Session) -> Markup {
    let others = || {
        team.users
            .iter()
            .filter(|person| person.id != team.owner_id)
    };
    html! {
        @if others().next().is_some() { details.more {
            summary { "Remove a member…" }
            p { "The team will no longer see their time, and they will no longer see the team’s." }
            ul.people { @for person in others() { li {
                bdi { (person.login) }
                (button_form(team, "remove", "user", &person.id.to_string(), "Remove", session))
            } } }
        } }
    }
}

fn deletion_form(team: &Team, session: &Session) -> Markup {
    html! {
        details.more {
            summary { "Delete team…" }
            form method="post" action={ (address(team.id)) "/delete" } {
                (csrf(session))
                p {
                    "This deletes the team for all members and ends all sharing. Everyone keeps "
                    "their own frames."
                }
                label.choice {
                    input type="checkbox" name="confirm" value="yes" required;
                    " Yes, delete " bdi { (team.name) }
                }
                button.bad type="submit" { "Delete team" }
            }
        }
    }
}

/// A form that consists of a button.
fn button_form(
    team: &Team,
    what: &str,
    name: &str,
    value: &str,
    label: &str,
    session: &Session,
) -> Markup {
    html! {
        form.inline method="post" action={ (address(team.id)) "/" (what) } {
            (csrf(session))
            input type="hidden" name=(name) value=(value);
            button type="submit" { (label) }
        }
    }
}
