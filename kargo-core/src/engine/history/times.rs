//! Where the time of a promotion and of its steps went, from the log (requirements E5).

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    History, When,
    shares::{Part, Shares},
};
use crate::{
    engine::{Event, lanes::Lanes, state::State},
    model::{Duration, NoSuch, PromotionName, StageName, Timestamp},
    promotion::{Move, Phase, Run, Scene, StepRecord, StepState, moves},
};

/// Where the time of a promotion went: from when it was made to when it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Times {
    /// The promotion.
    pub promotion: PromotionName,
    /// Where it goes.
    pub stage: StageName,
    /// When it was made.
    pub from: Timestamp,
    /// When it ended, or the moment of the question.
    pub to: Timestamp,
    /// Whether it has ended.
    pub over: bool,
    /// Where its time went. Of steps that run beside each other, one that runs counts before one that waits.
    pub parts: Shares,
    /// The steps that were reached, in order.
    pub steps: Vec<StepTimes>,
}

/// Where the time of a step went: from when it was reached to when it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepTimes {
    /// The step, from 0.
    pub step: usize,
    /// Its alias.
    pub alias: Arc<str>,
    /// The runner's name.
    pub uses: Arc<str>,
    /// When it was open: once, and again where it had to write a lost work tree anew (rules 14).
    pub spans: Vec<(Timestamp, Timestamp)>,
    /// Where its time went.
    pub parts: Shares,
}

impl Times {
    /// How long it took, by the clock on the wall.
    #[must_use]
    pub fn wall(&self) -> Duration {
        length(self.from, self.to)
    }
}

impl StepTimes {
    /// How long it was open, by the clock on the wall.
    #[must_use]
    pub fn wall(&self) -> Duration {
        let lengths = self.spans.iter().map(|(from, to)| length(*from, *to).as_nanos());
        Duration::from_nanos(lengths.fold(0, i64::saturating_add))
    }
}

/// One line for the promotion, and one for each step.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promotion, self.parts)?;
        for step in &self.steps {
            write!(f, "\n  {} {}: {}", step.step.saturating_add(1), step.alias, step.parts)?;
        }
        Ok(())
    }
}

impl History {
    /// Where the time of a promotion went, up to a moment: queued, running, waiting for what, idle (requirements E5).
    ///
    /// The parts are the whole: they add up to [`Times::wall`], and of each step to [`StepTimes::wall`].
    ///
    /// # Errors
    ///
    /// No such promotion was made up to that moment.
    pub fn times(&self, promotion: impl AsRef<str>, when: impl Into<When>) -> Result<Times, NoSuch> {
        let (name, when) = (PromotionName::from(promotion.as_ref()), when.into());
        let end = self.position_of(when).unwrap_or(self.end());
        let created = self.index.created(&name).filter(|created| *created <= end);
        let none = || NoSuch::new("Promotion", &name, []);
        let created = created.and_then(|created| self.event(created)).ok_or_else(none)?;
        let mut state = self.state_at(created.position);
        let stage = state.world.promotion(&name)?.noun().spec.stage.clone();
        let mut clock = Clock { now: created.at, ..Clock::default() };
        // Whatever is in a lane when it is made may be in its way.
        for other in state.runs.keys() {
            clock.lanes.put(other, state.in_lanes(other));
        }
        clock.look(&state, &name);
        let mut over = false;
        for recorded in self.events(created.position, end) {
            clock.until(recorded.at, &state, &name);
            state.apply(recorded);
            let Event::Promotion { promotion, .. } = &recorded.event else { continue };
            let freed = clock.lanes.put(promotion, state.in_lanes(promotion));
            if *promotion == name || freed.contains(&name) {
                clock.look(&state, &name);
                over = state.runs.get(&name).is_none_or(|run| run.phase().is_over());
            }
            if over {
                break;
            }
        }
        if !over {
            clock.until(self.instant_of(when).max(clock.now), &state, &name);
        }
        let (from, to) = (created.at, clock.now);
        Ok(Times {
            promotion: name,
            stage,
            from,
            to,
            over,
            parts: clock.parts,
            steps: clock.steps.into_values().collect(),
        })
    }
}

/// Counts time, moment by moment.
#[derive(Default)]
struct Clock {
    now: Timestamp,
    parts: Shares,
    part: Option<Part>,
    steps: BTreeMap<usize, StepTimes>,
    open: BTreeMap<usize, Part>,
    /// Who is in which lane.
    lanes: Lanes,
    /// When a lane is not waited for any longer, at the latest.
    enters: Option<Timestamp>,
}

impl Clock {
    /// Time goes on.
    fn until(&mut self, instant: Timestamp, state: &State, name: &PromotionName) {
        if let Some(enters) = self.enters.filter(|enters| *enters < instant) {
            self.pass(enters);
            self.look(state, name);
        }
        self.pass(instant);
    }

    fn pass(&mut self, instant: Timestamp) {
        let passed = length(self.now, instant);
        if let Some(part) = &self.part {
            self.parts.add(part, passed);
        }
        for (step, part) in &self.open {
            let Some(times) = self.steps.get_mut(step) else { continue };
            times.parts.add(part, passed);
            if let Some((_, to)) = times.spans.last_mut() {
                *to = instant;
            }
        }
        self.now = instant;
    }

    /// Looks what time is spent with from now on.
    fn look(&mut self, state: &State, name: &PromotionName) {
        let before = std::mem::take(&mut self.open);
        (self.part, self.enters) = (None, None);
        let Some(run) = state.runs.get(name).filter(|run| !run.phase().is_over()) else { return };
        self.open = self.open_steps(state, name, run);
        for step in self.open.keys() {
            let Some(planned) = run.plan().steps().get(*step) else { continue };
            let times = self.steps.entry(*step).or_insert_with(|| StepTimes {
                step: *step,
                alias: Arc::clone(planned.alias()),
                uses: Arc::clone(planned.uses()),
                spans: Vec::new(),
                parts: Shares::default(),
            });
            if !before.contains_key(step) {
                times.spans.push((self.now, self.now));
            }
        }
        self.part = Some(match run.phase() {
            Phase::Pending => Part::Queued,
            _ => busiest(self.open.values()).cloned().unwrap_or(Part::Idle),
        });
    }

    /// What the steps that are open spend time with.
    fn open_steps(&mut self, state: &State, name: &PromotionName, run: &Run) -> BTreeMap<usize, Part> {
        let scene = state.world.promotion(name).ok().and_then(|view| Scene::new(view, "").ok());
        let owed = scene.map(|scene| moves(run, &scene)).unwrap_or_default();
        let mut runs = BTreeMap::new();
        for owed in &owed {
            if let Move::Run(step) = owed {
                let blocker = state.lane_taken(&self.lanes, name, step, self.now);
                self.enters = self.enters.into_iter().chain(blocker.as_ref().and_then(|other| other.until)).min();
                runs.insert(step.step, blocker.is_none());
            }
        }
        let part = |(step, record): (usize, &StepRecord)| {
            let part = match record.state() {
                StepState::Preparing => Part::Running,
                StepState::Running | StepState::Redoing if runs.get(&step) == Some(&true) => Part::Running,
                StepState::Running | StepState::Redoing => Part::Queued,
                StepState::Waiting(waiting) if waiting.wait.on.is_empty() && waiting.wait.until.is_none() => Part::Idle,
                StepState::Waiting(waiting) => Part::Waiting(waiting.wait.to_string()),
                StepState::Retrying(_) | StepState::RedoingLater(_) => Part::Waiting("the next attempt".to_owned()),
                _ => return None,
            };
            Some((step, part))
        };
        run.steps().iter().enumerate().filter_map(part).collect()
    }
}

/// What counts of several at once.
fn busiest<'p>(parts: impl Iterator<Item = &'p Part>) -> Option<&'p Part> {
    parts.min_by_key(|part| match part {
        Part::Running => 0,
        Part::Waiting(_) => 1,
        Part::Queued => 2,
        Part::Idle => 3,
    })
}

fn length(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_nanos(to.signed_duration_since(from).num_nanoseconds().unwrap_or(i64::MAX).max(0))
}
