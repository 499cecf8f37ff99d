//! Files of frames as answers, streamed a page at a time.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _, stream};

use super::ApiError;
use crate::formats::{self, Format, WriteError, Writer};
use crate::store::{FrameFilter, Store, User};

/// The pieces of a file of the frames that a filter asks for.
pub(super) fn pieces(
    store: &Store,
    user: &User,
    filter: FrameFilter,
    writer: Writer,
) -> impl Stream<Item = Result<Vec<u8>, ApiError>> + Send + use<> {
    let pages = store.frame_pages(user, filter);
    formats::file(pages.map(|page| page.map_err(ApiError::from)), writer)
}

/// A body of pieces: whole when there is one, so that it has a length and a tag.
///
/// # Errors
/// When the first piece cannot be made; a later one breaks the body off.
pub(super) async fn body(
    pieces: impl Stream<Item = Result<Vec<u8>, ApiError>> + Send + 'static,
) -> Result<Body, ApiError> {
    let mut pieces = Box::pin(pieces.peekable());
    let first = pieces.next().await.transpose()?.unwrap_or_default();
    if pieces.as_mut().peek().await.is_none() {
        return Ok(Body::from(first));
    }
    let all = stream::once(async { Ok(first) }).chain(pieces);
    Ok(Body::from_stream(all))
}

/// An answer that a browser keeps as a file.
pub(super) fn download(body: Body, format: Format, media_type: &'static str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let disposition = HeaderValue::from_static(match format {
        Format::Csv => "attachment; filename=\"frames.csv\"",
        Format::JsonLines => "attachment; filename=\"frames.jsonl\"",
        Format::Calendar => "attachment; filename=\"frames.ics\"",
    });
    headers.insert(CONTENT_DISPOSITION, disposition);
    response
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        tracing::error!(%error, "frames cannot be written");
        Self::Internal
    }
}
