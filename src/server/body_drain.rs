//! What a handler did not read of a request's body.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::http::header::EXPECT;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;

/// The most that is thrown away of one body, in bytes.
const MOST: usize = 128 << 20;
/// The longest that may take.
const LONGEST: Duration = Duration::from_secs(2);

/// A body that is handed back when the handler is done with it.
struct Watched {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Where the rest of a body comes back to.
pub(super) struct Unread {
    back: oneshot::Receiver<Incoming>,
    /// The client waits to be asked for the body, so nobody does.
    is_awaited: bool,
}

/// Gives the request a body that comes back.
pub(super) fn watch(request: Request<Incoming>) -> (Request<Body>, Unread) {
    let is_awaited = request.headers().contains_key(EXPECT);
    let (sender, receiver) = oneshot::channel();
    let request = request.map(|body| {
        Body::new(Watched {
            body: Some(body),
            back: Some(sender),
        })
    });
    (
        request,
        Unread {
            back: receiver,
            is_awaited,
        },
    )
}

impl Unread {
    /// Reads and throws away the rest, up to a limit. Answers whether the body's end was reached.
    pub(super) async fn discard(mut self) -> bool {
        let Ok(mut body) = self.back.try_recv() else {
            return true; // Read to its end, or still being read by a streamed answer.
        };
        if body.is_end_stream() {
            return true;
        }
        if self.is_awaited {
            return false;
        }
        let read_rest = async {
            let mut read = 0;
            while read < MOST {
                match body.frame().await {
                    Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
                    Some(Err(_)) => return false,
                    None => return true,
                }
            }
            false
        };
        tokio::time::timeout(LONGEST, read_rest)
            .await
            .unwrap_or(false)
    }
}

impl hyper::body::Body for Watched {
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

impl Drop for Watched {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // Nobody waits for it when the connection is gone.
            let _ = back.send(body);
        }
    }
}
