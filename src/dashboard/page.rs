//! What all pages have in common: the frame around the content.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use super::assets;
use super::visitor::Visitor;

/// An entry of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Week,
    Year,
    Tags,
    Frames,
    Teams,
    Devices,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Week,
        Self::Year,
        Self::Tags,
        Self::Frames,
        Self::Teams,
        Self::Devices,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Week => "Week",
            Self::Year => "Year",
            Self::Tags => "Tags",
            Self::Frames => "Frames",
            Self::Teams => "Teams",
            Self::Devices => "Devices",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Week => "/",
            Self::Year => "/dashboard/year",
            Self::Tags => "/dashboard/tags",
            Self::Frames => "/dashboard/frames",
            Self::Teams => "/dashboard/teams",
            Self::Devices => "/dashboard/devices",
        }
    }
}

/// A page with this content; without a visitor there is nothing to go to and nobody to sign out.
pub(super) fn page(
    visitor: Option<&Visitor>,
    title: &str,
    current: Option<Tab>,
    content: Markup,
) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · crick" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(assets::style_path());
                script src=(assets::script_path()) defer {}
            }
            body {
                a.skip href="#content" { "Skip to content" }
                header {
                    a.brand href="/" { "crick" }
                    @if let Some(visitor) = visitor {
                        (navigation(visitor, current))
                    }
                }
                main #content tabindex="-1" { (content) }
                footer {
                    @if let Some(visitor) = visitor {
                        (zone(visitor))
                    }
                    p { a href="/docs" { "API documentation" } }
                }
            }
        }
    };
    Html(page.into_string())
}

fn navigation(visitor: &Visitor, current: Option<Tab>) -> Markup {
    html! {
        nav aria-label="Dashboard" {
            ul {
                @for tab in Tab::ALL {
                    li {
                        a href=(tab.path()) aria-current=[(current == Some(tab)).then_some("page")] {
                            (tab.name())
                            @if tab == Tab::Teams && visitor.invitations > 0 {
                                " "
                                span.badge title="pending invitations" {
                                    (visitor.invitations)
                                    span.unseen { " pending" }
                                }
                            }
                        }
                    }
                }
            }
        }
        form.who method="post" action="/dashboard/sign-out" {
            (csrf(visitor))
            span.login { (visitor.user().login()) }
            button.quiet type="submit" { "Sign out" }
        }
    }
}

fn zone(visitor: &Visitor) -> Markup {
    html! {
        form.zone method="post" action="/dashboard/zone" {
            (csrf(visitor))
            label for="zone" { "Time zone" }
            input #zone name="zone" value=(visitor.zone.iana_name().unwrap_or("UTC")) required
                autocomplete="off" spellcheck="false" size="20";
            button.quiet type="submit" { "Save" }
        }
    }
}

/// The field that every form of a visitor has.
pub(super) fn csrf(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name="csrf" value=(visitor.csrf); }
}

/// A text that a program would be shown, as a sentence for a person.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?', '\'']) {
        sentence.push('.');
    }
    sentence
}
