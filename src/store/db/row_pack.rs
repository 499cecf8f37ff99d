//! Many items in one value, because for PostgreSQL and its driver a row costs more than its content.
//!
//! Each item is a fixed number of bytes and a text. Items are separated by NUL, which no text of
//! PostgreSQL contains.

use std::iter;

use sea_orm::DbErr;

/// Bytes of a UUID.
pub(in crate::store) const ID: usize = 16;

/// The fixed part and the text of each item.
pub(in crate::store) fn items<const FIXED: usize>(
    mut rest: &[u8],
) -> impl Iterator<Item = Result<(&[u8; FIXED], &str), DbErr>> {
    iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((fixed, after)) = rest.split_first_chunk() else {
            rest = &[];
            return Some(Err(damaged()));
        };
        let end = after.iter().position(|byte| *byte == 0);
        let (text, after) = after.split_at(end.unwrap_or(after.len()));
        rest = after.get(1..).unwrap_or_default();
        let text = str::from_utf8(text).map_err(|_| damaged());
        Some(text.map(|text| (fixed, text)))
    })
}

/// The value does not have the format that the statement produces.
pub(in crate::store) fn damaged() -> DbErr {
    DbErr::Type("a packed value is not what was asked for".to_owned())
}
