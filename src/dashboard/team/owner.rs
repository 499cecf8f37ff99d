//! What the owner of a team is shown in addition: whom to invite and to remove, its name and projects, its end.

use maud::{Markup, html};

use crate::dashboard::form::kept;
use crate::dashboard::page::csrf;
use crate::dashboard::teams::address;
use crate::dashboard::visitor::Visitor;
use crate::store::{Person, Team, TeamInvitation};

/// All of it. `found` is whom a search found, if there was one.
pub(super) fn section(
    team: &Team,
    invitations: &[TeamInvitation],
    found: Option<&[Person]>,
    visitor: &Visitor,
) -> Markup {
    html! {
        section.panel aria-labelledby="invite" {
            h2 id="invite" { "Invite people" }
            (search(team, found, visitor))
            @if !invitations.is_empty() {
                h3 { "Pending invitations" }
                ul.people { @for invitation in invitations { li {
                    bdi { (invitation.user.login) } " "
                    span.aside { "sent " (invitation.created_at.to_zoned(visitor.zone.clone()).strftime("%-d %B %Y")) }
                    (button(team, "withdraw", "invitation", &invitation.id.to_string(), "Cancel invitation", visitor))
                } } }
            }
        }
        section.panel aria-labelledby="change" {
            h2 id="change" { "Edit team" }
            (change(team, visitor))
            (removal(team, visitor))
            (end(team, visitor))
        }
    }
}

fn search(team: &Team, found: Option<&[Person]>, visitor: &Visitor) -> Markup {
    html! {
        form.search method="get" action={ (address(team.id)) "#invite" } {
            div.field {
                label for="q" { "Find by username" }
                input id="q" name="q" type="search" required minlength="2" maxlength="64" autocomplete="off";
            }
            button type="submit" { "Search" }
        }
        @if let Some(found) = found {
            @if found.is_empty() { p.empty { "No user found." } }
            ul.people { @for person in found { li {
                bdi { (person.login) }
                @if person.id == visitor.user().id() { " " span.aside { "(you)" } }
                @else { (button(team, "invite", "user", &person.id.to_string(), "Invite", visitor)) }
            } } }
        }
    }
}

fn change(team: &Team, visitor: &Visitor) -> Markup {
    html! {
        form method="post" action=(address(team.id)) {
            (csrf(visitor))
            div.field {
                label for="name" { "Name" }
                input type="hidden" name="before" value=(kept(&team.name));
                input id="name" name="name" value=(team.name) required maxlength="512" autocomplete="off";
            }
            fieldset {
                legend { "Shared projects" }
                @for project in &team.projects { label.choice {
                    input type="checkbox" name="project" value=(kept(project)) checked; " " bdi { (project) }
                } }
            }
            div.field {
                label for="add" { "Add projects, one per line" }
                textarea id="add" name="add" rows="3" aria-describedby="add-hint" {}
                p.hint id="add-hint" {
                    "Your own projects with these names are shared immediately; other members are asked first. "
                    "Unticked projects stop being shared immediately."
                }
            }
            button type="submit" { "Save" }
        }
    }
}

fn removal(team: &Team, visitor: &Visitor) -> Markup {
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
                (button(team, "remove", "user", &person.id.to_string(), "Remove", visitor))
            } } }
        } }
    }
}

fn end(team: &Team, visitor: &Visitor) -> Markup {
    html! {
        details.more {
            summary { "Delete team…" }
            form method="post" action={ (address(team.id)) "/delete" } {
                (csrf(visitor))
                p { "This deletes the team for all members and ends all sharing. Everyone keeps their own frames." }
                label.choice {
                    input type="checkbox" name="confirm" value="yes" required;
                    " Yes, delete " bdi { (team.name) }
                }
                button.bad type="submit" { "Delete team" }
            }
        }
    }
}

/// A form that is nothing but a button, about one person or thing.
fn button(
    team: &Team,
    what: &str,
    name: &str,
    value: &str,
    label: &str,
    visitor: &Visitor,
) -> Markup {
    html! {
        form.inline method="post" action={ (address(team.id)) "/" (what) } {
            (csrf(visitor))
            input type="hidden" name=(name) value=(value);
            button type="submit" { (label) }
        }
    }
}
