//! What a server may do with a request, and how well it did.

use super::exchange::Outcome;

/// What RFC 9110 and RFC 9112 let a server do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// A success.
    Success,
    /// A success, and the end of the connection.
    SuccessAndClose,
    /// 400: the RFC names this status.
    BadRequest,
    /// 400, or the end of the connection without a response.
    Refusal,
    /// The same, or one of these statuses.
    RefusalOr(&'static [u16]),
    /// A refusal. To take it is allowed and not wise: a warning.
    RefusalRather,
    /// A refusal. To take it is allowed if the connection ends with it: a warning.
    RefusalOrClose,
    /// The request is incomplete: a refusal, or waiting for the rest.
    Patience,
    /// One of these statuses.
    Status(&'static [u16]),
    /// Anything but a switch to another protocol, or a fault of the server.
    NoUpgrade,
    /// Whatever the response to the first request: what was hidden in it is not carried out, and a
    /// second request on the same connection is not mistaken.
    NothingSmuggled,
    /// The first request is refused or ends the connection.
    NoSecond,
    /// The last response has one of these statuses.
    LastOf(&'static [u16]),
    /// Both requests succeed.
    BothSucceed,
}

/// How well a server did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    /// The RFC allows it, but it is lenient.
    Warn,
    Fail,
}

/// Judges what came of a request.
pub(super) fn judge(expected: Expected, outcome: &Outcome) -> Verdict {
    use Verdict::{Fail, Pass, Warn};
    let status = outcome.responses.first().map(|response| response.status);
    let is_closed = outcome.is_closed;
    let is_success = matches!(status, Some(200..300));
    let is_refused = status == Some(400) || status.is_none() && is_closed;
    let pass_if = |is_right: bool| if is_right { Pass } else { Fail };
    match expected {
        Expected::Success => pass_if(is_success),
        Expected::SuccessAndClose => pass_if(is_success && is_closed),
        Expected::BadRequest => pass_if(status == Some(400)),
        Expected::Refusal => pass_if(is_refused),
        Expected::RefusalOr(others) => {
            pass_if(is_refused || status.is_some_and(|status| others.contains(&status)))
        }
        Expected::RefusalRather if is_refused => Pass,
        Expected::RefusalRather if is_success => Warn,
        Expected::RefusalOrClose if is_refused || matches!(status, Some(501)) => Pass,
        Expected::RefusalOrClose if is_success && is_closed => Warn,
        Expected::RefusalRather | Expected::RefusalOrClose => Fail,
        Expected::Patience => pass_if(is_refused || matches!(status, None | Some(408 | 413))),
        Expected::Status(right) => pass_if(status.is_some_and(|status| right.contains(&status))),
        Expected::NoUpgrade => pass_if(status.is_some_and(|status| status > 101 && status < 500)),
        Expected::NothingSmuggled => {
            let (first, all) = (outcome.before_second, outcome.responses.len());
            let is_mistaken = outcome
                .responses
                .get(first)
                .is_some_and(|it| it.status >= 300);
            pass_if(first <= 1 && all <= 2 && !is_mistaken)
        }
        Expected::NoSecond => {
            pass_if(status == Some(400) || outcome.responses.len() <= 1 && is_closed)
        }
        Expected::LastOf(right) => {
            let last = outcome.responses.last().map(|response| response.status);
            pass_if(last.is_some_and(|status| right.contains(&status)))
        }
        Expected::BothSucceed => {
            let statuses: Vec<u16> = outcome.responses.iter().map(|it| it.status).collect();
            pass_if(statuses == [200, 200])
        }
    }
}
