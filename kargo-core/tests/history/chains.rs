//! Requirements F4: a chain names only what it took.

use kargo_core::{
    History, Origin, Position, Timestamp, Why,
    command::Promote,
    engine::{Notices, When},
};
use proptest::prelude::*;

use crate::{
    host::{ANA, Host, SHOP, done, genesis},
    random::{Kind, STAGES, cases, history},
};

/// What is told, without where in the log: leaving something out moves everything behind it.
fn told(why: &Why) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => {
                if let Some(event) = fields.get_mut("event") {
                    event.as_object_mut().unwrap().remove("position");
                }
                fields.values_mut().for_each(strip);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(why).unwrap();
    strip(&mut value);
    value
}

/// Each event that an answer names is one without which there is another answer.
fn each_event_counts(host: &Host, ask: impl Fn(&History, &str, When) -> Why) -> usize {
    let (history, now) = (host.history(), When::Instant(host.now));
    let mut named = 0;
    for stage in STAGES {
        let why = ask(&history, stage, now);
        for event in why.events() {
            let left_out = host.input_of(event.position);
            let other = host.without(left_out);
            let answer = ask(&other.history(), stage, now);
            assert!(
                told(&answer) != told(&why),
                "#{} of\n{why}\nis of {:?}, without which it is\n{answer}\nthe log:\n{}",
                event.position,
                host.inputs[left_out],
                log(host)
            );
            named += 1;
        }
    }
    named
}

fn log(host: &Host) -> String {
    let line = |recorded: &kargo_core::Recorded| {
        let text = format!("{:?}", recorded.event);
        format!(
            "{} {} {}",
            recorded.at.format("%H:%M:%S"),
            recorded.position,
            text.chars().take(220).collect::<String>()
        )
    };
    let behind = host.log.iter().filter(|recorded| !matches!(recorded.event, kargo_core::Event::Defined { .. }));
    behind.map(line).collect::<Vec<_>>().join("\n")
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn f4_leaving_out_the_input_behind_any_event_of_a_chain_changes_the_answer(seed in any::<u64>()) {
        let host = history(seed, 40, Kind::Wild);
        each_event_counts(&host, |history, stage, when| history.why(stage, when));
        each_event_counts(&host, |history, stage, when| history.why_not_moved(stage, when));
    }
}

/// Where nothing is said twice, not only the words change: the Stage holds something else, or since another instant. There
/// are histories in which another input would have done as well all the same, so this is counted, not required of each.
#[test]
fn f4_without_it_the_stage_would_not_hold_that() {
    let (mut named, mut other) = (0, 0);
    for seed in 0..24 {
        let host = history(seed, 40, Kind::Plain);
        let history = host.history();
        for stage in STAGES {
            let why = history.why(stage, host.now);
            for event in why.events() {
                let answer = host.without(host.input_of(event.position)).history().why(stage, host.now);
                named += 1;
                other += usize::from(answer.headline() != why.headline());
            }
        }
    }
    println!(
        "without its input, {other} of {named} events leave the Stage with something else, or since another instant"
    );
    assert!(named > 60 && other * 20 >= named * 19, "{other} of {named}");
}

#[test]
fn f4_chains_of_random_histories_are_long_enough_to_say_something() {
    let (mut named, mut longest) = (0, 0);
    for seed in 0..12 {
        let host = history(seed, 40, Kind::Plain);
        let history = host.history();
        for stage in STAGES {
            let events = history.why(stage, host.now).events().count();
            named += events;
            longest = longest.max(events);
        }
    }
    println!("{named} events are named, {longest} at most in one answer");
    assert!(named > 40 && longest >= 5, "{named} events, {longest} at most");
}

#[test]
fn f4_a_moment_is_an_instant_or_a_position() {
    let host = history(3, 40, Kind::Plain);
    let history = host.history();
    for recorded in history.log() {
        let (by_position, by_instant) = (history.at(recorded.position).unwrap(), history.at(recorded.at).unwrap());
        assert_eq!(by_position.position(), recorded.position);
        // Of events at one instant, the last.
        let last = history.log().iter().rev().find(|other| other.at == recorded.at).unwrap();
        assert_eq!(by_instant.position(), last.position);
    }
    let engine = history.at(history.end()).unwrap();
    assert_eq!(format!("{:?}", engine.world()), format!("{:?}", host.engine.world()));
    assert_eq!(
        history.at(history.end().next()).unwrap_err().to_string(),
        format!("there is no event {}: the log ends with {}", history.end().next(), history.end())
    );
    let before: Timestamp = "2026-11-24T11:00:00Z".parse().unwrap();
    assert_eq!(history.at(before).unwrap().position().get(), 0);
    assert_eq!(history.why("uat", before).to_string(), "no: there is no Stage \"uat\"");
}

#[test]
fn rules_12_a_log_that_begins_with_a_checkpoint_tells_what_came_after_it() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    host.pass(3_600);
    let outcome = host.engine.checkpoint(host.now);
    let from = host.log.len();
    host.log.extend(outcome.events().iter().cloned());
    host.inputs.clear();
    host.command(Promote::to("prod").newest(Origin::warehouse("cart")).by(ANA)).unwrap();
    host.answer("change", done());
    host.answer("push", done());
    let tail = host.log[from..].to_vec();

    let whole = host.history();
    let later = History::of(genesis(), tail.clone()).unwrap();
    assert_eq!(later.end(), whole.end());
    let begins = tail[0].position;
    assert_eq!(later.event(begins), Some(&tail[0]));
    assert_eq!(later.at(begins).unwrap().position(), begins);
    let archived = later.at(Position::new(3)).unwrap_err();
    assert_eq!(
        archived.to_string(),
        format!("the log begins with {begins}, and what was after #3 is archived: read the archive before it")
    );
    // What came after it is told the same; what came before is not in it.
    let name = host.newest();
    assert_eq!(later.times(&name, host.now).unwrap(), whole.times(&name, host.now).unwrap());
    let events =
        |history: &History| history.why("prod", host.now).events().map(|told| told.position).collect::<Vec<_>>();
    let kept = events(&whole).into_iter().filter(|event| *event > begins.get()).collect::<Vec<_>>();
    assert_eq!(events(&later), kept);
    assert!(
        later.why("prod", host.now).to_string().contains("before the log begins"),
        "{}",
        later.why("prod", host.now)
    );
    // Notices too.
    let all = Notices::after(genesis(), host.log.clone(), begins, 0).unwrap().1;
    assert_eq!(Notices::after(genesis(), tail, begins, 0).unwrap().1, all);
    assert!(all.len() > 5);
}
