//! What a host adds to the language: functions, and objects with fields and methods.

use std::{any::Any, collections::BTreeMap, fmt, sync::Arc};

use super::{error::Problem, types::Type, value::Value};
use crate::model::Timestamp;

/// The types whose members are known before an expression runs.
///
/// Types are told apart by their names: a method of a type may return that type.
pub struct HostType {
    /// The name in error messages, such as `v1alpha1.Image`, with a star before it if the reference has a pointer.
    pub name: &'static str,
    /// Names and types of the fields.
    pub fields: &'static [(&'static str, Type)],
    /// Names, parameters and result types of the methods.
    pub methods: &'static [(&'static str, &'static [Type], Type)],
}

impl PartialEq for HostType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for HostType {}

impl fmt::Debug for HostType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HostType").field(&self.name).finish()
    }
}

/// Something of the host's that an expression can hold.
pub trait HostObject: Any + fmt::Debug + Send + Sync {
    /// The name in error messages.
    fn type_name(&self) -> &str;

    /// What `type(x)` says.
    fn type_path(&self) -> &str {
        self.type_name()
    }

    /// The value of a field; `None` if there is none of that name.
    fn field(&self, name: &str) -> Option<Value>;

    /// Calls a method; `None` if there is none of that name.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Problem>>;

    /// What it is as JSON, when it is emitted whole.
    fn to_json(&self) -> serde_json::Value;

    /// What `string(x)` makes of it.
    fn to_text(&self) -> String {
        self.to_json().to_string()
    }

    /// Names and values that `asYAML` shows, in this order; `None` if it shows what JSON does. The reference's YAML knows
    /// other names than its JSON.
    fn yaml_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// Whether `==` holds; by the JSON of both unless said otherwise.
    fn is_equal(&self, other: &dyn HostObject) -> bool {
        self.type_name() == other.type_name() && self.to_json() == other.to_json()
    }
}

/// What a function is given.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The arguments, as many as the signature allows; not yet of its types if those were unknown.
    pub arguments: &'a [Value],
    /// The instant of the run.
    pub now: Timestamp,
    /// What [`Program::run_in`](super::Program::run_in) was given; `()` for [`Program::run`](super::Program::run).
    pub context: &'a dyn Any,
}

impl<'a> Call<'a> {
    /// The argument, nil if absent.
    #[must_use]
    pub fn argument(&self, at: usize) -> &'a Value {
        self.arguments.get(at).unwrap_or(&Value::Null)
    }

    /// The argument as a text.
    ///
    /// # Errors
    ///
    /// `first argument must be string, got float64` and the like.
    pub fn text(&self, at: usize) -> Result<&'a str, Problem> {
        let argument = self.argument(at);
        argument.as_text().ok_or_else(|| {
            let which = ["first", "second", "third"].get(at).copied().unwrap_or("next");
            Problem::function(format!("{which} argument must be string, got {}", argument.type_name()))
        })
    }
}

type Body = Arc<dyn Fn(&Call<'_>) -> Result<Value, Problem> + Send + Sync>;

/// A function of the host's.
#[derive(Clone)]
pub struct Function {
    pub(super) parameters: Vec<Type>,
    pub(super) required: usize,
    pub(super) returns: Type,
    pub(super) body: Body,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("parameters", &self.parameters)
            .field("required", &self.required)
            .field("returns", &self.returns)
            .finish_non_exhaustive()
    }
}

/// The functions that a host adds. One of a built-in function's name hides that; `::name()` still calls it.
///
/// ```
/// use kargo_core::expr::{Functions, Program, Type, Value};
///
/// let mut functions = Functions::new();
/// functions.add("shout", &[Type::Text], 1, Type::Text, |call| Ok(Value::text(call.text(0)?.to_uppercase() + "!")));
/// let value = Program::compile(r#"shout("go")"#, &functions)?.run(&Default::default(), Default::default())?;
/// assert_eq!(value, Value::text("GO!"));
///
/// let error = Program::compile("shout(1)", &functions).unwrap_err();
/// assert_eq!(error.problem().to_string(), "cannot use int as argument (type string) to call shout ");
/// # Ok::<(), kargo_core::expr::ExprError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Functions {
    by_name: BTreeMap<String, Function>,
}

impl Functions {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function, or replaces the one of that name. The first `required` parameters must be given.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        parameters: &[Type],
        required: usize,
        returns: Type,
        body: impl Fn(&Call<'_>) -> Result<Value, Problem> + Send + Sync + 'static,
    ) -> &mut Self {
        let function = Function { parameters: parameters.to_vec(), required, returns, body: Arc::new(body) };
        self.by_name.insert(name.into(), function);
        self
    }

    /// Whether there is a function of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Function> {
        self.by_name.get(name)
    }
}
