//! libpq's form of a database address: `host=db user=crick password='a b'`.

use url::Url;

use super::DsnError;

/// Turns libpq's `host=db user=crick password='a b'` into a URL; every key travels as a query
/// parameter.
pub(super) fn to_url(text: &str) -> Result<String, DsnError> {
    let mut url = Url::parse("postgresql:///").map_err(DsnError::Invalid)?;
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or(DsnError::InvalidPair)?;
        let key = key.trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(DsnError::InvalidPair);
        }
        let (value, after) = split_value(after.trim_start())?;
        match key {
            "dbname" => url.set_path(&format!("/{value}")),
            "fallback_application_name" | "connect_timeout" => {}
            _ => {
                url.query_pairs_mut().append_pair(key, &value);
            }
        }
        rest = after.trim_start();
    }
    Ok(url.into())
}

/// Splits a value, quoted or bare, from the rest of the text.
fn split_value(text: &str) -> Result<(String, &str), DsnError> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut characters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            c if !quoted && c.is_whitespace() => return Ok((value, &text[at..])),
            c => value.push(c),
        }
    }
    if quoted {
        Err(DsnError::InvalidPair)
    } else {
        Ok((value, ""))
    }
}
