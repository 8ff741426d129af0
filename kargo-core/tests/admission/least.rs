//! `needs()`: what it asks for is enough, and nothing smaller is (rules 19).

use kargo_core::{
    admit,
    why::{Need, Why},
};
use proptest::prelude::*;

use crate::{
    change::{Change, of_needs, possible},
    oracle,
    plan::{Plan, freight_name, instant, stage_name},
    random::{asked, runner},
};

fn explained(plan: &Plan, stage: usize, freight: usize) -> Why {
    let world = plan.build();
    let (stage, freight) = (world.stage(stage_name(stage)).unwrap(), world.freight(&freight_name(freight)).unwrap());
    admit::of(stage, freight, instant(plan.now))
}

/// The first set of at most so many changes, waiting being one, after which it is admitted.
fn smallest(plan: &Plan, stage: usize, freight: usize, most: usize) -> Option<(Vec<Change>, Option<i64>)> {
    let all = possible(plan, stage, freight);
    let instants = oracle::instants(plan, stage, freight);
    let mut sets = vec![(Vec::new(), 0)];
    for size in 0..=most {
        for (set, _) in &sets {
            let mut changed = plan.clone();
            let set: &Vec<Change> = set;
            set.iter().for_each(|change| change.apply(&mut changed, stage, freight));
            let is_admitted = |at: i64| oracle::is_admitted(&changed, stage, freight, at);
            if is_admitted(plan.now) {
                return Some((set.clone(), None));
            }
            let later = instants.iter().copied().filter(|_| size < most).find(|at| is_admitted(*at));
            if later.is_some() {
                return Some((set.clone(), later));
            }
        }
        // Each set once: only what stands behind its last change is added.
        sets = sets
            .into_iter()
            .flat_map(|(set, from)| {
                let more = all.iter().enumerate().skip(from);
                more.map(move |(index, change)| ([set.clone(), vec![change.clone()]].concat(), index + 1))
            })
            .collect();
    }
    None
}

#[test]
fn rules_19_needs_are_enough_and_none_are_less() {
    let test = |(plan, stage, freight): (Plan, usize, usize)| {
        let why = explained(&plan, stage, freight);
        if why.is_yes() {
            prop_assert!(why.needs().is_empty());
            return Ok(());
        }
        let least = why.needs().iter().map(Need::size).sum::<usize>();
        if least > 0 {
            let (changes, wait) = of_needs(&plan, stage, freight, why.needs());
            prop_assert_eq!(changes.len() + usize::from(wait.is_some()), least, "{}", why);
            let mut changed = plan.clone();
            changes.iter().for_each(|change| change.apply(&mut changed, stage, freight));
            changed.now = wait.unwrap_or(plan.now);
            prop_assert!(changed.now >= plan.now);
            prop_assert!(oracle::is_admitted(&changed, stage, freight, changed.now), "{}\n{:?}", why, why.needs());
            prop_assert!(explained(&changed, stage, freight).is_yes(), "{}\n{:?}", why, why.needs());
        }
        let most = if least == 0 { 3 } else { 3.min(least - 1) };
        prop_assert_eq!(smallest(&plan, stage, freight, most), None, "{}\n{:?}", why, why.needs());
        Ok(())
    };
    runner(512).run(&asked(), test).unwrap();
}

/// The brute force finds what there is to find: it is no test that cannot fail.
#[test]
fn the_search_finds_what_needs_ask_for() {
    let counts = std::cell::RefCell::new([0; 4]);
    let test = |(plan, stage, freight): (Plan, usize, usize)| {
        let why = explained(&plan, stage, freight);
        let least = why.needs().iter().map(Need::size).sum::<usize>();
        if (1..=3).contains(&least) {
            let found = smallest(&plan, stage, freight, least);
            let size = found.as_ref().map(|(changes, wait)| changes.len() + usize::from(wait.is_some()));
            prop_assert_eq!(size, Some(least), "{}\n{:?}", why, found);
        }
        counts.borrow_mut()[least.min(3)] += 1;
        Ok(())
    };
    runner(256).run(&asked(), test).unwrap();
    let counts = counts.into_inner();
    assert!(counts.iter().all(|count| *count > 0), "needs of every size occur: {counts:?}");
}
