//! The overview.

use axum::response::Html;
use maud::html;

use super::page::{Tab, page};
use super::visitor::Visitor;

/// The overview.
pub(super) async fn show(visitor: Visitor) -> Html<String> {
    let content = html! {
        h1 { "Hello, " (visitor.user().login()) }
    };
    page(Some(&visitor), "Week", Some(Tab::Week), content)
}
