//! Receives the unread rest of a request body, and discards it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::http::header::EXPECT;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;

/// The maximum size to discard, in bytes.
const DISCARD_LIMIT: usize = 128 << 20;
/// The maximum time to discard a body.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);

/// A body that is returned when the handler drops it.
struct ReturnedBody {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Receives the rest of a body.
pub(super) struct UnreadBody {
    back: oneshot::Receiver<Incoming>,
    /// `Expect: 100-continue` is pending: do not trigger the upload.
    expects_continue: bool,
}

/// Replaces the body by one that is returned.
pub(super) fn watch(request: Request<Incoming>) -> (Request<Body>, UnreadBody) {
    let expects_continue = request.headers().contains_key(EXPECT);
    let (sender, receiver) = oneshot::channel();
    let request = request.map(|body| {
        Body::new(ReturnedBody {
            body: Some(body),
            back: Some(sender),
        })
    });
    (
        request,
        UnreadBody {
            back: receiver,
            expects_continue,
        },
    )
}

impl UnreadBody {
    /// Discards the rest, up to the limits. Returns whether the body ended.
    pub(super) async fn discard(mut self) -> bool {
        let Ok(mut body) = self.back.try_recv() else {
            return true; // Read completely, or still being read by a streamed response.
        };
        if body.is_end_stream() {
            return true;
        }
        if self.expects_continue {
            return false;
        }
        let read_rest = async {
            let mut read = 0;
            while read < DISCARD_LIMIT {
                match body.frame().await {
                    Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
                    Some(Err(_)) => return false,
                    None => return true,
                }
            }
            false
        };
        tokio::time::timeout(DISCARD_TIMEOUT, read_rest)
            .await
            .unwrap_or(false)
    }
}

impl hyper::body::Body for ReturnedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), |body| body.size_hint())
    }
}

impl Drop for ReturnedBody {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // The receiver is gone if the connection is.
            let _ = back.send(body);
        }
    }
}
