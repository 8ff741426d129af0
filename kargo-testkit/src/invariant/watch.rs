//! The invariants armed: what is looked at after which batch, and how often.

use std::collections::BTreeMap;

use kargo_core::{Engine, Event, Recorded, Timestamp};

use super::{ALL, Batch, Check, Looked};
use crate::sim::Dice;

/// Global checks look every so many events.
const EVERY: usize = 256;

/// The invariants, armed in one run.
#[derive(Clone, Debug)]
pub struct Watch {
    seed: u64,
    since: Option<Timestamp>,
    next_global: usize,
    looked: BTreeMap<u8, u64>,
}

impl Watch {
    /// Armed; what is tried on forks follows from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, since: None, next_global: EVERY, looked: BTreeMap::new() }
    }

    /// Looks after a batch; the log is that with the batch. What is wrong, by the title of the invariant.
    pub fn batch(&mut self, batch: &Batch<'_>, log: &[Recorded]) -> Vec<(String, String)> {
        for recorded in batch.events {
            match &recorded.event {
                Event::ClockSuspected { since } => self.since = Some(*since),
                Event::ClockAccepted => self.since = None,
                _ => {}
            }
        }
        let batch = &Batch { since: self.since, ..batch.clone() };
        let mut found = Vec::new();
        for invariant in ALL {
            match invariant.check {
                Check::Batch(check) => self.note(invariant.number, &invariant.title(), check(batch), &mut found),
                Check::Event(check) => {
                    for moment in batch.moments(log) {
                        self.note(invariant.number, &invariant.title(), check(&moment), &mut found);
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Looks at everything, if it is time to.
    pub fn sample(&mut self, engine: &Engine, now: Timestamp, log: &[Recorded], salt: u64) -> Vec<(String, String)> {
        if log.len() < self.next_global {
            return Vec::new();
        }
        self.next_global = log.len() + EVERY;
        self.everything(engine, now, log, salt)
    }

    /// Looks at everything, at the end.
    pub fn at_the_end(&mut self, engine: &Engine, now: Timestamp, log: &[Recorded]) -> Vec<(String, String)> {
        let salt = Dice::of(self.seed, "end", log.len() as u64).number();
        self.everything(engine, now, log, salt)
    }

    /// At how many things each check looked, by the title of its invariant.
    pub fn looked(&self) -> Vec<(String, u64)> {
        let of = |number: &u8| self.looked.get(number).copied().unwrap_or_default();
        ALL.iter().map(|invariant| (invariant.title(), of(&invariant.number))).collect()
    }

    fn everything(&mut self, engine: &Engine, now: Timestamp, log: &[Recorded], salt: u64) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let judged = self.since.map_or(now, |since| since.min(now));
        for invariant in ALL {
            let looked = match invariant.check {
                Check::World(check) => check(engine.world(), judged),
                Check::Log(check) => check(log, engine.world()),
                Check::Engine(check) => check(engine, now, salt),
                _ => continue,
            };
            self.note(invariant.number, &invariant.title(), looked, &mut found);
        }
        found
    }

    fn note(&mut self, number: u8, title: &str, looked: Looked, found: &mut Vec<(String, String)>) {
        match looked {
            Ok(times) => *self.looked.entry(number).or_default() += times,
            Err(said) => found.push((title.to_owned(), said)),
        }
    }
}
