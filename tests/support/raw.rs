//! Sends HTTP byte by byte: slow, incomplete and malformed requests.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::Reply;

/// The read timeout.
const PATIENCE: Option<Duration> = Some(Duration::from_secs(30));

/// A connection to the server.
pub(crate) struct RawConnection {
    stream: BufReader<Box<dyn Stream>>,
}

/// A TCP or Unix stream.
trait Stream: Read + Write + Send {
    fn finish_sending(&self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn finish_sending(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

impl Stream for UnixStream {
    fn finish_sending(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

impl RawConnection {
    /// Connects to `address:port` or `unix:/path`.
    pub(crate) fn open(address: &str) -> Self {
        let stream: Box<dyn Stream> = if let Some(path) = address.strip_prefix("unix:") {
            let stream = UnixStream::connect(path).expect("the server accepts a connection");
            stream
                .set_read_timeout(PATIENCE)
                .expect("a limit to patience");
            Box::new(stream)
        } else {
            let stream = TcpStream::connect(address).expect("the server accepts a connection");
            stream.set_nodelay(true).expect("small packets");
            stream
                .set_read_timeout(PATIENCE)
                .expect("a limit to patience");
            Box::new(stream)
        };
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Sends some bytes.
    pub(crate) fn send(&mut self, text: &str) {
        self.stream
            .get_mut()
            .write_all(text.as_bytes())
            .expect("the server reads");
    }

    /// Sends some bytes and returns whether the connection was still open.
    pub(crate) fn try_send(&mut self, text: &str) -> bool {
        self.stream.get_mut().write_all(text.as_bytes()).is_ok()
    }

    /// Sends the head of a push with a body of `length` bytes.
    pub(crate) fn send_push_head(&mut self, token: &str, length: usize) {
        self.send(&format!(
            "POST /watson/frames/bulk/ HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        ));
    }

    /// Closes the sending direction.
    pub(crate) fn finish_sending(&mut self) {
        self.stream
            .get_mut()
            .finish_sending()
            .expect("half a connection");
    }

    /// Reads a response. Returns `None` if the server closed the connection.
    pub(crate) fn reply(&mut self) -> Option<Reply> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).expect("a status line");
        let mut headers = HeaderMap::new();
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').expect("a header field");
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).expect("a header name"),
                HeaderValue::from_str(value.trim()).expect("a header value"),
            );
        }
        let body = self.body(&headers);
        Some(Reply {
            status: status.parse().expect("a number"),
            headers,
            body,
        })
    }

    fn body(&mut self, headers: &HeaderMap) -> Vec<u8> {
        if headers.contains_key("transfer-encoding") {
            return self.chunks();
        }
        let length = headers.get("content-length").map_or(0, |value| {
            value
                .to_str()
                .ok()
                .and_then(|text| text.parse().ok())
                .expect("a length")
        });
        let mut body = vec![0; length];
        self.stream
            .read_exact(&mut body)
            .expect("the answer arrives whole");
        body
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let size = self.line().expect("a chunk");
            let size = usize::from_str_radix(&size, 16).expect("its size");
            let mut chunk = vec![0; size + 2];
            self.stream
                .read_exact(&mut chunk)
                .expect("the chunk arrives whole");
            if size == 0 {
                return body;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).unwrap_or(0);
        (read > 0).then(|| line.trim_end().to_owned())
    }
}

/// JSON, padded with spaces to `length` bytes.
pub(crate) fn padded(json: &Value, length: usize) -> String {
    let text = json.to_string();
    format!("{text}{}", " ".repeat(length - text.len()))
}
