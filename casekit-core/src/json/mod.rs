//! How JSON is read: in one place, because the code for it is made anew for every type that is read,
//! and that is much of what a browser has to fetch.

mod node;
mod reader;
#[macro_use]
mod tagged;
#[cfg(any(test, target_family = "wasm"))]
mod twin;

use serde::de::DeserializeOwned;

pub(crate) use node::Node;
#[cfg(target_family = "wasm")]
pub(crate) use twin::Tagged;

/// Reads a value from its JSON.
///
/// In wasm a text becomes a tree of nodes first, from which all types are read. That takes longer than to
/// read a type as the text goes by, which other hosts do, and needs half the code. What is read and what
/// is said of mistakes are the same, but for two things: a mistake has no line and column, and a list
/// never stands for an object.
///
/// # Errors
/// What serde says of the mistake.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    #[cfg(target_family = "wasm")]
    let value = read_by_nodes(json);
    #[cfg(not(target_family = "wasm"))]
    let value = serde_json::from_slice(json);
    value
}

#[cfg(any(test, target_family = "wasm"))]
fn read_by_nodes<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let node: Node = serde_json::from_slice(json)?;
    T::deserialize(&node)
}

#[cfg(test)]
mod tests;
