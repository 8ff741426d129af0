//! The picture of a pipeline: its nodes as shapes, its edges as lines.

use std::collections::{BTreeMap, BTreeSet};

use super::{Line, LineStyle, Picture, PictureState, Shape, ShapeKind};
use crate::pipeline::{EdgeView, NodeId, NodeKind, NodeView, Pipeline};

/// Origins that a label names before it only counts them.
const NAMED: usize = 3;

impl Pipeline {
    /// The pipeline as a [Mermaid](https://mermaid.js.org) flow chart, without state.
    ///
    /// ```
    /// use kargo_core::{Pipeline, model::{ObjectMeta, Warehouse}, pipeline::Nouns};
    /// let cart = Warehouse { metadata: ObjectMeta::named("cart"), ..Warehouse::default() };
    /// let pipeline = Pipeline::from_nouns(&Nouns::new("shop").warehouses([&cart]))?;
    /// assert!(pipeline.to_mermaid().starts_with("flowchart LR"));
    /// # Ok::<(), kargo_core::Diagnostics>(())
    /// ```
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        self.picture(&PictureState::new()).to_mermaid()
    }

    /// The pipeline in the DOT language of Graphviz, without state.
    #[must_use]
    pub fn to_dot(&self) -> String {
        self.picture(&PictureState::new()).to_dot()
    }

    /// The pipeline as an `<svg>` element, without state. See [`Picture::to_svg`].
    #[must_use]
    pub fn to_svg(&self) -> String {
        self.picture(&PictureState::new()).to_svg()
    }

    /// The pipeline with what is known of its state, to be written in any format.
    ///
    /// There is one line for all freight that goes from one node to another, with the conditions it goes under. Origins are
    /// named on lines that do not carry all that both ends ask for. Lines that only fill optional slots are dashed.
    #[must_use]
    pub fn picture(&self, state: &PictureState) -> Picture {
        let mut picture = Picture::new(self.project().as_str());
        for node in self.nodes() {
            picture.add_shape(shape(node, state));
        }
        let mut ways: BTreeMap<(NodeId, NodeId), Vec<EdgeView<'_>>> = BTreeMap::new();
        for edge in self.edges() {
            ways.entry((edge.from().id(), edge.to().id())).or_default().push(edge);
        }
        for edges in ways.values() {
            picture.lines_of(edges);
        }
        picture
    }
}

impl Picture {
    /// Adds the line for edges that have both ends in common.
    fn lines_of(&mut self, edges: &[EdgeView<'_>]) {
        let Some(first) = edges.first() else { return };
        let optional = edges.iter().all(|edge| !edge.request().is_required());
        let style = if optional { LineStyle::Dashed } else { LineStyle::Solid };
        let line = Line::new(first.from().to_string(), first.to().to_string());
        self.add_line(line.with_label(label(edges)).with_style(style));
    }
}

fn shape(node: NodeView<'_>, state: &PictureState) -> Shape {
    let kind = match node.kind() {
        NodeKind::Warehouse => ShapeKind::Warehouse,
        NodeKind::Junction => ShapeKind::Junction,
        NodeKind::Stage if node.is_control_flow() => ShapeKind::ControlFlowStage,
        NodeKind::Stage => ShapeKind::Stage,
    };
    let mut shape = Shape::new(node.to_string(), kind, node.name());
    let said = match node.as_origin() {
        Some(origin) => state.origins.get(&origin),
        None => state.stages.get(node.name()),
    };
    if let Some(said) = said {
        shape.status = said.status;
        shape.details.clone_from(&said.details);
    }
    if node.is_unknown() {
        shape.details.push("has mistakes".to_owned());
    }
    // No line leads here for such a request, so the shape says it.
    let approved: Vec<&str> = node.requests().filter(|r| r.is_approval_only()).map(|r| r.origin().name()).collect();
    if !approved.is_empty() {
        shape.details.push(format!("{}: by approval only", origins(&approved)));
    }
    shape
}

/// Conditions of edges that have both ends in common, with the origins they hold for where that is not plain.
fn label(edges: &[EdgeView<'_>]) -> String {
    let Some(first) = edges.first() else { return String::new() };
    let carried: BTreeSet<NodeId> = edges.iter().map(|edge| edge.request().origin().id()).collect();
    let asked = |node: NodeView<'_>| node.requests().map(|request| request.origin().id()).collect::<BTreeSet<_>>();
    let (from, to) = (first.from(), first.to());
    // A direct edge says by its beginning what it carries.
    let plain = first.is_direct() || (asked(to) == carried && asked(from) == carried);

    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for edge in edges {
        groups.entry(edge.label()).or_default().push(edge.request().origin().name());
    }
    let named = !plain || groups.len() > 1;
    let parts: Vec<String> = groups
        .into_iter()
        .map(|(conditions, names)| match (named, conditions.is_empty()) {
            (false, _) => conditions,
            (true, true) => origins(&names),
            (true, false) => format!("{}: {conditions}", origins(&names)),
        })
        .collect();
    parts.join("; ")
}

fn origins(names: &[&str]) -> String {
    if names.len() > NAMED { format!("{} origins", names.len()) } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Origin,
        model::{
            AvailabilityStrategy, Fill, FreightRequest, FreightSources, Junction, ObjectMeta, PromotionStep,
            PromotionTemplate, Slot, Stage, Warehouse,
        },
        pipeline::{Nouns, draw::Status},
    };

    fn warehouse(name: &str) -> Warehouse {
        Warehouse { metadata: ObjectMeta::named(name), ..Warehouse::default() }
    }

    fn stage(name: &str, requests: &[(Origin, FreightSources)]) -> Stage {
        let mut stage = Stage { metadata: ObjectMeta::named(name), ..Stage::default() };
        stage.spec.requested_freight =
            requests.iter().cloned().map(|(origin, sources)| FreightRequest { origin, sources }).collect();
        let mut template = PromotionTemplate::default();
        template.spec.steps.push(PromotionStep::default());
        stage.spec.promotion_template = Some(template);
        stage
    }

    fn direct() -> FreightSources {
        FreightSources { direct: true, ..FreightSources::default() }
    }

    fn after(stages: &[&str]) -> FreightSources {
        FreightSources { stages: stages.iter().map(|&name| name.into()).collect(), ..FreightSources::default() }
    }

    fn soak(sources: FreightSources) -> FreightSources {
        FreightSources { required_soak_time: Some("1h".parse().unwrap()), ..sources }
    }

    fn draw(warehouses: &[Warehouse], junctions: &[Junction], stages: &[Stage], state: &PictureState) -> Picture {
        let nouns = Nouns::new("shop").warehouses(warehouses).junctions(junctions).stages(stages);
        Pipeline::from_nouns(&nouns).unwrap().picture(state)
    }

    fn lines(picture: &Picture) -> Vec<String> {
        let line = |line: &Line| {
            let dashed = if line.style == LineStyle::Dashed { " (dashed)" } else { "" };
            format!("{} -> {} [{}]{dashed}", line.from, line.to, line.label)
        };
        picture.lines().map(line).collect()
    }

    #[test]
    fn the_shop_with_and_without_state() {
        let cart = || Origin::warehouse("cart");
        let stages = [stage("uat", &[(cart(), direct())]), stage("prod", &[(cart(), soak(after(&["uat"])))])];
        let plain = draw(&[warehouse("cart")], &[], &stages, &PictureState::new());
        assert_eq!(lines(&plain), ["Warehouse/cart -> Stage/uat []", "Stage/uat -> Stage/prod [soak 1h]"]);
        assert!(plain.shapes().all(|shape| shape.status.is_none() && shape.details.is_empty()));

        let state = PictureState::new()
            .stage("uat", Status::Verified, ["modest-marlin 1.4.2"])
            .stage("elsewhere", Status::Failed, ["no"])
            .origin(cart(), ["looked a minute ago"]);
        let drawn = draw(&[warehouse("cart")], &[], &stages, &state);
        let said: Vec<_> = drawn.shapes().map(|s| (s.id.as_str(), s.status, s.details.join(" "))).collect();
        let expected = [
            ("Stage/prod", None, String::new()),
            ("Stage/uat", Some(Status::Verified), "modest-marlin 1.4.2".to_owned()),
            ("Warehouse/cart", None, "looked a minute ago".to_owned()),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn lines_name_origins_where_that_is_not_plain() {
        let origins = || [Origin::warehouse("cart"), Origin::warehouse("web")];
        let both = |sources: [FreightSources; 2]| origins().into_iter().zip(sources).collect::<Vec<_>>();
        let all = FreightSources { availability_strategy: Some(AvailabilityStrategy::All), ..after(&["a", "b"]) };
        let stages = [
            stage("a", &both([direct(), direct()])),
            stage("b", &both([direct(), direct()])),
            stage("same", &both([soak(after(&["a"])), soak(after(&["a"]))])),
            stage("differ", &both([soak(after(&["a"])), all])),
            stage("one", &[(Origin::warehouse("web"), after(&["a"]))]),
        ];
        let picture = draw(&[warehouse("cart"), warehouse("web")], &[], &stages, &PictureState::new());
        let from_stages: Vec<_> = lines(&picture).into_iter().filter(|line| line.starts_with("Stage")).collect();
        let expected = [
            "Stage/a -> Stage/differ [web: all; cart: soak 1h]",
            "Stage/a -> Stage/one [web]",
            "Stage/a -> Stage/same [soak 1h]",
            "Stage/b -> Stage/differ [web: all]",
        ];
        assert_eq!(from_stages, expected);
    }

    #[test]
    fn optional_slots_are_dashed_and_many_origins_are_counted() {
        let names = ["a", "b", "c", "d"];
        let warehouses = names.map(warehouse);
        let requests: Vec<_> = names.iter().map(|name| (Origin::warehouse(*name), direct())).collect();
        let mut train = Junction { metadata: ObjectMeta::named("train"), ..Junction::default() };
        let slot = |name: &str, required: bool| Slot {
            origin: Some(Origin::warehouse(name)),
            sources: if required { after(&["test"]) } else { direct() },
            required,
            fill: if required { Fill::NewestFreight } else { Fill::Manual },
            ..Slot::default()
        };
        train.spec.requested_freight = vec![slot("a", false), slot("b", true), slot("c", true)];
        let other = stage("other", &requests.iter().map(|(o, _)| (o.clone(), after(&["test"]))).collect::<Vec<_>>());
        let mut wide = other.clone();
        wide.metadata.name = "wide".into();
        wide.spec.requested_freight.push(FreightRequest { origin: Origin::junction("train"), sources: direct() });
        let picture = draw(&warehouses, &[train], &[stage("test", &requests), wide, other], &PictureState::new());
        let lines = lines(&picture);
        for expected in [
            "Warehouse/a -> Junction/train [by hand, optional] (dashed)",
            "Stage/test -> Junction/train [b, c]",
            "Stage/test -> Stage/other []",
            "Stage/test -> Stage/wide [4 origins]",
            "Junction/train -> Stage/wide []",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{expected} is not in {lines:#?}");
        }
    }

    #[test]
    fn stages_without_steps_and_requests_without_sources_are_told() {
        let mut gate = stage("gate", &[(Origin::warehouse("cart"), FreightSources::default())]);
        gate.spec.promotion_template = None;
        let picture = draw(&[warehouse("cart")], &[], &[gate], &PictureState::new());
        let gate = picture.shapes().next().unwrap();
        assert_eq!(gate.kind, ShapeKind::ControlFlowStage);
        assert_eq!(gate.details, ["cart: by approval only"]);
    }
}
