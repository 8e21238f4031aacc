//! Objects whose names are not the specification's.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

/// An object's entries in order, of which no two have the same name: serde's maps would take the last.
pub struct Entries<K, T>(pub Vec<(K, T)>);

impl<'de, K: Deserialize<'de> + Ord + Clone, T: Deserialize<'de>> Deserialize<'de> for Entries<K, T> {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        object.deserialize_any(Collect(PhantomData)).map(Entries)
    }
}

struct Collect<K, T>(PhantomData<(K, T)>);

impl<'de, K: Deserialize<'de> + Ord + Clone, T: Deserialize<'de>> Visitor<'de> for Collect<K, T> {
    type Value = Vec<(K, T)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut object: M) -> Result<Self::Value, M::Error> {
        let (mut entries, mut names) = (Vec::new(), BTreeSet::new());
        while let Some(name) = object.next_key::<K>()? {
            if !names.insert(name.clone()) {
                return Err(M::Error::custom("this name is there twice"));
            }
            entries.push((name, object.next_value()?));
        }
        Ok(entries)
    }
}
