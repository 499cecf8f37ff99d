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
            h2 id="invite" { "Invite somebody" }
            (search(team, found, visitor))
            @if !invitations.is_empty() {
                h3 { "Waiting for an answer" }
                ul.people { @for invitation in invitations { li {
                    bdi { (invitation.user.login) } " "
                    span.aside { "since " (invitation.created_at.to_zoned(visitor.zone.clone()).strftime("%-d %B %Y")) }
                    (button(team, "withdraw", "invitation", &invitation.id.to_string(), "Take back", visitor))
                } } }
            }
        }
        section.panel aria-labelledby="change" {
            h2 id="change" { "Change the team" }
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
                label for="q" { "How their login begins" }
                input id="q" name="q" type="search" required minlength="2" maxlength="64" autocomplete="off";
            }
            button type="submit" { "Search" }
        }
        @if let Some(found) = found {
            @if found.is_empty() { p.empty { "Nobody is called so." } }
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
                legend { "Projects it is about" }
                @for project in &team.projects { label.choice {
                    input type="checkbox" name="project" value=(kept(project)) checked; " " bdi { (project) }
                } }
            }
            div.field {
                label for="add" { "More projects, one per line" }
                textarea id="add" name="add" rows="3" aria-describedby="add-hint" {}
                p.hint id="add-hint" {
                    "Yours of these names are shared at once; the other members are asked. What is not ticked any more is "
                    "not shared from then on."
                }
            }
            button type="submit" { "Change" }
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
            summary { "Remove a member …" }
            p { "From then on the team sees nothing of theirs, and they see nothing of it." }
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
            summary { "Delete the team …" }
            form method="post" action={ (address(team.id)) "/delete" } {
                (csrf(visitor))
                p { "The team ends for all its members, with all that is shared with it. Their frames stay theirs." }
                label.choice {
                    input type="checkbox" name="confirm" value="yes" required;
                    " Yes, delete " bdi { (team.name) }
                }
                button.bad type="submit" { "Delete the team" }
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
