//! The layout of all pages.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use super::assets;
use super::session::Session;

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

impl Session {
    /// A page of a signed-in user, below a tab of the navigation.
    pub(super) fn page(&self, title: &str, tab: Tab, content: Markup) -> Html<String> {
        layout(Some((self, tab)), title, content)
    }
}

/// A page without a session, and so without navigation.
pub(super) fn public_page(title: &str, content: Markup) -> Html<String> {
    layout(None, title, content)
}

fn layout(session: Option<(&Session, Tab)>, title: &str, content: Markup) -> Html<String> {
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
                    @if let Some((session, tab)) = session {
                        (navigation(session, tab))
                    }
                }
                main #content tabindex="-1" { (content) }
                footer {
                    @if let Some((session, _)) = session {
                        (zone(session))
                    }
                    p { a href="/docs" { "API documentation" } }
                }
            }
        }
    };
    Html(page.into_string())
}

fn navigation(session: &Session, current: Tab) -> Markup {
    html! {
        nav aria-label="Dashboard" {
            ul {
                @for tab in Tab::ALL {
                    li {
                        a href=(tab.path()) aria-current=[(current == tab).then_some("page")] {
                            (tab.name())
                            @if tab == Tab::Teams && session.invitations > 0 {
                                " "
                                span.badge title="pending invitations" {
                                    (session.invitations)
                                    span.unseen { " pending" }
                                }
                            }
                        }
                    }
                }
            }
        }
        form.who method="post" action="/dashboard/sign-out" {
            (csrf(session))
            span.login { (session.user().login()) }
            button.quiet type="submit" { "Sign out" }
        }
    }
}

fn zone(session: &Session) -> Markup {
    html! {
        form.zone method="post" action="/dashboard/zone" {
            (csrf(session))
            label for="zone" { "Time zone" }
            input #zone name="zone" value=(session.zone.iana_name().unwrap_or("UTC")) required
                autocomplete="off" spellcheck="false" size="20";
            button.quiet type="submit" { "Save" }
        }
    }
}

/// The field against forgery that every form needs.
pub(super) fn csrf(session: &Session) -> Markup {
    html! { input type="hidden" name="csrf" value=(session.csrf); }
}

/// Turns an error text into a sentence.
pub(super) fn to_sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?', '\'']) {
        sentence.push('.');
    }
    sentence
}
