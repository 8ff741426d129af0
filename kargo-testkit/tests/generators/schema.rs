//! A list of every field of every kind, written by hand, against which generated objects are counted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Structs and enums by name.
pub(crate) struct Schema {
    structs: BTreeMap<&'static str, Vec<Field>>,
    enums: BTreeMap<&'static str, Vec<&'static str>>,
}

struct Field {
    name: &'static str,
    optional: bool,
    type_: &'static str,
}

/// What was seen of the fields and variants of a schema.
#[derive(Default)]
pub(crate) struct Seen {
    /// How often each path of a kind occurred; list elements and map values are `[]` and `{}`.
    pub(crate) paths: BTreeMap<String, usize>,
    /// How often each field of a struct was there and was not.
    pub(crate) fields: BTreeMap<(&'static str, &'static str), (usize, usize)>,
    /// How often each variant of an enum occurred.
    pub(crate) variants: BTreeMap<(&'static str, String), usize>,
}

impl Schema {
    pub(crate) fn read() -> Self {
        let mut schema = Self { structs: BTreeMap::new(), enums: BTreeMap::new() };
        let text = include_str!("schema.txt");
        let mut current = "";
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if let Some((name, variants)) = line.split_once(" = ") {
                schema.enums.insert(name, variants.split(' ').collect());
                continue;
            }
            let fields = match line.split_once(':') {
                Some((name, fields)) if !line.starts_with(' ') => {
                    current = name;
                    fields
                }
                _ => line,
            };
            let fields = fields.split_whitespace().map(|field| {
                let (name, type_) = field.split_once('=').unwrap_or((field, "_"));
                Field { name: name.trim_end_matches(['?', '!']), optional: name.ends_with('?'), type_ }
            });
            schema.structs.entry(current).or_default().extend(fields);
        }
        schema
    }

    /// Every path that objects of a kind can have.
    pub(crate) fn paths(&self, kind: &str) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        self.add_paths(kind, kind, &mut paths);
        paths
    }

    fn add_paths(&self, type_: &str, path: &str, paths: &mut BTreeSet<String>) {
        let (inner, suffix) = item(type_);
        let path = format!("{path}{suffix}");
        paths.insert(path.clone());
        for field in self.structs.get(inner).into_iter().flatten() {
            self.add_paths(field.type_, &format!("{path}.{}", field.name), paths);
        }
    }

    /// Fields that may be absent, of every struct.
    pub(crate) fn optional(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.structs
            .iter()
            .flat_map(|(name, fields)| fields.iter().filter(|field| field.optional).map(|field| (*name, field.name)))
    }

    /// Every variant of every enum; `...` stands for any that is not listed.
    pub(crate) fn variants(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.enums.iter().flat_map(|(name, variants)| variants.iter().map(|variant| (*name, *variant)))
    }

    /// Counts what an object of a kind holds.
    ///
    /// # Panics
    ///
    /// If it holds a field that is not listed, lacks one that is always there, or writes an optional one that is empty.
    pub(crate) fn count(&self, kind: &'static str, object: &Value, seen: &mut Seen) {
        self.count_value(kind, kind, object, seen);
    }

    fn count_value(&self, type_: &'static str, path: &str, value: &Value, seen: &mut Seen) {
        let (inner, suffix) = item(type_);
        let path = &format!("{path}{suffix}");
        match (suffix, value) {
            ("[]", Value::Array(items)) => items.iter().for_each(|item| self.count_value(inner, path, item, seen)),
            ("{}", Value::Object(map)) => map.values().for_each(|item| self.count_value(inner, path, item, seen)),
            ("", value) => {
                *seen.paths.entry(path.clone()).or_default() += 1;
                if let Some(fields) = self.structs.get(inner) {
                    self.count_fields(inner, fields, path, value, seen);
                } else if let Some(variants) = self.enums.get(inner) {
                    let text = value.as_str().unwrap_or_else(|| panic!("{path} is no text: {value}"));
                    let known = variants.contains(&text);
                    assert!(known || variants.contains(&"..."), "{path} is {text:?}, which {inner} does not have");
                    *seen
                        .variants
                        .entry((inner, if known { text.to_owned() } else { "...".to_owned() }))
                        .or_default() += 1;
                } else {
                    assert_eq!(inner, "_", "{path} has an unknown type");
                }
                return;
            }
            _ => panic!("{path} has the wrong shape: {value}"),
        }
        *seen.paths.entry(path.clone()).or_default() += 1;
    }

    fn count_fields(&self, name: &'static str, fields: &[Field], path: &str, value: &Value, seen: &mut Seen) {
        let object = value.as_object().unwrap_or_else(|| panic!("{path} is no object: {value}"));
        for key in object.keys() {
            assert!(fields.iter().any(|field| field.name == key), "{path}.{key} is not listed in schema.txt");
        }
        for field in fields {
            let counts = seen.fields.entry((name, field.name)).or_default();
            match object.get(field.name) {
                None => {
                    assert!(field.optional, "{path}.{} is missing", field.name);
                    counts.1 += 1;
                }
                Some(below) => {
                    counts.0 += 1;
                    let empty = below.is_null() || below.as_str().is_some_and(str::is_empty);
                    assert!(!(field.optional && empty), "{path}.{} is written though empty", field.name);
                    self.count_value(field.type_, &format!("{path}.{}", field.name), below, seen);
                }
            }
        }
    }
}

/// The type of a list's elements or a map's values, and the mark for it.
fn item(type_: &str) -> (&str, &'static str) {
    match type_.as_bytes().first() {
        Some(b'[') => (&type_[1..type_.len() - 1], "[]"),
        Some(b'{') => (&type_[1..type_.len() - 1], "{}"),
        _ => (type_, ""),
    }
}
