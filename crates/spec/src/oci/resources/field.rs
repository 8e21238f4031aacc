//! Fields that are checked while they are read, so that an error points at them.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeInclusive;

/// Reads a number, a text or a boolean by `convert`, which says what is wrong with it, or that it asks for nothing, as
/// `null` does.
pub fn checked<'de, D, T, U, C>(field: D, convert: C) -> Result<Option<U>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
    C: FnOnce(T) -> Result<Option<U>, String>,
{
    field.deserialize_any(Scalar(convert, PhantomData))
}

/// The same for a field that has to be there.
pub fn required<'de, D, T, U, C>(field: D, convert: C) -> Result<U, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
    C: FnOnce(T) -> Result<U, String>,
{
    let value = checked(field, |value| convert(value).map(Some))?;
    value.ok_or_else(|| D::Error::custom("a value is missing"))
}

/// A number of `range`; 0 asks for nothing. `what` is what it should be.
pub fn number<'de, D: Deserializer<'de>>(
    field: D,
    what: &str,
    range: RangeInclusive<u64>,
) -> Result<Option<u64>, D::Error> {
    checked(field, |number: u64| match number {
        0 => Ok(None),
        _ if range.contains(&number) => Ok(Some(number)),
        _ => Err(format!("{number} is not {what}, which is from {} to {}", range.start(), range.end())),
    })
}

/// A field that can only be had with a value which asks for what is so anyway.
pub fn accepted<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    field: D,
    so_anyway: impl FnOnce(T) -> bool,
    why_not: &str,
) -> Result<(), D::Error> {
    let convert = |value| if so_anyway(value) { Ok(None::<()>) } else { Err(why_not.to_owned()) };
    checked(field, convert).map(drop)
}

/// What reads one value. What a visitor refuses, `serde_json` finds in the text; what is refused after the value was
/// read, it finds behind the object around it.
struct Scalar<T, C>(C, PhantomData<T>);

impl<'de, T: Deserialize<'de>, U, C: FnOnce(T) -> Result<Option<U>, String>> Scalar<T, C> {
    fn read<E: Error>(self, value: impl IntoDeserializer<'de, E>) -> Result<Option<U>, E> {
        (self.0)(T::deserialize(value.into_deserializer())?).map_err(E::custom)
    }
}

impl<'de, T: Deserialize<'de>, U, C: FnOnce(T) -> Result<Option<U>, String>> Visitor<'de> for Scalar<T, C> {
    type Value = Option<U>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a single value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.read(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.read(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.read(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.read(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        self.read(value.to_owned())
    }
}

/// An object, as the specification has it: what serde derives would take a list of the fields' values as well.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        object.deserialize_any(Fields(PhantomData)).map(Object)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, object: M) -> Result<T, M::Error> {
        T::deserialize(MapAccessDeserializer::new(object))
    }
}
