//! A relay between a device and the server that can go wrong at a chosen moment of a sync.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What happens at the next push; the one after it passes again.
pub(super) enum AtNextPush {
    /// The connection breaks before the server hears of it.
    Break,
    /// The server hears it, and its answer is lost.
    LoseAnswer,
    /// Something else happens first.
    First(Box<dyn FnOnce() + Send>),
}

/// A relay; it ends with the process.
pub(super) struct Relay {
    /// Where it listens.
    pub(super) address: String,
    next: Arc<Mutex<Option<AtNextPush>>>,
}

impl Relay {
    /// A relay to the server at `server`.
    pub(super) fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address").to_string();
        let next = Arc::new(Mutex::new(None));
        let (server, at_next_push) = (server.to_owned(), Arc::clone(&next));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A device that hangs up is no business of the relay.
                drop(relay(client, &server, &at_next_push));
            }
        });
        Self { address, next }
    }

    /// Plans the next push.
    pub(super) fn at_next_push(&self, what: AtNextPush) {
        *self.next.lock().expect("the plan") = Some(what);
    }
}

/// One request and its answer; Watson makes a connection for each.
fn relay(client: TcpStream, server: &str, next: &Mutex<Option<AtNextPush>>) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if client.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.trim_end().is_empty() {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    client.read_exact(&mut body)?;

    let is_push = head.starts_with("POST ");
    let plan = if is_push {
        next.lock().expect("the plan").take()
    } else {
        None
    };
    let lose_answer = matches!(plan, Some(AtNextPush::LoseAnswer));
    match plan {
        Some(AtNextPush::Break) => return Ok(()),
        Some(AtNextPush::First(event)) => event(),
        _ => {}
    }
    let mut server = TcpStream::connect(server)?;
    server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    if lose_answer {
        return Ok(());
    }
    client.get_mut().write_all(&answer)
}
