//! Values in the address of a PostgreSQL database that the driver would refuse in its own words, or
//! misunderstand, when it connects.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use url::Url;

use super::DsnError;

/// Makes sure that each value is of its kind.
pub(super) fn check(url: &Url) -> Result<(), DsnError> {
    let texts = [url.username(), url.password().unwrap_or(""), url.path()];
    let is_text = |text: &&str| {
        let text = percent_decode_str(text).decode_utf8();
        text.is_ok_and(|text| !text.contains('\0'))
    };
    if !texts.iter().all(is_text) || url.query_pairs().any(|(_, value)| value.contains('\0')) {
        return Err(DsnError::NotText);
    }
    if url.port() == Some(0) {
        return Err(invalid("port", PORT));
    }
    for (name, value) in url.query_pairs() {
        let expected = match &*name {
            "port" if !is_port(&value) => PORT,
            "host" if value.trim().is_empty() => "a host or the folder of a socket",
            "hostaddr" if value.parse::<IpAddr>().is_err() => "an IP address",
            "statement-cache-capacity" if value.parse::<u32>().is_err() => "a whole number",
            _ => continue,
        };
        return Err(invalid(&name, expected));
    }
    Ok(())
}

/// What a port is.
const PORT: &str = "a number from 1 to 65535";

fn is_port(value: &str) -> bool {
    value.parse::<u16>().is_ok_and(|port| port > 0)
}

fn invalid(name: &str, expected: &'static str) -> DsnError {
    DsnError::Parameter {
        name: name.to_owned(),
        expected,
    }
}
