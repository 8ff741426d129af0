//! What a simulated run came to.

use std::fmt;

use kargo_core::{Engine, Event, Position, Recorded, Timestamp};

use super::{live::Live, tally::Tally, timeline};

/// Something that must never be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule, by name.
    pub name: String,
    /// What was seen.
    pub said: String,
    /// When.
    pub at: Timestamp,
    /// Where the log ended then.
    pub position: Position,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "violated: {}\n  {}\n  at {}, position {}", self.name, self.said, self.at, self.position)
    }
}

/// A run that has ended.
#[derive(Debug)]
pub struct Run {
    pub(crate) live: Live,
    pub(crate) start: Timestamp,
}

/// How far a Stage was behind the newest image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// By how much at the worst.
    pub behind: std::time::Duration,
    /// When that was.
    pub at: Timestamp,
}

impl Run {
    /// The seed from which all of it follows.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.live.seed
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &[Recorded] {
        &self.live.log
    }

    /// The log as bytes, one line for each event.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let lines = self.live.log.iter().filter_map(|recorded| recorded.to_bytes().ok());
        lines.flat_map(|line| line.into_iter().chain([b'\n'])).collect()
    }

    /// The engine at the end.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.live.engine
    }

    /// How often what occurred.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.live.tally
    }

    /// What must never be so and was.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.live.violations
    }

    /// How often the process died.
    #[must_use]
    pub fn crashes(&self) -> u32 {
        self.live.crashes
    }

    /// Attempts that nobody may repeat and that were sent to the world more than once (rules 1).
    #[must_use]
    pub fn effects_repeated_outside(&self) -> usize {
        self.live.outside.repeated()
    }

    /// Nothing was violated.
    ///
    /// # Panics
    ///
    /// Something was; the text says what, and how to see it again.
    #[track_caller]
    pub fn assert_invariants(&self) {
        assert!(self.live.violations.is_empty(), "{}", self.report());
    }

    /// What was violated, with the end of the story and how to play it again.
    #[must_use]
    pub fn report(&self) -> String {
        let violations: Vec<_> = self.live.violations.iter().take(3).map(ToString::to_string).collect();
        let all = timeline::tell(&self.live.log, &self.live.lines, self.live.engine.world(), None);
        let lines: Vec<_> = all.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(60)..).unwrap_or_default().join("\n");
        format!("{self}\n{}\n\n{tail}\nreplay: KARGO_SEED={:#x}", violations.join("\n"), self.live.seed)
    }

    /// The story of one Stage.
    #[must_use]
    pub fn timeline(&self, stage: &str) -> String {
        let story = timeline::tell(&self.live.log, &self.live.lines, self.live.engine.world(), Some(stage));
        format!("{self}\n\n{story}replay: KARGO_SEED={:#x}", self.live.seed)
    }

    /// The story of everything.
    #[must_use]
    pub fn story(&self) -> String {
        timeline::tell(&self.live.log, &self.live.lines, self.live.engine.world(), None)
    }

    /// How far a Stage was behind the newest image of a repository at the worst, from the push of the oldest that it had not.
    #[must_use]
    pub fn worst(&self, stage: &str, repository: &str) -> Behind {
        let pushes: Vec<(String, Timestamp)> = self.live.outside.pushes(repository).collect();
        let tag_of = |recorded: &Recorded| match &recorded.event {
            Event::PromotionSettled { place, holds_freight: Some(held), .. } if *place.stage == *stage => {
                let world = self.live.engine.world();
                let mut images =
                    held.iter().filter_map(|name| world.freight_named(name)).flat_map(|freight| &freight.reference().images);
                images.find(|image| image.repo_url == repository).map(|image| image.tag.to_string())
            }
            _ => None,
        };
        let moves = self.live.log.iter().filter_map(|recorded| Some((recorded.at, tag_of(recorded)?)));
        let mut worst = Behind { behind: std::time::Duration::ZERO, at: self.start };
        let mut held: Option<usize> = None;
        let mut note = |held: Option<usize>, at: Timestamp| {
            let missing = pushes.get(held.map_or(0, |held| held + 1)).filter(|(_, pushed)| *pushed <= at);
            let behind = missing.and_then(|(_, pushed)| (at - *pushed).to_std().ok()).unwrap_or_default();
            if behind > worst.behind {
                worst = Behind { behind, at };
            }
        };
        for (at, tag) in moves {
            note(held, at);
            held = pushes.iter().position(|(pushed, _)| *pushed == tag).or(held);
        }
        note(held, self.live.now);
        worst
    }
}

/// The head of a story: seed, and how much happened.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let live = &self.live;
        let hours = (live.now - self.start).num_hours();
        let promotions = live.engine.world().promotions().count();
        let (crashes, events) = (live.crashes, live.log.len());
        write!(
            f,
            "seed {:#x} ({promotions} promotions, {crashes} crashes, {events} events, {hours}h simulated)",
            live.seed
        )
    }
}
