//! A simulation to be: which pipeline, from when, for how long, what happens, what goes wrong.

use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use kargo_core::{
    Engine, Genesis, Manifests, Timestamp, World,
    command::Apply,
    model::{Object, ProjectName},
    policy::Retention,
    world::Held,
};

use super::{
    acts::Stagecraft,
    dice::Dice,
    fault::{Fault, Rate, instant},
    live::{Due, Input, Live, Property, retention},
    outside::Outside,
    pipeline::Shape,
    run::Run,
    script::{self, Act, What},
    shrink,
};

/// A simulation: a pipeline in a pretended world, under virtual time, from one seed. The same seed gives the same run, byte for
/// byte.
///
/// ```
/// use std::time::Duration;
/// use kargo_core::Manifests;
/// use kargo_testkit::sim::{Fault, Sim};
///
/// let shop = Manifests::parse("shop.yaml", "
/// apiVersion: kargo.akuity.io/v1alpha1
/// kind: Warehouse
/// metadata: { name: cart, namespace: shop }
/// spec: { interval: 5m, subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
/// ---
/// apiVersion: kargo.akuity.io/v1alpha1
/// kind: Stage
/// metadata: { name: uat, namespace: shop }
/// spec:
///   requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
///   promotionTemplate: { spec: { steps: [{ uses: git-push }] } }
/// ---
/// apiVersion: kargo.akuity.io/v1alpha1
/// kind: ProjectConfig
/// metadata: { name: shop, namespace: shop }
/// spec: { promotionPolicies: [{ stageSelector: { name: uat }, autoPromotionEnabled: true }] }
/// ")?;
/// let day = Sim::of(shop)
///     .seed(7)
///     .start("2026-11-24T08:05:00Z")
///     .lasting(Duration::from_hours(4))
///     .image_every("ghcr.io/acme/cart", Duration::from_mins(20))
///     .fault(Fault::crash().times(3))
///     .run();
/// day.assert_invariants();
/// assert_eq!(day.effects_repeated_outside(), 0);
/// assert!(day.crashes() > 0);
/// assert!(day.timeline("uat").contains("✂ crash"));
/// # Ok::<(), kargo_core::Diagnostics>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sim {
    objects: Vec<Object>,
    project: ProjectName,
    shape: Option<Shape>,
    seed: Option<u64>,
    start: Timestamp,
    lasting: Duration,
    images: Vec<(String, Duration)>,
    faults: Vec<Fault>,
    script: Vec<Act>,
    always: Vec<(String, Property)>,
    /// Whether the world is healed at the end, and everything has to come to rest.
    heals: bool,
    /// How much is kept of promotions and freight.
    keeps: Retention,
}

impl Sim {
    /// Of this pipeline. The world answers well, if late; nobody does anything, unless told to.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "what was read is given away, as to the driver")]
    pub fn of(manifests: Manifests) -> Self {
        let objects: Vec<Object> = manifests.entries().map(|entry| entry.object().clone()).collect();
        let project = manifests.projects().into_iter().next().map_or_else(|| "shop".into(), ProjectName::from);
        Self {
            objects,
            project,
            shape: None,
            seed: None,
            start: Timestamp::from_timestamp(1_795_507_200, 0).unwrap_or_default(),
            lasting: Duration::from_hours(12),
            images: Vec::new(),
            faults: Vec::new(),
            script: Vec::new(),
            always: Vec::new(),
            heals: false,
            keeps: Retention::default(),
        }
    }

    /// A random pipeline with a random history of so many inputs beside what the world answers, with every fault there is.
    ///
    /// # Panics
    ///
    /// When the random pipeline is not valid, which a test of the simulator excludes.
    #[must_use]
    #[expect(clippy::panic, reason = "a defect of the simulator ends the test that uses it")]
    pub fn random(seed: u64, length: usize) -> Self {
        let mut dice = Dice::of(seed, "pipeline", 0);
        let shape = Shape::of(&mut dice);
        let manifests = match Manifests::parse("random.yaml", &shape.manifests(seed)) {
            Ok(manifests) => manifests,
            Err(error) => panic!("seed {seed:#x}: {error}"),
        };
        let mut sim = Self::of(manifests).seed(seed).forgetful();
        sim.shape = Some(shape);
        sim.script = script::random(seed, sim.start, length);
        sim.lasting = sim.script.last().and_then(|last| (last.at - sim.start).to_std().ok()).unwrap_or_default();
        sim.heals = true;
        for rate in Rate::ALL {
            let percent = dice.roll(8);
            sim.faults.push(Fault { kind: super::fault::Kind::Rate(rate, percent), times: 1, from: None, until: None });
        }
        let hours = |hours: u64| (sim.start + TimeDelta::hours(i64::try_from(hours).unwrap_or_default())).to_rfc3339();
        let at = dice.roll(6);
        let faults = [
            Fault::hang("github.com").from(hours(at)).until(hours(at + 1)),
            Fault::rate_limit("ghcr.io").from(hours(at + 1)).until(hours(at + 3)).retry_after(Duration::from_mins(10)),
            Fault::hang("ghcr.io").from(hours(at + 4)).until(hours(at + 5)),
        ];
        sim.faults.extend(faults);
        sim
    }

    /// With this seed. Without one, that of the environment variable `KARGO_SEED`; without that, a fresh one.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// From this instant, such as `2026-11-24T08:05:00Z`; what is none is left as it was.
    #[must_use]
    pub fn start(self, start: &str) -> Self {
        let start = instant(start, self.start).unwrap_or(self.start);
        Self { start, ..self }
    }

    /// For this long.
    #[must_use]
    pub fn lasting(self, span: Duration) -> Self {
        Self { lasting: span, ..self }
    }

    /// Somebody pushes an image of a repository this often.
    #[must_use]
    pub fn image_every(mut self, repository: impl Into<String>, every: Duration) -> Self {
        self.images.push((repository.into(), every));
        self
    }

    /// This goes wrong.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Little is kept of promotions and freight, so that something is taken out within hours; see [`retention`].
    #[must_use]
    pub fn forgetful(self) -> Self {
        Self { keeps: retention(), ..self }
    }

    /// People do so many things, at times that follow from the seed.
    #[must_use]
    pub fn people(mut self, acts: usize) -> Self {
        let seed = self.seed.unwrap_or(1);
        let all = script::random(seed, self.start, acts * 2);
        self.script.extend(all.into_iter().filter(|act| !matches!(act.what, What::Trouble(_) | What::Push)).take(acts));
        self
    }

    /// This holds after every batch; a world in which it does not says why.
    #[must_use]
    pub fn always(mut self, name: impl Into<String>, holds: fn(&World) -> Result<(), String>) -> Self {
        self.always.push((name.into(), holds));
        self
    }

    /// The seed that it will use.
    fn chosen_seed(&self) -> u64 {
        let of_environment = || {
            let text = std::env::var("KARGO_SEED").ok()?;
            let text = text.trim();
            text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |hex| u64::from_str_radix(hex, 16).ok())
        };
        let fresh = || {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            Dice::new(u64::try_from(since.as_nanos() % u128::from(u64::MAX)).unwrap_or_default()).number()
        };
        self.seed.or_else(of_environment).unwrap_or_else(fresh)
    }

    fn end(&self) -> Timestamp {
        self.start + TimeDelta::from_std(self.lasting).unwrap_or_default()
    }

    /// A simulation at its start, to be stepped by hand.
    #[must_use]
    pub fn build(self) -> Stepped {
        let seed = self.chosen_seed();
        let (start, end) = (self.start, self.end());
        let spans = self.faults.iter().map(|fault| {
            let (from, until) = fault.span(start, end);
            (fault.clone(), from, until)
        });
        let mut outside = Outside::new(seed, spans.collect());
        // Of a pipeline of somebody's own the world goes wrong only where it was told to.
        outside.gentle = self.shape.is_none();
        let genesis = Genesis::new(self.project.clone(), seed).retaining(self.keeps);
        let mut live = Live::new(genesis, seed, start, outside);
        live.always.clone_from(&self.always);
        let mut acts = self.script.clone();
        acts.extend(script::of_faults(seed, &self.faults, start, end));
        for act in acts {
            live.schedule(act.at, Due::Act(act));
        }
        for (repository, every) in &self.images {
            let every = TimeDelta::from_std(*every).unwrap_or_default().max(TimeDelta::seconds(1));
            let mut at = start;
            while at < end {
                live.schedule(at, Due::Push(repository.clone()));
                at += every;
            }
        }
        let mut stepped = Stepped { live, sim: self };
        let apply = Apply::objects(stepped.sim.objects.clone()).by("admin");
        if let Err(refusal) = stepped.live.feed(Input::Command(apply.into())) {
            stepped.live.violated("the pipeline is taken over", refusal.to_string());
        }
        stepped
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(self) -> Run {
        let (end, heals) = (self.end(), self.heals);
        let mut stepped = self.build();
        stepped.go(end);
        if heals {
            stepped.heal();
        }
        stepped.finish()
    }

    /// Runs it; if something is violated, leaves out of the history whatever can be left out without ending that, and panics
    /// with the story of what is left.
    ///
    /// # Panics
    ///
    /// Something is violated.
    #[track_caller]
    pub fn check(self) -> Run {
        let run = self.clone().run();
        if run.violations().is_empty() {
            return run;
        }
        let (script, shrunk) = shrink::shrink(&self, run);
        assert!(shrunk.violations().is_empty(), "{} inputs are enough:\n{}", script.len(), shrunk.report());
        shrunk
    }

    pub(crate) fn script(&self) -> &[Act] {
        &self.script
    }

    pub(crate) fn with_script(&self, script: Vec<Act>) -> Self {
        Self { script, ..self.clone() }
    }
}

/// A simulation that is stepped by hand.
#[derive(Debug)]
pub struct Stepped {
    live: Live,
    sim: Sim,
}

/// A time that nobody can read, or that has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchTime {
    text: String,
    now: Timestamp,
}

impl std::error::Error for NoSuchTime {}

impl std::fmt::Display for NoSuchTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { text, now } = self;
        write!(f, "{text:?} is no time to come: write 10:25 or 2026-11-24T10:25:00Z, not before {now}")
    }
}

impl Stepped {
    /// Goes on until a time of the first day, such as `10:25`, or an instant.
    ///
    /// # Errors
    ///
    /// It is none, or has passed.
    pub fn until(&mut self, time: &str) -> Result<(), NoSuchTime> {
        let wrong = || NoSuchTime { text: time.to_owned(), now: self.live.now };
        let at = instant(time, self.sim.start).filter(|at| *at >= self.live.now).ok_or_else(wrong)?;
        self.go(at);
        Ok(())
    }

    /// The process dies now, and another takes over.
    pub fn crash(&mut self) {
        self.live.trouble(super::fault::Trouble::Crash);
    }

    /// Feeds a command now.
    ///
    /// # Errors
    ///
    /// It is refused.
    pub fn command(&mut self, command: impl Into<kargo_core::command::Command>) -> Result<usize, kargo_core::Refusal> {
        self.live.feed(Input::Command(command.into()))
    }

    /// The engine as it is.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.live.engine
    }

    /// The time as it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.live.now
    }

    /// What every Stage holds, in a line each.
    #[must_use]
    pub fn board(&self) -> String {
        let world = self.live.engine.world();
        let stages = world.stages().map(|stage| {
            let held: Vec<_> = stage.current().into_iter().flat_map(Held::names).collect();
            let called = held.iter().map(|name| world.freight_named(name).map_or("?", |freight| freight.called()));
            let health = stage.health().and_then(|health| health.status.as_ref()).map(ToString::to_string);
            let doing = stage.current_promotion().map(|promotion| format!("  ▶ {promotion}")).unwrap_or_default();
            let held = called.collect::<Vec<_>>().join(" + ");
            format!("[{}]  {held} {}{doing}", stage.name(), health.unwrap_or_default())
        });
        let head = format!("{}   position {}   {}", world.project(), self.live.engine.position().get(), self.live.now);
        [head].into_iter().chain(stages).collect::<Vec<_>>().join("\n")
    }

    /// Goes on until an instant.
    pub(crate) fn go(&mut self, end: Timestamp) {
        loop {
            let (due, tick) = (self.live.next_due(), self.live.next_tick());
            let Some(at) = due.into_iter().chain(tick).min().filter(|at| *at <= end) else { break };
            self.live.move_to(at);
            if due == Some(at) || due.is_some_and(|due| due <= self.live.now) {
                self.happen();
            } else {
                self.live.tick();
            }
            if self.live.violations.len() > 20 {
                break;
            }
        }
        self.live.move_to(end);
    }

    fn happen(&mut self) {
        match self.live.pop_due() {
            Some(Due::Report { process, report, of, last }) => self.live.arrive(process, *report, of.as_ref(), last),
            Some(Due::Push(repository)) => {
                let tag = self.live.outside.push(&repository, self.live.now);
                self.live.line(format!("{repository}:{tag} is there"), None);
            }
            Some(Due::Act(act)) => {
                Stagecraft { live: &mut self.live, shape: self.sim.shape.as_ref(), manifests: &self.sim.objects }
                    .act(&act);
                self.live.sample(act.salt);
            }
            None => {}
        }
    }

    /// The world is healed, the process starts once more, everything that waits is told: all has to come to rest.
    fn heal(&mut self) {
        self.live.heal();
        let end = self.live.now + TimeDelta::hours(4);
        self.go(end);
        self.live.at_rest();
    }

    /// Ends it.
    #[must_use]
    pub fn finish(mut self) -> Run {
        self.live.last_checks();
        Run { live: self.live, start: self.sim.start }
    }
}
