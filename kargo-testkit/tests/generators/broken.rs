//! Broken pipelines: the defect is there, alone, and where it is said to be.

use std::collections::BTreeMap;

use kargo_core::model::{Code, Kind, Severity};
use kargo_testkit::strategy::{Defect, Flaw, GeneratedPipeline, broken_by, broken_pipeline};

use crate::{oracle::check, samples};

/// What an independent check says must be the defect, and nothing but the defect.
fn assert_only(pipeline: &GeneratedPipeline, defect: &Defect) {
    let mut found = check(&pipeline.objects);
    let told = found.iter().any(|(code, kind, name)| *code == defect.code() && defect.concerns(*kind, name));
    assert!(told, "{defect:?} is not among {found:?}\n{:#?}", pipeline.objects);
    if let Some((code, kind, name)) = defect.also() {
        assert!(found.remove(&(code, kind, name.to_owned())), "{defect:?} came without its companion: {found:?}");
    }
    if defect.code() == Code::Cycle {
        for (kind, name) in &defect.objects {
            assert!(found.contains(&(Code::Cycle, *kind, name.clone())), "{name} is in no circle: {defect:?}");
        }
        // Places between the two ends on another way are in a circle too.
        found.retain(|(code, _, _)| *code != Code::Cycle);
    } else {
        found.retain(|(code, kind, name)| !(*code == defect.code() && defect.concerns(*kind, name)));
    }
    assert!(found.is_empty(), "beside {defect:?} there is {found:?}\n{:#?}", pipeline.objects);
}

#[test]
fn every_flaw_is_injected_alone() {
    for flaw in Flaw::ALL {
        for (pipeline, defect) in samples(&broken_by(*flaw), 64) {
            assert_eq!(defect.flaw, *flaw);
            assert!(!defect.objects.is_empty() && !defect.culprit.is_empty());
            for (kind, name) in &defect.objects {
                let there = pipeline.objects.iter().any(|object| object.kind() == *kind && object.name() == name);
                assert!(there, "{defect:?}");
            }
            assert_only(&pipeline, &defect);
        }
    }
}

#[test]
fn broken_pipelines_are_of_every_flaw() {
    let (mut flaws, mut codes, mut shapes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (pipeline, defect) in samples(&broken_pipeline(), 1024) {
        *flaws.entry(defect.flaw).or_insert(0) += 1;
        *codes.entry((defect.code(), defect.severity())).or_insert(0) += 1;
        *shapes.entry(pipeline.facts.shape).or_insert(0) += 1;
    }
    println!("{flaws:#?}\n{codes:#?}\n{shapes:#?}");
    assert!(Flaw::ALL.iter().all(|flaw| flaws.contains_key(flaw)), "{flaws:?}");
    assert_eq!(shapes.len(), kargo_testkit::strategy::Shape::ALL.len());
}

#[test]
fn circles_are_short_and_long_and_go_through_junctions() {
    let circles = |flaw| {
        let broken = broken_by(flaw);
        samples(&broken, 128).map(|(_, defect)| defect.objects).collect::<Vec<_>>()
    };
    let stages = circles(Flaw::Cycle);
    let longest = stages.iter().map(Vec::len).max().unwrap();
    assert!(longest >= 4 && stages.iter().any(|circle| circle.len() == 2), "{longest}");
    let junctions = circles(Flaw::JunctionCycle);
    assert!(junctions.iter().any(|circle| circle.iter().all(|(kind, _)| *kind == Kind::Junction)));
    assert!(junctions.iter().any(|circle| circle.iter().any(|(kind, _)| *kind == Kind::Stage)));
}

#[test]
fn rules_17_what_still_works_is_a_warning() {
    let warnings: Vec<Flaw> = Flaw::ALL.iter().copied().filter(|flaw| flaw.severity() == Severity::Warning).collect();
    let expected = [
        Flaw::ApprovalOnly,
        Flaw::Unreachable,
        Flaw::UnknownTask,
        Flaw::UnknownSubject,
        Flaw::EmptySlotSelection,
        Flaw::EmptyPolicySelection,
        Flaw::DeprecatedUrl,
        Flaw::WrongIdentity,
    ];
    assert_eq!(warnings, expected);
}
