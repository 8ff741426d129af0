//! Rules of admission that objects alone can break, checked on many samples (resources 2 to 17).

use std::collections::BTreeSet;

use kargo_core::model::{
    Fill, ForEach, Freight, Junction, Kind, Object, Promotion, PromotionStep, SelectionPolicy, Source, Stage,
    Warehouse, label,
};
use kargo_testkit::strategy::{object_of, scalar, text, url};
use proptest::strategy::Strategy;

use crate::{oracle::is_name, samples};

const COUNT: usize = 512;

/// The pattern DUR: numbers with at most one point, each followed by s, m or h.
fn is_dur(text: &str) -> bool {
    let number = |part: &str| {
        let (whole, fraction) = part.split_once('.').unwrap_or((part, "0"));
        [whole, fraction].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    text.ends_with(['s', 'm', 'h']) && text.split_terminator(['s', 'm', 'h']).all(number)
}

#[test]
fn resources_2_scalars_fit_their_patterns() {
    for text in samples(&scalar::name(), COUNT) {
        assert!(is_name(&text), "{text}");
    }
    for text in samples(&scalar::dns_label(), COUNT) {
        assert!(is_name(&text) && !text.contains('.') && text.len() <= 63, "{text}");
    }
    for text in samples(&scalar::var_name(), COUNT) {
        let word = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        assert!(word && !text.starts_with(|c: char| c.is_ascii_digit()) && !text.is_empty(), "{text}");
    }
    for span in samples(&scalar::dur(), COUNT) {
        assert!(is_dur(&span.to_string()), "{span}");
    }
    for tag in samples(&text::image_tag(), COUNT) {
        let ok = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        assert!(ok && (1..=128).contains(&tag.len()), "{tag}");
    }
    for value in samples(&text::label_value(), COUNT) {
        let ends = !value.starts_with(['-', '_', '.']) && !value.ends_with(['-', '_', '.']);
        assert!(ends && value.len() <= 63, "{value}");
    }
    for text in samples(&text::subject(), COUNT) {
        assert!(!text.contains(['\n', '\r']) && (1..=80).contains(&text.len()), "{text}");
    }
    for text in samples(&url::image_url(), COUNT) {
        assert!(!text.contains("//") && !text.contains('@') && !text.ends_with('/'), "{text}");
    }
    let longest = samples(&scalar::name(), COUNT).map(|text| text.len()).max().unwrap();
    assert!((200..=253).contains(&longest), "{longest}");
}

#[test]
fn texts_are_nasty_and_never_empty() {
    let all: BTreeSet<String> = samples(&text::text(), 4096).collect();
    assert!(!all.contains(""));
    for nasty in
        ["yes", "null", "~", "1.10", "0x1F", "- x", "key: value", " leading", "trailing ", "two\nlines", "🚀", "<<"]
    {
        assert!(all.contains(nasty), "{nasty:?}");
    }
    assert!(all.iter().any(|text| text.len() >= 1000));
}

fn check_steps(steps: &[PromotionStep], with_tasks: bool) {
    let mut seen = BTreeSet::new();
    for step in steps {
        let alias = step.alias.as_deref();
        assert!(alias.is_none_or(|alias| !alias.trim().is_empty() && alias.trim() == alias), "{step:?}");
        assert!(alias.is_none_or(|alias| seen.insert(alias)), "{alias:?} twice");
        assert!(alias.is_none_or(|alias| !["step-1", "task-1"].contains(&alias)));
        assert!(step.uses.is_some() != step.task.is_some() && (with_tasks || step.task.is_none()), "{step:?}");
        if step.task.is_some() {
            let bare = step.if_.is_none() && step.config.is_none() && step.retry.is_none();
            assert!(bare && step.continue_on_error.is_none(), "{step:?}");
        }
        assert!(step.for_each.as_ref().is_none_or(|each| (1..=ForEach::MAX).contains(&each.max)));
        assert!(step.vars.iter().all(|var| !var.name.is_empty()));
    }
}

fn check_stage(stage: &Stage) {
    assert!(!stage.spec.requested_freight.is_empty());
    assert_eq!(stage.metadata.labels.get(label::SHARD), stage.spec.shard.as_ref());
    let mut origins = BTreeSet::new();
    for request in &stage.spec.requested_freight {
        let sources = &request.sources;
        assert!(origins.insert(&request.origin), "resources 17.6: {} twice", request.origin);
        assert!(sources.direct || !sources.stages.is_empty());
        assert!(!sources.stages.iter().any(|upstream| **upstream == *stage.metadata.name));
        let one = !sources.direct && sources.stages.len() == 1;
        assert!(sources.selection() != SelectionPolicy::MatchUpstream || one, "resources 17.6: {sources:?}");
    }
    if let Some(template) = &stage.spec.promotion_template {
        check_steps(&template.spec.steps, true);
    }
    for (origin, hold) in &stage.status.auto_promotion_holds {
        assert_eq!(origin, &hold.origin);
    }
}

fn check_warehouse(warehouse: &Warehouse) {
    assert!(!warehouse.spec.subscriptions.is_empty() && is_dur(&warehouse.spec.interval.to_string()));
    let (mut names, mut repositories) = (BTreeSet::new(), BTreeSet::new());
    for subscription in &warehouse.spec.subscriptions {
        assert!(subscription.name.as_ref().is_none_or(|name| is_name(name) && !name.contains('.') && name.len() <= 63));
        assert!(subscription.name.as_ref().is_none_or(|name| names.insert(name)), "{:?} twice", subscription.name);
        let (url, limit) = match &subscription.source {
            Source::Git(git) => (&git.repo_url, git.discovery_limit),
            Source::Image(image) => (&image.repo_url, image.discovery_limit),
            Source::Chart(chart) => {
                assert_eq!(chart.repo_url.starts_with("oci://"), chart.name.is_none(), "resources 7.1: {chart:?}");
                (&chart.repo_url, chart.discovery_limit)
            }
            other => panic!("no subscriber handles {other:?}"),
        };
        assert!((1..=100).contains(&limit));
        let normal = url.to_lowercase();
        let normal = normal.trim_end_matches('/').trim_end_matches(".git");
        let last = normal.rsplit(['/', ':']).next().unwrap().to_owned();
        assert!(repositories.insert((subscription.type_key(), last)), "resources 17.7: {url} twice");
    }
}

fn check_promotion(promotion: &Promotion) {
    let (meta, spec) = (&promotion.metadata, &promotion.spec);
    assert!(spec.freight.is_some() != spec.origin.is_some(), "resources 10: exactly one");
    assert!(meta.name.len() <= 253 && meta.name.starts_with(&format!("{}.", spec.stage)));
    assert_eq!(meta.labels.get(label::STAGE), meta.annotations.get(label::STAGE));
    let owner = &meta.owner_references[0];
    assert_eq!(owner.kind == "PromotionRequest", spec.target.is_some(), "resources 17.8");
    assert!(!spec.steps.is_empty());
    assert!(spec.steps.iter().all(|step| step.uses.is_some() && step.task.is_none()));
}

fn check_freight(freight: &Freight) {
    let count = freight.commits.len() + freight.images.len() + freight.charts.len() + freight.artifacts.len();
    assert!(count > 0 && freight.metadata.name.len() == 40);
    assert_eq!(freight.metadata.labels.get(label::ALIAS), freight.alias.as_ref(), "resources 17.5");
}

fn check_junction(junction: &Junction) {
    let mut origins = BTreeSet::new();
    for slot in &junction.spec.requested_freight {
        assert!(slot.origin.is_some() != slot.origin_selector.is_some());
        assert!(slot.origin.as_ref().is_none_or(|origin| origins.insert(origin)));
        let one = !slot.sources.direct && slot.sources.stages.len() == 1;
        assert!(slot.fill != Fill::MatchUpstream || one, "rules 8: {slot:?}");
    }
    let release = &junction.spec.release;
    assert!(release.at_most.is_none_or(|most| release.settle.is_none_or(|settle| settle <= most)));
}

#[test]
fn resources_17_objects_pass_admission() {
    for kind in Kind::ALL {
        for object in samples(&object_of(*kind), COUNT / 2) {
            assert_eq!(object.kind(), *kind);
            assert!(is_name(object.name()), "{}", object.name());
            let ours = object.metadata().annotations.keys().filter(|key| key.starts_with("kargo-core.rs/"));
            assert!(ours.into_iter().all(|key| label::EXTENSION_ANNOTATIONS.contains(&key.as_str())));
            match &object {
                Object::Stage(stage) => check_stage(stage),
                Object::Warehouse(warehouse) => check_warehouse(warehouse),
                Object::Promotion(promotion) => check_promotion(promotion),
                Object::Freight(freight) => check_freight(freight),
                Object::Junction(junction) => check_junction(junction),
                Object::PromotionTask(task) => check_steps(&task.spec.steps, false),
                Object::ClusterPromotionTask(task) => check_steps(&task.spec.steps, false),
                Object::ProjectConfig(config) => {
                    assert_eq!(config.metadata.namespace.as_deref(), Some(config.metadata.name.as_str()));
                }
                Object::ClusterConfig(config) => assert_eq!(config.metadata.name, "cluster"),
                _ => {}
            }
        }
    }
}

#[test]
fn json_numbers_are_exact() {
    fn check(value: &serde_json::Value) {
        match value {
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(integer) => assert!(integer.abs() < 1 << 53, "{number}"),
                None => assert!(number.is_f64() && number.as_f64().unwrap().fract() != 0.0, "{number}"),
            },
            serde_json::Value::Array(items) => items.iter().for_each(check),
            serde_json::Value::Object(fields) => fields.values().for_each(check),
            _ => {}
        }
    }
    let values = kargo_testkit::strategy::json::json().prop_map(|value| {
        check(&value);
        value
    });
    let kinds: BTreeSet<u8> = samples(&values, COUNT)
        .map(|value| match value {
            serde_json::Value::Null => 0,
            serde_json::Value::Bool(_) => 1,
            serde_json::Value::Number(_) => 2,
            serde_json::Value::String(_) => 3,
            serde_json::Value::Array(_) => 4,
            serde_json::Value::Object(_) => 5,
        })
        .collect();
    assert_eq!(kinds.len(), 6);
}
