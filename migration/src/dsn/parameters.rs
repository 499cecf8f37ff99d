//! Checks the parameters of a PostgreSQL address that the driver would misinterpret, or reject only
//! when it connects.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use url::Url;

use super::DsnError;

/// The parameters that the driver knows. It would show the values of others in a warning.
const KNOWN: &str = "application_name dbname host hostaddr options password port ssl-ca ssl-cert \
    ssl-key ssl-mode ssl-root-cert sslcert sslkey sslmode sslrootcert statement-cache-capacity \
    user";

const PORT: &str = "a number from 1 to 65535";

pub(super) fn check(url: &Url) -> Result<(), DsnError> {
    let is_unknown = |key: &str| !KNOWN.split(' ').any(|known| known == key);
    if let Some((key, _)) = url.query_pairs().find(|(key, _)| is_unknown(key)) {
        return Err(DsnError::UnknownParameter(key.into_owned()));
    }
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

fn is_port(value: &str) -> bool {
    value.parse::<u16>().is_ok_and(|port| port > 0)
}

fn invalid(name: &str, expected: &'static str) -> DsnError {
    DsnError::Parameter {
        name: name.to_owned(),
        expected,
    }
}
