//! Reads the tags of a frame. The list stops growing above a frame's limit, so that a body of
//! millions of short texts needs no more memory than its bytes.

use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, SeqAccess, Visitor};

use crate::model::MOST_TAGS;

/// Reads a list of texts, or `null`. It keeps at most one text more than the limit.
pub(in crate::api) fn read<'de, D: Deserializer<'de>>(
    reader: D,
) -> Result<Option<Vec<String>>, D::Error> {
    reader.deserialize_any(TagList)
}

struct TagList;

impl<'de> Visitor<'de> for TagList {
    type Value = Option<Vec<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of texts")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut tags = Vec::new();
        while tags.len() <= MOST_TAGS
            && let Some(tag) = list.next_element()?
        {
            tags.push(tag);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(tags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_is_not_kept_whole() {
        let mut text = vec!["\"x\""; 100_000].join(",");
        text.insert(0, '[');
        text.push(']');
        let read = super::read(&mut serde_json::Deserializer::from_str(&text));
        let tags = read.expect("a list").expect("texts");
        assert_eq!(tags.len(), MOST_TAGS + 1);
    }
}
