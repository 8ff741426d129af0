//! Whether promotion policies cover some Stage of their project: a pattern that matches nothing is hardly meant.

use super::{
    NodeKind,
    draft::Draft,
    nouns::NodeNoun,
    text::{Report, Subject},
};
use crate::{
    model::{Code, Diagnostic, Kind, Object, Path},
    select::Selector,
};

/// Reports policies whose pattern or labels no Stage matches (K0212). A policy that names one Stage is
/// [`subject`](super::subject)'s business.
pub(super) fn check(draft: &Draft<'_>, report: &mut Report) {
    let stages = || draft.nouns.items.iter().filter(|item| item.kind == NodeKind::Stage);
    // Documents without Stages say nothing about them; a Stage with mistakes may have any labels.
    if stages().next().is_none() || stages().any(|item| matches!(item.noun, NodeNoun::Broken)) {
        return;
    }
    for &entry in &draft.nouns.others {
        let Object::ProjectConfig(config) = entry.object() else { continue };
        for (index, policy) in config.spec.promotion_policies.iter().enumerate() {
            let written = &policy.stage_selector;
            if written.name.as_deref().is_some_and(|name| !name.contains(':')) {
                continue;
            }
            let Ok(selector) = Selector::new(written) else { continue };
            let covers = stages().any(|item| {
                // What cannot be told is not reported here.
                item.metadata().is_none_or(|meta| selector.matches(&meta.name, &meta.labels).unwrap_or(true))
            });
            if !covers {
                report.warning(|_| {
                    let path = Path::of(&["spec", "promotionPolicies"]).index(index).key("stageSelector");
                    let diagnostic =
                        Diagnostic::warning(Code::EmptySelection, "a promotion policy covers no Stage of its project")
                            .by_rule("resources 6.2")
                            .help("mend the pattern or the labels; a glob matches the whole name");
                    let subject =
                        Subject { kind: Kind::ProjectConfig, name: entry.object().name(), entry: Some(entry) };
                    subject.mark(diagnostic, path, "matches nothing")
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{PolicySelector, ProjectConfig, PromotionPolicy},
        pipeline::sample::{Shop, meta},
    };

    #[test]
    fn k0212_a_policy_that_covers_no_stage() {
        let mut config = ProjectConfig { metadata: meta("shop"), ..ProjectConfig::default() };
        let policy = |name: &str| PromotionPolicy {
            stage_selector: PolicySelector { name: Some(name.into()), ..PolicySelector::default() },
            ..PromotionPolicy::default()
        };
        config.spec.promotion_policies = vec![policy("glob:u*"), policy("regex:^x"), PromotionPolicy::default()];
        let found = Shop::new().warehouse("cart").stage("uat", &[("cart", "direct")]).with(config).found();
        let [only] = found.as_slice() else { panic!("{found:?}") };
        assert!(
            only.starts_with("warning[K0212] ProjectConfig/shop spec.promotionPolicies[1].stageSelector: "),
            "{only}"
        );
    }
}
