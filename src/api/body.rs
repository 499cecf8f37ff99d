//! Reading a request's body, with a limit.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;

use super::ApiError;

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// 413 above the limit, 415 when it is compressed, 400 when the client breaks off.
pub(super) async fn read(request: Request, limit: usize) -> Result<Vec<u8>, ApiError> {
    let headers = request.headers();
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(ApiError::CompressedBody);
    }
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(ApiError::TooLarge(limit));
    }
    let mut stream = request.into_body().into_data_stream();
    let mut body = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = next(&mut stream).await? {
        if body.len() + chunk.len() > limit {
            return Err(ApiError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

async fn next(stream: &mut BodyDataStream) -> Result<Option<Bytes>, ApiError> {
    let broken = |_| ApiError::BadRequest("the request's body broke off".to_owned());
    stream.next().await.transpose().map_err(broken)
}

/// Refuses a request whose announced body is larger than `limit`, on routes that read none or a small one.
pub(super) async fn small(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_none_or(|length| length <= limit) {
        return next.run(request).await;
    }
    ApiError::TooLarge(limit).into_response()
}

/// A body of chunks that are made while it is sent.
pub(super) fn stream<S>(chunks: S) -> Body
where
    S: futures_util::Stream<Item = Result<Bytes, ApiError>> + Send + 'static,
{
    Body::from_stream(chunks)
}
