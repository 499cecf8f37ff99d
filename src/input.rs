//! Deserializes JSON, queries and forms. The error texts are for the client; those of the libraries
//! are for programmers.

mod error;
mod node;
mod pairs;

use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Deserializer};
use serde_json::value::RawValue;

pub(crate) use error::InvalidInput;
pub(crate) use pairs::pairs;

use node::Node;

/// Reads a value from JSON. A structure must be an object without repeated keys.
///
/// # Errors
/// Says where the text is not JSON, or which value is wrong.
pub(crate) fn read_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, InvalidInput> {
    if text.trim_ascii().is_empty() {
        return Err(InvalidInput::empty());
    }
    let node: Node = serde_json::from_slice(text).map_err(|error| InvalidInput::syntax(&error))?;
    T::deserialize(node)
}

/// Reads a value from another format.
///
/// # Errors
/// Says which value is wrong.
pub(crate) fn read_value<'de, T: DeserializeOwned>(
    value: impl Deserializer<'de>,
) -> Result<T, InvalidInput> {
    let node = Node::deserialize(value).map_err(|_| InvalidInput::expected("other values"))?;
    T::deserialize(node)
}

/// The same for one of very many values: it is parsed directly, and again only to explain an error.
/// The text must begin like an object, because serde also accepts a list for a structure.
///
/// # Errors
/// Says that the text is not JSON, or which value is wrong.
pub(crate) fn read_one_of_many<T: DeserializeOwned>(text: &str) -> Result<T, InvalidInput> {
    let explain = |_| {
        let node = serde_json::from_str::<Node>(text);
        T::deserialize(node.map_err(|error| InvalidInput::syntax_of_part(&error))?)
    };
    serde_json::from_str(text).or_else(explain)
}

/// Reads a structure from the values of its fields in order; the last ones may be missing.
///
/// # Errors
/// Says that the text is not JSON, or which value is wrong.
pub(crate) fn read_row<T: DeserializeOwned>(
    text: &str,
    fields: &'static [&'static str],
) -> Result<T, InvalidInput> {
    let explain = |_| {
        let node = serde_json::from_str(text);
        let node = node.map_err(|error| InvalidInput::syntax_of_part(&error))?;
        T::deserialize(Node::from_row(node, fields)?)
    };
    serde_json::from_str(text).or_else(explain)
}

/// Reads a list of frames without parsing them.
///
/// # Errors
/// Says where the text is not JSON, or that it is no list.
pub(crate) fn read_frame_list(text: &[u8]) -> Result<Vec<&RawValue>, InvalidInput> {
    serde_json::from_slice(text).map_err(|error| {
        if error.is_data() {
            InvalidInput::expected("a list of frames")
        } else {
            InvalidInput::syntax(&error)
        }
    })
}

/// Reads a structure from a query or form. Only fields that are lists may be repeated.
///
/// # Errors
/// Says which name or value is wrong.
pub(crate) fn read_pairs<T: DeserializeOwned>(text: &[u8]) -> Result<T, InvalidInput> {
    T::deserialize(Node::from_pairs(pairs(text)?))
}

#[cfg(test)]
mod tests;
