//! What a host adds to the language: functions, and objects with fields and methods.

use std::{any::Any, collections::BTreeMap, fmt, sync::Arc};

use super::{error::Problem, types::Type, value::Value};
use crate::model::Timestamp;

/// A type of the host's, whose members are known before an expression runs.
///
/// Two are the same type if their names and [`by_reference`](Self::by_reference) are: a host names a type once.
#[derive(Clone, Copy)]
pub struct HostType {
    /// The name in error messages, such as `v1alpha1.Image`.
    pub name: &'static str,
    /// Whether the reference declares it as a pointer. What is said of arguments then has a `*` before the name, and nil
    /// can be given for it.
    pub by_reference: bool,
    /// Names and types of the fields.
    pub fields: &'static [(&'static str, Type)],
    /// The methods.
    pub methods: &'static [Method],
}

/// A method of a [`HostType`]. Calls with other arguments are refused before an expression runs, as far as types are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments, all of which must be given.
    pub parameters: &'static [Type],
    /// The type of its result.
    pub returns: Type,
}

/// By name: a type may speak of itself in its methods.
impl PartialEq for HostType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.by_reference == other.by_reference
    }
}

impl Eq for HostType {}

impl HostType {
    /// The method of that name.
    #[must_use]
    pub fn method(&self, name: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.name == name)
    }
}

/// The name alone: methods lead back to their own type.
impl fmt::Debug for HostType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostType").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Something of the host's that an expression can hold.
pub trait HostObject: Any + fmt::Debug + Send + Sync {
    /// The name in error messages.
    fn type_name(&self) -> &str;

    /// What `type(x)` says; the [`type_name`](Self::type_name) unless said otherwise.
    fn kind_name(&self) -> &str {
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
    /// Who answers what the expression cannot know: what [`Program::run_in`](super::Program::run_in) was given.
    pub host: &'a dyn Host,
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

/// One way to call a function.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) parameters: Vec<Type>,
    pub(super) required: usize,
}

/// Who answers the functions that ask for something outside of the expression: the world's freight, say.
///
/// ```
/// use kargo_core::expr::{Call, Functions, Host, Problem, Program, Type, Value};
///
/// struct Registry;
///
/// impl Host for Registry {
///     fn answer(&self, function: &str, call: &Call<'_>) -> Result<Value, Problem> {
///         match function {
///             "newest" => Ok(Value::text(format!("{}:1.4.2", call.text(0)?))),
///             _ => ().answer(function, call),
///         }
///     }
/// }
///
/// let mut functions = Functions::new();
/// functions.add("newest", &[Type::Text], 1, Type::Text, |call| call.host.answer("newest", call));
/// let program = Program::compile("newest('cart')", &functions)?;
/// assert_eq!(program.run_in(&Default::default(), Default::default(), &Registry)?, Value::text("cart:1.4.2"));
/// let error = program.run(&Default::default(), Default::default()).unwrap_err();
/// assert_eq!(error.problem().to_string(), "newest is not known here");
/// # Ok::<(), kargo_core::expr::ExprError>(())
/// ```
pub trait Host {
    /// Answers a call.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with it; [`Problem::unresolved`] if the answer cannot be known yet.
    fn answer(&self, function: &str, call: &Call<'_>) -> Result<Value, Problem>;
}

/// Nobody: knows no answer.
impl Host for () {
    fn answer(&self, function: &str, _: &Call<'_>) -> Result<Value, Problem> {
        Err(Problem::function(format!("{function} is not known here")))
    }
}

type Body = Arc<dyn Fn(&Call<'_>) -> Result<Value, Problem> + Send + Sync>;

/// A function of the host's.
#[derive(Clone)]
pub struct Function {
    pub(super) forms: Vec<Form>,
    pub(super) returns: Type,
    pub(super) body: Body,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("forms", &self.forms).field("returns", &self.returns).finish_non_exhaustive()
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
        let form = Form { parameters: parameters.to_vec(), required };
        self.by_name.insert(name.into(), Function { forms: vec![form], returns, body: Arc::new(body) });
        self
    }

    /// Adds a function that can be called in several ways, or replaces the one of that name. Each form lists the types
    /// of all its arguments; a call that fits none is refused with what the last one says of it, as the reference does.
    ///
    /// ```
    /// use kargo_core::expr::{Functions, Program, Type, Value};
    ///
    /// let mut functions = Functions::new();
    /// functions.add_forms("twice", &[&[Type::Int], &[Type::Text]], Type::Any, |call| Ok(call.argument(0).clone()));
    /// assert!(Program::compile("twice(1)", &functions).is_ok());
    /// assert!(Program::compile("twice('a')", &functions).is_ok());
    /// let error = Program::compile("twice(true)", &functions).unwrap_err();
    /// assert_eq!(error.problem().to_string(), "cannot use bool as argument (type string) to call twice ");
    /// ```
    pub fn add_forms(
        &mut self,
        name: impl Into<String>,
        forms: &[&[Type]],
        returns: Type,
        body: impl Fn(&Call<'_>) -> Result<Value, Problem> + Send + Sync + 'static,
    ) -> &mut Self {
        let forms = forms.iter().map(|form| Form { parameters: form.to_vec(), required: form.len() }).collect();
        self.by_name.insert(name.into(), Function { forms, returns, body: Arc::new(body) });
        self
    }

    /// Gives a function that has been declared a body; says whether there is one of that name.
    ///
    /// ```
    /// use kargo_core::expr::{Functions, Program, Value, kargo};
    ///
    /// let mut functions = Functions::new();
    /// kargo::declare(&mut functions, &[kargo::Group::Status]);
    /// assert!(functions.answer("always", |_| Ok(Value::Bool(true))));
    /// assert!(!functions.answer("never", |_| Ok(Value::Bool(false))));
    /// let value = Program::compile("always()", &functions)?.run(&Default::default(), Default::default())?;
    /// assert_eq!(value, Value::Bool(true));
    /// # Ok::<(), kargo_core::expr::ExprError>(())
    /// ```
    pub fn answer(
        &mut self,
        name: &str,
        body: impl Fn(&Call<'_>) -> Result<Value, Problem> + Send + Sync + 'static,
    ) -> bool {
        let Some(function) = self.by_name.get_mut(name) else { return false };
        function.body = Arc::new(body);
        true
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Program;

    static VERSION: HostType = HostType {
        name: "semver.Version",
        by_reference: false,
        fields: &[("Text", Type::Text)],
        methods: &[Method { name: "LessThan", parameters: &[Type::Host(&VERSION)], returns: Type::Bool }],
    };

    /// Promotion-engine 5.4, 6.6: members of host types are checked before a run, arguments of methods as well.
    #[test]
    fn members_of_host_types_are_checked() {
        let mut functions = Functions::new();
        functions.add("parse", &[Type::Text], 1, Type::Host(&VERSION), |_| Ok(Value::Null));
        for (source, want) in [
            ("parse('1').LessThan(parse('2'))", None),
            ("parse('1').LessThan(x)", None),
            ("parse('1').LessThan('2')", Some("cannot use string as argument (type semver.Version) to call LessThan ")),
            ("parse('1').LessThan()", Some("not enough arguments to call LessThan")),
            ("parse('1').LessThan(x, x)", Some("too many arguments to call LessThan")),
            ("parse('1').major()", Some("type semver.Version has no method major")),
            ("parse('1').text", Some("type semver.Version has no field text")),
            ("parse('1')?.Text + 1", Some("invalid operation: + (mismatched types string and int)")),
            ("not parse('1').LessThan(x)", None),
            ("-parse('1').LessThan(x)", Some("invalid operation: - (mismatched type bool)")),
            ("'Text' in parse('1')", None),
        ] {
            let found = Program::compile(source, &functions).err().map(|error| error.problem().to_string());
            assert_eq!(found.as_deref(), want, "{source}");
        }
    }
}
