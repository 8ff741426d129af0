//! Pipelines: valid by an independent check, as their facts say, and of every shape and feature.

use std::collections::BTreeMap;

use kargo_core::model::{Kind, Warehouse};
use kargo_testkit::strategy::{
    Feature, GeneratedPipeline, PipelineSize, Shape, any_pipeline, any_pipeline_sized, valid_pipeline,
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use crate::{
    oracle::{all, check, edges, places},
    samples,
};

#[test]
fn pipelines_of_every_shape_are_valid() {
    for shape in Shape::ALL {
        for pipeline in samples(&valid_pipeline(*shape), 128) {
            assert_eq!(pipeline.facts.shape, *shape);
            let found = check(&pipeline.objects);
            assert!(found.is_empty(), "{shape:?}: {found:?}\n{:#?}", pipeline.objects);
            let foreign =
                |object: &&kargo_core::model::Object| object.namespace().is_some_and(|name| name != pipeline.project);
            assert!(!pipeline.objects.iter().any(|object| foreign(&object)));
            assert_eq!(pipeline.objects.iter().filter(|object| object.kind() == Kind::Project).count(), 1);
        }
    }
}

/// The longest way through the graph, and the most places at one depth.
fn measure(pipeline: &GeneratedPipeline) -> (usize, usize) {
    let places = places(&pipeline.objects);
    let above = edges(&places);
    let mut depths = vec![1; places.len()];
    for _ in 0..places.len() {
        for (at, ups) in &above {
            depths[*at] = ups.iter().map(|up| depths[*up] + 1).max().unwrap_or(1);
        }
    }
    let mut widths = BTreeMap::<usize, usize>::new();
    for depth in &depths {
        *widths.entry(*depth).or_default() += 1;
    }
    (depths.into_iter().max().unwrap(), widths.into_values().max().unwrap())
}

#[test]
fn facts_agree_with_the_objects() {
    for pipeline in samples(&any_pipeline(), 512) {
        let facts = &pipeline.facts;
        let count = |kind| pipeline.objects.iter().filter(|object| object.kind() == kind).count();
        assert_eq!((facts.depth, facts.width), measure(&pipeline), "{facts:?}");
        assert_eq!((facts.stages, facts.junctions), (count(Kind::Stage), count(Kind::Junction)));
        assert_eq!(facts.origins, all::<Warehouse>(&pipeline.objects).count());
        assert_eq!(facts.junctions > 0, facts.nesting > 0);
    }
}

#[test]
fn pipelines_are_long_wide_and_use_everything() {
    let mut histogram = BTreeMap::<String, usize>::new();
    let (mut depth, mut width, mut nesting, mut origins) = (0, 0, 0, 0);
    for pipeline in samples(&any_pipeline(), 1024) {
        let facts = pipeline.facts;
        (depth, width) = (depth.max(facts.depth), width.max(facts.width));
        (nesting, origins) = (nesting.max(facts.nesting), origins.max(facts.origins));
        let names = facts.features.iter().map(|feature| format!("feature {feature:?}"));
        let sizes = [
            format!("shape {:?}", facts.shape),
            format!("depth {:>2}", facts.depth),
            format!("width {:>2}", facts.width),
            format!("nesting {}", facts.nesting),
            format!("origins {}", facts.origins),
            format!("stages {:>2}", facts.stages),
        ];
        for name in names.chain(sizes) {
            *histogram.entry(name).or_default() += 1;
        }
    }
    for (name, count) in &histogram {
        println!("{count:>6} {name}");
    }
    assert!(depth >= 6 && width >= 6 && nesting >= 3 && origins >= 3, "{depth} {width} {nesting} {origins}");
    for shape in Shape::ALL {
        assert!(histogram.contains_key(&format!("shape {shape:?}")), "{shape:?}");
    }
    for feature in Feature::ALL {
        let count = histogram.get(&format!("feature {feature:?}")).copied().unwrap_or_default();
        assert!((8..1016).contains(&count), "{feature:?} occurs in {count} of 1024");
    }
}

#[test]
fn sizes_are_kept() {
    let size = PipelineSize { stages: 20..=24, origins: 6..=8 };
    for pipeline in samples(&any_pipeline_sized(size), 128) {
        let facts = pipeline.facts;
        let several = matches!(facts.shape, Shape::SeveralOrigins | Shape::Mixed | Shape::JunctionNested);
        assert!((20..=24).contains(&facts.stages), "{facts:?}");
        assert!(!several || (6..=8).contains(&facts.origins), "{facts:?}");
    }
}

#[test]
fn shrinking_ends_at_a_small_pipeline_that_still_fails() {
    let mut runner = TestRunner::deterministic();
    let fails = |pipeline: &GeneratedPipeline| pipeline.facts.depth >= 4 && pipeline.facts.junctions > 0;
    let mut tried = 0;
    for _ in 0..64 {
        let mut tree = any_pipeline().new_tree(&mut runner).unwrap();
        if !fails(&tree.current()) {
            continue;
        }
        tried += 1;
        let mut more = true;
        while more {
            more = if fails(&tree.current()) { tree.simplify() } else { tree.complicate() };
        }
        let least = tree.current();
        assert!(fails(&least) && check(&least.objects).is_empty(), "{:?}", least.facts);
        assert!(least.objects.len() <= 12, "{:?} has {} objects", least.facts, least.objects.len());
    }
    assert!(tried >= 8, "{tried}");
}
