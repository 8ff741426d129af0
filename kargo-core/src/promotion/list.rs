//! The list of a loop: which names it may use, and its elements (rules 15).

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::{
    expr::{Ast, Env, Functions, Node, NodeId, Template, TemplateError},
    model::ForEach,
};

use super::{
    LoopError,
    variables::{Evaluate, Variables, with_variables},
};

/// Functions whose results are not there when a promotion is created (promotion-engine 5.1 and 1.10).
const FUNCTIONS: [&str; 8] =
    ["secret", "sharedSecret", "configMap", "sharedConfigMap", "always", "failure", "success", "status"];

/// Names that are not there when a promotion is created (promotion-engine 4.6); `$env` has all names.
const NAMES: [&str; 4] = ["outputs", "task", "stepMetas", "$env"];

/// Makes the list of a loop from the names of `env` (`ctx`, and `target` if there is one) and the promotion's variables.
///
/// `forEach.in` is an expression, or a template such as `${{ vars.regions }}`; both mean the same. Of the variables only
/// those are evaluated that it reads, and those that these read.
///
/// # Errors
///
/// The list or a variable it reads uses a name or function that is not there yet; its evaluation fails; its value is no
/// list.
pub fn list(
    for_each: &ForEach,
    variables: &Variables,
    functions: &Functions,
    env: &Env,
    evaluate: &mut Evaluate<'_>,
) -> Result<Vec<Json>, LoopError> {
    let template = template(&for_each.in_, functions);
    let fail = |error| LoopError::List { error };
    let mut wanted = Reads::of(&template, None)?;
    let mut seen = BTreeSet::new();
    // Until no variable adds another one.
    while let Some((at, (name, template))) =
        variables.iter().enumerate().find(|(at, (name, _))| !seen.contains(at) && wanted.has(name))
    {
        seen.insert(at);
        wanted.add(Reads::of(template, Some(name))?);
    }
    let names = variables.iter().map(|(name, _)| name.to_owned()).filter(|name| wanted.has(name)).collect();
    let mut values = Env::new();
    variables
        .only(&names)
        .evaluate(env, &mut values, evaluate)
        .map_err(|error| LoopError::ListVariable { error: error.into() })?;
    let value = evaluate(&template, &with_variables(env.clone(), values).map_err(fail)?).map_err(fail)?;
    let items = value.as_list().ok_or_else(|| LoopError::NotAList { found: value.type_name() })?;
    let json = items.iter().map(|item| item.to_json().map_err(|problem| fail(TemplateError::Value { problem })));
    json.collect()
}

/// A bare expression is read as if delimiters stood around it, those that do not occur in it.
fn template(text: &str, functions: &Functions) -> Template {
    let template = Template::new(text, functions);
    if !template.is_plain() {
        return template;
    }
    let text = if text.contains("%}") { format!("${{{{ {text} }}}}") } else { format!("${{% {text} %}}") };
    Template::new(&text, functions)
}

/// The variables that a template reads.
enum Reads {
    Named(BTreeSet<String>),
    /// It takes `vars` as a whole, or a member whose name is computed.
    All,
}

impl Reads {
    fn of(template: &Template, variable: Option<&str>) -> Result<Self, LoopError> {
        let mut reads = Self::Named(BTreeSet::new());
        // What cannot be read fails in its turn.
        for program in template.expressions().filter_map(|expression| expression.program().ok()) {
            if let Some(name) = unavailable(program.ast()) {
                return Err(LoopError::Unavailable { name, variable: variable.map(str::to_owned) });
            }
            reads.add(Self::in_tree(program.ast()));
        }
        Ok(reads)
    }

    fn in_tree(ast: &Ast) -> Self {
        let is_vars = |id: NodeId| matches!(ast.node(id), Node::Name(name) if &**name == "vars");
        let (mut names, mut members, mut mentions) = (BTreeSet::new(), 0, 0);
        for node in ast.nodes() {
            match node {
                Node::Name(name) if &**name == "vars" => mentions += 1,
                Node::Member { base, name, .. } if is_vars(*base) => {
                    members += 1;
                    names.insert(name.to_string());
                }
                Node::Index { base, index, .. } if is_vars(*base) => {
                    if let Node::Text(name) = ast.node(*index) {
                        members += 1;
                        names.insert(name.to_string());
                    }
                }
                _ => {}
            }
        }
        if members == mentions { Self::Named(names) } else { Self::All }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(name),
        }
    }

    fn add(&mut self, other: Self) {
        match (self, other) {
            (Self::Named(names), Self::Named(more)) => names.extend(more),
            (all, _) => *all = Self::All,
        }
    }
}

/// The first thing in an expression that is not there when a promotion is created.
fn unavailable(ast: &Ast) -> Option<String> {
    ast.nodes().find_map(|node| match node {
        Node::Call { name, .. } if FUNCTIONS.contains(&&**name) => Some(format!("{name}()")),
        Node::Name(name) if NAMES.contains(&&**name) => Some(name.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{expr::Value, model::Variable};

    fn run(in_: &str, vars: &[(&str, &str)]) -> Result<Json, LoopError> {
        let functions = Functions::new();
        let vars: Vec<_> =
            vars.iter().map(|(name, value)| Variable { name: (*name).into(), value: Some((*value).into()) }).collect();
        let names = json!({"ctx": {"stage": "prod"}, "target": {"params": {"apps": ["a", "b"]}}});
        let env = Value::from_json(&names).unwrap().as_map().unwrap().to_env();
        let for_each = ForEach { in_: in_.into(), as_: "x".into(), ..ForEach::default() };
        let mut evaluate = |template: &Template, env: &Env| template.run(env, Default::default());
        list(&for_each, &Variables::new(&vars, &functions), &functions, &env, &mut evaluate).map(Json::from)
    }

    #[test]
    fn rules_15_lists() {
        let apps = [("apps", "${{ split('a,b', ',') }}")];
        for (in_, vars, wanted) in [
            ("['eu', 'us']", &[][..], json!(["eu", "us"])),
            ("${{ ['eu', 'us'] }}", &[], json!(["eu", "us"])),
            ("${% map([1, 2], {{n: #}}) %}", &[], json!([{"n": 1}, {"n": 2}])),
            ("map([1, 2], {{n: #}})", &[], json!([{"n": 1}, {"n": 2}])),
            ("['%}', '1', \"true\"]", &[], json!(["%}", "1", "true"])),
            ("target.params.apps", &[], json!(["a", "b"])),
            ("[ctx.stage]", &[], json!(["prod"])),
            ("vars.apps", &apps, json!(["a", "b"])),
            ("${{ vars['apps'] }}\n", &apps, json!(["a", "b"])),
            ("vars?.apps | filter(# != 'a')", &apps, json!(["b"])),
            ("keys(vars)", &apps, json!(["apps"])),
            ("vars.apps", &[("apps", "[\"a\"]")], json!(["a"])),
            ("[]", &[], json!([])),
            ("[1.5, nil, true, {a: []}]", &[], json!([1.5, null, true, {"a": []}])),
        ] {
            assert_eq!(run(in_, vars), Ok(wanted), "{in_}");
        }
    }

    /// Rules 15: only what the list reads is evaluated, through other variables too, in order.
    #[test]
    fn rules_15_only_variables_that_the_list_reads() {
        let broken = ("broken", "${{ vars.nope.x }}");
        let sealed = ("token", "${{ secret('s').token }}");
        let chain = [broken, ("a", "x"), sealed, ("b", "${{ [vars.a, vars.later] }}"), ("a", "y"), ("later", "z")];
        assert_eq!(run("vars.b", &chain), Ok(json!(["x", null])));
        let error =
            |name: &str, variable: &str| LoopError::Unavailable { name: name.into(), variable: Some(variable.into()) };
        assert_eq!(run("values(vars)", &chain[1..]), Err(error("secret()", "token")));
        assert_eq!(run("vars[ctx.stage]", &chain[1..]), Err(error("secret()", "token")));
        let through = [sealed, ("list", "${{ [vars.token] }}")];
        assert_eq!(run("vars.list", &through), Err(error("secret()", "token")));
        let failed = run("vars.broken", &chain).unwrap_err().to_string();
        assert!(
            failed.starts_with("forEach.in: error pre-processing promotion variable \"broken\": cannot fetch x"),
            "{failed}"
        );
    }

    /// Rules 15: what is not there yet is refused by name, wherever it stands.
    #[test]
    fn rules_15_what_a_list_cannot_use() {
        let error = |name: &str| LoopError::Unavailable { name: name.into(), variable: None };
        for function in FUNCTIONS {
            for text in
                [format!("[{function}('a')]"), format!("true ? [] : ({function}())"), format!("'a' | {function}()")]
            {
                assert_eq!(run(&text, &[]), Err(error(&format!("{function}()"))), "{text}");
                assert_eq!(run(&format!("${{{{ {text} }}}}"), &[]), Err(error(&format!("{function}()"))), "{text}");
            }
        }
        for name in NAMES {
            assert_eq!(run(&format!("[{name}.a]"), &[]), Err(error(name)));
        }
        let text = error("outputs").to_string();
        assert!(text.starts_with("forEach.in cannot use outputs: the list is made once"), "{text}");
    }

    #[test]
    fn rules_15_no_list() {
        for (in_, found) in [
            ("nope", "<nil>"),
            ("'a,b'", "string"),
            ("{a: 1}", "map[string]interface {}"),
            ("3", "float64"),
            ("['a'] ${{ 1 }}", "string"),
        ] {
            assert_eq!(run(in_, &[]), Err(LoopError::NotAList { found: found.into() }), "{in_}");
        }
        for in_ in ["", "[", "nope.x", "${{ [", "1 / 0"] {
            assert!(matches!(run(in_, &[]), Err(LoopError::List { .. })), "{in_}");
        }
    }
}
