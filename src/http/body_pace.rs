//! Measures how fast a request body arrives: while it does, the request may exceed the time limit.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

/// The minimum pace of a body after the time limit has passed.
const BYTES_PER_SECOND: u64 = 4 << 10;
/// The window of the measurement.
const WINDOW: Duration = Duration::from_secs(30);
/// The resolution of the measurement.
const STEP: Duration = Duration::from_secs(1);
/// The maximum time for a body.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// The arrival of a request's body, shared by the body and the time limit.
#[derive(Clone, Debug)]
pub(super) struct BodyPace(Arc<Mutex<Arrival>>);

/// The state of a body while it arrives.
#[derive(Debug)]
struct Arrival {
    begin: Instant,
    /// When pieces arrived, oldest first, with their bytes. Pieces within a step are merged.
    pieces: VecDeque<(Instant, u64)>,
    /// When the body was complete or dropped.
    ended_at: Option<Instant>,
    /// Whether a handler reads it.
    is_read: bool,
}

impl BodyPace {
    /// Replaces the request's body by one that is measured while it is read.
    pub(super) fn measure(request: Request) -> (Request, Self) {
        let mut arrival = Arrival::new(Instant::now());
        if request.body().is_end_stream() {
            arrival.end(arrival.begin);
        }
        let pace = Self(Arc::new(Mutex::new(arrival)));
        let of_body = pace.clone();
        let request = request.map(|body| {
            Body::new(MeasuredBody {
                body,
                pace: of_body,
            })
        });
        (request, pace)
    }

    /// The new deadline of a request whose deadline has passed; `None` ends it. While the body
    /// arrives fast enough it is the next measurement; once it is complete, `limit` later.
    pub(super) fn extension(&self, limit: Duration, deadline: Instant) -> Option<Instant> {
        self.arrival().extension(Instant::now(), limit, deadline)
    }

    fn arrival(&self) -> MutexGuard<'_, Arrival> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrival {
    fn new(begin: Instant) -> Self {
        Self {
            begin,
            pieces: VecDeque::new(),
            ended_at: None,
            is_read: false,
        }
    }

    fn extension(&self, now: Instant, limit: Duration, deadline: Instant) -> Option<Instant> {
        let next = match self.ended_at {
            Some(ended_at) => ended_at + limit,
            None if self.is_fast_enough(now) => now + STEP,
            None => return None,
        };
        (next > deadline).then_some(next)
    }

    /// Whether enough has arrived within the window, or since the start if that is later.
    fn is_fast_enough(&self, now: Instant) -> bool {
        let taken = now.duration_since(self.begin);
        let window = WINDOW.min(taken);
        let recent = self.pieces.iter();
        let recent = recent.filter(|(at, _)| now.duration_since(*at) <= window + STEP);
        let bytes: u64 = recent.map(|(_, bytes)| bytes).sum();
        self.is_read && taken < LONGEST && bytes >= BYTES_PER_SECOND * window.as_secs()
    }

    fn add(&mut self, now: Instant, bytes: u64) {
        match self.pieces.back_mut() {
            Some((at, sum)) if now.duration_since(*at) < STEP => *sum += bytes,
            _ => self.pieces.push_back((now, bytes)),
        }
        let is_old = |(at, _): &mut (Instant, u64)| now.duration_since(*at) > WINDOW + STEP;
        while self.pieces.front_mut().is_some_and(is_old) {
            self.pieces.pop_front();
        }
    }

    fn end(&mut self, now: Instant) {
        self.ended_at.get_or_insert(now);
    }
}

/// A body that records its pace.
struct MeasuredBody {
    body: Body,
    pace: BodyPace,
}

impl HttpBody for MeasuredBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let (now, is_end) = (Instant::now(), self.body.is_end_stream());
        let mut arrival = self.pace.arrival();
        arrival.is_read = true;
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                arrival.add(now, bytes as u64);
                if is_end {
                    arrival.end(now);
                }
            }
            Poll::Ready(_) => arrival.end(now),
            Poll::Pending => (),
        }
        drop(arrival);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for MeasuredBody {
    /// A body that no handler reads does not arrive.
    fn drop(&mut self) {
        self.pace.arrival().end(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    /// How many seconds a body may take that brings so many bytes each second for a while.
    fn allowed(bytes_per_second: u64, seconds: u64) -> u64 {
        let begin = Instant::now();
        let mut arrival = Arrival::new(begin);
        arrival.is_read = true;
        let mut deadline = begin + LIMIT;
        for second in 0..2 * LONGEST.as_secs() {
            let now = begin + Duration::from_secs(second);
            if now >= deadline {
                match arrival.extension(now, LIMIT, deadline) {
                    Some(later) => deadline = later,
                    None => return second,
                }
            }
            if second < seconds {
                arrival.add(now, bytes_per_second);
            }
            assert!(
                arrival.pieces.len() < 40,
                "it remembers no more than the window"
            );
        }
        u64::MAX
    }

    #[test]
    fn a_body_may_arrive_for_an_hour_and_no_longer() {
        for pace in [4 << 10, 1 << 20] {
            assert_eq!(allowed(pace, u64::MAX), 3_600);
        }
    }

    #[test]
    fn a_body_that_is_too_slow_has_the_time_of_a_request() {
        assert_eq!(allowed(0, 0), 60);
        assert_eq!(allowed(3 << 10, u64::MAX), 60);
    }

    #[test]
    fn a_body_that_stalls_is_given_up_half_a_minute_later() {
        assert!((300..=332).contains(&allowed(8 << 10, 300)));
        assert_eq!(allowed(8 << 10, 20), 60, "not before the time of a request");
    }

    #[test]
    fn what_follows_the_body_has_the_time_of_a_request() {
        let begin = Instant::now();
        let mut arrival = Arrival::new(begin);
        let at = |second| begin + Duration::from_secs(second);
        arrival.add(at(50), 1);
        arrival.end(at(50));
        let later = arrival.extension(at(60), LIMIT, at(60));
        assert_eq!(later, Some(at(110)));
        assert_eq!(arrival.extension(at(110), LIMIT, at(110)), None);
    }
}
