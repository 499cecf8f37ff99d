//! Values that clients send as JSON, in an address or in a form. What a Rust library says about a wrong value is written
//! for its programmers, so every refusal here has words of our own.

mod error;
mod node;
mod pairs;

use serde::de::DeserializeOwned;

pub(crate) use error::InvalidInput;
pub(crate) use pairs::pairs;

use node::Node;

/// Reads a value from JSON. A structure has to be an object, and each of its keys counts once.
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

/// Reads a structure from the names and values of an address or a form. A list takes a name any number of times, everything
/// else once.
///
/// # Errors
/// Says which name or value is wrong.
pub(crate) fn read_pairs<T: DeserializeOwned>(text: &[u8]) -> Result<T, InvalidInput> {
    T::deserialize(Node::from_pairs(pairs(text)?))
}

#[cfg(test)]
mod tests;
