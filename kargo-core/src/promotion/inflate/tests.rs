//! Tests of inflation, each naming its section.

use std::slice;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{ForEachMode, OnUnknown, StepRetry, TaskReference};

type Shelf = BTreeMap<(TaskKind, TaskName), PromotionTaskSpec>;
type Policy = BTreeMap<String, StepPolicy>;

fn var(name: &str, value: &str) -> Variable {
    Variable { name: name.into(), value: Some(value.into()) }
}

fn needed(name: &str) -> Variable {
    Variable { name: name.into(), value: None }
}

fn uses(runner: &str, alias: &str) -> PromotionStep {
    let alias = Some(alias.to_owned()).filter(|alias| !alias.is_empty());
    PromotionStep { uses: Some(runner.into()), alias, ..PromotionStep::default() }
}

fn task(name: &str, alias: &str, vars: &[Variable]) -> PromotionStep {
    let task = Some(TaskReference { name: name.into(), kind: None });
    PromotionStep { uses: None, task, vars: vars.to_vec(), ..uses("", alias) }
}

fn over(reference: PromotionStep, list: &str) -> PromotionStep {
    let for_each = ForEach { in_: list.into(), as_: "x".into(), mode: ForEachMode::Parallel, max: 100 };
    PromotionStep { for_each: Some(for_each), ..reference }
}

fn shelf(tasks: &[(&str, &[Variable], &[PromotionStep])]) -> Shelf {
    let spec =
        |vars: &[Variable], steps: &[PromotionStep]| PromotionTaskSpec { vars: vars.to_vec(), steps: steps.to_vec() };
    tasks.iter().map(|(name, vars, steps)| ((TaskKind::PromotionTask, (*name).into()), spec(vars, steps))).collect()
}

/// The list of a loop is written as JSON in these tests.
fn run(
    template: &[PromotionStep],
    tasks: &Shelf,
    vars: &[Variable],
    policy: &Policy,
) -> Result<Inflated, InflateError> {
    inflate(template, &Inflation { tasks, vars, policy }, &mut |for_each| {
        Ok(serde_json::from_str(&for_each.in_).unwrap())
    })
}

fn plain(template: &[PromotionStep], tasks: &Shelf) -> Result<Inflated, InflateError> {
    run(template, tasks, &[], &Policy::new())
}

fn aliases(inflated: &Inflated) -> Vec<&str> {
    inflated.steps.iter().map(|step| step.alias.as_deref().unwrap()).collect()
}

fn fails(template: &[PromotionStep], tasks: &Shelf) -> String {
    plain(template, tasks).unwrap_err().to_string()
}

#[test]
fn promotion_engine_1_3_aliases_by_position_where_they_are_written() {
    let tasks = shelf(&[("t", &[], &[uses("a", ""), uses("b", "named"), uses("c", "")])]);
    let template = [uses("x", ""), task("t", "", &[]), uses("y", ""), task("t", "ship", &[]), uses("z", "last")];
    let wanted = [
        "step-1",
        "task-2::step-1",
        "task-2::named",
        "task-2::step-3",
        "step-3",
        "ship::step-1",
        "ship::named",
        "ship::step-3",
        "last",
    ];
    assert_eq!(aliases(&plain(&template, &tasks).unwrap()), wanted);
}

#[test]
fn promotion_engine_3_3_everything_else_is_copied() {
    let full = PromotionStep {
        if_: Some("${{ always() }}".into()),
        continue_on_error: Some(true),
        retry: Some(StepRetry { timeout: None, error_threshold: 3 }),
        vars: vec![var("own", "1")],
        config: Some(json!({"a": ["${{ vars.own }}"]})),
        on_unknown: Some(OnUnknown::Retry),
        ..uses("http", "call")
    };
    let tasks = shelf(&[("t", &[], slice::from_ref(&full))]);
    let inflated = plain(&[full.clone(), task("t", "t", &[])], &tasks).unwrap();
    let inner = PromotionStep { alias: Some("t::call".into()), ..full.clone() };
    assert_eq!(inflated, Inflated { steps: vec![full, inner], loops: Loops::default() });
}

#[test]
fn promotion_engine_3_3_variables_of_a_task() {
    let (d, e) = (var("v", "default"), var("v", ""));
    let (none, reference, own) = (vec![], vec![var("v", "reference")], var("v", "own"));
    // The task's variable, the promotion's, the reference's: what the step gets before its own; `None` is missing.
    for (declared, promotion, given, wanted) in [
        (&d, &none, &none, Some(vec![d.clone()])),
        (&d, &vec![var("v", "promotion")], &none, Some(vec![])),
        (&d, &vec![e.clone()], &none, Some(vec![d.clone()])),
        (&d, &vec![needed("v")], &none, Some(vec![d.clone()])),
        (&d, &vec![e.clone(), var("v", "later")], &none, Some(vec![])),
        (&d, &none, &reference, Some(vec![d.clone(), reference[0].clone()])),
        (&d, &vec![var("v", "promotion")], &reference, Some(reference.clone())),
        (&e, &none, &none, None),
        (&needed("v"), &none, &none, None),
        (&needed("v"), &vec![e.clone()], &vec![e.clone()], None),
        (&needed("v"), &none, &vec![needed("v")], None),
        (&needed("v"), &none, &reference, Some(reference.clone())),
        (&needed("v"), &vec![var("v", "promotion")], &none, Some(vec![])),
        (&needed("v"), &none, &vec![e.clone(), reference[0].clone()], Some(vec![e.clone(), reference[0].clone()])),
    ] {
        let step = PromotionStep { vars: vec![own.clone()], ..uses("a", "a") };
        let tasks = shelf(&[("t", slice::from_ref(declared), &[step])]);
        let got = run(&[task("t", "t", given)], &tasks, promotion, &Policy::new());
        let text = format!("{declared:?} {promotion:?} {given:?}");
        match wanted {
            Some(mut wanted) => {
                wanted.push(own.clone());
                assert_eq!(got.unwrap().steps[0].vars, wanted, "{text}");
            }
            None => {
                let error = "inflate task steps for task \"t\" (\"t\"): missing value for variable \"v\"";
                assert_eq!(got.unwrap_err().to_string(), error, "{text}");
            }
        }
    }
}

#[test]
fn promotion_engine_3_3_undeclared_variables_of_a_reference_are_given() {
    let tasks = shelf(&[("t", &[var("b", "2")], &[uses("a", "a")])]);
    let got = plain(&[task("t", "t", &[var("z", "1"), var("y", "${{ outputs }}")])], &tasks).unwrap();
    assert_eq!(got.steps[0].vars, [var("b", "2"), var("z", "1"), var("y", "${{ outputs }}")]);
}

#[test]
fn promotion_engine_8_2_trap_18_each_step_has_a_list_of_its_own() {
    let own = |name: &str| PromotionStep { vars: vec![var("own", name)], ..uses("a", name) };
    let tasks = shelf(&[("t", &[var("d", "1")], &[own("p"), own("q"), own("r")])]);
    let given = [var("g", "2"), var("h", "3")];
    let got = plain(&[over(task("t", "t", &given), "[4, 5]")], &tasks).unwrap();
    let last: Vec<_> = got.steps.iter().map(|step| step.vars.last().unwrap().value.as_deref().unwrap()).collect();
    assert_eq!(last, ["p", "q", "r", "p", "q", "r"]);
    assert!(got.steps.iter().all(|step| step.vars.len() == 5));
}

#[test]
fn promotion_engine_3_1_kinds_of_tasks_are_told_apart() {
    let mut tasks = shelf(&[("t", &[], &[uses("project", "")])]);
    let cluster = PromotionTaskSpec { vars: vec![], steps: vec![uses("cluster", "")] };
    tasks.insert((TaskKind::ClusterPromotionTask, "t".into()), cluster);
    let of = |kind| {
        let task = Some(TaskReference { name: "t".into(), kind });
        let got = plain(&[PromotionStep { task, ..PromotionStep::default() }], &tasks).unwrap();
        got.steps[0].uses.clone().unwrap()
    };
    assert_eq!(of(None), "project");
    assert_eq!(of(Some(TaskKind::PromotionTask)), "project");
    assert_eq!(of(Some(TaskKind::ClusterPromotionTask)), "cluster");
}

#[test]
fn promotion_engine_3_3_missing_tasks_and_steps_without_runner() {
    let nested = PromotionStep { task: Some(TaskReference::default()), ..uses("a", "in") };
    let tasks = shelf(&[("ship", &[], &[uses("a", "")]), ("bare", &[], &[uses("", "")]), ("nested", &[], &[nested])]);
    for (template, wanted) in [
        (
            task("shp", "", &[]),
            "inflate task steps for task \"shp\" (\"task-1\"): PromotionTask \"shp\" not found; did you mean \"ship\"?",
        ),
        (
            task("zzzzzz", "x", &[]),
            "inflate task steps for task \"zzzzzz\" (\"x\"): PromotionTask \"zzzzzz\" not found",
        ),
        (
            task("bare", "x", &[]),
            "inflate task steps for task \"bare\" (\"x\"): PromotionTask step must have uses set and must not reference another task (step \"step-1\")",
        ),
        (
            task("nested", "x", &[]),
            "inflate task steps for task \"nested\" (\"x\"): PromotionTask step must have uses set and must not reference another task (step \"in\")",
        ),
        (uses("", "x"), "step \"x\" has no runner; write uses: <runner> or task: { name: <task> }"),
        (PromotionStep::default(), "step \"step-1\" has no runner; write uses: <runner> or task: { name: <task> }"),
    ] {
        assert_eq!(fails(&[template], &tasks), wanted);
    }
}

/// Promotion-engine 8.2 (15): two steps of one alias would share one record.
#[test]
fn promotion_engine_8_2_trap_15_aliases_are_unique() {
    let tasks = shelf(&[("t", &[], &[uses("a", "b")]), ("twice", &[], &[uses("a", "b"), uses("a", "b")])]);
    let alias = |alias: &str| Err(InflateError::Alias { alias: alias.into() });
    assert_eq!(plain(&[uses("a", "x"), uses("b", "x")], &tasks), alias("x"));
    assert_eq!(plain(&[uses("a", "x"), task("t", "x", &[])], &tasks), alias("x"));
    assert_eq!(plain(&[uses("a", "step-2"), uses("b", "")], &tasks), alias("step-2"));
    assert_eq!(plain(&[uses("a", "x::b"), task("t", "x", &[])], &tasks), alias("x::b"));
    assert_eq!(plain(&[task("twice", "x", &[])], &tasks), alias("x::b"));
}

#[test]
fn rules_15_members_of_a_loop() {
    let step = PromotionStep { vars: vec![var("own", "1")], ..uses("a", "p") };
    let tasks = shelf(&[("t", &[var("d", "${{ vars.x }}"), needed("x")], &[step, uses("b", "")])]);
    let looped = over(task("t", "roll", &[var("g", "2")]), r#"["eu", {"n": 1}]"#);
    let got = plain(&[uses("z", ""), looped, uses("z", "")], &tasks).unwrap();
    let names = ["step-1", "roll-0::p", "roll-0::step-2", "roll-1::p", "roll-1::step-2", "step-3"];
    assert_eq!(aliases(&got), names);
    let (d, g, own) = (var("d", "${{ vars.x }}"), var("g", "2"), var("own", "1"));
    let second = var("x", "${% '{\"n\":1}' %}");
    assert_eq!(got.steps[1].vars, [var("x", "eu"), d.clone(), g.clone(), own.clone()]);
    assert_eq!(got.steps[3].vars, [second.clone(), d.clone(), g.clone(), own]);
    assert_eq!(got.steps[4].vars, [second, d, g]);
    let roll = Loop { alias: "roll".into(), mode: ForEachMode::Parallel, first: 1, steps: 2, members: 2 };
    assert_eq!(got.loops, Loops::new(vec![roll]).unwrap());
    assert_eq!(got.loops.check(&names), Ok(()));
    assert!(got.steps.iter().all(|step| step.for_each.is_none() && step.task.is_none()));
}

/// Rules 15: the element wins over a default and over the promotion's variable, and counts as given even when empty.
#[test]
fn rules_15_the_element_is_given_by_the_reference() {
    let looped = over(task("t", "roll", &[]), r#"[""]"#);
    for declared in [var("x", "default"), needed("x")] {
        let tasks = shelf(&[("t", &[declared], &[uses("a", "")])]);
        let got = run(slice::from_ref(&looped), &tasks, &[var("x", "promotion")], &Policy::new()).unwrap();
        assert_eq!(got.steps[0].vars, [var("x", "")]);
    }
}

#[test]
fn rules_15_an_empty_list_gives_no_steps() {
    let tasks = shelf(&[("t", &[], &[uses("a", "")])]);
    let got = plain(&[over(task("t", "none", &[]), "[]"), uses("z", "z")], &tasks).unwrap();
    assert_eq!(aliases(&got), ["z"]);
    assert_eq!(got.loops.get("none").map(|one| (one.first, one.members)), Some((0, 0)));
    // What is wrong with the reference is said all the same.
    let missing = shelf(&[("t", &[needed("v")], &[uses("a", "")])]);
    assert!(fails(&[over(task("t", "none", &[]), "[]")], &missing).ends_with("missing value for variable \"v\""));
}

#[test]
fn rules_15_aliases_of_members_collide_with_nothing() {
    let tasks = shelf(&[("t", &[], &[uses("a", "")])]);
    let roll = over(task("t", "roll", &[]), "[1, 2]");
    let collision = LoopError::Collision { member: "roll-1".into() };
    let before = plain(&[uses("a", "roll-1"), roll.clone()], &tasks);
    let problem = TaskProblem::Loop(collision);
    assert_eq!(before, Err(InflateError::Task { task: "t".into(), alias: "roll".into(), problem }));
    let after = plain(&[roll.clone(), task("t", "roll-0", &[])], &tasks);
    assert_eq!(after, Err(InflateError::Alias { alias: "roll-0".into() }));
    let inner = plain(&[over(task("t", "a::b", &[]), "[1]")], &tasks);
    assert!(matches!(inner, Err(InflateError::Task { problem: TaskProblem::Loop(LoopError::Alias), .. })));
    let other = over(task("t", "roll-0", &[]), "[1]");
    assert!(plain(&[roll, other], &tasks).is_err());
}

#[test]
fn rules_15_loops_are_for_references() {
    let step = over(uses("a", "x"), "[1]");
    let tasks = shelf(&[("t", &[], slice::from_ref(&step)), ("u", &[], &[uses("a", "in")])]);
    let error = "step \"x\" has forEach, which repeats tasks; put the step into a PromotionTask and refer to it";
    assert_eq!(fails(slice::from_ref(&step), &tasks), error);
    assert!(fails(&[task("t", "t", &[])], &tasks).ends_with("write it on the reference to the task"));
    let said = |alias: &str| {
        Policy::from([(alias.to_owned(), StepPolicy { for_each: step.for_each.clone(), on_unknown: None })])
    };
    assert_eq!(run(&[uses("a", "x")], &tasks, &[], &said("x")).unwrap_err().to_string(), error);
    assert!(run(&[task("u", "u", &[])], &tasks, &[], &said("u::in")).is_err());
    let by_policy = run(&[task("u", "u", &[])], &tasks, &[], &said("u")).unwrap();
    assert_eq!(aliases(&by_policy), ["u-0::in"]);
    let twice = run(&[over(task("u", "u", &[]), "[1]")], &tasks, &[], &said("u")).unwrap_err();
    assert!(matches!(twice, InflateError::Task { problem: TaskProblem::Loop(LoopError::Twice), .. }));
}

#[test]
fn rules_15_what_is_wrong_with_a_list_is_said_at_the_reference() {
    let tasks = shelf(&[("t", &[], &[uses("a", "")])]);
    let policy = Policy::new();
    let with = Inflation { tasks: &tasks, vars: &[], policy: &policy };
    let error = LoopError::NotAList { found: "string".into() };
    let got = inflate(&[over(task("t", "roll", &[]), "x")], &with, &mut |_| Err(error.clone())).unwrap_err();
    assert!(
        got.to_string().starts_with("inflate task steps for task \"t\" (\"roll\"): forEach.in is no list"),
        "{got}"
    );
}

#[test]
fn rules_11_on_unknown_of_the_policy_is_written_on_the_step() {
    let retries = PromotionStep { on_unknown: Some(OnUnknown::Retry), ..uses("http", "r") };
    let tasks = shelf(&[("t", &[], &[uses("http", ""), retries.clone()])]);
    let template = [uses("http", ""), retries, over(task("t", "roll", &[]), "[1, 2]"), task("t", "", &[])];
    let said = |word| StepPolicy { on_unknown: Some(word), for_each: None };
    let policy = Policy::from([
        ("step-1".to_owned(), said(OnUnknown::Retry)),
        ("roll::step-1".to_owned(), said(OnUnknown::Retry)),
        ("task-4::r".to_owned(), said(OnUnknown::Error)),
    ]);
    let got = run(&template, &tasks, &[], &policy).unwrap();
    let words: BTreeMap<_, _> =
        got.steps.iter().map(|step| (step.alias.as_deref().unwrap(), step.on_unknown)).collect();
    let (retry, error) = (Some(OnUnknown::Retry), Some(OnUnknown::Error));
    let wanted = [
        ("step-1", retry),
        ("r", retry),
        ("roll-0::step-1", retry),
        ("roll-0::r", retry),
        ("roll-1::step-1", retry),
        ("roll-1::r", retry),
        ("task-4::step-1", None),
        ("task-4::r", error),
    ];
    assert_eq!(words, BTreeMap::from(wanted));
}

#[test]
fn rules_11_a_policy_speaks_of_steps_that_are_there() {
    let tasks = shelf(&[("t", &[], &[uses("http", "push")])]);
    let template = [task("t", "ship", &[]), over(task("t", "none", &[]), "[]")];
    let policy = |alias: &str| {
        Policy::from([(alias.to_owned(), StepPolicy { on_unknown: Some(OnUnknown::Retry), for_each: None })])
    };
    assert!(run(&template, &tasks, &[], &policy("ship::push")).is_ok());
    assert!(
        run(&template, &tasks, &[], &policy("none::push")).is_ok(),
        "a loop over nothing has its steps all the same"
    );
    let error = run(&template, &tasks, &[], &policy("ship::psh")).unwrap_err().to_string();
    assert_eq!(
        error,
        "the StagePolicy speaks of step \"ship::psh\", which the Stage does not have; did you mean \"ship::push\"?"
    );
    let error = run(&template, &tasks, &[], &policy("ship")).unwrap_err().to_string();
    assert!(error.ends_with("write it for \"ship::<step>\""), "{error}");
    let own = PromotionStep { on_unknown: Some(OnUnknown::Error), ..task("t", "ship", &[]) };
    assert!(fails(&[own], &tasks).contains("onUnknown belongs to steps"));
}

/// One entry of a random template.
#[derive(Clone, Debug)]
enum Entry {
    Step(String),
    Task(String, Vec<String>),
    Loop(String, Vec<String>, usize),
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let alias =
        || prop_oneof![3 => Just(String::new()), 5 => "[a-d]", 1 => "[ab]-[01]", 1 => "[ab]::[ab]", 1 => "step-[12]"];
    let inner = || prop::collection::vec(prop_oneof![2 => Just(String::new()), 1 => "[ab]"], 0..4);
    prop_oneof![
        alias().prop_map(Entry::Step),
        (alias(), inner()).prop_map(|(alias, inner)| Entry::Task(alias, inner)),
        (alias(), inner(), 0_usize..4).prop_map(|(alias, inner, members)| Entry::Loop(alias, inner, members)),
    ]
}

fn made(entries: &[Entry]) -> (Vec<PromotionStep>, Shelf) {
    let (mut template, mut tasks) = (Vec::new(), Shelf::new());
    for (at, entry) in entries.iter().enumerate() {
        let name = format!("t{at}");
        let mut keep = |inner: &[String]| {
            let steps = inner.iter().map(|alias| uses("a", alias)).collect();
            tasks.insert((TaskKind::PromotionTask, name.as_str().into()), PromotionTaskSpec { vars: vec![], steps });
        };
        template.push(match entry {
            Entry::Step(alias) => uses("a", alias),
            Entry::Task(alias, inner) => {
                keep(inner);
                task(&name, alias, &[])
            }
            Entry::Loop(alias, inner, members) => {
                keep(inner);
                over(task(&name, alias, &[]), &json!(vec![0; *members]).to_string())
            }
        });
    }
    (template, tasks)
}

/// All names outside of tasks, and all aliases of steps, made the slow way.
fn oracle(entries: &[Entry]) -> (Vec<String>, Vec<String>) {
    let (mut names, mut steps) = (Vec::new(), Vec::new());
    let or = |alias: &str, what: &str, at: usize| {
        if alias.is_empty() { format!("{what}-{}", at + 1) } else { alias.to_owned() }
    };
    for (at, entry) in entries.iter().enumerate() {
        let mut inside = |task: &str, inner: &[String]| {
            steps.extend(inner.iter().enumerate().map(|(at, alias)| format!("{task}::{}", or(alias, "step", at))));
        };
        match entry {
            Entry::Step(alias) => {
                names.push(or(alias, "step", at));
                steps.push(or(alias, "step", at));
            }
            Entry::Task(alias, inner) => {
                inside(&or(alias, "task", at), inner);
                names.push(or(alias, "task", at));
            }
            Entry::Loop(alias, inner, members) => {
                let alias = or(alias, "task", at);
                for member in 0..*members {
                    inside(&format!("{alias}-{member}"), inner);
                    names.push(format!("{alias}-{member}"));
                }
                names.push(alias);
            }
        }
    }
    (names, steps)
}

fn has_twins(names: &[String]) -> bool {
    names.iter().collect::<BTreeSet<_>>().len() != names.len()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Promotion-engine 1.3, 3.3, rules 15: aliases are those of the rules, in order, and unique, or it is refused.
    #[test]
    fn promotion_engine_3_3_aliases_are_unique(entries in prop::collection::vec(any_entry(), 0..6)) {
        let (template, tasks) = made(&entries);
        let (names, steps) = oracle(&entries);
        let odd = entries.iter().any(|entry| matches!(entry, Entry::Loop(alias, ..) if alias.contains("::")));
        match plain(&template, &tasks) {
            Err(error) => prop_assert!(odd || has_twins(&names) || has_twins(&steps), "{}", error),
            Ok(got) => {
                prop_assert_eq!(aliases(&got), steps.clone());
                prop_assert!(!odd && !has_twins(&names) && !has_twins(&steps));
                prop_assert_eq!(got.loops.check(&steps), Ok(()));
                prop_assert_eq!(got.loops.to_string().parse(), Ok(got.loops));
            }
        }
    }

    /// Promotion-engine 3.3: steps mean the same inline and in a task, but for their names.
    #[test]
    fn promotion_engine_3_3_inline_or_in_a_task(steps in prop::collection::vec((any::<bool>(), "[a-z]{1,3}", any::<bool>()), 0..6)) {
        let steps: Vec<_> = steps.into_iter().enumerate().map(|(at, (named, word, unknown))| PromotionStep {
            vars: vec![var("v", &word)],
            config: Some(json!({ "c": word })),
            on_unknown: unknown.then_some(OnUnknown::Retry),
            ..uses(&word, &if named { format!("{word}{at}") } else { String::new() })
        }).collect();
        let inline = plain(&steps, &Shelf::new()).unwrap().steps;
        let tasks = shelf(&[("t", &[], &steps)]);
        let mut inside = plain(&[task("t", "t", &[])], &tasks).unwrap().steps;
        for step in &mut inside {
            step.alias = step.alias.take().map(|alias| alias.strip_prefix("t::").unwrap().to_owned());
        }
        prop_assert_eq!(inline, inside);
    }

    /// Rules 15: n members of k steps are n times k steps, member after member, the same but for alias and element.
    #[test]
    fn rules_15_n_members_of_k_steps(n in 0_usize..=100, k in 0_usize..5) {
        let steps: Vec<_> = (0..k).map(|at| uses(&format!("r{at}"), "")).collect();
        let tasks = shelf(&[("t", &[], &steps)]);
        let list: Vec<usize> = (0..n).collect();
        let got = plain(&[over(task("t", "roll", &[]), &json!(list).to_string())], &tasks).unwrap();
        prop_assert_eq!(got.steps.len(), n * k);
        for (at, step) in got.steps.iter().enumerate() {
            let (member, inner) = (at / k, at % k);
            prop_assert_eq!(step.alias.clone(), Some(format!("roll-{member}::step-{}", inner + 1)));
            prop_assert_eq!(step.uses.clone(), Some(format!("r{inner}")));
            prop_assert_eq!(&step.vars, &[var("x", &format!("${{% \"{member}\" %}}"))]);
            prop_assert_eq!(got.loops.at(at).map(|(one, member)| (one.alias.as_str(), member)), Some(("roll", member)));
        }
    }
}
