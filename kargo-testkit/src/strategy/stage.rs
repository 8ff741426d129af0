//! Stage: what it asks for (resources 9).

use kargo_core::model::{
    AnalysisArgument, AnalysisRunMetadata, AnalysisTemplateKind, AnalysisTemplateReference, AutoPromotionOptions,
    AvailabilityStrategy, FreightRequest, FreightSources, ObjectMeta, Origin, PromotionTemplate, PromotionTemplateSpec,
    SelectionPolicy, Stage, StageSpec, StageTargets, Verification, label,
};
use proptest::{prelude::*, sample::select};

use super::{
    artifact::any_origin,
    meta::{annotated, any_label_selector, labelled, project_meta, refreshable, verification_request},
    scalar::{distinct, dur, list, map, maybe, name, one_of, short_name, some, stage_name, var_name},
    stage_status::any_stage_status,
    step::{any_variable, template_steps},
    text::{label_key, label_value, template_text, text_or_empty},
};

prop_compose! {
    /// A Stage: with steps or a control-flow Stage, target-aware or not, with any status.
    pub fn any_stage()(
        meta in stage_meta(),
        shard in maybe(short_name()),
        vars in list(any_variable(), 2),
        requested_freight in requests(any_origin()),
        promotion_template in maybe(any_template()),
        verification in maybe(any_verification()),
        targets in maybe(list(any_label_selector(), 2).prop_map(|selectors| StageTargets { selectors })),
        status in any_stage_status(),
    ) -> Stage {
        let mut requested_freight = requested_freight;
        for request in &mut requested_freight {
            not_from(&mut request.sources, &meta.name);
        }
        Stage {
            metadata: labelled(meta, label::SHARD, shard.clone()),
            spec: StageSpec { shard, vars, requested_freight, promotion_template, verification, targets },
            status,
        }
    }
}

fn stage_meta() -> BoxedStrategy<ObjectMeta> {
    let request = || maybe(verification_request());
    (refreshable(project_meta(name())), request(), request(), maybe(one_of(&["red", "#00ff00"])))
        .prop_map(|(meta, reverify, abort, color)| {
            let meta = annotated(annotated(meta, label::REVERIFY, reverify), label::ABORT, abort);
            annotated(meta, label::COLOR, color)
        })
        .boxed()
}

/// Takes a Stage's own name out of its sources, so that it does not wait for itself.
fn not_from(sources: &mut FreightSources, own: &str) {
    sources.stages.retain(|stage| stage != own);
    if sources.stages.is_empty() {
        sources.direct = true;
        sources.auto_promotion_options = None;
    }
}

/// Requests for freight: at least one, no origin twice.
pub fn requests(origin: BoxedStrategy<Origin>) -> BoxedStrategy<Vec<FreightRequest>> {
    let request = (origin, any_sources()).prop_map(|(origin, sources)| FreightRequest { origin, sources });
    some(request, 3).prop_map(|all| distinct(all, |request| request.origin.clone())).boxed()
}

prop_compose! {
    /// Where freight may come from: straight from its origin, from Stages, or both. The selection policy MatchUpstream
    /// occurs only with exactly one Stage and nothing direct (resources 9.1).
    pub fn any_sources()(
        direct in any::<bool>(),
        stages in list(stage_name(), 3),
        required_soak_time in maybe(dur()),
        availability_strategy in maybe(select(&[AvailabilityStrategy::All, AvailabilityStrategy::OneOf][..])),
        policy in maybe(select(&[SelectionPolicy::NewestFreight, SelectionPolicy::MatchUpstream][..])),
    ) -> FreightSources {
        let stages = distinct(stages, Clone::clone);
        let direct = direct || stages.is_empty();
        let selection_policy = match policy {
            Some(SelectionPolicy::MatchUpstream) if direct || stages.len() != 1 => Some(SelectionPolicy::NewestFreight),
            other => other,
        };
        FreightSources {
            direct,
            required_soak_time: required_soak_time.filter(|_| !stages.is_empty()),
            stages,
            availability_strategy,
            auto_promotion_options: selection_policy
                .map(|selection_policy| AutoPromotionOptions { selection_policy }),
        }
    }
}

prop_compose! {
    fn any_template()(vars in list(any_variable(), 2), steps in template_steps()) -> PromotionTemplate {
        PromotionTemplate { spec: PromotionTemplateSpec { vars, steps } }
    }
}

prop_compose! {
    fn any_verification()(
        analysis_templates in list(any_analysis_template(), 2),
        analysis_run_metadata in maybe(any_run_metadata()),
        args in list(any_argument(), 2),
    ) -> Verification {
        Verification { analysis_templates, analysis_run_metadata, args }
    }
}

prop_compose! {
    fn any_analysis_template()(
        name in name(),
        kind in maybe(select(
            &[AnalysisTemplateKind::AnalysisTemplate, AnalysisTemplateKind::ClusterAnalysisTemplate][..],
        )),
    ) -> AnalysisTemplateReference {
        AnalysisTemplateReference { name, kind }
    }
}

prop_compose! {
    fn any_run_metadata()(
        labels in map(label_key(), label_value(), 2),
        annotations in map(label_key(), text_or_empty(), 2),
    ) -> AnalysisRunMetadata {
        AnalysisRunMetadata { labels, annotations }
    }
}

prop_compose! {
    fn any_argument()(name in var_name(), value in template_text()) -> AnalysisArgument {
        AnalysisArgument { name, value }
    }
}
