//! The contract of [`Verifier`].

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::{
    port::{RunHandle, Verifier, VerifyRun},
    verification::End,
};

use super::Cannot;

/// How to make runs that an adapter can be asked for.
#[async_trait]
pub trait VerifierRig: Sized + Send + Sync {
    /// A verifier of its own for one test, in which there are no runs, and in which a run that is started does not end by
    /// itself while the test runs.
    async fn start() -> Self;

    /// The adapter under test.
    fn verifier(&self) -> Arc<dyn Verifier>;

    /// A run that can be started, with this id.
    fn run(&self, id: &str) -> VerifyRun;

    /// Makes the run of this verification end so.
    async fn end(&self, id: &str, end: End);

    /// How many runs there are outside.
    async fn runs(&self) -> usize;

    /// Deletes the run of this verification.
    async fn lose(&self, _id: &str) -> Result<(), Cannot> {
        Err(Cannot)
    }
}

/// By what the run is asked for when nothing is known of it but how it was started.
fn handle_of(run: &VerifyRun) -> RunHandle {
    RunHandle { id: Arc::clone(&run.id), project: run.project.clone(), stage: run.stage.clone(), run: None }
}

/// The checks, one for each test. Each panics with the sentence of the contract that is broken.
pub mod verifier_checks {
    use std::collections::BTreeSet;

    use futures::future::join;
    use kargo_core::{
        port::{RunHandle, Verdict, VerifyRun},
        verification::End,
    };

    use super::{VerifierRig, handle_of};
    use crate::conformance::part::{assert_class, partly, value};

    async fn start<R: VerifierRig>(rig: &R, run: &VerifyRun) -> (Verdict, RunHandle) {
        let verdict = value("Verifier::start", rig.verifier().start(run, &[]).await);
        let handle = RunHandle { run: verdict.run.clone(), ..handle_of(run) };
        (verdict, handle)
    }

    async fn look<R: VerifierRig>(rig: &R, run: &RunHandle) -> Verdict {
        value("Verifier::look", rig.verifier().look(run).await)
    }

    /// A start does not wait for the end, and what it started is found.
    pub async fn a_run_that_was_started_is_found<R: VerifierRig>() {
        let rig = R::start().await;
        let (verdict, handle) = start(&rig, &rig.run("0b7c")).await;
        assert!(!verdict.phase.is_terminal(), "contract (Verifier::start): it does not wait for the end");
        let seen = look(&rig, &handle).await;
        assert!(!seen.phase.is_terminal(), "contract (Verifier::look): the run has not ended\ngot      {}", seen.phase);
        assert_eq!(seen.run, verdict.run, "contract (Verifier::look): the run is where the start said");
        assert_eq!(rig.runs().await, 1);
    }

    /// One id, one run; also where no start was answered, and where the second asks for something else.
    pub async fn two_starts_with_one_id_are_one_run<R: VerifierRig>() {
        let rig = R::start().await;
        let run = rig.run("0b7c");
        let (first, _) = start(&rig, &run).await;
        let other = VerifyRun { promotion: Some("uat.01kdn9.4e1f0c9".into()), ..run.clone() };
        for again in [&run, &other] {
            let (second, _) = start(&rig, again).await;
            assert_eq!(second.run, first.run, "contract (Verifier): two starts with one id are one run");
            assert_eq!(rig.runs().await, 1, "contract (Verifier): two starts with one id are one run");
        }
        rig.end(&run.id, End::Failed).await;
        let (over, _) = start(&rig, &run).await;
        assert_eq!(over.phase.as_str(), "Failed", "contract (Verifier): the second start says how the run is");
        assert_eq!(rig.runs().await, 1, "contract (Verifier): a run that has ended is not started once more");
    }

    /// Two ids, two runs.
    pub async fn runs_are_told_apart_by_their_ids<R: VerifierRig>() {
        let rig = R::start().await;
        let (_, one) = start(&rig, &rig.run("0b7c")).await;
        let (_, two) = start(&rig, &rig.run("0b7d")).await;
        assert_eq!(rig.runs().await, 2, "contract (Verifier): a run is known by the verification's id");
        rig.end(&one.id, End::Failed).await;
        assert_eq!(look(&rig, &one).await.phase.as_str(), "Failed");
        assert!(!look(&rig, &two).await.phase.is_terminal(), "contract (Verifier): the other run goes on");
    }

    /// `NotFound`, of a look and of a stop.
    pub async fn a_run_that_was_never_started_is_not_found<R: VerifierRig>() {
        let rig = R::start().await;
        start(&rig, &rig.run("0b7c")).await;
        let never = handle_of(&rig.run("0b7d"));
        assert_class("Verifier::look", rig.verifier().look(&never).await, "NotFound");
        assert_class("Verifier::stop", rig.verifier().stop(&never).await, "NotFound");
        assert_eq!(rig.runs().await, 1);
    }

    /// A run whose place is not known is found by its id: a start may have acted without an answer.
    pub async fn a_run_is_found_by_its_id_alone<R: VerifierRig>() {
        let rig = R::start().await;
        let run = rig.run("0b7c");
        start(&rig, &run).await;
        assert!(!look(&rig, &handle_of(&run)).await.phase.is_terminal());
        let stopped = rig.verifier().stop(&handle_of(&run)).await;
        assert!(
            stopped.is_ok(),
            "contract (Verifier::stop): a run is known by the verification's id\ngot      {stopped:?}"
        );
    }

    /// Looking changes nothing.
    pub async fn looking_changes_nothing<R: VerifierRig>() {
        let rig = R::start().await;
        let (_, handle) = start(&rig, &rig.run("0b7c")).await;
        let first = look(&rig, &handle).await;
        for _ in 0..3 {
            assert_eq!(look(&rig, &handle).await.run, first.run);
        }
        assert!(!look(&rig, &handle).await.phase.is_terminal(), "contract (Verifier::look): it changes nothing");
        assert_eq!(rig.runs().await, 1, "contract (Verifier::look): it changes nothing");
    }

    /// Every end is told, and stays.
    pub async fn how_a_run_ends_is_told<R: VerifierRig>() {
        let rig = R::start().await;
        for (n, end) in [End::Successful, End::Failed, End::Error, End::Inconclusive].into_iter().enumerate() {
            let (_, handle) = start(&rig, &rig.run(&format!("0b7c-{n}"))).await;
            rig.end(&handle.id, end).await;
            for _ in 0..2 {
                let seen = look(&rig, &handle).await;
                assert_eq!(End::of(&seen.phase), Some(end), "contract (Verifier::look): the run ended in {end}");
            }
        }
    }

    /// A stop makes the run end, and may be repeated.
    pub async fn a_run_that_is_stopped_ends<R: VerifierRig>() {
        let rig = R::start().await;
        let (_, handle) = start(&rig, &rig.run("0b7c")).await;
        let mut ended = false;
        for _ in 0..1_000 {
            let verdict = value("Verifier::stop", rig.verifier().stop(&handle).await);
            ended = verdict.phase.is_terminal();
            if ended {
                break;
            }
        }
        assert!(ended, "contract (Verifier::stop): the run ends when it is asked to, often enough");
        let seen = look(&rig, &handle).await;
        let again = value("Verifier::stop", rig.verifier().stop(&handle).await);
        assert_eq!(again.phase, seen.phase, "contract (Verifier::stop): a run that has ended stays as it ended");
    }

    /// What has ended stays as it ended.
    pub async fn stopping_what_has_ended_changes_nothing<R: VerifierRig>() {
        let rig = R::start().await;
        let (_, handle) = start(&rig, &rig.run("0b7c")).await;
        rig.end(&handle.id, End::Successful).await;
        let verdict = value("Verifier::stop", rig.verifier().stop(&handle).await);
        assert_eq!(verdict.phase.as_str(), "Successful", "contract (Verifier::stop): a run that has ended stays so");
        assert_eq!(look(&rig, &handle).await.phase.as_str(), "Successful");
    }

    /// Different ids go side by side.
    pub async fn calls_side_by_side_do_not_disturb_each_other<R: VerifierRig>() {
        let rig = R::start().await;
        let (one, two) = (rig.run("0b7c"), rig.run("0b7d"));
        let ((_, one), (_, two)) = join(start(&rig, &one), start(&rig, &two)).await;
        rig.end(&one.id, End::Failed).await;
        let (one, two) = join(look(&rig, &one), look(&rig, &two)).await;
        assert_eq!((one.phase.as_str(), two.phase.is_terminal()), ("Failed", false));
        assert_eq!(rig.runs().await, 2);
    }

    /// Dropping a start midway leaves open whether it acted; the next one finds or makes one run.
    pub async fn dropping_the_future_midway_is_harmless<R: VerifierRig>() {
        let rig = R::start().await;
        let (verifier, run) = (rig.verifier(), rig.run("0b7c"));
        for polls in 1..20 {
            partly(verifier.start(&run, &[]), polls).await;
            let (_, handle) = start(&rig, &run).await;
            partly(verifier.look(&handle), polls).await;
            look(&rig, &handle).await;
            assert_eq!(rig.runs().await, 1, "contract (Verifier): two starts with one id are one run");
        }
        let handle = handle_of(&run);
        partly(verifier.stop(&handle), 1).await;
        value("Verifier::stop", verifier.stop(&handle).await);
    }

    /// What the rig can and what the macro was told agree.
    pub async fn what_the_rig_can_is_declared<R: VerifierRig>(told: &[&str]) {
        let rig = R::start().await;
        start(&rig, &rig.run("0b7c")).await;
        let can = [("lose", rig.lose("0b7c").await.is_ok())];
        let can: BTreeSet<_> = can.into_iter().filter(|(_, can)| *can).map(|(name, _)| name).collect();
        let told: BTreeSet<_> = told.iter().copied().collect();
        assert_eq!(can, told, "the rig can the left; write that into the macro's `can: [...]`");
    }

    /// A run that was deleted is `NotFound`; started again, it is there.
    pub async fn a_run_that_was_deleted_is_not_found<R: VerifierRig>() {
        let rig = R::start().await;
        let (_, handle) = start(&rig, &rig.run("0b7c")).await;
        assert_eq!(rig.lose("0b7c").await, Ok(()));
        assert_class("Verifier::look", rig.verifier().look(&handle).await, "NotFound");
        assert_class("Verifier::stop", rig.verifier().stop(&handle).await, "NotFound");
        start(&rig, &rig.run("0b7c")).await;
        assert_eq!(rig.runs().await, 1);
    }
}
