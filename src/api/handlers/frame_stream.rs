//! Streams a list of frames: each page is read from the database when the client has received the
//! previous one.

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;

use super::watson::frame::write_frame;
use crate::http::HttpError;
use crate::store::{Pull, PulledFrame, Store};

/// The size of a typical frame, in bytes.
const FRAME: usize = 224;

/// A body that begins with `open`, which ends in the list's bracket, and ends with `close`.
///
/// # Errors
/// When the first page cannot be read; an error in a later one aborts the body.
pub(in crate::api) async fn body(
    store: &Store,
    mut pull: Pull,
    open: Vec<u8>,
    close: &'static [u8],
) -> Result<Body, HttpError> {
    let mut first = open;
    write_page(store, &mut pull, &mut first, true).await?;
    if pull.is_done() {
        first.extend_from_slice(close);
        return Ok(Body::from(first));
    }
    Ok(Body::from_stream(pages(store.clone(), pull, first, close)))
}

/// A JSON response.
pub(in crate::api) fn json(body: Body) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], body).into_response()
}

fn pages(
    store: Store,
    pull: Pull,
    first: Vec<u8>,
    close: &'static [u8],
) -> impl futures_util::Stream<Item = Result<Bytes, HttpError>> + Send + 'static {
    stream::try_unfold(Some((store, pull, Some(first))), async move |state| {
        let Some((store, mut pull, first)) = state else {
            return Ok(None);
        };
        if let Some(first) = first {
            return Ok(Some((Bytes::from(first), Some((store, pull, None)))));
        }
        let mut chunk = Vec::new();
        write_page(&store, &mut pull, &mut chunk, false).await?;
        if pull.is_done() {
            chunk.extend_from_slice(close);
            return Ok(Some((Bytes::from(chunk), None)));
        }
        Ok(Some((Bytes::from(chunk), Some((store, pull, None)))))
    })
}

/// Appends the pull's next page; `is_first` if the list is still empty.
async fn write_page(
    store: &Store,
    pull: &mut Pull,
    out: &mut Vec<u8>,
    mut is_first: bool,
) -> Result<(), HttpError> {
    let mut room = Some(pull.expected() * FRAME);
    let take = |frame: PulledFrame<&str>| {
        // Allocated only now: a request that waits for the database needs no memory.
        if let Some(room) = room.take() {
            out.reserve(room);
        }
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        write_frame(out, frame)
    };
    store.pull_page(pull, take).await
}
