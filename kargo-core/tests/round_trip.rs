//! `read(write(x)) == x` for every kind, over generated objects; and the checks agree with what the generators promise.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use kargo_core::{
    Manifests, Pipeline,
    manifest::{Reader, Reading},
    model::{Kind, Severity},
};
use kargo_testkit::strategy;
use proptest::prelude::*;

fn read(text: &str) -> Reading {
    let mut reader = Reader::new();
    reader.text("generated.yaml", text);
    reader.finish()
}

fn round_trip(kind: Kind, cases: u32) {
    let config = ProptestConfig { cases, ..ProptestConfig::default() };
    proptest!(config, |(object in strategy::object_of(kind))| {
        let written = object.to_yaml().unwrap();
        let reading = read(&written);
        prop_assert!(!reading.diagnostics.has_errors(), "{}\n{written}", reading.diagnostics);
        let entries: Vec<_> = reading.manifests.entries().collect();
        prop_assert_eq!(entries.len(), 1);
        prop_assert_eq!(entries[0].object(), &object, "{}", written);
    });
}

macro_rules! round_trips {
    ($($name:ident: $kind:ident, $cases:literal;)+) => {
        $(
            #[test]
            fn $name() {
                round_trip(Kind::$kind, $cases);
            }
        )+

        #[test]
        fn every_kind_has_a_round_trip() {
            let tested = [$(Kind::$kind,)+];
            assert_eq!(tested.as_slice(), Kind::ALL);
        }
    };
}

round_trips! {
    project: Project, 200;
    project_config: ProjectConfig, 200;
    cluster_config: ClusterConfig, 200;
    warehouse: Warehouse, 200;
    freight: Freight, 200;
    stage: Stage, 100;
    promotion: Promotion, 100;
    promotion_task: PromotionTask, 200;
    cluster_promotion_task: ClusterPromotionTask, 200;
    promotion_request: PromotionRequest, 200;
    target: Target, 200;
    junction: Junction, 200;
    stage_policy: StagePolicy, 200;
    warehouse_policy: WarehousePolicy, 200;
    pause: Pause, 200;
    rejection: Rejection, 200;
    approval: Approval, 200;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_valid_pipeline_is_valid(generated in strategy::any_pipeline()) {
        let written = Manifests::from_objects(generated.objects.clone()).to_yaml().unwrap();
        let reading = read(&written);
        prop_assert!(reading.diagnostics.is_empty(), "{}\n{written}", reading.diagnostics);
        let (pipeline, found) = Pipeline::check(&reading.manifests, &generated.project);
        prop_assert!(found.is_empty(), "{found}\n{written}");
        let pipeline = pipeline.unwrap();
        prop_assert_eq!(pipeline.stages().len(), generated.facts.stages);
        prop_assert_eq!(pipeline.junctions().len(), generated.facts.junctions);
    }

    #[test]
    fn a_broken_pipeline_is_refused_for_its_defect(case in strategy::broken_pipeline()) {
        let (generated, defect) = case;
        let written = Manifests::from_objects(generated.objects.clone()).to_yaml().unwrap();
        let reading = read(&written);
        let (_, graph) = Pipeline::check(&reading.manifests, &generated.project);
        let mut found = reading.diagnostics;
        found.extend(graph);
        found.sort();
        found.dedup();
        let mine = found.iter().find(|diagnostic| {
            diagnostic.code() == defect.code()
                && diagnostic.object().is_some_and(|object| {
                    defect.objects.iter().any(|(kind, name)| object == format!("{kind}/{name}"))
                })
        });
        prop_assert!(mine.is_some(), "{defect:?} was not reported:\n{found}\n{written}");
        let mine = mine.unwrap();
        prop_assert_eq!(mine.severity(), defect.severity(), "{:?}: {}", &defect, mine);
        prop_assert!(mine.location().is_some());
        if defect.severity() == Severity::Error {
            prop_assert!(found.has_errors());
        }
        // One defect, one mistake: no other kind of mistake follows from it.
        for diagnostic in &found {
            let also = defect.also().is_some_and(|(code, _, _)| diagnostic.code() == code);
            prop_assert!(diagnostic.code() == defect.code() || also, "{defect:?} also gave\n{diagnostic}\n{written}");
        }
    }
}
