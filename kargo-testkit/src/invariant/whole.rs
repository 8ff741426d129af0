//! The engine as a whole: control 13, 49, 50, 52, 53 and 56. What is tried is tried on forks.

use std::collections::BTreeMap;

use kargo_core::{
    Engine, Event, Recorded, Refusal, Timestamp, World,
    command::{Abort, AbortVerification, Command, Pause, Resume},
    model::{PromotionPhase, VerificationPhase},
    policy::{self, NextTurn},
    promotion::{PhaseEvent, RunEvent},
    verification,
};

use super::Looked;
use crate::sim::{Dice, difference};

/// 49: what is at rest stays so: a second look at the same instant finds nothing.
pub(super) fn rests(engine: &Engine, now: Timestamp, _: u64) -> Looked {
    let mut fork = engine.fork();
    drop(fork.tick(now).appended());
    quiet(now, fork.tick(now).events())
}

fn quiet(now: Timestamp, again: &[Recorded]) -> Looked {
    let more = again.first().map(|recorded| format!("{:?}", recorded.event));
    more.map_or(Ok(1), |more| Err(format!("a second tick at {now} appends {more}")))
}

/// 50: what is asked of two Stages comes to the same in either order.
pub(super) fn orders_agree(engine: &Engine, now: Timestamp, salt: u64) -> Looked {
    let mut dice = Dice::new(salt);
    let world = engine.world();
    let stages: Vec<String> = world.stages().map(|stage| stage.name().to_owned()).collect();
    let (Some(one), Some(two)) = (dice.pick(&stages).cloned(), dice.pick(&stages).cloned()) else { return Ok(0) };
    let apart = |a: &str, b: &str| !world.subscribers_of_stage(a).any(|below| **below == *b);
    if one == two || !apart(&one, &two) || !apart(&two, &one) {
        return Ok(0);
    }
    let kind = dice.roll(4);
    let newest = |stage: &str| {
        let newest = world.stage(stage).ok().and_then(|stage| stage.open_promotions().next_back());
        newest.map_or_else(|| "none".to_owned(), |promotion| promotion.name().to_owned())
    };
    let ask = |stage: &str| -> Command {
        match kind {
            0 => Pause::stage(stage).by("a").into(),
            1 => Resume::stage(stage).by("a").into(),
            2 => AbortVerification::stage(stage).by("a").into(),
            _ => Abort::promotion(newest(stage).as_str()).by("a").into(),
        }
    };
    let run = |order: [&String; 2]| {
        let mut fork = engine.fork();
        for stage in order {
            // A refusal is an answer like another.
            drop(fork.command(now, ask(stage)).map(kargo_core::Outcome::appended));
        }
        fork
    };
    let (there, back) = (run([&one, &two]), run([&two, &one]));
    same(&format!("{} of {one} and {two} differ by their order", ask(&one).kind()), there.world(), back.world())
}

fn same(what: &str, there: &World, back: &World) -> Looked {
    difference(there, back).map_or(Ok(1), |difference| Err(format!("{what}: {difference}")))
}

/// 52: every promotion ends once, and every verification.
pub(super) fn end_once(log: &[Recorded], world: &World) -> Looked {
    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    for recorded in log {
        let name = match &recorded.event {
            Event::Promotion { promotion, happened: RunEvent::Phase(PhaseEvent::End { .. }) } => promotion.to_string(),
            Event::Verification {
                id,
                happened:
                    verification::Event::Finish { .. }
                    | verification::Event::Fail { .. }
                    | verification::Event::Abort { .. },
            } => id.to_string(),
            Event::VerificationBegun { verification, .. } if verification.end().is_some() => {
                verification.id().to_string()
            }
            _ => continue,
        };
        *ends.entry(name).or_default() += 1;
    }
    if let Some((name, times)) = ends.iter().find(|(_, times)| **times != 1) {
        return Err(format!("{name} ends {times} times"));
    }
    let silent = world.promotions().find(|promotion| promotion.is_over() && !ends.contains_key(promotion.name()));
    silent.map_or(Ok(ends.len() as u64), |silent| {
        Err(format!("{} has ended, and the log does not say so", silent.name()))
    })
}

/// 53: aborting what has ended changes nothing.
pub(super) fn aborts_are_idempotent(engine: &Engine, now: Timestamp, salt: u64) -> Looked {
    let mut dice = Dice::new(salt);
    let mut fork = engine.fork();
    drop(fork.tick(now).appended());
    let over: Vec<String> = fork
        .world()
        .promotions()
        .filter(|promotion| promotion.is_over())
        .map(|promotion| promotion.name().to_owned())
        .collect();
    let verified: Vec<String> = fork
        .world()
        .stages()
        .filter(|stage| {
            let newest =
                stage.current().and_then(|held| held.verifications.first()).and_then(|info| info.phase.as_ref());
            newest.is_none_or(VerificationPhase::is_terminal)
        })
        .map(|stage| stage.name().to_owned())
        .collect();
    let commands: [Option<Command>; 2] = [
        dice.pick(&over).map(|name| Abort::promotion(name.as_str()).by("a").into()),
        dice.pick(&verified).map(|name| AbortVerification::stage(name.as_str()).by("a").into()),
    ];
    let mut looked = 0;
    for command in commands.into_iter().flatten() {
        let said = format!("{command:?}");
        looked += unchanged(&said, fork.command(now, command).map(|outcome| outcome.events().len()))?;
    }
    Ok(looked)
}

fn unchanged(said: &str, answer: Result<usize, Refusal>) -> Looked {
    match answer {
        Ok(0) => Ok(1),
        Ok(events) => Err(format!("{said} appends {events} events")),
        Err(refusal) => Err(format!("{said}: {refusal}")),
    }
}

/// 56: whatever waits has something that ends it: work that is owed, an instant, or a key that somebody tells.
pub(super) fn alive(engine: &Engine, now: Timestamp, _: u64) -> Looked {
    let mut looked = 0;
    // What is due by now is done first.
    let mut engine = engine.fork();
    drop(engine.tick(now).appended());
    let world = engine.world();
    let deadline = engine.deadline();
    // While the clock may be wrong nothing comes by time (rules 5).
    for stage in world.stages().filter(|_| !world.is_clock_suspect()) {
        let until = match policy::next_turn(stage, now) {
            NextTurn::Start { promotion, .. } => {
                return Err(format!("{promotion} may start in {}, and does not", stage.name()));
            }
            NextTurn::Wait { until, .. } => until,
            _ => None,
        };
        let wakes = until.into_iter().chain(policy::wakes_at(stage, now)).min();
        if let Some(wakes) = wakes {
            looked += 1;
            if deadline.is_none_or(|deadline| deadline > wakes.max(now)) {
                return Err(format!("{} is due at {wakes}, and the engine wakes at {deadline:?}", stage.name()));
            }
        }
        let verifies = stage.current().into_iter().flat_map(|held| &held.verifications);
        let mut open = verifies.filter(|info| !info.phase.as_ref().is_some_and(VerificationPhase::is_terminal));
        if open.next().is_some() {
            looked += 1;
            if deadline.is_none() && engine.pending().next().is_none() {
                return Err(format!("{} verifies, and nobody will look", stage.name()));
            }
        }
    }
    for (effect, other) in engine.waiting() {
        looked += 1;
        // What is being stopped says some day how it ended, or a crash says it.
        let there = engine.pending().any(|owed| owed.id == *other)
            || engine.waiting().any(|(waits, _)| waits == other)
            || engine.stopping().any(|stopping| stopping == other);
        if !there || effect == other {
            return Err(format!("{effect} waits for {other}, which nobody does"));
        }
    }
    let running = world.promotions().filter(|promotion| *promotion.phase() == PromotionPhase::Running);
    for promotion in running {
        looked += 1;
        let owed = engine.pending().any(|effect| match &effect.kind {
            kargo_core::EffectKind::RunStep(run) => *run.promotion == *promotion.name(),
            kargo_core::EffectKind::Prepare(prepare) => *prepare.promotion == *promotion.name(),
            _ => false,
        });
        // What waits for a lane is begun when what is there has ended (rules 4).
        let queued = engine.waiting().next().is_some();
        if !owed && !queued && deadline.is_none() {
            return Err(format!("{} runs, owes nothing, and nothing is due", promotion.name()));
        }
    }
    Ok(looked)
}

#[cfg(test)]
mod tests {
    use kargo_core::{Genesis, Position};

    use super::*;

    /// What is tried on forks can be broken by the engine alone: that the checks would say so is shown on what they are told.
    #[test]
    fn control_13_49_50_and_53_see_what_should_not_be() {
        let now = Timestamp::default();
        assert_eq!(quiet(now, &[]), Ok(1));
        let more = Recorded { position: Position::new(1), at: now, cause: None, event: Event::Ticked };
        assert!(quiet(now, &[more]).is_err());

        let world = World::new("shop");
        let mut other = world.clone();
        assert_eq!(same("pauses", &world, &other), Ok(1));
        other.put(kargo_core::model::Pause::default());
        assert!(same("pauses", &world, &other).is_err());

        assert_eq!(unchanged("Abort", Ok(0)), Ok(1));
        assert!(unchanged("Abort", Ok(2)).is_err());
        let refused = Engine::new(Genesis::new("shop", 7))
            .command(now, Abort::promotion("none"))
            .map(|outcome| outcome.events().len());
        assert!(unchanged("Abort", refused).is_err());
    }
}
