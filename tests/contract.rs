//! The contract with the clients of the first Crick, where no other module keeps it already: what was right stays as it
//! was, to the order of the fields, and what was wrong does not come back.

mod addresses;
mod faults;
mod http;
mod json_web_tokens;
mod latest_instant;
mod schema;
mod shapes;
mod somebody_else;
mod values;
mod walk;
mod world;
mod wrong_bodies;
mod wrong_values;

use uuid::Uuid;

use crate::support::Reply;

/// An answer's body as it was sent.
fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).expect("UTF-8")
}

/// An answer's body with every UUID in it replaced, for comparing the order of its fields too.
fn shape(reply: &Reply) -> String {
    let (text, mut shape) = (text(reply), String::new());
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        let id = rest.get(..36).filter(|id| Uuid::try_parse(id).is_ok());
        shape += id.map_or(&rest[..next.len_utf8()], |_| "ID");
        rest = &rest[id.map_or(next.len_utf8(), str::len)..];
    }
    shape
}
