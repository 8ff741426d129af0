//! What is looked at between inputs and at the end of a run: explanations, rest after healing, idempotence, replays.

use kargo_core::{
    Report, admit,
    command::{AcceptClock, Resume},
    model::PromotionPhase,
    policy::{self, NextTurn},
    report::{Signal, WakeKey},
};

use super::{
    dice::Dice,
    live::{Input, Live},
    names,
    tally::Counted,
};

impl Live {
    /// Asks for explanations, so that reasons are counted.
    pub(crate) fn sample(&mut self, salt: u64) {
        let mut dice = Dice::new(salt);
        let now = self.engine.now().max(self.time());
        let world = self.engine.world();
        let stages: Vec<String> = world.stages().map(|stage| stage.name().to_owned()).collect();
        let Some(stage) = dice.pick(&stages) else { return };
        let freight: Vec<String> = world.all_freight().map(|freight| freight.name().to_string()).collect();
        let freight = dice.pick(&freight).cloned().unwrap_or_else(|| "none".to_owned());
        let whys = [policy::explain(world, stage, now), admit::explain(world, stage, freight.as_str(), now)];
        let reasons: Vec<String> = whys.iter().flat_map(|why| why.reasons().map(names::reason)).collect();
        for reason in reasons {
            self.tally.add(Counted::Reason, reason);
        }
        let found = self.watch.sample(&self.engine, now, &self.log, salt);
        self.report_found(found);
    }

    /// Nothing goes wrong any more; the process starts once more, and what was paused goes on.
    pub(crate) fn heal(&mut self) {
        self.outside.healed = true;
        self.line("the world is healed".to_owned(), None);
        let live = self.engine.fork();
        self.disarm();
        self.die("to be healed", Some(&live));
        drop(self.feed(Input::Command(AcceptClock::default().by("admin").into())));
        self.accept();
        drop(self.feed(Input::Command(Resume::project().by("admin").into())));
        let stages: Vec<String> = self.engine.world().stages().map(|stage| stage.name().to_owned()).collect();
        for stage in &stages {
            drop(self.feed(Input::Command(Resume::stage(stage.as_str()).by("admin").into())));
            for step in 0..6 {
                let key = WakeKey::custom("ticket", format!("{stage}-{step}"));
                drop(self.feed(Input::Report(Report::of_signal(Signal::of(key)))));
            }
        }
    }

    /// Everything has come to rest: no promotion runs, and what is queued waits for something that it can name (control 13, 56).
    pub(crate) fn at_rest(&mut self) {
        let now = self.engine.now().max(self.time());
        let mut stuck = Vec::new();
        let world = self.engine.world();
        for promotion in world.promotions().filter(|promotion| !promotion.is_over()) {
            if *promotion.phase() == PromotionPhase::Running {
                stuck.push(format!("{} still runs", promotion.name()));
            }
        }
        for stage in world.stages() {
            if let NextTurn::Start { promotion, .. } = policy::next_turn(stage, now) {
                stuck.push(format!("{promotion} could start in {} and does not", stage.name()));
            }
            let open = stage.current().into_iter().flat_map(|held| &held.verifications);
            let open =
                open.filter(|info| !info.phase.as_ref().is_some_and(kargo_core::model::VerificationPhase::is_terminal));
            stuck.extend(open.map(|info| format!("verification {:?} of {} still runs", info.id, stage.name())));
        }
        for text in stuck {
            self.violated("56 all comes to rest", text);
        }
    }

    /// What holds at the end of every run.
    pub(crate) fn last_checks(&mut self) {
        let found = self.watch.at_the_end(&self.engine, self.engine.now().max(self.time()), &self.log);
        self.report_found(found);
        self.replay_at_marks();
        if self.outside.repeated() > 0 {
            let text = format!("{} attempts that nobody may repeat were sent again", self.outside.repeated());
            self.violated("rules 1", text);
        }
        for text in std::mem::take(&mut self.outside.broken) {
            self.violated("the world is asked for what can be", text);
        }
        let (tally, counts) = (&mut self.tally, self.watch.looked());
        for (name, times) in counts {
            tally.add_many(Counted::Check, name, times);
        }
    }
}
