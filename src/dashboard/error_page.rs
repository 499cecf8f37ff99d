//! Renders an error as a page, in place of the JSON that programs get.

use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::html;
use url::form_urlencoded::byte_serialize;

use super::page::{public_page, to_sentence};
use crate::http::HttpError;

/// Replaces the body of an error, and keeps the other headers. Without a session it redirects to
/// the sign-in page.
pub(super) async fn render(request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove() else {
        return response;
    };
    let (mut head, _) = response.into_parts();
    for name in [CONTENT_TYPE, CONTENT_LENGTH, WWW_AUTHENTICATE] {
        head.headers.remove(name);
    }
    let rendered = match error {
        HttpError::Unauthorized(_) => Redirect::to(&sign_in_address(&method, &uri)).into_response(),
        error => error_page(&error),
    };
    (head.headers, rendered).into_response()
}

/// The sign-in page leads back to the requested page, but does not repeat a form.
fn sign_in_address(method: &Method, uri: &Uri) -> String {
    const SIGN_IN: &str = "/dashboard/sign-in";
    match uri.path_and_query() {
        Some(page) if method.is_safe() && page != "/" => {
            let next: String = byte_serialize(page.as_str().as_bytes()).collect();
            format!("{SIGN_IN}?next={next}")
        }
        _ => SIGN_IN.to_owned(),
    }
}

fn error_page(error: &HttpError) -> Response {
    let status = error.status();
    let title = match status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests",
        StatusCode::SERVICE_UNAVAILABLE => "Temporarily unavailable",
        _ => "That did not work",
    };
    let content = html! {
        h1 { (title) }
        p { (to_sentence(&error.to_string())) }
        p { a href="/" { "Back to this week" } }
    };
    (status, public_page(title, content)).into_response()
}
