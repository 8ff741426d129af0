//! Pipelines for tests, written in few words.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Nouns, Pipeline};
use crate::{
    Manifests,
    model::{
        AutoPromotionOptions, AvailabilityStrategy, Diagnostics, Fill, FreightRequest, FreightSources, Junction,
        LabelSelector, Object, ObjectMeta, Origin, PromotionStep, PromotionTemplate, PromotionTemplateSpec,
        SelectionPolicy, Slot, Stage, StagePolicy, Warehouse,
    },
};

/// Nouns of project `shop` in the making.
///
/// A request is an origin and its sources. Origins: `cart` (a Warehouse), `Junction/train`, `{train=weekly}` (a selector).
/// Sources, with blanks between them: `direct`, Stages as `uat+perf`, `all`, `match`, `by-hand`, `optional`, `soak=1h`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shop {
    pub(crate) warehouses: Vec<Warehouse>,
    pub(crate) junctions: Vec<Junction>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) policies: Vec<StagePolicy>,
    others: Vec<Object>,
}

type Requests<'r> = [(&'r str, &'r str)];

impl Shop {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn warehouse(self, name: &str) -> Self {
        self.labelled_warehouse(name, &[])
    }

    pub(crate) fn labelled_warehouse(mut self, name: &str, labels: &[(&str, &str)]) -> Self {
        let mut metadata = meta(name);
        metadata.labels = labels.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        self.warehouses.push(Warehouse { metadata, ..Warehouse::default() });
        self
    }

    /// A Stage with one step.
    pub(crate) fn stage(mut self, name: &str, requests: &Requests<'_>) -> Self {
        self = self.passage(name, requests);
        let step = PromotionStep { uses: Some("git-clone".into()), ..PromotionStep::default() };
        self.with_steps(vec![step])
    }

    /// Gives the Stage added last these steps.
    pub(crate) fn with_steps(mut self, steps: Vec<PromotionStep>) -> Self {
        let spec = PromotionTemplateSpec { steps, ..PromotionTemplateSpec::default() };
        self.stages.last_mut().unwrap().spec.promotion_template = Some(PromotionTemplate { spec });
        self
    }

    /// A Stage without steps.
    pub(crate) fn passage(mut self, name: &str, requests: &Requests<'_>) -> Self {
        let mut stage = Stage { metadata: meta(name), ..Stage::default() };
        stage.spec.requested_freight = requests.iter().map(|&(origin, text)| request(origin, text)).collect();
        self.stages.push(stage);
        self
    }

    pub(crate) fn policy(mut self, name: &str, requests: &Requests<'_>) -> Self {
        let mut policy = StagePolicy { metadata: meta(name), ..StagePolicy::default() };
        policy.spec.requested_freight = requests.iter().map(|&(origin, text)| request(origin, text)).collect();
        self.policies.push(policy);
        self
    }

    pub(crate) fn junction(self, name: &str, slots: &Requests<'_>) -> Self {
        self.labelled_junction(name, &[], slots)
    }

    pub(crate) fn labelled_junction(mut self, name: &str, labels: &[(&str, &str)], slots: &Requests<'_>) -> Self {
        let mut junction = Junction { metadata: meta(name), ..Junction::default() };
        junction.metadata.labels = labels.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        junction.spec.requested_freight = slots.iter().map(|&(origin, text)| slot(origin, text)).collect();
        self.junctions.push(junction);
        self
    }

    pub(crate) fn with(mut self, object: impl Into<Object>) -> Self {
        self.others.push(object.into());
        self
    }

    pub(crate) fn nouns(&self) -> Nouns<'_> {
        Nouns::new("shop")
            .warehouses(&self.warehouses)
            .junctions(&self.junctions)
            .stages(&self.stages)
            .stage_policies(&self.policies)
    }

    pub(crate) fn manifests(&self) -> Manifests {
        let warehouses = self.warehouses.iter().cloned().map(Object::from);
        let junctions = self.junctions.iter().cloned().map(Object::from);
        let stages = self.stages.iter().cloned().map(Object::from);
        let policies = self.policies.iter().cloned().map(Object::from);
        let others = self.others.iter().cloned();
        Manifests::from_objects(warehouses.chain(junctions).chain(stages).chain(policies).chain(others))
    }

    /// The pipeline, which must have no mistake.
    pub(crate) fn pipeline(&self) -> Pipeline {
        Pipeline::from_manifests(&self.manifests()).unwrap()
    }

    /// What is wrong, as lines.
    pub(crate) fn found(&self) -> Vec<String> {
        let (pipeline, found) = Pipeline::check(&self.manifests(), "shop");
        assert_eq!(pipeline.is_some(), !found.has_errors(), "a pipeline exactly without errors");
        if let Some(pipeline) = pipeline {
            assert_eq!(pipeline.warnings(), &found);
        }
        lines(&found)
    }
}

/// `<severity>[<code>] <object> <path>: <message> | <label> | <help> ... | <note> ...`
pub(crate) fn lines(found: &Diagnostics) -> Vec<String> {
    let line = |d: &crate::Diagnostic| {
        let mut parts = vec![
            format!("{}[{}] {} {}: {}", d.severity(), d.code(), d.object().unwrap_or("-"), d.path(), d.message()),
            d.label().to_owned(),
        ];
        parts.extend(d.helps().iter().map(|help| format!("help: {help}")));
        parts.extend(d.notes().iter().map(|note| format!("note: {note}")));
        parts.join(" | ")
    };
    found.iter().map(line).collect()
}

pub(crate) fn meta(name: &str) -> ObjectMeta {
    ObjectMeta::named(name).in_project("shop")
}

fn origin(text: &str) -> Origin {
    text.parse().unwrap_or_else(|_| Origin::warehouse(text))
}

fn request(from: &str, text: &str) -> FreightRequest {
    FreightRequest { origin: origin(from), sources: sources(text) }
}

fn slot(from: &str, text: &str) -> Slot {
    let selector = from.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let selector = selector.and_then(|rest| rest.split_once('=')).map(|(key, value)| LabelSelector {
        match_labels: BTreeMap::from([(key.to_owned(), value.to_owned())]),
        ..LabelSelector::default()
    });
    let has = |word: &str| text.split(' ').any(|other| other == word);
    Slot {
        origin: selector.is_none().then(|| origin(from)),
        origin_selector: selector,
        sources: sources(text),
        fill: match () {
            () if has("match") => Fill::MatchUpstream,
            () if has("by-hand") => Fill::Manual,
            () => Fill::NewestFreight,
        },
        required: !has("optional"),
    }
}

fn sources(text: &str) -> FreightSources {
    let mut sources = FreightSources::default();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match word {
            "direct" => sources.direct = true,
            "all" => sources.availability_strategy = Some(AvailabilityStrategy::All),
            "match" => {
                let selection_policy = SelectionPolicy::MatchUpstream;
                sources.auto_promotion_options = Some(AutoPromotionOptions { selection_policy });
            }
            "by-hand" | "optional" => {}
            _ => match word.strip_prefix("soak=") {
                Some(soak) => sources.required_soak_time = Some(soak.parse().unwrap()),
                None => sources.stages = word.split('+').map(Into::into).collect(),
            },
        }
    }
    sources
}

/// `<from> -> <to>` of every edge, in order.
pub(crate) fn edges(pipeline: &Pipeline) -> Vec<String> {
    pipeline.edges().map(|edge| edge.to_string()).collect()
}

/// Pipelines without mistakes: up to 3 Warehouses, 3 Junctions and 8 Stages in one random order, where each asks only for
/// what stands before it. Some requests lack sources, some soak, some want all of their upstream Stages.
pub(crate) fn shops() -> impl Strategy<Value = Shop> {
    let node = (0..4_u8, proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u16>()), 1..4));
    (1..4_usize, proptest::collection::vec(node, 0..12)).prop_map(|(warehouses, nodes)| {
        let mut shop = Shop::new();
        let mut origins: Vec<String> = Vec::new();
        for index in 0..warehouses {
            origins.push(format!("w{index}"));
            shop = shop.warehouse(&format!("w{index}"));
        }
        // The Stages so far, with the origins they request.
        let mut before: Vec<(String, Vec<String>)> = Vec::new();
        let mut junctions = 0;
        for (kind, wishes) in nodes {
            let mut requests: BTreeMap<String, String> = BTreeMap::new();
            for (which, how, mask) in wishes {
                let origin = origins[usize::from(which) % origins.len()].clone();
                let holders = before.iter().filter(|(_, held)| held.contains(&origin)).map(|(name, _)| name.as_str());
                let upstreams: Vec<_> =
                    holders.enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, name)| name).collect();
                let mut words = vec![upstreams.join("+")];
                words.extend((how & 3 == 0).then(|| "direct".to_owned()));
                words.extend((how & 4 == 4).then(|| "all".to_owned()));
                words.extend((how & 8 == 8).then(|| format!("soak={}h", how >> 4)));
                words.extend((how & 16 == 16).then(|| "optional".to_owned()));
                requests.insert(origin, words.join(" "));
            }
            let requests: Vec<_> = requests.iter().map(|(origin, text)| (origin.as_str(), text.as_str())).collect();
            if kind == 0 && junctions < 3 {
                let name = format!("j{junctions}");
                shop = shop.junction(&name, &requests);
                origins.push(format!("Junction/{name}"));
                junctions += 1;
            } else {
                // Names run against the order of making, so that name order is not the order of the graph.
                let name = format!("s{:02}", 99 - before.len());
                shop = shop.stage(&name, &requests);
                before.push((name, requests.iter().map(|(origin, _)| (*origin).to_owned()).collect()));
            }
        }
        shop
    })
}
