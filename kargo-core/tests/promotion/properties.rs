//! Random step lists with random answers and signals at every point (E3, E8), and the transitions that they take.

use std::{cell::RefCell, collections::BTreeSet};

use kargo_core::promotion::{Input, Run, take};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    driver::{Choices, Driver, host},
    host::{Host, NAME},
    live::Taken,
};

/// So many cases, times `KARGO_SOAK`.
fn cases(count: u32) -> u32 {
    let times = std::env::var("KARGO_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    count.saturating_mul(times)
}

fn runner(count: u32) -> TestRunner {
    TestRunner::new(Config { cases: cases(count), failure_persistence: None, ..Config::default() })
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..250)
}

/// E3: no wait misses its wake-up, no step has two attempts under way, every run ends; see the driver for the rest.
#[test]
fn e3_every_wait_ends_and_every_run_comes_to_its_end() {
    let template = Host::new(serde_json::json!([]));
    let test = |bytes: Vec<u8>| {
        let mut choices = Choices::new(&bytes);
        let host = host(&template, &mut choices);
        Driver::new(&host).play(&mut choices);
        Ok(())
    };
    runner(3_000).run(&bytes(), test).unwrap();
}

/// What of a run can be seen.
fn seen(run: &Run) -> String {
    let steps: Vec<_> = run
        .steps()
        .iter()
        .map(|step| {
            let times = (step.started_at(), step.finished_at(), step.errors());
            // Nobody needs these any more when it is over.
            let open = (!run.phase().is_over()).then(|| (step.attempts(), step.pins()));
            (format!("{:?}", step.state()), times, step.status(), step.message(), open)
        })
        .collect();
    format!("{:#?}", (run.phase(), run.message(), run.started_at(), run.finished_at(), steps, run.health_checks()))
}

/// Promotion-engine 1.8: a promotion that is stored and read again at every input is the one that was kept in memory.
#[test]
fn promotion_engine_1_8_stored_is_as_good_as_kept() {
    let template = Host::new(serde_json::json!([]));
    let test = |bytes: Vec<u8>| {
        let mut choices = Choices::new(&bytes);
        let host = host(&template, &mut choices);
        let mut driver = Driver::new(&host);
        driver.whole = true;
        driver.play(&mut choices);
        let mut stored = host.clone();
        let mut kept = Driver::new(&host);
        for (now, input) in &driver.inputs {
            kept.now = *now;
            kept.tell(input.clone());
            let promotion = take(&stored.world, NAME, *now, input).unwrap();
            // As text, as a server keeps it.
            let text = serde_json::to_string(&promotion).unwrap();
            stored.world.put(serde_json::from_str::<kargo_core::model::Promotion>(&text).unwrap());
            let read = stored.world.promotion(NAME).unwrap().run();
            let outputs = |run: &Run| {
                let of = |(alias, output): (&std::sync::Arc<str>, &kargo_core::expr::Value)| {
                    (alias.to_string(), output.to_sealed_json().unwrap())
                };
                serde_json::Value::Object(run.outputs().iter().map(of).collect())
            };
            if stored.phase().is_terminal() {
                // Its outputs are for others to read now, as they are written.
                prop_assert_eq!(outputs(&kept.run), stored.promotion().status.state.unwrap_or_default());
            } else {
                prop_assert_eq!(outputs(&kept.run), outputs(&read));
            }
            let (kept, read) = (seen(&kept.run), seen(&read));
            // What is being stopped is shown as aborted, as Kargo does.
            prop_assert_eq!(kept.replace("\"Stopping\"", "\"Aborted\""), read, "after {:?}", input);
            if matches!(input, Input::Abort { .. }) || stored.phase().is_terminal() {
                break;
            }
        }
        Ok(())
    };
    runner(300).run(&bytes(), test).unwrap();
}

/// Control 12.2: every row of the table of steps is taken, and nothing else.
#[test]
fn control_12_2_every_transition_is_taken() {
    let template = Host::new(serde_json::json!([]));
    let taken = RefCell::new(BTreeSet::<Taken>::new());
    let test = |bytes: Vec<u8>| {
        let mut choices = Choices::new(&bytes);
        let host = host(&template, &mut choices);
        let mut driver = Driver::new(&host);
        driver.play(&mut choices);
        taken.borrow_mut().append(&mut driver.taken);
        Ok(())
    };
    // Always the same ones, so that a rare row is taken each time.
    let config = Config { cases: 1_500, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(&bytes(), test).unwrap();
    let mut taken = taken.into_inner();
    taken.extend(crate::transitions::scenarios());
    let rows =
        include_str!("../../src/promotion/step.rs").lines().filter_map(|line| line.strip_prefix("/// | ")).skip(2);
    let mut unknown = taken.clone();
    let mut missing = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
        let nexts = match &*cells[2] {
            "Finished" => vec!["Succeeded", "Skipped", "Failed", "Errored"],
            next => vec![next],
        };
        let mut found = false;
        for next in nexts {
            found |= unknown.remove(&(cells[0].clone(), cells[1].clone(), next.to_owned()));
        }
        if !found {
            missing.push(format!("{} {}", cells[0], cells[1]));
        }
    }
    assert_eq!(missing, [""; 0], "rows that nothing takes");
    assert_eq!(unknown, BTreeSet::new(), "transitions that are in no row");
}
