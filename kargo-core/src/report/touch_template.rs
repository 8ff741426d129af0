//! How what a step touches follows from its configuration.

use serde::{Deserialize, Serialize};

use super::{Access, Touch, What, formula::Formula};
use crate::expr::{Env, ExprError, Value};

/// What a kind of step does to things, with expressions for which.
///
/// The expressions see
///
/// | name | what it is |
/// | --- | --- |
/// | `config` | the step's evaluated configuration |
/// | `checkout` | `{repoURL, branch}` of the clone that `config.path` lies in ([`Checkouts`](super::Checkouts)); nil if there is none |
/// | `promotion` | the promotion's name; nil if there is none |
/// | `item` | the element, with [`TouchTemplate::each`] |
/// | `given(x)` | x, but nil for the empty text |
///
/// The name is a text, a number, or a list of them; nil or the empty text means that the step touches no such thing. `*` in
/// it stands for any text. What cannot be evaluated, or is sealed, is not known. Acting on a thing takes its lane
/// ([`Touch::lane`]).
///
/// ```
/// use kargo_core::{expr::Value, report::{Checkouts, StepSpec, TouchTemplate, What}};
///
/// let spec = StepSpec::new("delete-branches")
///     .acts_outside("deletes branches")
///     .touches(TouchTemplate::acts_on(What::Branch, "config.branches").of("config.repoURL"));
/// let config = Value::from_json(&serde_json::json!({ "repoURL": "https://x.dev/a", "branches": ["old", "older"] }))?;
/// let touches = spec.touches_of(&config, &Checkouts::new()).unwrap();
/// assert_eq!(touches[1].to_string(), "acts on branch older of https://x.dev/a");
/// let lanes = spec.lanes_of(&config, &Checkouts::new()).unwrap();
/// assert_eq!(lanes[0].as_str(), "branch/https://x.dev/a old");
/// # Ok::<(), kargo_core::expr::Problem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TouchTemplate {
    access: Access,
    what: What,
    name: Formula,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<Formula>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    each: Option<Formula>,
}

impl TouchTemplate {
    /// It looks at what the expression names.
    #[must_use]
    pub fn reads(what: What, name: &str) -> Self {
        Self::new(Access::Reads, what, name)
    }

    /// It changes, inside of the promotion or the project, what the expression names.
    #[must_use]
    pub fn writes(what: What, name: &str) -> Self {
        Self::new(Access::Writes, what, name)
    }

    /// It changes, outside, what the expression names, and takes its lane.
    #[must_use]
    pub fn acts_on(what: What, name: &str) -> Self {
        Self::new(Access::Acts, what, name)
    }

    fn new(access: Access, what: What, name: &str) -> Self {
        Self { access, what, name: name.into(), of: None, each: None }
    }

    /// With an expression for what it lies in: a repository, a namespace.
    #[must_use]
    pub fn of(self, expression: &str) -> Self {
        Self { of: Some(expression.into()), ..self }
    }

    /// One such thing for each element of a list, which the other expressions see as `item`. Nil is no element.
    #[must_use]
    pub fn each(self, expression: &str) -> Self {
        Self { each: Some(expression.into()), ..self }
    }

    /// What it does to it.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// What it is.
    #[must_use]
    pub fn what(&self) -> What {
        self.what
    }

    pub(super) fn formulas(&self) -> impl Iterator<Item = &Formula> {
        std::iter::once(&self.name).chain(&self.of).chain(&self.each)
    }

    /// The things; only looked at, where a step that may act does not.
    pub(super) fn touches(&self, env: &mut Env, acts: bool) -> Result<Vec<Touch>, &ExprError> {
        let mut out = Vec::new();
        let access = if self.access == Access::Acts && !acts { Access::Reads } else { self.access };
        let Some(each) = &self.each else {
            self.things(env, access, &mut out)?;
            return Ok(out);
        };
        match each.run(env)? {
            Some(Value::Null) => {}
            Some(value) if value.as_list().is_some() => {
                for item in value.as_list().unwrap_or_default() {
                    env.insert("item".to_owned(), item.clone());
                    let done = self.things(env, access, &mut out);
                    env.remove("item");
                    done?;
                }
            }
            _ => out.push(Touch::new(access, self.what, None)),
        }
        Ok(out)
    }

    /// The things of one element, or of a configuration as a whole.
    fn things(&self, env: &Env, access: Access, out: &mut Vec<Touch>) -> Result<(), &ExprError> {
        let of = match &self.of {
            Some(of) => of.run(env)?,
            None => None,
        };
        let of = of.as_ref().and_then(Value::as_text).filter(|of| !of.is_empty());
        let name = self.name.run(env)?;
        let names = name.as_ref().and_then(Value::as_list).or(name.as_ref().map(std::slice::from_ref));
        for name in names.unwrap_or(&[Value::Bool(false)]) {
            let text = match name {
                Value::Null => continue,
                Value::Int(_) | Value::Uint(_) | Value::Float(_) => Some(name.to_string()),
                other => other.as_text().map(ToOwned::to_owned),
            };
            if text.as_deref() == Some("") {
                continue;
            }
            let touch = Touch::new(access, self.what, text.as_deref());
            out.push(if let Some(of) = of { touch.of(of) } else { touch });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn touches(template: &TouchTemplate, config: &serde_json::Value) -> Vec<String> {
        let mut env = Env::from([("config".to_owned(), Value::from_json(config).unwrap())]);
        let found = template.touches(&mut env, true).unwrap();
        assert!(!env.contains_key("item"));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nil_is_nothing_and_what_fails_is_not_known() {
        let path = TouchTemplate::reads(What::Path, "config.path");
        assert_eq!(touches(&path, &json!({"path": "a"})), ["reads ./a"]);
        assert_eq!(touches(&path, &json!({"path": ["a", 7, null, ""]})), ["reads ./a", "reads ./7"]);
        assert_eq!(touches(&path, &json!({})), Vec::<String>::new());
        assert_eq!(touches(&path, &json!({"path": {}})), ["reads a path that is not known yet"]);
        assert_eq!(touches(&path, &json!("x")), ["reads a path that is not known yet"]);
    }

    #[test]
    fn one_for_each_element() {
        let apps = TouchTemplate::acts_on(What::Application, "item.name").of("item.namespace").each("config.apps");
        let config = json!({"apps": [{"name": "a", "namespace": "n"}, {"name": "b"}, "c"]});
        assert_eq!(
            touches(&apps, &config),
            ["acts on application a in n", "acts on application b", "acts on an application that is not known yet"]
        );
        assert_eq!(touches(&apps, &json!({})), Vec::<String>::new());
        assert_eq!(touches(&apps, &json!({"apps": "x"})), ["acts on an application that is not known yet"]);
    }

    #[test]
    fn who_does_not_act_looks() {
        let url = TouchTemplate::acts_on(What::Url, "config");
        let mut env = Env::from([("config".to_owned(), Value::text("https://x.dev"))]);
        let found = url.touches(&mut env, false).unwrap();
        assert_eq!(found, [Touch::new(Access::Reads, What::Url, Some("https://x.dev"))]);
        let path = TouchTemplate::writes(What::Path, "'a'");
        assert_eq!(path.touches(&mut env, false).unwrap(), [Touch::new(Access::Writes, What::Path, Some("a"))]);
    }
}
