//! The formatting functions as expressions call them.

use super::{quote::quoted, yaml::to_yaml};
use crate::expr::{error::Problem, functions::Functions, limits, types::Type, value::Value};

/// Adds `quote`, `unsafeQuote`, `asYAML` and `asJSON` (promotion-engine 4.4). Each makes a text with quotes around it,
/// which a template takes off again, so that `${{ quote(42) }}` is a text and no number.
///
/// ```
/// use kargo_core::expr::{Functions, Template, Value, format};
///
/// let mut functions = Functions::new();
/// format::add_to(&mut functions);
/// let run = |text| Template::new(text, &functions).run(&Default::default(), Default::default());
/// assert_eq!(run("${{ 42 }}")?, Value::from(42.0));
/// assert_eq!(run("${{ quote(42) }}")?, Value::from("42"));
/// assert_eq!(run("${{ unsafeQuote('42') }}")?, Value::from("\"42\""));
/// assert_eq!(run("${% asYAML({a: {b: 'yes'}}) %}")?, Value::from("a:\n    b: \"yes\"\n"));
/// assert_eq!(run("${{ asJSON([1]) }}")?, Value::from("[\n  1\n]\n"));
/// # Ok::<(), kargo_core::expr::TemplateError>(())
/// ```
pub fn add_to(functions: &mut Functions) {
    let any = &[Type::Any];
    functions.add("quote", any, 1, Type::Text, |call| {
        let value = call.argument(0);
        value.as_text().map_or_else(|| unsafe_quote(value), |text| text_within_bounds(quoted(text)))
    });
    functions.add("unsafeQuote", any, 1, Type::Text, |call| unsafe_quote(call.argument(0)));
    functions.add("asYAML", any, 1, Type::Text, |call| {
        let text = to_yaml(call.argument(0)).map_err(|problem| applying("asYAML", &problem))?;
        text_within_bounds(format!("\"{text}\""))
    });
    functions.add("asJSON", any, 1, Type::Text, |call| {
        let text = call.argument(0).to_json_indented().map_err(|problem| applying("asJSON", &problem))?;
        text_within_bounds(format!("\"{text}\n\""))
    });
}

fn unsafe_quote(value: &Value) -> Result<Value, Problem> {
    let text = value.to_json_text().map_err(|problem| applying("quote", &problem))?;
    text_within_bounds(format!("\"{text}\""))
}

fn applying(function: &str, problem: &Problem) -> Problem {
    Problem::function(format!("error applying {function}() function: {problem}"))
}

fn text_within_bounds(text: String) -> Result<Value, Problem> {
    if text.len() as u64 > limits::TEXT { Err(Problem::Memory) } else { Ok(Value::from(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        expr::{program::Program, value::Env},
        model::Timestamp,
    };

    fn run(expression: &str) -> Result<Value, String> {
        let mut functions = Functions::new();
        add_to(&mut functions);
        let program = Program::compile(expression, &functions).map_err(|error| error.to_string())?;
        program.run(&Env::new(), Timestamp::default()).map_err(|error| error.problem().to_string())
    }

    /// Promotion-engine 4.4.
    #[test]
    fn outer_quotes() {
        assert_eq!(run("quote('a\"b\\n')"), Ok(Value::from(r#""a\"b\n""#)));
        assert_eq!(run("quote({a: '<'})"), Ok(Value::from(r#""{"a":"\u003c"}""#)));
        assert_eq!(run("unsafeQuote('42')"), Ok(Value::from(r#"""42"""#)));
        assert_eq!(run("quote(nil)"), Ok(Value::from(r#""null""#)));
        assert_eq!(run("asYAML('x')"), Ok(Value::from("\"x\n\"")));
        assert_eq!(run("asJSON({a: []})"), Ok(Value::from("\"{\n  \"a\": []\n}\n\"")));
    }

    /// Promotion-engine 4.2 and 4.4: exactly one argument, and what JSON cannot hold.
    #[test]
    fn refusals() {
        for name in ["quote", "unsafeQuote", "asYAML", "asJSON"] {
            assert!(
                run(&format!("{name}()")).unwrap_err().starts_with(&format!("not enough arguments to call {name}"))
            );
            assert!(
                run(&format!("{name}(1, 2)")).unwrap_err().starts_with(&format!("too many arguments to call {name}"))
            );
        }
        assert_eq!(run("quote(1 / 0)").unwrap_err(), "error applying quote() function: json: unsupported value: +Inf");
        assert_eq!(
            run("asJSON(-1 / 0)").unwrap_err(),
            "error applying asJSON() function: json: unsupported value: -Inf"
        );
        assert_eq!(run("asYAML([1 / 0, -1 / 0, 0 / 0])"), Ok(Value::from("\"- .inf\n- -.inf\n- .nan\n\"")));
    }
    /// Indentation alone can make a small value long.
    #[test]
    fn size_is_bounded() {
        let mut value = Value::list((0..500_000).map(Value::from).collect()).unwrap();
        assert!(value.to_json_indented().is_ok());
        for _ in 0..100 {
            value = Value::list(vec![value]).unwrap();
        }
        assert!(value.to_json_text().is_ok());
        assert_eq!(value.to_json_indented(), Err(Problem::Memory));
    }
}
