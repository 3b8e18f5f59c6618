//! From a JSON value to a wire type, with the path of what does not fit.

use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    VariantAccess, Visitor, value::StrDeserializer,
};
use serde_json::{Map, Value, map};

use super::error::{ModelFileError, ModelFileErrorKind};
use super::json_path::{Step, json_path};

/// Read a wire type.
pub(super) fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, ModelFileError> {
    T::deserialize(Node(value)).map_err(|misfit| {
        let path = json_path(misfit.steps.iter().rev());
        ModelFileError::new(ModelFileErrorKind::Schema, path, misfit.message)
    })
}

/// What does not fit, and where: innermost step first.
#[derive(Debug)]
struct Misfit {
    steps: Vec<Step>,
    message: String,
}

impl Misfit {
    fn under(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    fn at_key(key: &str, message: String) -> Self {
        Self { steps: vec![Step::Key(key.to_owned())], message }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { steps: Vec::new(), message: message.to_string() }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown key; expected one of {}", expected.join(", "));
        Self::at_key(field, message)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::at_key(field, "the key is missing".to_owned())
    }
}

#[derive(Clone, Copy)]
struct Node<'v>(&'v Value);

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(elements) => {
                let mut access = Elements { elements, next: 0 };
                let value = visitor.visit_seq(&mut access)?;
                if access.next < elements.len() {
                    let message = format!("{} elements; expected {}", elements.len(), access.next);
                    return Err(Misfit::custom(message));
                }
                Ok(value)
            }
            Value::Object(object) => visitor.visit_map(Entries::of(object)),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let variant = match self.0 {
            Value::String(name) => Variant { name, content: None },
            Value::Object(object) if object.len() == 1 => match object.iter().next() {
                Some((name, content)) => Variant { name, content: Some(content) },
                None => return Err(unknown_variant(variants)),
            },
            _ => return Err(unknown_variant(variants)),
        };
        if !variants.contains(&variant.name) {
            return Err(unknown_variant(variants));
        }
        visitor.visit_enum(variant)
    }

    /// An object only: the keys are part of the format.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Object(object) => visitor.visit_map(Entries::of(object)),
            _ => Err(Misfit::custom("expected an object")),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

fn unknown_variant(variants: &'static [&'static str]) -> Misfit {
    Misfit::custom(format!("unknown kind; expected {}", variants.join(", ")))
}

struct Elements<'v> {
    elements: &'v [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for &mut Elements<'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let index = self.next;
        let Some(element) = self.elements.get(index) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(Node(element)).map(Some).map_err(|misfit| misfit.under(Step::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len() - self.next)
    }
}

struct Entries<'v> {
    entries: map::Iter<'v>,
    current: Option<(&'v str, &'v Value)>,
}

impl<'v> Entries<'v> {
    fn of(object: &'v Map<String, Value>) -> Self {
        Self { entries: object.iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        self.current = self.entries.next().map(|(key, value)| (key.as_str(), value));
        let Some((key, _)) = self.current else { return Ok(None) };
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let Some((key, value)) = self.current.take() else {
            return Err(Misfit::custom("a value without key"));
        };
        seed.deserialize(Node(value)).map_err(|misfit| misfit.under(Step::Key(key.to_owned())))
    }
}

/// A variant by name: alone, or as the only key of an object.
#[derive(Clone, Copy)]
struct Variant<'v> {
    name: &'v str,
    content: Option<&'v Value>,
}

impl<'v> Variant<'v> {
    fn content(self) -> Result<Node<'v>, Misfit> {
        let message = || Misfit::custom(format!("`{}` needs a value under it", self.name));
        self.content.map(Node).ok_or_else(message)
    }

    fn under(self, misfit: Misfit) -> Misfit {
        misfit.under(Step::Key(self.name.to_owned()))
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Misfit> {
        Ok((seed.deserialize(StrDeserializer::new(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(Misfit::custom(format!("expected the word `{}`", self.name))),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(self.content()?).map_err(|misfit| self.under(misfit))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.content()?.deserialize_any(visitor).map_err(|misfit| self.under(misfit))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.content()?.deserialize_struct("", fields, visitor).map_err(|misfit| self.under(misfit))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::typed;
    use crate::model_file::v1::{GateStatus, Missing, Normalisation};

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        list: Vec<Inner>,
        #[serde(default)]
        more: Option<u32>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        number: f64,
        normalisation: Normalisation,
        missing: Missing,
        pair: (f64, f64),
        status: GateStatus,
    }

    fn sound() -> serde_json::Value {
        json!({"list": [{
            "number": 1, "normalisation": {"bins": {"edges": [1.5], "scores": [0, 100]}},
            "missing": {"sub_score": 30}, "pair": [1, -2],
            "status": {"waived": {"reason": "r", "until": "u"}},
        }], "more": null})
    }

    #[test]
    fn every_shape_of_the_wire_types_is_read() {
        let outer: Outer = typed(&sound()).unwrap();
        assert_eq!((outer.more, outer.list[0].pair), (None, (1.0, -2.0)));
        assert_eq!(outer.list[0].missing, Missing::SubScore(30.0));
        assert_eq!(
            outer.list[0].normalisation,
            Normalisation::Bins { edges: vec![1.5], scores: vec![0.0, 100.0] }
        );
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let cases = [
            ("/list/0/number", json!("a"), "$.list[0].number", "invalid type"),
            ("/list/0/pair", json!([1]), "$.list[0].pair", "invalid length"),
            ("/list/0/pair", json!([1, 2, 3]), "$.list[0].pair", "3 elements; expected 2"),
            ("/list/0/pair/1", json!(null), "$.list[0].pair[1]", "invalid type"),
            ("/list/0/missing", json!("ignore"), "$.list[0].missing", "expected reweight, reject"),
            ("/list/0/missing", json!("sub_score"), "$.list[0].missing", "needs a value"),
            ("/list/0/missing", json!({"reject": 1}), "$.list[0].missing", "the word `reject`"),
            ("/list/0/missing/sub_score", json!([]), "$.list[0].missing.sub_score", "invalid type"),
            ("/list/0/normalisation", json!({}), "$.list[0].normalisation", "unknown kind"),
            (
                "/list/0/normalisation/bins/edges/0",
                json!(true),
                "$.list[0].normalisation.bins.edges[0]",
                "invalid type",
            ),
            ("/list/0", json!({}), "$.list[0].number", "the key is missing"),
            ("/list/0/status/waived", json!({"x": 1}), "$.list[0].status.waived.x", "unknown key"),
            ("/more", json!(1.5), "$.more", "invalid type"),
            ("/more", json!(-1), "$.more", "invalid value"),
        ];
        for (pointer, value, path, message) in cases {
            let mut broken = sound();
            *broken.pointer_mut(pointer).unwrap() = value;
            let error = typed::<Outer>(&broken).unwrap_err();
            assert_eq!(error.path, path, "{pointer}: {error}");
            assert!(error.message.contains(message), "{pointer}: {error}");
        }
        let error = typed::<Outer>(&json!([[], null])).unwrap_err();
        assert_eq!(error.to_string(), "$: expected an object");
    }
}
