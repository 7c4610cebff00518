//! Reads an enum whose variants are told apart by `type`.
//!
//! Serde's own reader of such enums first collects the whole object in a buffer, as the tag may come
//! last, and then reads the variant from there: each type within gets a second reader, which is a
//! tenth of all that a browser downloads. This one looks for the tag in the text, and then reads the
//! variant from the same text.

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor,
        value::CowStrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, de::StrRead};
use std::borrow::Cow;

/// A JSON object with a `type`, as a deserializer of externally tagged enums.
pub(crate) struct Tagged<'de> {
    text: &'de str,
    name: Cow<'de, str>,
}

#[derive(Deserialize)]
struct Tag<'a> {
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
}

impl<'de> Tagged<'de> {
    /// Finds the tag.
    pub(crate) fn new(text: &'de str) -> Result<Self, Error> {
        let Tag { name } = serde_json::from_str(text)?;
        Ok(Self { text, name })
    }
}

impl<'de> Deserializer<'de> for Tagged<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = Error;
    type Variant = Fields<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Fields<'de>), Error> {
        let name: CowStrDeserializer<'de, Error> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Fields(self.text)))
    }
}

/// The object again, for the fields of its variant; the tag is one that no variant knows.
pub(crate) struct Fields<'de>(&'de str);

impl<'de> Fields<'de> {
    fn reader(&self) -> serde_json::Deserializer<StrRead<'de>> {
        serde_json::Deserializer::from_str(self.0)
    }
}

impl<'de> VariantAccess<'de> for Fields<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(&mut self.reader())
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.reader().deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.reader().deserialize_struct("", fields, visitor)
    }
}

/// Declares `ServerFrame`: written with its variant's name as `type`, and read from text by
/// [`std::str::FromStr`].
macro_rules! server_frame {
    ($(#[$attribute:meta])* pub enum ServerFrame { $($variants:tt)* }) => {
        $(#[$attribute])*
        #[derive(Serialize)]
        #[serde(tag = "type")]
        pub enum ServerFrame { $($variants)* }

        /// The same variants, to be read from behind their tag.
        #[derive(Deserialize)]
        #[serde(remote = "ServerFrame")]
        enum Variants { $($variants)* }

        impl std::str::FromStr for ServerFrame {
            type Err = serde_json::Error;

            fn from_str(text: &str) -> Result<Self, serde_json::Error> {
                Variants::deserialize($crate::tagged::Tagged::new(text)?)
            }
        }
    };
}
pub(crate) use server_frame;
