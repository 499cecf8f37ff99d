//! Responses with files of frames, streamed a page at a time.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};

use super::error::HttpError;
use crate::formats;
use crate::formats::{Format, WriteError, Writer};
use crate::store::{FrameFilter, Store, StoreError, User};

/// The path of calendar feeds.
pub(crate) const FEEDS: &str = "/calendar/";

/// Why a file is incomplete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The frames cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They cannot be serialized.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<FileError> for HttpError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Store(error) => error.into(),
            FileError::Write(error) => {
                tracing::error!(%error, "frames cannot be written");
                Self::Internal
            }
        }
    }
}

/// The pieces of a file with the frames of a filter.
pub(crate) fn pieces(
    store: &Store,
    user: &User,
    filter: FrameFilter,
    writer: Writer,
) -> impl Stream<Item = Result<Vec<u8>, FileError>> + Send + use<> {
    let pages = store.stream_frames(user, filter);
    formats::file(pages.map_err(FileError::from), writer)
}

/// A body of pieces. A single piece is not streamed, so that it has a length and a tag.
///
/// # Errors
/// When the first piece fails; a later failure is logged and aborts the body.
pub(crate) async fn body(
    pieces: impl Stream<Item = Result<Vec<u8>, FileError>> + Send + 'static,
) -> Result<Body, FileError> {
    let mut pieces = Box::pin(pieces.peekable());
    let first = pieces.next().await.transpose()?.unwrap_or_default();
    if pieces.as_mut().peek().await.is_none() {
        return Ok(Body::from(first));
    }
    let rest = pieces.inspect_err(|error| tracing::error!(%error, "a file of frames broke off"));
    let all = stream::once(async { Ok(first) }).chain(rest);
    Ok(Body::from_stream(all))
}

/// A response that browsers save as a file.
pub(crate) fn download(body: Body, format: Format, media_type: &'static str) -> Response {
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
