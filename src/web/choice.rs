//! Names as the values of choices in a form. Browsers send every end of a line as CR LF (HTML Standard, 4.10.21.4), and
//! a name may hold a lone one: so line ends travel percent-encoded, and with them the percent sign.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A name as a value.
pub(super) fn value(name: &str) -> Cow<'_, str> {
    if !name.contains(['%', '\r', '\n']) {
        return Cow::Borrowed(name);
    }
    let name = name.replace('%', "%25");
    Cow::Owned(name.replace('\r', "%0D").replace('\n', "%0A"))
}

/// The names of values that were chosen.
pub(super) fn names(values: Vec<String>) -> Vec<String> {
    let decoded = values
        .iter()
        .map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned());
    decoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_as_it_was_also_through_a_browser() {
        for name in [
            "apollo", "100 %", "%0A", "a\nb", "a\r\nb", "\r", "ü\n%25", "",
        ] {
            let sent = value(name);
            assert!(!sent.contains(['\r', '\n']), "{sent:?}");
            assert_eq!(names(vec![sent.into_owned()]), [name]);
        }
    }
}
