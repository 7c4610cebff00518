//! Reads JSON by way of a tree.
//!
//! From text, serde_json reads each type with code of that type's own for braces and commas, for an
//! array in the place of an object, and for the sentences about what can be wrong: an eighth of all
//! that a browser downloaded. Here one reader makes a tree of any text, and what types take from that
//! is little more than their fields.

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess,
        Visitor,
    },
    forward_to_deserialize_any,
};
use std::{fmt, vec};

/// The text is no JSON, or not of the type that was expected.
#[derive(Debug, thiserror::Error)]
#[error("not what was expected")]
pub struct Unexpected;

impl Error for Unexpected {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads a value.
///
/// # Errors
/// The text is no JSON, or not of this type.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Unexpected> {
    T::deserialize(Json::read(text)?)
}

/// Any JSON, as a deserializer.
pub(crate) enum Json {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn read(text: &str) -> Result<Self, Unexpected> {
        serde_json::from_str(text).map_err(|_| Unexpected)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Signed(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            object.push(entry);
        }
        Ok(Json::Object(object))
    }
}

/// Reads numbers, and refuses all else.
macro_rules! deserialize_numbers {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
            match self {
                Self::Unsigned(value) => visitor.visit_u64(value),
                Self::Signed(value) => visitor.visit_i64(value),
                Self::Float(value) => visitor.visit_f64(value),
                _ => Err(Unexpected),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Json {
    type Error = Unexpected;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Signed(value) => visitor.visit_i64(value),
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text(value) => visitor.visit_string(value),
            Self::List(items) => visitor.visit_seq(Items(items.into_iter())),
            Self::Object(entries) => visitor.visit_map(Entries::new(entries)),
        }
    }

    deserialize_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        match self {
            Self::Bool(value) => visitor.visit_bool(value),
            _ => Err(Unexpected),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        match self {
            Self::Text(value) => visitor.visit_string(value),
            _ => Err(Unexpected),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unexpected> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        match self {
            Self::List(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(Unexpected),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Unexpected> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        match self {
            Self::Object(entries) => visitor.visit_map(Entries::new(entries)),
            _ => Err(Unexpected),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unexpected> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unexpected> {
        visitor.visit_enum(Variant::named(self)?)
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple_struct ignored_any
    }
}

struct Items(vec::IntoIter<Json>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Unexpected;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unexpected> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

struct Entries {
    rest: vec::IntoIter<(String, Json)>,
    value: Json,
}

impl Entries {
    fn new(entries: Vec<(String, Json)>) -> Self {
        Self {
            rest: entries.into_iter(),
            value: Json::Null,
        }
    }

    fn next_key(&mut self) -> Option<Json> {
        let (key, value) = self.rest.next()?;
        self.value = value;
        Some(Json::Text(key))
    }

    fn next_value(&mut self) -> Json {
        std::mem::replace(&mut self.value, Json::Null)
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Unexpected;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unexpected> {
        let key = self.next_key();
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Unexpected> {
        seed.deserialize(self.next_value())
    }
}

/// A variant of an enum, and what it is made of.
pub(crate) struct Variant {
    name: String,
    content: Json,
}

impl Variant {
    /// As serde writes it: the name, or an object with that as its only key.
    fn named(json: Json) -> Result<Self, Unexpected> {
        match json {
            Json::Text(name) => Ok(Self {
                name,
                content: Json::Null,
            }),
            Json::Object(mut entries) if entries.len() == 1 => {
                let (name, content) = entries.remove(0);
                Ok(Self { name, content })
            }
            _ => Err(Unexpected),
        }
    }

    /// An object that has the name as its `type`. Serde's own reader of such enums gives each type
    /// within a second reader.
    pub(crate) fn tagged(text: &str) -> Result<Self, Unexpected> {
        let Json::Object(mut entries) = Json::read(text)? else {
            return Err(Unexpected);
        };
        let at = entries.iter().position(|(key, _)| key == "type");
        match at.map(|at| entries.remove(at).1) {
            Some(Json::Text(name)) => Ok(Self {
                name,
                content: Json::Object(entries),
            }),
            _ => Err(Unexpected),
        }
    }
}

impl<'de> Deserializer<'de> for Variant {
    type Error = Unexpected;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unexpected;
    type Variant = Json;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Json), Unexpected> {
        let variant = seed.deserialize(Json::Text(self.name))?;
        Ok((variant, self.content))
    }
}

impl<'de> VariantAccess<'de> for Json {
    type Error = Unexpected;

    fn unit_variant(self) -> Result<(), Unexpected> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Unexpected> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Unexpected> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unexpected> {
        self.deserialize_map(visitor)
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
            type Err = $crate::json::Unexpected;

            fn from_str(text: &str) -> Result<Self, $crate::json::Unexpected> {
                Variants::deserialize($crate::json::Variant::tagged(text)?)
            }
        }
    };
}
pub(crate) use server_frame;

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Debug;

    #[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
    struct Whole {
        flag: bool,
        small: u8,
        number: i64,
        part: f64,
        text: String,
        maybe: Option<u32>,
        list: Vec<Kind>,
        pair: (u64, String),
        nothing: (),
    }

    #[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
    enum Kind {
        Plain,
        Of(u64),
        Two(u64, u64),
        With { name: String },
    }

    fn is_read_as_serde_json_reads_it<T: DeserializeOwned + Debug + PartialEq>(text: &str) {
        let expected = serde_json::from_str::<T>(text).ok();
        assert_eq!(from_str::<T>(text).ok(), expected, "{text}");
    }

    #[test]
    fn what_is_written_is_read() {
        let whole = Whole {
            flag: true,
            small: 255,
            number: i64::MIN,
            part: 0.5,
            text: "a \"word\" \u{1F600}".into(),
            maybe: None,
            list: vec![
                Kind::Plain,
                Kind::Of(3),
                Kind::Two(1, 2),
                Kind::With { name: "x".into() },
            ],
            pair: (u64::MAX, String::new()),
            nothing: (),
        };
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(from_str::<Whole>(&text).unwrap(), whole);
    }

    #[test]
    fn what_is_of_another_type_is_refused() {
        for text in [
            "", "nul", "null", "1", "-1", "256", "1.5", "true", "\"x\"", "[]", "[1]", "{}",
        ] {
            is_read_as_serde_json_reads_it::<u8>(text);
            is_read_as_serde_json_reads_it::<i64>(text);
            is_read_as_serde_json_reads_it::<f64>(text);
            is_read_as_serde_json_reads_it::<bool>(text);
            is_read_as_serde_json_reads_it::<String>(text);
            is_read_as_serde_json_reads_it::<Option<u8>>(text);
            is_read_as_serde_json_reads_it::<Vec<u8>>(text);
            is_read_as_serde_json_reads_it::<Kind>(text);
            is_read_as_serde_json_reads_it::<Whole>(text);
        }
    }

    #[test]
    fn fields_that_are_missing_unknown_or_there_twice_are_as_serde_json_has_them() {
        for text in [
            r#"{"id": 1}"#,
            r#"{"id": 1, "new": {"a": [1, null]}}"#,
            r#"{"id": 1, "id": 2}"#,
            r#"{"name": "x"}"#,
            r#"{"id": 1} trailing"#,
        ] {
            #[derive(Debug, PartialEq, Deserialize)]
            struct Named {
                id: u64,
                name: Option<String>,
            }
            is_read_as_serde_json_reads_it::<Named>(text);
        }
    }
}
