//! The expressions of a Stage: variables, steps, loops, arguments of its verification (promotion-engine 2, 4.6).

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use super::{
    aliases::{Earlier, OUTPUTS},
    finding::Finding,
    freight::Requested,
    names::word,
    outcome::Wanted,
    scope::{self, Fields, Scope, Shape},
    site::{Form, Place, Site, Tools},
    task::{Tasks, User},
    uses::Uses,
    variables,
};
use crate::{
    expr::Program,
    model::{Code, ForEach, Kind, Path, PromotionStep, Stage, Variable},
    pipeline::{
        draft::Draft,
        text::{Report, Subject},
    },
};

/// What all expressions of a Stage have in common.
struct Common<'a> {
    tools: &'a Tools,
    subject: Subject<'a>,
    /// `ctx`, `target` and the freight; neither variables nor outputs.
    base: Scope,
}

impl Common<'_> {
    fn site<'s>(
        &'s self,
        path: Path,
        text: &'s str,
        place: Place,
        wanted: Wanted,
        scopes: &'s [Arc<Scope>],
    ) -> Site<'s> {
        Site { subject: self.subject, path, text, place, form: Form::Template, wanted, scopes, through: None }
    }
}

/// Why `target` is nil.
pub(super) const NO_TARGET: &str = "the Stage has no targets";
const NO_TASK: &str = "this step is not in a task";
const NO_OUTPUTS: &str = "variables of a promotion see no outputs";

/// Checks a Stage, and tells its tasks what they are used with.
pub(super) fn check<'a>(
    tools: &Tools,
    draft: &Draft<'a>,
    node: usize,
    stage: &'a Stage,
    tasks: &mut Tasks<'a>,
    report: &mut Report,
) {
    let Some(item) = draft.nouns.items.get(node) else { return };
    let target = if stage.is_target_aware() { scope::target() } else { Shape::Nil(NO_TARGET) };
    let mut base = Scope::new().with("ctx", scope::context()).with("target", target).with("stepMetas", Shape::Any);
    let freight = Arc::new(Requested::of_node(draft, node));
    base.freight = Some(Arc::clone(&freight));
    let common = Common { tools, subject: Subject { kind: Kind::Stage, name: item.name, entry: item.entry }, base };

    let mut vars = variables::none();
    let empty = (Vec::new(), Vec::new());
    let template = stage.spec.promotion_template.as_ref().map(|template| &template.spec);
    let (own, steps) = template.map_or((&empty.0, &empty.1), |spec| (&spec.vars, &spec.steps));
    let lists = [(Path::of(&["spec", "vars"]), &stage.spec.vars), (template_path("vars"), own)];
    for (path, list) in lists {
        promotion_variables(&common, &path, list, &mut vars, report);
    }
    let vars = Arc::new(vars);
    let late = variables::late(tools, stage.spec.vars.iter().chain(own));
    let policy = draft.policies.get(item.name).copied();

    let mut earlier = Earlier::new(OUTPUTS);
    for (index, step) in steps.iter().enumerate() {
        let path = template_path("steps").index(index);
        let alias = step.effective_alias(index);
        if let Some(task) = &step.task {
            let of_policy = policy.and_then(|(policy, _)| policy.spec.steps.get(&alias)?.for_each.as_ref());
            let loops = step.for_each.iter().map(|each| (common.subject, path.key("forEach"), each)).chain(
                of_policy.map(|each| {
                    let entry = policy.and_then(|(_, entry)| entry);
                    let subject = Subject { kind: Kind::StagePolicy, name: item.name, entry };
                    (subject, Path::of(&["spec", "steps"]).key(&alias).key("forEach"), each)
                }),
            );
            let loops: Vec<_> = loops.collect();
            for (subject, path, each) in &loops {
                loop_list(&common, *subject, path.key("in"), each, &vars, &late, report);
            }
            let user = User {
                stage: format!("Stage {}", item.name).into(),
                depth: draft.nodes.get(node).map_or(0, |node| node.depth),
                target: stage.is_target_aware(),
                vars: Arc::clone(&vars),
                reference: step.vars.iter().map(|variable| variable.name.clone()).collect(),
                element: loops.iter().map(|(_, _, each)| each.as_.clone()).collect(),
                alias: alias.clone(),
                repeated: !loops.is_empty(),
                outputs: earlier.fields(),
                freight: Arc::clone(&freight),
            };
            reference_variables(&common, tasks, &user, step, &path, report);
            let inner = tasks.add_user(task, user);
            earlier.add_task(&alias, inner, !loops.is_empty());
        } else {
            own_step(&common, step, &alias, &path, &vars, &earlier, report);
            earlier.add(&alias);
        }
    }
    verification(&common, stage, report);
}

fn template_path(list: &str) -> Path {
    Path::of(&["spec", "promotionTemplate", "spec", list])
}

fn promotion_variables(common: &Common<'_>, path: &Path, list: &[Variable], vars: &mut Fields, report: &mut Report) {
    for (index, variable) in list.iter().enumerate() {
        if let Some(text) = variable.value.as_deref().filter(|text| text.contains("${")) {
            let scope = common.base.clone().with("vars", vars.clone().shape());
            let scope = scope.with("outputs", Shape::Nil(NO_OUTPUTS)).with("task", Shape::Nil(NO_OUTPUTS));
            let scopes = [Arc::new(scope)];
            let path = path.index(index).key("value");
            common.site(path, text, Place::Variable, Wanted::Anything, &scopes).check(common.tools, report);
        }
        variables::add(vars, variable);
    }
}

fn own_step(
    common: &Common<'_>,
    step: &PromotionStep,
    alias: &str,
    path: &Path,
    vars: &Arc<Fields>,
    earlier: &Earlier,
    report: &mut Report,
) {
    // Nothing forbids an alias that looks like that of a task's step, and then it counts as one (promotion-engine 1.3).
    let like_inner = alias.contains("::");
    let task = if like_inner { Shape::Any } else { Shape::Nil(NO_TASK) };
    let base = common.base.clone().with("outputs", earlier.outputs()).with("task", task);
    let scope = |vars: &Fields| {
        let mut scope = base.clone().with("vars", vars.clone().shape());
        scope.statuses = (!like_inner).then(|| earlier.statuses_with(alias));
        [Arc::new(scope)]
    };
    let mut seen = variables::above(vars);
    for (index, variable) in step.vars.iter().enumerate() {
        if let Some(text) = variable.value.as_deref().filter(|text| text.contains("${")) {
            let path = path.key("vars").index(index).key("value");
            common.site(path, text, Place::Variable, Wanted::Anything, &scope(&seen)).check(common.tools, report);
        }
        variables::add(&mut seen, variable);
    }
    let scopes = scope(&seen);
    if let Some(text) = step.if_.as_deref().filter(|text| !text.is_empty()) {
        common.site(path.key("if"), text, Place::Step, Wanted::Truth, &scopes).check(common.tools, report);
    }
    for (path, text) in texts(step.config.as_ref(), &path.key("config")) {
        common.site(path, text, Place::Step, Wanted::Anything, &scopes).check(common.tools, report);
    }
}

/// The texts of a configuration that have expressions, at any depth.
pub(super) fn texts<'v>(config: Option<&'v Value>, path: &Path) -> Vec<(Path, &'v str)> {
    let mut found = Vec::new();
    let mut open: Vec<(Path, &Value)> = config.map(|config| (path.clone(), config)).into_iter().collect();
    while let Some((path, value)) = open.pop() {
        match value {
            Value::String(text) if text.contains("${") => found.push((path, text.as_str())),
            Value::Array(items) => open.extend(items.iter().enumerate().map(|(at, item)| (path.index(at), item))),
            Value::Object(fields) => open.extend(fields.iter().map(|(key, item)| (path.key(key), item))),
            _ => {}
        }
    }
    found
}

/// Variables of a reference are evaluated in each of the task's steps (promotion-engine 3.3).
fn reference_variables(
    common: &Common<'_>,
    tasks: &Tasks<'_>,
    user: &User,
    step: &PromotionStep,
    path: &Path,
    report: &mut Report,
) {
    let mut seen = variables::above(&user.vars);
    for name in &user.element {
        seen.add(name.as_str(), Shape::Any);
    }
    for default in step.task.iter().flat_map(|task| tasks.inputs(task)) {
        variables::add(&mut seen, default);
    }
    let mut outputs = user.outputs.clone();
    outputs.open.push(format!("{}::", user.alias));
    for (index, variable) in step.vars.iter().enumerate() {
        if let Some(text) = variable.value.as_deref().filter(|text| text.contains("${")) {
            let scope = common.base.clone().with("vars", seen.clone().shape()).with("task", Shape::Any);
            let scopes = [Arc::new(scope.with("outputs", outputs.clone().shape()))];
            let path = path.key("vars").index(index).key("value");
            common.site(path, text, Place::Variable, Wanted::Anything, &scopes).check(common.tools, report);
        }
        variables::add(&mut seen, variable);
    }
}

/// A loop's list is made when the promotion is created (rules 15).
fn loop_list(
    common: &Common<'_>,
    subject: Subject<'_>,
    path: Path,
    each: &ForEach,
    vars: &Arc<Fields>,
    late: &BTreeSet<String>,
    report: &mut Report,
) {
    let scope = common.base.clone().with("vars", (**vars).clone().shape());
    let scopes = [Arc::new(scope.with("outputs", Shape::Any).with("task", Shape::Any))];
    let site = Site {
        subject,
        path,
        text: &each.in_,
        place: Place::Step,
        form: Form::Either,
        wanted: Wanted::List,
        scopes: &scopes,
        through: None,
    };
    site.check_with(common.tools, report, |program, uses, out| unresolved(program, uses, late, out));
}

fn unresolved(program: &Program, uses: &Uses, late: &BTreeSet<String>, out: &mut Vec<Finding>) {
    let mut push = |id, what: String| {
        let message = format!("the list of a loop is made when the promotion is created, and {what}");
        let finding = Finding::error(Code::ExprUnresolved, word(program, id), message);
        out.push(finding.label("not known yet").rule("rules 15"));
    };
    for call in &uses.calls {
        match &*call.name {
            name if variables::RESOLVED_LATE.contains(&name) => push(call.id, format!("{name}() is resolved later")),
            name @ ("success" | "failure" | "always" | "status") if !call.builtin => {
                push(call.id, format!("{name}() is about steps, none of which ran"));
            }
            _ => {}
        }
    }
    for chain in &uses.chains {
        let first = chain.links.first();
        match (&*chain.root, first.and_then(|link| link.name.as_deref())) {
            (root @ ("outputs" | "task" | "stepMetas"), _) => {
                push(chain.id, format!("{root} is what steps leave, none of which ran"));
            }
            ("vars", Some(name)) if late.contains(name) => {
                let id = first.map_or(chain.id, |link| link.id);
                push(id, format!("vars.{name} depends on a secret or config map, which is resolved later"));
            }
            _ => {}
        }
    }
}

/// Arguments of analyses see project, Stage and the Stage's variables, and must be texts. The Stage's variables are evaluated
/// there as well.
fn verification(common: &Common<'_>, stage: &Stage, report: &mut Report) {
    let Some(verification) = &stage.spec.verification else { return };
    let scope = |vars: Shape| {
        let mut scope = Scope::new().with("ctx", scope::verification_context()).with("vars", vars);
        scope.freight.clone_from(&common.base.freight);
        [Arc::new(scope)]
    };
    let mut vars = Fields::new(scope::Missing { certain: true, ..variables::VARIABLES });
    for variable in &stage.spec.vars {
        variables::add(&mut vars, variable);
    }
    // Without any variable there is no `vars` at all.
    let shape = if stage.spec.vars.is_empty() { Shape::Nil("the Stage has no variables") } else { vars.shape() };
    let scopes = scope(shape);
    for (index, argument) in verification.args.iter().enumerate() {
        let path = Path::of(&["spec", "verification", "args"]).index(index).key("value");
        common.site(path, &argument.value, Place::Variable, Wanted::Text, &scopes).check(common.tools, report);
    }
}
