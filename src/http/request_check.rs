//! Refuses requests that RFC 9110 and RFC 9112 declare invalid and that hyper lets through. What
//! hyper itself cannot parse never comes this far: it sends a bare 400, 414 or 431.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use axum::http::header::{ALLOW, EXPECT, HOST, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::HttpError;
use super::invalid_request::InvalidRequest;

/// Every method that some address has, for `OPTIONS *`.
const METHODS: &str = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT";

/// Refuses invalid requests, and handles the two that concern no address: `OPTIONS *`, and the host
/// in a target that is a whole URL.
pub(super) async fn layer(mut request: Request, next: Next) -> Result<Response, HttpError> {
    check(&request)?;
    if is_asterisk(request.uri()) {
        return Ok((StatusCode::NO_CONTENT, [(ALLOW, METHODS)]).into_response());
    }
    // RFC 9112, 3.2.2: the host of the target replaces that of the header.
    let authority = request.uri().authority().map(Authority::as_str);
    if let Some(Ok(host)) = authority.map(HeaderValue::from_str) {
        request.headers_mut().insert(HOST, host);
    }
    Ok(next.run(request).await)
}

fn check(request: &Request) -> Result<(), InvalidRequest> {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    if method == Method::CONNECT {
        return Err(InvalidRequest::Connect);
    }
    check_host(request.version(), headers)?;
    check_target(method, uri)?;
    check_codings(headers)?;
    let is_known = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if headers.get_all(EXPECT).iter().all(is_known) {
        Ok(())
    } else {
        Err(InvalidRequest::Expectation)
    }
}

/// One valid `Host`, which HTTP/1.0 may lack.
fn check_host(version: Version, headers: &HeaderMap) -> Result<(), InvalidRequest> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version < Version::HTTP_11 => Ok(()),
        (None, _) => Err(InvalidRequest::NoHost),
        (Some(_), Some(_)) => Err(InvalidRequest::SeveralHosts),
        (Some(host), None) if is_host(host.as_bytes()) => Ok(()),
        (Some(_), None) => Err(InvalidRequest::Host),
    }
}

/// `*` goes with `OPTIONS` only, and a path and query are ASCII.
fn check_target(method: &Method, uri: &Uri) -> Result<(), InvalidRequest> {
    let is_ascii = uri.path().is_ascii() && uri.query().is_none_or(str::is_ascii);
    let has_user = uri
        .authority()
        .is_some_and(|it| !is_host(it.as_str().as_bytes()));
    let is_misplaced = is_asterisk(uri) && method != Method::OPTIONS;
    if !is_ascii || has_user || is_misplaced {
        return Err(InvalidRequest::Target);
    }
    Ok(())
}

fn is_asterisk(uri: &Uri) -> bool {
    uri.path() == "*"
}

/// hyper takes any list of codings that ends in chunked, and decodes that one alone.
fn check_codings(headers: &HeaderMap) -> Result<(), InvalidRequest> {
    let fields = headers.get_all(TRANSFER_ENCODING).iter();
    let mut chunked = 0;
    for field in fields {
        let field = field.to_str().map_err(|_| InvalidRequest::UnknownCoding)?;
        for coding in field.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            if !coding.eq_ignore_ascii_case("chunked") {
                return Err(InvalidRequest::UnknownCoding);
            }
            chunked += 1;
        }
    }
    if chunked > 1 {
        return Err(InvalidRequest::ChunkedTwice);
    }
    Ok(())
}

/// `uri-host [ ":" port ]` (RFC 9110, 7.2), without the empty host, which no http URL has.
fn is_host(value: &[u8]) -> bool {
    let Ok(value) = str::from_utf8(value) else {
        return false;
    };
    let (host, port) = match value.rfind(':') {
        Some(colon) if !value.ends_with(']') => (&value[..colon], &value[colon + 1..]),
        _ => (value, ""),
    };
    let is_port = port.is_empty() || port.parse::<u16>().is_ok_and(|_| !port.starts_with('+'));
    is_port && (is_ip_literal(host) || is_name(host))
}

fn is_ip_literal(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    inside.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// A registered name or an IPv4 address (RFC 3986, 3.2.2).
fn is_name(host: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&byte);
    let has_whole_escapes = || {
        let mut escapes = host.split('%').skip(1);
        escapes.all(|rest| {
            let digits = rest.as_bytes().get(..2);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        })
    };
    host.parse::<Ipv4Addr>().is_ok()
        || !host.is_empty() && host.bytes().all(is_allowed) && has_whole_escapes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_name_or_an_address_and_perhaps_a_port() {
        for host in [
            "api.example.org",
            "API.example.org:443",
            "localhost:",
            "192.0.2.1:80",
            "[::1]",
            "[2001:db8::1]:7878",
            "crick",
            "a_b",
            "xn--bcher-kva.example",
            "b%C3%BCcher.example",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            " ",
            ":80",
            "ada@example.org",
            "example.org/path",
            "example.org?q",
            "example.org#f",
            "a b",
            "a, b",
            "[::1",
            "::1",
            "[::g]",
            "[fe80::1%eth0]",
            "example.org:x",
            "example.org:65536",
            "example.org:+80",
            "example.org:80:81",
            "a%zz",
            "a%",
            "b\u{fc}cher",
            "a\\b",
            "<a>",
            "\"a\"",
        ] {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
        assert!(!is_host(b"\xff"));
    }
}
