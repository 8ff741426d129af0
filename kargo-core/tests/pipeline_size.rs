//! Pipelines that are long, wide or full of mistakes, on a thread with little stack.

use kargo_core::{
    Diagnostic, Origin, Pipeline,
    model::{Code, FreightRequest, FreightSources, ObjectMeta, Stage, Warehouse},
    pipeline::{self, Nouns},
};

const STAGES: usize = 100_000;
const STACK: usize = 256 * 1024;

/// Runs with a stack that recursion along 100,000 Stages would overflow.
#[expect(clippy::disallowed_types, reason = "the size of a stack can be chosen for a thread only")]
#[expect(clippy::unwrap_used, reason = "a thread that fails is a test that fails")]
fn with_little_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap();
    thread.join().unwrap();
}

fn cart() -> Warehouse {
    Warehouse { metadata: ObjectMeta::named("cart"), ..Warehouse::default() }
}

fn stage(index: usize, upstreams: &[usize]) -> Stage {
    let sources = FreightSources {
        direct: index == 0,
        stages: upstreams.iter().map(|upstream| name(*upstream).into()).collect(),
        ..FreightSources::default()
    };
    let mut stage = Stage { metadata: ObjectMeta::named(name(index)), ..Stage::default() };
    stage.spec.requested_freight = vec![FreightRequest { origin: Origin::warehouse("cart"), sources }];
    stage
}

fn name(index: usize) -> String {
    format!("stage-{index:06}")
}

fn chain() -> Vec<Stage> {
    (0..STAGES).map(|index| stage(index, index.checked_sub(1).as_slice())).collect()
}

#[test]
fn a_chain_of_100_000_stages() {
    with_little_stack(|| {
        let (cart, stages) = (cart(), chain());
        let pipeline = Pipeline::from_nouns(&Nouns::new("shop").warehouses([&cart]).stages(&stages)).unwrap();
        assert_eq!((pipeline.size().edges, pipeline.depth()), (STAGES, STAGES));
        let (first, last) = (pipeline.stage(&name(0)).unwrap(), pipeline.stage(&name(STAGES - 1)).unwrap());
        assert!(last.is_reachable());
        assert_eq!(last.upstream().resolve().len(), STAGES);
        assert_eq!(first.downstream().resolve().len(), STAGES - 1);
        assert_eq!(pipeline.distance(first, last), Some(STAGES - 1));
        assert_eq!(pipeline.stages_for([pipeline.warehouse("cart").unwrap()]).len(), STAGES);
        assert!(pipeline::diff(&pipeline, &pipeline.clone()).is_empty());
    });
}

#[test]
fn a_circle_of_100_000_stages() {
    with_little_stack(|| {
        let (cart, mut stages) = (cart(), chain());
        stages[0] = stage(0, &[STAGES - 1]);
        let found = Pipeline::from_nouns(&Nouns::new("shop").warehouses([&cart]).stages(&stages)).unwrap_err();
        assert_eq!(found.iter().map(Diagnostic::code).collect::<Vec<_>>(), [Code::Cycle]);
        let message = found.iter().next().unwrap().message();
        assert!(message.ends_with("-> (99980 more) -> stage-000000"), "{message}");
    });
}

#[test]
fn a_mistake_in_each_of_100_000_stages() {
    with_little_stack(|| {
        let cart = cart();
        let stages: Vec<_> = (0..STAGES).map(|index| stage(index, &[index + STAGES])).collect();
        let found = Pipeline::from_nouns(&Nouns::new("shop").warehouses([&cart]).stages(&stages)).unwrap_err();
        assert_eq!(found.len(), 1_001);
        let last = found.iter().last().unwrap();
        assert_eq!((last.code(), last.severity()), (Code::TooMany, kargo_core::model::Severity::Error));
    });
}
