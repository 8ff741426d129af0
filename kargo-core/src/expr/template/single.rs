//! One template: a text with expressions in it, compiled once, run any number of times.

use std::{ops::Range, sync::Arc};

use super::{
    coerce::coerce,
    error::TemplateError,
    scan::{self, Piece},
};
use crate::{
    expr::{
        error::{ExprError, Problem},
        functions::{Functions, Host},
        limits,
        program::Program,
        value::{Env, Value},
    },
    model::Timestamp,
};

/// A text with expressions in `${{ }}` or `${% %}` (promotion-engine 4).
///
/// Reading one never fails: a template answers as Kargo does, which reads each expression only when it gets to it, so the
/// first mistake in order of position is the one that counts, be it of form or of a run. [`Template::problems`] has all
/// mistakes of form at once.
///
/// ```
/// use kargo_core::expr::{Functions, Template, Value};
///
/// let functions = Functions::new();
/// let template = Template::new("v${{ 1 + 1 }}.${{ tag ?? \"x\" }}", &functions);
/// assert_eq!(template.run(&Default::default(), Default::default())?, Value::text("v2.x"));
///
/// // The text of all expressions together decides what it is.
/// let template = Template::new("${{ 1 }}${{ 2 }}", &functions);
/// assert_eq!(template.run(&Default::default(), Default::default())?, Value::from(12.0));
///
/// let template = Template::new("${{ 1 }} ${{ 2", &functions);
/// let error = template.run(&Default::default(), Default::default()).unwrap_err();
/// assert_eq!(error.to_string(), r#"unclosed expression: expected "}}" but reached end of template"#);
/// # Ok::<(), kargo_core::expr::TemplateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Template {
    source: Arc<str>,
    /// None of a plain text.
    parts: Vec<Part>,
    plain: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Literal(Range<usize>),
    Expression(Embedded),
    Unclosed { offset: usize, closer: &'static str },
}

/// An expression of a template.
#[derive(Clone, Debug)]
pub struct Embedded {
    offset: usize,
    program: Result<Program, ExprError>,
}

impl Embedded {
    /// Bytes of the template before the expression, whose text begins right after the opener.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The expression.
    ///
    /// # Errors
    ///
    /// Why it cannot be read.
    pub fn program(&self) -> Result<&Program, &ExprError> {
        self.program.as_ref()
    }

    fn fail(&self, error: ExprError) -> TemplateError {
        TemplateError::Expression { offset: self.offset, error: Box::new(error) }
    }

    /// Appends the text of its value (promotion-engine 4.2).
    fn write(&self, env: &Env, now: Timestamp, host: &dyn Host, out: &mut String) -> Result<(), TemplateError> {
        let program = self.program.as_ref().map_err(|error| self.fail(error.clone()))?;
        let value = program.run_in(env, now, host).map_err(|error| self.fail(error))?;
        let emission = |problem| TemplateError::Emission { offset: self.offset, problem };
        let json;
        let text = if let Value::Text(text) = &value {
            &**text
        } else {
            json = value.to_json_text().map_err(emission)?;
            &json
        };
        if (out.len() + text.len()) as u64 > limits::TEXT {
            return Err(emission(Problem::Memory));
        }
        out.push_str(text);
        Ok(())
    }
}

impl Template {
    /// Reads a template; its expressions may call the built-in functions and `functions`.
    #[must_use]
    pub fn new(source: &str, functions: &Functions) -> Self {
        let plain = !scan::is_template(source);
        let pieces = if plain { Vec::new() } else { scan::pieces(source) };
        let part = |piece| match piece {
            Piece::Literal(range) => Part::Literal(range),
            Piece::Unclosed { offset, closer } => Part::Unclosed { offset, closer },
            Piece::Expression(range) => {
                let offset = range.start;
                let program = Program::compile(source.get(range).unwrap_or_default(), functions);
                Part::Expression(Embedded { offset, program })
            }
        };
        Self { source: source.into(), parts: pieces.into_iter().map(part).collect(), plain }
    }

    /// Runs it at an instant over the names of `env`, and reads the text that comes out as a value
    /// (promotion-engine 4.3). A text without opener is its own value.
    ///
    /// # Errors
    ///
    /// The first mistake in order of position.
    pub fn run(&self, env: &Env, now: Timestamp) -> Result<Value, TemplateError> {
        self.run_in(env, now, &())
    }

    /// As [`Template::run`], with somebody who answers the host's functions.
    ///
    /// # Errors
    ///
    /// As for [`Template::run`].
    pub fn run_in(&self, env: &Env, now: Timestamp, host: &dyn Host) -> Result<Value, TemplateError> {
        if self.plain {
            return Ok(Value::Text(Arc::clone(&self.source)));
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(range) => text.push_str(self.source.get(range.clone()).unwrap_or_default()),
                Part::Expression(expression) => expression.write(env, now, host, &mut text)?,
                Part::Unclosed { offset, closer } => {
                    return Err(TemplateError::Unclosed { offset: *offset, closer });
                }
            }
        }
        coerce(&text).map_err(|problem| TemplateError::Value { problem })
    }

    /// Whether it has no opener, and so is its own value.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// The text it was read from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its expressions, in order.
    pub fn expressions(&self) -> impl Iterator<Item = &Embedded> {
        self.parts
            .iter()
            .filter_map(|part| if let Part::Expression(expression) = part { Some(expression) } else { None })
    }

    /// Everything that is wrong with its form, in order: a run that gets that far fails.
    ///
    /// ```
    /// use kargo_core::expr::{Functions, Template};
    ///
    /// let template = Template::new("${{ 1 + }} ${{ 2 }} ${% )", &Functions::new());
    /// let offsets: Vec<_> = template.problems().map(|problem| problem.offset()).collect();
    /// assert_eq!(offsets, [Some(3), Some(20)]);
    /// ```
    pub fn problems(&self) -> impl Iterator<Item = TemplateError> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Expression(expression) => expression.program().err().map(|error| expression.fail(error.clone())),
            Part::Unclosed { offset, closer } => Some(TemplateError::Unclosed { offset: *offset, closer }),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn run(text: &str) -> Result<Value, TemplateError> {
        let env = BTreeMap::from([("n".to_owned(), Value::from(6.0)), ("s".to_owned(), Value::from("a\nb"))]);
        Template::new(text, &Functions::new()).run(&env, Timestamp::default())
    }

    fn fails(text: &str) -> String {
        run(text).unwrap_err().to_string()
    }

    /// Promotion-engine 4.1 (1): no opener, no reading.
    #[test]
    fn a_plain_text_stays() {
        assert_eq!(run("42"), Ok(Value::from("42")));
        assert_eq!(run("\"42\"\n"), Ok(Value::from("\"42\"\n")));
        assert!(Template::new("$ {{ 1 }}", &Functions::new()).is_plain());
    }

    /// Promotion-engine 4.2.
    #[test]
    fn results_become_text() {
        assert_eq!(run("x${{ nil }}y"), Ok(Value::from("xnully")));
        assert_eq!(run("${{ [1, \"a\"] }}-${{ {k: 1} }}"), Ok(Value::from("[1,\"a\"]-{\"k\":1}")));
        assert_eq!(run("${{ [\"<&>\"] }}!"), Ok(Value::from("[\"\\u003c\\u0026\\u003e\"]!")));
        assert_eq!(run("-${{ n }}"), Ok(Value::from(-6.0)));
        assert_eq!(run("${{ s }}"), Ok(Value::from("a\nb")));
        assert_eq!(run("${% \"${{ n }}\" %}"), Ok(Value::from("${{ n }}")), "what comes out is not read again");
        assert_eq!(fails("${{ 1 / 0 }}"), "json: unsupported value: +Inf");
        assert!(fails("${{ fromPairs([[1, 2]]) }}").starts_with("json: unsupported type: map["));
    }

    /// Promotion-engine 4.1: each expression is read when its turn comes, and the first mistake ends the run.
    #[test]
    fn the_first_mistake_counts() {
        assert_eq!(fails("${{ nope.x }} ${{ 1 + }}"), "cannot fetch x from <nil> (1:7)\n |  nope.x \n | ......^");
        assert_eq!(fails("${{ 1 + }} ${{ nope.x }}"), "unexpected token EOF (1:5)\n |  1 + \n | ....^");
        assert_eq!(fails("${{ 1 }} ${{ nope.x }} ${{"), "cannot fetch x from <nil> (1:7)\n |  nope.x \n | ......^");
        assert_eq!(fails("${{ n }} ${%"), "unclosed expression: expected \"%}\" but reached end of template");
        assert_eq!(run("${{ 1 + }}").unwrap_err().offset(), Some(3));
    }

    /// Promotion-engine 4.1 (4): blanks are no expression, nothing is none.
    #[test]
    fn an_empty_expression_turns_the_rest_off() {
        assert_eq!(run("a${{}}b ${{ 1 }}"), Ok(Value::from("ab ${{ 1 }}")));
        assert_eq!(run("${{}}42"), Ok(Value::from(42.0)));
        assert!(fails("${{ }}").starts_with("unexpected token EOF"));
    }

    /// Texts that grow from expression to expression come to an end.
    #[test]
    fn the_text_is_bounded() {
        let half = usize::try_from(limits::TEXT / 2 + 1).unwrap();
        let env = Env::from([("s".to_owned(), Value::from("x".repeat(half)))]);
        let run = |text| Template::new(text, &Functions::new()).run(&env, Timestamp::default());
        assert!(run("${{ s }}").is_ok());
        assert_eq!(run("${{ s }}${{ s }}"), Err(TemplateError::Emission { offset: 11, problem: Problem::Memory }));
    }
}
