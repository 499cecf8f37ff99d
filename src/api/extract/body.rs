//! Reads request bodies with a limit, and omits response bodies.

use std::convert::Infallible;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};

use crate::http::HttpError;

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// 413 above the limit, 415 if it is compressed, 400 if it is incomplete.
pub(in crate::api) async fn read(request: Request, limit: usize) -> Result<Vec<u8>, HttpError> {
    let headers = request.headers();
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(HttpError::CompressedBody);
    }
    let announced = announced(headers);
    if announced.is_some_and(|length| length > limit) {
        return Err(HttpError::TooLarge(limit));
    }
    let mut stream = request.into_body().into_data_stream();
    let mut body = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = next(&mut stream).await? {
        if body.len() + chunk.len() > limit {
            return Err(HttpError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

async fn next(stream: &mut BodyDataStream) -> Result<Option<Bytes>, HttpError> {
    let why = "The request body is incomplete, or its chunks are malformed";
    let broken = |_| HttpError::BadRequest(why.to_owned());
    stream.next().await.transpose().map_err(broken)
}

/// Refuses a request whose `Content-Length` exceeds `limit`, also where no body is read.
pub(in crate::api) async fn small(
    State(limit): State<usize>,
    request: Request,
    next: Next,
) -> Response {
    if announced(request.headers()).is_none_or(|length| length <= limit) {
        return next.run(request).await;
    }
    HttpError::TooLarge(limit).into_response()
}

/// The `Content-Length`; `None` for a chunked body.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// An omitted body (304, HEAD). An empty one would have `Content-Length: 0`, which is wrong for
/// what is omitted.
pub(in crate::api) fn left_out() -> Body {
    Body::from_stream(stream::empty::<Result<Bytes, Infallible>>())
}
