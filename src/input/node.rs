//! An untyped input value.

use std::fmt;

use indexmap::IndexMap;
use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Expected, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Number;

use super::InvalidInput;

/// A value from JSON, or from an address or a form.
#[derive(Debug)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// Keys may be repeated.
    Object(Vec<(String, Node)>),
    /// The values of a name in a query or form, at least one; they have no type.
    Values(Vec<String>),
}

impl Node {
    /// Groups the values by name.
    pub(super) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        let mut names: IndexMap<String, Vec<String>> = IndexMap::new();
        for (name, value) in pairs {
            names.entry(name).or_default().push(value);
        }
        let values = names.into_iter();
        Self::Object(
            values
                .map(|(name, all)| (name, Self::Values(all)))
                .collect(),
        )
    }

    /// Zips a list of values with field names.
    pub(super) fn from_row(list: Self, fields: &[&str]) -> Result<Self, InvalidInput> {
        let Self::List(values) = list else {
            return Err(InvalidInput::expected("a list"));
        };
        if values.len() > fields.len() {
            let most = format!("a list of at most {} values", fields.len());
            return Err(InvalidInput::expected(most));
        }
        let names = fields.iter().map(|name| (*name).to_owned());
        Ok(Self::Object(names.zip(values).collect()))
    }

    /// The text that this is.
    fn text(self) -> Result<String, InvalidInput> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Values(mut values) => match (values.pop(), values.is_empty()) {
                (Some(value), true) => Ok(value),
                _ => Err(InvalidInput::repeated("")),
            },
            _ => Err(InvalidInput::expected("a string")),
        }
    }
}

/// Deserializes numbers, which are text in a query.
macro_rules! numbers {
    ($what:literal, $number:ident: $($read:ident $visit:ident $type:ty,)+) => {$(
        fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidInput> {
            let number: Option<$type> = match &self {
                Self::Number(number) => number.$number().and_then(|number| number.try_into().ok()),
                Self::Values(_) => self.text()?.parse().ok(),
                _ => None,
            };
            let number = number.ok_or_else(|| InvalidInput::expected($what))?;
            visitor.$visit(number)
        }
    )+};
}

impl<'de> Deserializer<'de> for Node {
    type Error = InvalidInput;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidInput> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Self::Values(values) if values.len() > 1 => {
                Self::Values(values).deserialize_seq(visitor)
            }
            Self::Text(_) | Self::Values(_) => self.deserialize_string(visitor),
            Self::List(_) => self.deserialize_seq(visitor),
            Self::Object(_) => self.deserialize_map(visitor),
        }
    }

    numbers! { "a whole number", as_u64:
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
    }
    numbers! { "a whole number", as_i64: deserialize_i64 visit_i64 i64, }
    numbers! { "a number", as_f64: deserialize_f64 visit_f64 f64, }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidInput> {
        let value = match &self {
            Self::Bool(value) => Some(*value),
            Self::Values(_) => self.text()?.parse().ok(),
            _ => None,
        };
        visitor.visit_bool(value.ok_or_else(|| InvalidInput::expected("true or false"))?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidInput> {
        let text = self.text()?;
        // Replaces the error text of a library's type, such as a UUID.
        let expected = (&visitor as &dyn Expected).to_string();
        let expected = match expected.as_str() {
            uuid if uuid.contains("UUID") => "a UUID",
            instant if instant.contains("timestamp") => {
                "an instant with a zone, like 2026-01-31T08:00:00Z"
            }
            other => other,
        };
        visitor
            .visit_string(text)
            .map_err(|_: InvalidInput| InvalidInput::expected(expected))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidInput> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidInput> {
        match self {
            Self::Null => visitor.visit_none(),
            other => visitor.visit_some(other),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidInput> {
        let list = match self {
            Self::List(list) => list,
            Self::Values(values) => values.into_iter().map(Self::Text).collect(),
            _ => return Err(InvalidInput::expected("a list")),
        };
        visitor.visit_seq(List(list.into_iter().enumerate()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidInput> {
        let Self::Object(object) = self else {
            return Err(InvalidInput::expected("an object"));
        };
        let entries = object.into_iter();
        visitor.visit_map(Entries {
            entries,
            current: None,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InvalidInput> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InvalidInput> {
        let text: StringDeserializer<InvalidInput> = self.text()?.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, InvalidInput> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The values of a list.
struct List(std::iter::Enumerate<std::vec::IntoIter<Node>>);

impl<'de> SeqAccess<'de> for List {
    type Error = InvalidInput;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, InvalidInput> {
        let Some((at, node)) = self.0.next() else {
            return Ok(None);
        };
        let value = seed.deserialize(node);
        value
            .map(Some)
            .map_err(|error| error.inside(&format!("[{at}]")))
    }
}

/// The keys and values of an object.
struct Entries {
    entries: std::vec::IntoIter<(String, Node)>,
    current: Option<(String, Node)>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = InvalidInput;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, InvalidInput> {
        self.current = self.entries.next();
        let Some((key, _)) = &self.current else {
            return Ok(None);
        };
        let key: StringDeserializer<InvalidInput> = key.clone().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, InvalidInput> {
        // serde asks for a value only after its key.
        let (key, node) = self.current.take().unwrap_or((String::new(), Node::Null));
        seed.deserialize(node).map_err(|error| error.inside(&key))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Any)
    }
}

/// Accepts any JSON value.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        // JSON has no infinite numbers.
        Ok(Number::from_f64(number).map_or(Node::Null, Node::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = object.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Object(entries))
    }
}
