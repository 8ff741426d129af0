//! A promotion kept in memory: inputs in, events out and applied, with what must hold at all times.

use std::collections::BTreeSet;

use kargo_core::promotion::{Input, Move, Run, RunEvent, Scene, StepRun, decide, moves};
use serde_json::Value as Json;

use crate::host::{Host, NAME};

/// One step from state to state: state, event, state.
pub type Taken = (String, String, String);

/// A promotion in memory, in the world of a host that does nothing else.
pub struct Live {
    pub host: Host,
    pub run: Run,
    /// Everything that happened.
    pub events: Vec<RunEvent>,
    /// Every transition of a step.
    pub taken: BTreeSet<Taken>,
}

impl Live {
    /// A promotion with these steps that has begun.
    pub fn new(steps: Json) -> Self {
        let mut live = Self::of(Host::new(steps));
        live.tell(&Input::Begin);
        live
    }

    /// The promotion of a host, as it is stored.
    pub fn of(host: Host) -> Self {
        let run = host.world.promotion(NAME).unwrap().run();
        Self { host, run, events: Vec::new(), taken: BTreeSet::new() }
    }

    /// Tells it, applies what follows, and returns that. Nothing may be left to decide afterwards (control 13, 49).
    pub fn tell(&mut self, input: &Input) -> Vec<RunEvent> {
        let scene = Scene::new(self.host.world.promotion(NAME).unwrap(), "").unwrap();
        let events = decide(&self.run, &scene, self.host.now, input);
        for event in &events {
            let before = state_of(&self.run, event);
            self.run.apply(event);
            if let (RunEvent::Step { event: step, .. }, Some(before), Some(after)) =
                (event, before, state_of(&self.run, event))
            {
                self.taken.insert((before, step.name().to_owned(), after));
            }
        }
        assert_eq!(decide(&self.run, &scene, self.host.now, &Input::Look), [], "after {input:?}");
        self.events.extend(events.iter().cloned());
        events
    }

    /// What it owes to the outside.
    pub fn moves(&self) -> Vec<Move> {
        let scene = Scene::new(self.host.world.promotion(NAME).unwrap(), "").unwrap();
        moves(&self.run, &scene)
    }

    /// The attempts among that.
    pub fn runs(&self) -> Vec<StepRun> {
        let of = |owed| if let Move::Run(run) = owed { Some(run) } else { None };
        self.moves().into_iter().filter_map(of).collect()
    }

    /// The state of each step.
    pub fn states(&self) -> Vec<&'static str> {
        self.run.steps().iter().map(|record| record.state().name()).collect()
    }
}

fn state_of(run: &Run, event: &RunEvent) -> Option<String> {
    let RunEvent::Step { index, .. } = event else { return None };
    Some(run.steps()[*index].state().name().to_owned())
}

/// The names of events, as in `0 Start`.
pub fn names(events: &[RunEvent]) -> Vec<String> {
    let of = |event: &RunEvent| match event {
        RunEvent::Step { index, event } => format!("{index} {}", event.name()),
        RunEvent::Phase(kargo_core::promotion::PhaseEvent::Begin { .. }) => "Begin".to_owned(),
        RunEvent::Phase(kargo_core::promotion::PhaseEvent::End { end, .. }) => format!("End {end:?}"),
        RunEvent::TreeLost { redo } => format!("TreeLost {redo:?}"),
        other => format!("{other:?}"),
    };
    events.iter().map(of).collect()
}
