//! Reading an enum from an object in which a field names the variant.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Result};

use super::Node;

/// An object without the field that names the variant, and what that field held.
pub(crate) struct Tagged {
    name: Node,
    rest: Node,
}

impl Tagged {
    pub(crate) fn of(node: Node, tag: &'static str) -> Result<Self> {
        let Node::Object(mut fields) = node else {
            return node.unexpected(&&*format!("an object with `{tag}`"));
        };
        let at = fields.iter().position(|(name, _)| name == tag);
        let at = at.ok_or_else(|| Error::missing_field(tag))?;
        let (_, name) = fields.remove(at);
        let rest = Node::Object(fields);
        Ok(Self { name, rest })
    }
}

impl<'de> Deserializer<'de> for &'de Tagged {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for &'de Tagged {
    type Error = Error;
    type Variant = &'de Node;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, &'de Node)> {
        Ok((seed.deserialize(&self.name)?, &self.rest))
    }
}

impl<'de> VariantAccess<'de> for &'de Node {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case", deny_unknown_fields)]
    enum Twin {
        Alone,
        Named { name: String },
        Held(std::collections::BTreeMap<String, u8>),
    }

    fn read(json: &str) -> std::result::Result<Twin, String> {
        let node = serde_json::from_str(json).unwrap();
        let read = Tagged::of(node, "type").and_then(|tagged| Twin::deserialize(&tagged));
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn the_tag_may_stand_anywhere() {
        assert_eq!(read(r#"{"type": "alone", "more": 1}"#), Ok(Twin::Alone));
        let name = "x".to_owned();
        assert_eq!(
            read(r#"{"name": "x", "type": "named"}"#),
            Ok(Twin::Named { name })
        );
        let held = Twin::Held([("a".to_owned(), 1)].into());
        assert_eq!(read(r#"{"a": 1, "type": "held"}"#), Ok(held));
    }

    #[test]
    fn mistakes_are_told() {
        for (json, told) in [
            (
                "\"alone\"",
                "invalid type: string \"alone\", expected an object with `type`",
            ),
            ("{}", "missing field `type`"),
            (
                r#"{"type": 7}"#,
                "invalid type: integer `7`, expected variant identifier",
            ),
            (
                r#"{"type": "other"}"#,
                "unknown variant `other`, expected one of `alone`, `named`, `held`",
            ),
            (r#"{"type": "named"}"#, "missing field `name`"),
            (
                r#"{"type": "named", "name": "x", "nam": "y"}"#,
                "unknown field `nam`, expected `name`",
            ),
        ] {
            assert_eq!(read(json), Err(told.to_owned()), "{json}");
        }
    }
}
