//! The names and values of a query or a form.

use percent_encoding::percent_decode_str;

use super::InvalidInput;

/// Parses `application/x-www-form-urlencoded` as the URL Standard does, but refuses invalid UTF-8
/// instead of replacing it, because names are compared exactly.
///
/// # Errors
/// When something is not UTF-8.
pub(crate) fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, InvalidInput> {
    let text = str::from_utf8(text).map_err(|_| InvalidInput::not_utf8())?;
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let decoded = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        let value = decode(value).map_err(|error| error.inside(&name))?;
        Ok((name, value))
    });
    decoded.collect()
}

fn decode(text: &str) -> Result<String, InvalidInput> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    let decoded = decoded.map_err(|_| InvalidInput::not_utf8())?;
    Ok(decoded.into_owned())
}
