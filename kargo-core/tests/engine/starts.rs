//! How effects repeat after a crash, by their kinds (rules 1, 4, 14 and 19).

use std::collections::BTreeSet;

use kargo_core::{
    Effect, EffectKind, Event, Report,
    command::{Abort, Import, Pause, Resume, Rollback},
    engine::RunStep,
    model::Duration,
    promotion::{RunEvent, StepEvent},
    report::{EffectId, Repeat, StepProgress},
};

use crate::host::{Host, done};

const ANA: &str = "email:ana@acme.example";

/// One Stage with these steps, which takes freight by itself.
fn stage(steps: &str) -> String {
    format!(
        "apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {{ name: cart, namespace: shop }}
spec: {{ subscriptions: [{{ image: {{ repoURL: ghcr.io/acme/cart }} }}] }}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{ name: a, namespace: shop }}
spec:
  requestedFreight: [{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ direct: true }} }}]
  promotionTemplate: {{ spec: {{ steps: [{steps}] }} }}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {{ name: shop, namespace: shop }}
spec: {{ promotionPolicies: [{{ stageSelector: {{}}, autoPromotionEnabled: true }}] }}
"
    )
}

fn take(host: &mut Host) -> Vec<RunStep> {
    let is_run = |effect: &Effect| matches!(effect.kind, EffectKind::RunStep(_));
    let (runs, others): (Vec<_>, Vec<_>) = std::mem::take(&mut host.open).into_iter().partition(is_run);
    host.open = others;
    let run = |effect: Effect| if let EffectKind::RunStep(run) = effect.kind { Some(run) } else { None };
    runs.into_iter().filter_map(run).collect()
}

/// The world outside, as adapters of each kind act on it.
#[derive(Default)]
struct Peer {
    known: BTreeSet<EffectId>,
    acts: u32,
}

impl Peer {
    fn act(&mut self, run: &RunStep, repeat: Repeat) {
        let is_new = self.known.insert(run.effect.clone());
        match repeat {
            Repeat::Pure => {}
            // It deduplicates by the id of the work.
            Repeat::Keyed => self.acts += u32::from(is_new),
            // Who is to look first finds what is there; who is not, acts.
            Repeat::Probed => self.acts += u32::from(is_new || !run.probe),
            Repeat::Unknowable => self.acts += 1,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Crash {
    BeforeHandOut,
    AfterHandOut,
    AfterActing,
    AfterReport,
}

/// The phase in which a promotion of one step ends, and how often it acted outside.
fn ends(uses: &str, repeat: Repeat, tells: bool, crash: Crash) -> (String, u32) {
    let mut host = Host::new(&stage(uses));
    let mut peer = Peer::default();
    if tells {
        host.tells_starts = true;
        host.engine.tells_starts();
    }
    host.found("cart", &["1.4.2"]);
    let run = take(&mut host).remove(0);
    assert!(!run.probe, "nobody can have begun it before");
    let begin = |host: &mut Host, run: &RunStep| {
        if tells {
            let events = host.report(run.started());
            assert_eq!(events > 0, repeat == Repeat::Unknowable, "only what nobody may repeat leaves an event");
            assert_eq!(host.report(run.started()), 0, "said twice");
        }
    };
    if crash != Crash::BeforeHandOut {
        begin(&mut host, &run);
    }
    if matches!(crash, Crash::AfterActing | Crash::AfterReport) {
        peer.act(&run, repeat);
    }
    if crash == Crash::AfterReport {
        host.report(run.report(done()));
    }
    host.crash();
    for run in take(&mut host) {
        begin(&mut host, &run);
        peer.act(&run, repeat);
        host.report(run.report(done()));
    }
    let promotion = host.engine.world().promotion(&*run.promotion).unwrap();
    (promotion.phase().to_string(), peer.acts)
}

#[test]
fn rules_1_how_each_kind_repeats_wherever_the_process_dies() {
    use Crash::{AfterActing, AfterHandOut, AfterReport, BeforeHandOut};
    let http = "{ uses: http, as: s, config: { method: POST, url: 'https://a' } }";
    let retry = "{ uses: http, as: s, onUnknown: Retry, config: { method: POST, url: 'https://a' } }";
    let good = |acts: u32| [("Succeeded", acts); 4];
    for (uses, repeat, tells, expected) in [
        ("{ uses: yaml-update, as: s }", Repeat::Pure, false, good(0)),
        ("{ uses: yaml-update, as: s }", Repeat::Pure, true, good(0)),
        ("{ uses: git-push, as: s }", Repeat::Keyed, false, good(1)),
        ("{ uses: git-push, as: s }", Repeat::Keyed, true, good(1)),
        ("{ uses: git-merge-pr, as: s }", Repeat::Probed, false, good(1)),
        ("{ uses: git-merge-pr, as: s }", Repeat::Probed, true, good(1)),
        // Rules 19: what may have been handed out counts as begun,
        (http, Repeat::Unknowable, false, [("Errored", 0), ("Errored", 0), ("Errored", 1), ("Succeeded", 1)]),
        // unless the host says what began.
        (http, Repeat::Unknowable, true, [("Succeeded", 1), ("Errored", 0), ("Errored", 1), ("Succeeded", 1)]),
        (retry, Repeat::Unknowable, false, [("Succeeded", 1), ("Succeeded", 1), ("Succeeded", 2), ("Succeeded", 1)]),
        (retry, Repeat::Unknowable, true, [("Succeeded", 1), ("Succeeded", 1), ("Succeeded", 2), ("Succeeded", 1)]),
    ] {
        let points = [BeforeHandOut, AfterHandOut, AfterActing, AfterReport];
        for (crash, (phase, acts)) in points.into_iter().zip(expected) {
            let found = ends(uses, repeat, tells, crash);
            assert_eq!(found, (phase.to_owned(), acts), "{uses} {crash:?}, the host tells: {tells}");
        }
    }
}

/// Stages a and b act on the same Application, with freight of cart; a holds 1.4.2 and has held 1.4.1.
fn shared() -> Host {
    let text = stage("{ uses: argocd-update, as: s, config: { apps: [{ name: shared }] } }");
    let mut host = Host::new(&text);
    for tags in [&["1.4.1"][..], &["1.4.2", "1.4.1"]] {
        host.found("cart", tags);
        for run in take(&mut host) {
            host.report(run.report(done()));
        }
        host.now += Duration::from_secs(60).to_delta();
        host.tick();
    }
    host
}

/// A way back waits for what it stopped.
fn preempted() -> (Host, RunStep) {
    let mut host = shared();
    host.found("cart", &["1.4.3", "1.4.2", "1.4.1"]);
    let stopped = take(&mut host).remove(0);
    host.command(Rollback::of("a").by(ANA)).unwrap();
    assert!(take(&mut host).is_empty(), "its lane is taken");
    host.replays = false;
    (host, stopped)
}

#[test]
fn rules_4_what_is_to_be_stopped_is_asked_again_until_it_answers_also_after_a_crash() {
    let (mut host, stopped) = preempted();
    let id = stopped.effect.to_string();
    assert_eq!(host.cancelled, std::slice::from_ref(&id));
    let crashed = host.now;
    host.crash();
    assert_eq!(host.cancelled, [id.clone(), id.clone()], "the first tick asks again");
    assert_eq!(host.engine.stopping().collect::<Vec<_>>(), [&stopped.effect]);
    assert!(take(&mut host).is_empty(), "and its lane is its own");
    host.until(&(crashed + Duration::from_secs(29).to_delta()).to_rfc3339());
    assert_eq!(host.cancelled.len(), 2);
    host.until(&(crashed + Duration::from_secs(200).to_delta()).to_rfc3339());
    assert!((4..8).contains(&host.cancelled.len()), "and again, ever more seldom: {:?}", host.cancelled);
    host.report(Report::stopped(stopped.effect.clone()));
    assert_eq!(host.engine.stopping().count(), 0);
    let asked = host.cancelled.len();
    host.until(&(crashed + Duration::from_secs(2_000).to_delta()).to_rfc3339());
    assert_eq!(host.cancelled.len(), asked);
    assert_eq!(host.report(Report::stopped(stopped.effect.clone())), 0, "said twice");
    // What comes of it after all is on record, once (rules 4).
    assert!(host.report(stopped.report(done())) > 0);
    assert_eq!(host.report(stopped.report(done())), 0);
    assert!(host.log.iter().any(|known| matches!(known.event, Event::LateOutcome { .. })));
}

#[test]
fn rules_4_a_way_back_whose_grace_passed_while_nothing_ran_is_due_with_the_first_tick_and_looks_first() {
    for (down, enters) in [(10, false), (29, false), (30, true), (4_000, true)] {
        let (mut host, stopped) = preempted();
        host.now += Duration::from_secs(down).to_delta();
        host.crash();
        let back = take(&mut host);
        assert_eq!(back.len(), usize::from(enters), "after {down} s");
        if enters {
            assert!(back[0].probe, "what it stopped may act still");
        } else {
            host.report(Report::stopped(stopped.effect.clone()));
            let back = take(&mut host);
            assert!(back.len() == 1 && !back[0].probe, "its lane is free");
        }
    }
    // The same without a crash.
    let (mut host, _) = preempted();
    let end = host.now + Duration::from_secs(30).to_delta();
    host.until(&end.to_rfc3339());
    assert!(take(&mut host)[0].probe);
}

#[test]
fn rules_4_at_most_one_effect_of_a_lane_across_pre_emption_crashes_and_late_outcomes() {
    let text = stage("{ uses: argocd-update, as: s, config: { apps: [{ name: shared }] } }");
    let second = text.split("---\n").nth(1).unwrap().replace("name: a,", "name: b,");
    let mut host = Host::new(&format!("{text}---\n{second}"));
    host.command(Pause::stage("b").by(ANA)).unwrap();
    host.found("cart", &["1.4.1"]);
    let first = take(&mut host).remove(0);
    host.command(Resume::stage("b").by(ANA)).unwrap();
    assert!(take(&mut host).is_empty(), "b waits for a");
    host.command(Abort::promotion(&*first.promotion).by(ANA)).unwrap();
    assert!(take(&mut host).is_empty(), "what is being stopped is in its lane still");
    host.crash();
    assert!(take(&mut host).is_empty(), "also after a crash");
    // The real outcome frees it as well, and is on record.
    assert!(host.report(first.report(done())) > 0);
    let freed = take(&mut host);
    assert_eq!(freed.iter().map(|run| run.facts.stage.to_string()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(host.report(first.report(done())), 0);
    assert!(take(&mut host).is_empty(), "an answer that comes twice frees nothing");
    host.crash();
    assert_eq!(take(&mut host).len(), 1, "the one that is owed");
    assert!(host.story().contains("LateOutcome"), "{}", host.story());
}

#[test]
fn rules_14_an_attempt_under_way_is_not_handed_out_again_when_the_tree_is_lost_unless_it_could_not_begin() {
    let text = stage("{ uses: yaml-update, as: w }, { uses: yaml-merge, as: m }, { uses: git-push, as: p }");
    let lost = || {
        let mut host = Host::new(&text);
        host.found("cart", &["1.4.2"]);
        let first = take(&mut host).remove(0);
        host.report(first.report(done()));
        let merge = take(&mut host).remove(0);
        (host, first, merge)
    };
    // It goes on, and says itself how it ends; what it wrote in the lost tree it writes again.
    let (mut host, first, merge) = lost();
    host.report(Report::tree_lost(merge.promotion.clone(), None));
    let redo = take(&mut host);
    assert_eq!(redo.iter().map(|run| &*run.alias).collect::<Vec<_>>(), ["w"]);
    host.report(merge.report(done()));
    host.report(redo[0].report(done()));
    let again = take(&mut host);
    assert_eq!(again.iter().map(|run| &*run.alias).collect::<Vec<_>>(), ["m"], "{}", host.story());
    host.report(again[0].report(done()));
    assert_eq!(take(&mut host).iter().map(|run| &*run.alias).collect::<Vec<_>>(), ["p"]);
    // It is under way while the tree is written anew, and after.
    let (mut host, _, merge) = lost();
    host.report(Report::tree_lost(merge.promotion.clone(), None));
    let redo = take(&mut host).remove(0);
    host.report(redo.report(done()));
    assert!(take(&mut host).is_empty(), "it is under way");
    host.report(merge.report(done()));
    assert_eq!(take(&mut host).iter().map(|run| &*run.alias).collect::<Vec<_>>(), ["p"]);
    // It could not begin without the tree.
    let (mut host, _, merge) = lost();
    host.report(merge.tree_lost(None));
    let redo = take(&mut host).remove(0);
    assert_eq!(&*redo.alias, "w");
    host.report(redo.report(done()));
    assert_eq!(take(&mut host).iter().map(|run| &*run.alias).collect::<Vec<_>>(), ["m"]);
    // With nothing to write anew it is handed out at once.
    let (mut host, _, merge) = lost();
    host.report(merge.tree_lost(Some(0)));
    assert_eq!(take(&mut host).iter().map(|run| &*run.alias).collect::<Vec<_>>(), ["m"]);
    let _ = first;
}

#[test]
fn rules_19_each_attempt_counts_as_begun_where_the_host_does_not_tell() {
    let mut host = Host::new(&stage("{ uses: http, as: s, config: { method: POST, url: 'https://a' } }"));
    host.found("cart", &["1.4.2"]);
    let run = take(&mut host).remove(0);
    let started = |host: &Host| {
        let is_start = |known: &&kargo_core::Recorded| matches!(known.event, Event::EffectStarted { .. });
        host.log.iter().filter(is_start).count()
    };
    assert_eq!(started(&host), 1, "counted as begun, for the host does not tell");
    let waits = Ok(StepProgress::waiting_on(kargo_core::report::WakeKey::custom("a", "b")));
    host.report(run.report(waits));
    host.report(Report::signal(kargo_core::report::WakeKey::custom("a", "b")));
    assert_eq!(started(&host), 2, "each attempt");
    assert_eq!(host.engine.pending().count(), 1);
    host.crash();
    assert_eq!(host.engine.pending().count(), 0);
    let is_unknown = |known: &kargo_core::Recorded| {
        matches!(
            known.event,
            Event::Promotion { happened: RunEvent::Step { event: StepEvent::Unknown { .. }, .. }, .. }
        )
    };
    assert!(host.log.iter().any(is_unknown), "{}", host.story());
}

#[test]
fn rules_1_what_is_taken_over_under_way_is_not_sent_again_where_nobody_may() {
    for tells in [false, true] {
        let mut host = Host::new(&stage("{ uses: http, as: s, config: { method: POST, url: 'https://a' } }"));
        if tells {
            host.tells_starts = true;
            host.engine.tells_starts();
        }
        host.found("cart", &["1.4.2"]);
        let run = take(&mut host).remove(0);
        let taken_over = |host: &Host| {
            let mut other = Host::bare();
            other.command(Import::objects(host.engine.manifests()).by(ANA)).unwrap();
            other.engine.world().promotion(&*run.promotion).unwrap().phase().to_string()
        };
        // What its host says has not begun may be done still.
        assert_eq!(taken_over(&host), if tells { "Running" } else { "Errored" });
        host.report(run.started());
        assert_eq!(taken_over(&host), "Errored", "{tells}");
    }
}
