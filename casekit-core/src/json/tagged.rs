//! Enums whose variants are told apart by a field.

/// Defines an enum whose variants are told apart by a field, the tag.
///
/// The reader that serde derives for one buffers it in a form of its own, and whatever its variants hold is
/// compiled once more to be read from that. In wasm nodes are the buffer: serde derives the reader of a
/// twin without a tag.
macro_rules! tagged {
    (
        $(#[doc = $doc:literal])*
        #[derive($($derived:ident),*)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(tag = $tag:literal, $($form:tt)*)]
        pub enum $type:ident as $name:literal $variants:tt
    ) => {
        $(#[doc = $doc])*
        #[derive($($derived),*)]
        #[cfg_attr(not(target_family = "wasm"), derive(serde::Deserialize))]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(tag = $tag, $($form)*)]
        pub enum $type $variants

        #[cfg(target_family = "wasm")]
        const _: () = {
            #[derive(serde::Deserialize)]
            #[serde(remote = $name, $($form)*)]
            enum Twin $variants

            impl<'de> serde::Deserialize<'de> for $type {
                fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
                    let node = <$crate::json::Node as serde::Deserialize>::deserialize(reader)?;
                    let tagged = $crate::json::Tagged::of(node, $tag);
                    let read = tagged.and_then(|tagged| Twin::deserialize(&tagged));
                    read.map_err(serde::de::Error::custom)
                }
            }
        };
    };
}
