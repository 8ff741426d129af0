//! The pretended verifier; and one that breaks the contract, which is told so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use kargo_core::{
    port::{Clock as _, PortError, Reply, RunHandle, Verdict, Verifier, VerifyRun},
    verification::{Asked, End},
};
use kargo_testkit::{
    conformance::{Cannot, VerifierRig, block_on, verifier_checks},
    fake::{FakeVerifier, VerifierCalls, VirtualClock, a_run},
    verifier_conformance,
};

struct Rig(Arc<FakeVerifier>);

#[async_trait::async_trait]
impl VerifierRig for Rig {
    async fn start() -> Self {
        let verifier = FakeVerifier::new(&VirtualClock::default());
        verifier.script("uat", [(0, "Pending"), (1, "Running")]);
        Self(Arc::new(verifier))
    }

    fn verifier(&self) -> Arc<dyn Verifier> {
        self.0.clone()
    }

    fn run(&self, id: &str) -> VerifyRun {
        a_run(id, "uat")
    }

    async fn end(&self, id: &str, end: End) {
        assert!(self.0.end(id, end));
    }

    async fn runs(&self) -> usize {
        self.0.len()
    }

    async fn lose(&self, id: &str) -> Result<(), Cannot> {
        assert!(self.0.lose(id));
        Ok(())
    }
}

verifier_conformance!(block_on: Rig, can: [lose]);

/// It makes a new run for every start, and forgets to say that a run is not there.
#[derive(Debug)]
struct Careless {
    inner: FakeVerifier,
    starts: AtomicU32,
}

#[async_trait::async_trait]
impl Verifier for Careless {
    async fn start(&self, run: &VerifyRun, args: &[(String, String)]) -> Result<Reply<Verdict>, PortError> {
        let id = format!("{}-{}", run.id, self.starts.fetch_add(1, Ordering::SeqCst));
        self.inner.start(&VerifyRun { id: id.into(), ..run.clone() }, args).await
    }

    async fn look(&self, run: &RunHandle) -> Result<Reply<Verdict>, PortError> {
        let first = RunHandle { id: format!("{}-0", run.id).into(), ..run.clone() };
        self.inner.look(&first).await.or_else(|_| Ok(Reply::new(Verdict::new("Running"))))
    }

    async fn stop(&self, run: &RunHandle) -> Result<Reply<Verdict>, PortError> {
        self.look(run).await
    }
}

struct CarelessRig(Arc<Careless>);

#[async_trait::async_trait]
impl VerifierRig for CarelessRig {
    async fn start() -> Self {
        let inner = FakeVerifier::new(&VirtualClock::default());
        Self(Arc::new(Careless { inner, starts: AtomicU32::default() }))
    }

    fn verifier(&self) -> Arc<dyn Verifier> {
        self.0.clone()
    }

    fn run(&self, id: &str) -> VerifyRun {
        a_run(id, "uat")
    }

    async fn end(&self, id: &str, end: End) {
        self.0.inner.end(&format!("{id}-0"), end);
    }

    async fn runs(&self) -> usize {
        self.0.inner.len()
    }
}

#[test]
#[should_panic(expected = "two starts with one id are one run")]
fn a_second_run() {
    block_on(verifier_checks::two_starts_with_one_id_are_one_run::<CarelessRig>());
}

#[test]
#[should_panic(expected = "the answer should be NotFound")]
fn a_run_from_nowhere() {
    block_on(verifier_checks::a_run_that_was_never_started_is_not_found::<CarelessRig>());
}

#[test]
#[should_panic(expected = "the run ends when it is asked to")]
fn a_run_that_cannot_be_stopped() {
    block_on(verifier_checks::a_run_that_is_stopped_ends::<CarelessRig>());
}

fn handle(id: &str) -> RunHandle {
    RunHandle { id: id.into(), stage: "uat".into(), ..RunHandle::default() }
}

#[test]
fn it_follows_its_script_and_tells_when_it_ended() {
    let clock = VirtualClock::default();
    let verifier = FakeVerifier::new(&clock);
    verifier.script("uat", [(5, "Running"), (60, "Failed"), (70, "Running")]);
    let start = clock.now();
    clock.run(verifier.start(&a_run("0b7c", "uat"), &[("url".into(), "x".into())])).unwrap();
    let look = || clock.run(verifier.look(&handle("0b7c"))).unwrap().into_value().unwrap();
    assert_eq!((look().phase.as_str(), look().started_at), ("Pending", Some(start)));
    clock.advance(Duration::from_secs(5));
    assert_eq!((look().phase.as_str(), look().finished_at), ("Running", None));
    clock.advance(Duration::from_secs(500));
    let end = start + Duration::from_secs(60);
    assert_eq!((look().phase.as_str(), look().finished_at), ("Failed", Some(end)), "an end is an end");
    assert!(!verifier.end("0b7c", End::Successful), "it has ended");
    assert_eq!(verifier.started("0b7c").unwrap().args, [("url".to_owned(), "x".to_owned())]);
    assert_eq!(verifier.calls(), VerifierCalls { starts: 1, looks: 6, stops: 0 });
}

#[test]
fn it_misbehaves_as_told() {
    let clock = VirtualClock::default();
    let verifier = FakeVerifier::new(&clock);
    let run = a_run("0b7c", "uat");
    verifier.fail(Asked::Start, [PortError::retryable("connection refused")]);
    let error = clock.run(verifier.start(&run, &[])).unwrap_err();
    assert_eq!(error.to_string(), "verifier.example: Start 0b7c: Retryable: connection refused");
    assert!(verifier.is_empty(), "it did nothing");
    verifier.lose_answers(1);
    assert!(clock.run(verifier.start(&run, &[])).is_err());
    assert_eq!(verifier.len(), 1, "it did it, and nobody heard");
    verifier.set_service_time(Duration::from_secs(40));
    let late = clock.run(verifier.start(&run, &[])).unwrap().into_value().unwrap();
    assert_eq!((late.phase.as_str(), verifier.len()), ("Successful", 1), "how it is when it answers");
    assert_eq!(verifier.violations(), Vec::<String>::new());
    clock
        .run(async { futures::future::join(verifier.look(&handle("0b7c")), verifier.stop(&handle("0b7c"))).await })
        .0
        .unwrap();
    assert_eq!(verifier.violations(), ["Stop of 0b7c beside another request"]);
    verifier.set_hanging(true);
    let asked = handle("0b7c");
    block_on(async {
        futures::select_biased! {
            _ = futures::FutureExt::fuse(verifier.look(&asked)) => panic!("it hangs"),
            () = futures::FutureExt::fuse(std::future::ready(())) => {}
        }
    });
}
