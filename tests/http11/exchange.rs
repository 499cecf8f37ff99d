//! Bytes to a server, and what comes back of them.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// How long a server may stay silent before it counts as one that waits for more.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long it may take to close a connection after a response.
const CLOSING: Duration = Duration::from_millis(200);

/// A response, as far as a judge needs it.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// Its head, in lower case.
    pub(super) head: String,
    pub(super) body: String,
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Outcome {
    /// What was sent back, `100 Continue` aside.
    pub(super) responses: Vec<Response>,
    /// Whether the server closed the connection.
    pub(super) is_closed: bool,
    /// How many responses there were before the second request was sent.
    pub(super) before_second: usize,
}

/// Sends a request and, once it has its response, perhaps another one on the same connection.
pub(super) fn exchange(address: &str, first: &[u8], second: Option<&[u8]>) -> Outcome {
    let mut stream = TcpStream::connect(address).expect("the server accepts a connection");
    stream.set_nodelay(true).expect("small packets");
    let mut received = Vec::new();
    // A server may refuse a request before it has read all of it.
    let _ = stream.write_all(first);
    let mut is_closed = receive(&mut stream, &mut received);
    let before_second = responses(&received).len();
    if let Some(second) = second.filter(|_| !is_closed) {
        let _ = stream.write_all(second);
        is_closed = receive(&mut stream, &mut received);
    }
    let _ = stream.shutdown(Shutdown::Both);
    Outcome {
        responses: responses(&received),
        is_closed,
        before_second,
    }
}

/// Reads until the server closes the connection, or says no more. Returns whether it closed it.
fn receive(stream: &mut TcpStream, received: &mut Vec<u8>) -> bool {
    let (begin, count) = (Instant::now(), responses(received).len());
    let mut buffer = [0; 16 << 10];
    loop {
        let is_answered = responses(received).len() > count;
        let rest = PATIENCE.saturating_sub(begin.elapsed());
        let wait = if is_answered { CLOSING } else { rest };
        if wait.is_zero() {
            return false;
        }
        stream
            .set_read_timeout(Some(wait))
            .expect("a limit to patience");
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(length) => received.extend_from_slice(&buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if is_answered {
                    return false;
                }
            }
            Err(_) => return true,
        }
    }
}

/// The responses in what was received. No body of ours holds the beginning of a status line.
fn responses(received: &[u8]) -> Vec<Response> {
    let text = String::from_utf8_lossy(received);
    let pieces = text.split("HTTP/1.").skip(1).filter_map(|piece| {
        let status = piece.get(2..5)?.parse().ok()?;
        let (head, body) = piece.split_once("\r\n\r\n")?;
        Some(Response {
            status,
            head: head.to_lowercase(),
            body: body.to_owned(),
        })
    });
    pieces.filter(|response| response.status != 100).collect()
}
