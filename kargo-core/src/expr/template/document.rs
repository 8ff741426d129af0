//! A JSON value with templates in its texts, such as a step's configuration (promotion-engine 4.5).

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{error::TemplateError, single::Template};
use crate::{
    expr::{
        error::Problem,
        functions::{Functions, Host},
        limits,
        value::{Env, Value},
    },
    model::{Path, Segment, Timestamp},
};

/// A JSON value, each text of which, at any depth, is a [`Template`]. Keys are no templates.
///
/// ```
/// use kargo_core::expr::{Document, Functions};
/// use serde_json::json;
///
/// let config = json!({"path": "${{ 1 + 1 }}", "list": ["a-${{ 1 }}", 7], "${{ key }}": "3"});
/// let document = Document::new(&config, &Functions::new());
/// let value = document.run(&Default::default(), Default::default())?;
/// assert_eq!(value.to_json().unwrap(), json!({"path": 2, "list": ["a-1", 7], "${{ key }}": "3"}));
/// # Ok::<(), kargo_core::expr::TemplateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Document {
    root: Node,
}

#[derive(Clone, Debug)]
enum Node {
    /// Without templates, at any depth.
    Fixed(Value),
    Template(Box<Template>),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
    /// More levels than a value may have.
    TooDeep,
}

impl Document {
    /// Reads every text of a JSON value as a template.
    #[must_use]
    pub fn new(json: &Json, functions: &Functions) -> Self {
        Self { root: node(json, functions, limits::MAX_VALUE_DEPTH) }
    }

    /// As [`Document::new`], for a step's configuration.
    ///
    /// # Errors
    ///
    /// [`TemplateError::NotAnObject`]. None at all (`null`) is an empty object.
    pub fn config(json: &Json, functions: &Functions) -> Result<Self, TemplateError> {
        let found = match json {
            Json::Object(_) => return Ok(Self::new(json, functions)),
            Json::Null => return Ok(Self::new(&Json::Object(serde_json::Map::new()), functions)),
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "a list",
        };
        Err(TemplateError::NotAnObject { found })
    }

    /// The value, with each template replaced by its own; keys in sorted order.
    ///
    /// # Errors
    ///
    /// Those of the first template that fails, or that the value is too deep.
    pub fn run(&self, env: &Env, now: Timestamp) -> Result<Value, TemplateError> {
        self.run_in(env, now, &())
    }

    /// As [`Document::run`], with somebody who answers the host's functions.
    ///
    /// # Errors
    ///
    /// As for [`Document::run`].
    pub fn run_in(&self, env: &Env, now: Timestamp, host: &dyn Host) -> Result<Value, TemplateError> {
        self.evaluate(&mut |template| template.run_in(env, now, host))
    }

    /// The value, with each template replaced by what `value_of` makes of it; keys in sorted order.
    ///
    /// # Errors
    ///
    /// The first that `value_of` returns, or that the value is too deep.
    pub fn evaluate(
        &self,
        value_of: &mut dyn FnMut(&Template) -> Result<Value, TemplateError>,
    ) -> Result<Value, TemplateError> {
        evaluate(&self.root, value_of)
    }

    /// As [`Document::run_in`], as the JSON that a step's runner is given: numbers without a fraction are whole.
    ///
    /// # Errors
    ///
    /// As for [`Document::run`]; also that `env` has a name of [`RESERVED`], that the document is no object, and
    /// infinities and NaN, which JSON has not.
    ///
    /// ```
    /// use kargo_core::expr::{Document, Functions};
    /// use serde_json::json;
    ///
    /// let document = Document::config(&json!({"n": "${{ 2.0 }}"}), &Functions::new())?;
    /// let config = document.run_config_in(&Default::default(), Default::default(), &())?;
    /// assert_eq!(serde_json::Value::from(config).to_string(), r#"{"n":2}"#);
    /// # Ok::<(), kargo_core::expr::TemplateError>(())
    /// ```
    ///
    /// [`RESERVED`]: Self::RESERVED
    pub fn run_config_in(
        &self,
        env: &Env,
        now: Timestamp,
        host: &dyn Host,
    ) -> Result<serde_json::Map<String, Json>, TemplateError> {
        if let Some(name) = Self::RESERVED.iter().find(|name| env.contains_key(**name)) {
            return Err(TemplateError::ReservedName { name });
        }
        let json = self.run_in(env, now, host)?.to_json().map_err(|problem| TemplateError::Value { problem })?;
        match json {
            Json::Object(mut entries) => {
                entries.values_mut().for_each(make_whole);
                Ok(entries)
            }
            _ => Err(TemplateError::NotAnObject { found: "a value" }),
        }
    }

    /// Names that the environment of a configuration may not have: they are functions (promotion-engine 4.4).
    pub const RESERVED: [&'static str; 3] = ["quote", "asYAML", "asJSON"];

    /// Whether no text has an opener, and the document is its own value.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.root, Node::Fixed(_))
    }

    /// The templates that are no plain texts, each with its place, in the order in which they run.
    #[must_use]
    pub fn templates(&self) -> Vec<(Path, &Template)> {
        let mut found = Vec::new();
        collect(&self.root, &mut Vec::new(), &mut found);
        found
    }

    /// Everything that is wrong with the form of its templates, each with the place of the template.
    #[must_use]
    pub fn problems(&self) -> Vec<(Path, TemplateError)> {
        let all = self.templates().into_iter();
        all.flat_map(|(path, template)| template.problems().map(move |problem| (path.clone(), problem))).collect()
    }
}

/// Plain loops, here and below: one level of a value is one small frame on the stack.
fn node(json: &Json, functions: &Functions, depth: u32) -> Node {
    match json {
        Json::Array(_) | Json::Object(_) if depth == 0 => Node::TooDeep,
        Json::Array(items) => {
            let mut nodes = Vec::with_capacity(items.len());
            for item in items {
                nodes.push(node(item, functions, depth - 1));
            }
            if nodes.iter().all(|node| matches!(node, Node::Fixed(_))) {
                let values = nodes.into_iter().filter_map(Node::fixed).collect();
                return Value::list(values).map_or(Node::TooDeep, Node::Fixed);
            }
            Node::List(nodes)
        }
        Json::Object(entries) => {
            let mut nodes = BTreeMap::new();
            for (key, item) in entries {
                nodes.insert(key.clone(), node(item, functions, depth - 1));
            }
            if nodes.values().all(|node| matches!(node, Node::Fixed(_))) {
                let values = nodes.into_iter().filter_map(|(key, node)| Some((key, node.fixed()?))).collect();
                return Value::map(values).map_or(Node::TooDeep, Node::Fixed);
            }
            Node::Map(nodes)
        }
        Json::String(text) => {
            let template = Template::new(text, functions);
            if template.is_plain() { Node::Fixed(Value::text(text.as_str())) } else { Node::Template(template.into()) }
        }
        Json::Number(number) => Node::Fixed(fixed_number(number)),
        Json::Bool(value) => Node::Fixed(Value::Bool(*value)),
        Json::Null => Node::Fixed(Value::Null),
    }
}

/// A number that no template made: whole ones stay whole. Like all numbers it is read as a float, so that beyond
/// 2^53 it is rounded (promotion-engine 8.1 (7)).
fn fixed_number(number: &serde_json::Number) -> Value {
    let value = number.as_f64().unwrap_or(f64::NAN);
    match whole(value) {
        Some(Whole::Int(whole)) if !number.is_f64() => Value::Int(whole),
        Some(Whole::Uint(whole)) if !number.is_f64() => Value::Uint(whole),
        _ => Value::Float(value),
    }
}

enum Whole {
    Int(i64),
    Uint(u64),
}

/// The whole number a float is, if it is one of 64 bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is looked at first")]
fn whole(value: f64) -> Option<Whole> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if value.fract() != 0.0 || value == 0.0 && value.is_sign_negative() {
        None
    } else if (-TWO_63..TWO_63).contains(&value) {
        Some(Whole::Int(value as i64))
    } else if (TWO_63..TWO_63 * 2.0).contains(&value) {
        Some(Whole::Uint(value as u64))
    } else {
        None
    }
}

/// Turns floats without a fraction into whole numbers.
fn make_whole(json: &mut Json) {
    match json {
        Json::Number(number) if number.is_f64() => match number.as_f64().and_then(whole) {
            Some(Whole::Int(value)) => *json = value.into(),
            Some(Whole::Uint(value)) => *json = value.into(),
            None => {}
        },
        Json::Array(items) => items.iter_mut().for_each(make_whole),
        Json::Object(entries) => entries.values_mut().for_each(make_whole),
        _ => {}
    }
}

impl Node {
    fn fixed(self) -> Option<Value> {
        if let Self::Fixed(value) = self { Some(value) } else { None }
    }
}

type ValueOf<'a> = &'a mut dyn FnMut(&Template) -> Result<Value, TemplateError>;

fn evaluate(node: &Node, value_of: ValueOf<'_>) -> Result<Value, TemplateError> {
    let deep = |problem| TemplateError::Value { problem };
    match node {
        Node::Fixed(value) => Ok(value.clone()),
        Node::Template(template) => value_of(template),
        Node::TooDeep => Err(deep(Problem::ValueDepth { limit: limits::MAX_VALUE_DEPTH })),
        Node::List(nodes) => {
            let mut items = Vec::with_capacity(nodes.len());
            for node in nodes {
                items.push(evaluate(node, value_of)?);
            }
            Value::list(items).map_err(deep)
        }
        Node::Map(nodes) => {
            let mut entries = BTreeMap::new();
            for (key, node) in nodes {
                entries.insert(key.clone(), evaluate(node, value_of)?);
            }
            Value::map(entries).map_err(deep)
        }
    }
}

fn collect<'a>(node: &'a Node, path: &mut Vec<Segment>, found: &mut Vec<(Path, &'a Template)>) {
    match node {
        Node::Fixed(_) | Node::TooDeep => {}
        Node::Template(template) => found.push((Path::from(path.clone()), template)),
        Node::List(nodes) => {
            for (at, node) in nodes.iter().enumerate() {
                path.push(Segment::Index(at));
                collect(node, path, found);
                path.pop();
            }
        }
        Node::Map(nodes) => {
            for (key, node) in nodes {
                path.push(Segment::Key(key.as_str().into()));
                collect(node, path, found);
                path.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(json: &Json) -> Result<Json, String> {
        let env = Env::from([("n".to_owned(), Value::from(6.0))]);
        let value = Document::new(json, &Functions::new()).run(&env, Timestamp::default());
        value.map(|value| value.to_json().unwrap()).map_err(|error| error.to_string())
    }

    /// Promotion-engine 4.5: every text at any depth, nothing else.
    #[test]
    fn texts_are_templates() {
        let given =
            json!({"a": ["${{ n }}", {"b": "x-${{ n }}", "${{ n }}": "42"}, true, null, 1.5], "e": [], "o": {}});
        let wanted = json!({"a": [6, {"b": "x-6", "${{ n }}": "42"}, true, null, 1.5], "e": [], "o": {}});
        assert_eq!(run(&given), Ok(wanted));
        assert_eq!(run(&json!("${{ n }}")), Ok(json!(6)));
        assert_eq!(run(&json!(["${% {a: [n]} %}"])), Ok(json!([{"a": [6]}])));
    }

    /// Promotion-engine 4.5: the first that fails ends it; ours go in order of the keys.
    #[test]
    fn the_first_failure_counts() {
        let given = json!({"b": "${{ b.b }}", "a": ["${{ 1 }}", "${{ a.a }}"]});
        assert!(run(&given).unwrap_err().starts_with("cannot fetch a from <nil>"));
    }

    /// Promotion-engine 4.5 and 8.1 (7): whole numbers stay whole, large ones are rounded.
    #[test]
    fn numbers() {
        let given = json!({"i": 7, "f": 7.0, "h": 0.5, "big": 9_007_199_254_740_993_i64, "t": "${{ 7.0 }}", "e": "${{ 1e20 }}"});
        let document = Document::config(&given, &Functions::new()).unwrap();
        let config = document.run_config_in(&Env::new(), Timestamp::default(), &()).unwrap();
        let wanted = r#"{"big":9007199254740992,"e":1e+20,"f":7,"h":0.5,"i":7,"t":7}"#;
        assert_eq!(Json::from(config).to_string(), wanted);
    }

    /// Promotion-engine 4.5: a configuration is an object; none is an empty one.
    #[test]
    fn configurations_are_objects() {
        let functions = Functions::new();
        let error = Document::config(&json!([1]), &functions).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a step's config must be an object, found a list; write it as `config: { name: value }`"
        );
        let none = Document::config(&Json::Null, &functions).unwrap();
        assert_eq!(none.run_config_in(&Env::new(), Timestamp::default(), &()), Ok(serde_json::Map::new()));
    }

    /// Promotion-engine 4.4, end, and 4.3: what the JSON of a configuration cannot be.
    #[test]
    fn what_configurations_refuse() {
        let document = Document::config(&json!({"a": "${{ \"-inf\" }}"}), &Functions::new()).unwrap();
        let run = |env: &Env| document.run_config_in(env, Timestamp::default(), &()).unwrap_err().to_string();
        assert_eq!(run(&Env::new()), "json: unsupported value: -Inf");
        for name in Document::RESERVED {
            let env = Env::from([(name.to_owned(), Value::Null)]);
            let wanted =
                format!("\"{name}\" is a forbidden key in the environment map; it is reserved for internal use");
            assert_eq!(run(&env), wanted);
            assert!(document.run(&env, Timestamp::default()).is_ok(), "variables and conditions are free to");
        }
    }

    #[test]
    fn places_and_problems() {
        let given = json!({"b": {"c": ["x", "${{ 1 + }}${%"]}, "a": "${{ 1 }}"});
        let document = Document::new(&given, &Functions::new());
        let places: Vec<_> = document.templates().iter().map(|(path, _)| path.to_string()).collect();
        assert_eq!(places, ["a", "b.c[1]"]);
        let problems: Vec<_> =
            document.problems().iter().map(|(path, problem)| (path.to_string(), problem.offset())).collect();
        assert_eq!(problems, [("b.c[1]".to_owned(), Some(3)), ("b.c[1]".to_owned(), Some(10))]);
        assert!(Document::new(&json!(["a", {"b": 1}]), &Functions::new()).is_plain());
    }

    /// Rules 19: levels are bounded, given ones and made ones together.
    #[test]
    fn depth() {
        let mut json = json!("${{ [[1]] }}");
        for _ in 0..126 {
            json = json!([json]);
        }
        assert!(run(&json).is_ok());
        assert_eq!(run(&json!([json])), Err("value is nested deeper than 128 levels".to_owned()));
        let mut json = json!(1);
        for _ in 0..129 {
            json = json!([json]);
        }
        assert_eq!(run(&json), Err("value is nested deeper than 128 levels".to_owned()));
    }
}
