//! What projects and clusters configure: policies, windows, links, webhook receivers (resources 6).

use kargo_core::model::{
    ArtifactoryWebhook, AutoRollback, DeepLink, GenericWebhook, IndexKey, IndexRequirement, IndexSelector,
    PromotionPolicy, PromotionWindow, RollbackPromotionPhase, RollbackVerificationPhase, SecretReference,
    WebhookAction, WebhookActionKind, WebhookProvider, WebhookReceiver, WebhookTarget, WebhookTargetKind, WindowKind,
};
use proptest::{
    prelude::*,
    sample::{select, subsequence},
};

use super::{
    meta::{any_label_selector, any_policy_selector},
    scalar::{distinct, list, map, maybe, name, one_of, var_name},
    text::{text, text_or_empty},
};

prop_compose! {
    /// One promotion policy (resources 6.1).
    pub fn any_promotion_policy()(
        stage_selector in any_policy_selector(),
        auto_promotion_enabled in any::<bool>(),
        auto_rollback in maybe(any_auto_rollback()),
    ) -> PromotionPolicy {
        PromotionPolicy { stage_selector, auto_promotion_enabled, auto_rollback }
    }
}

/// Promotion policies; no exact name occurs twice (resources 17.2).
pub fn promotion_policies() -> BoxedStrategy<Vec<PromotionPolicy>> {
    list(any_promotion_policy(), 3)
        .prop_map(|mut all| {
            let mut seen = std::collections::BTreeSet::new();
            all.retain(|policy| match &policy.stage_selector.name {
                Some(name) if !name.contains(':') => seen.insert(name.clone()),
                _ => true,
            });
            all
        })
        .boxed()
}

prop_compose! {
    /// When to roll back by itself (resources 6.3).
    pub fn any_auto_rollback()(
        on_promotion in rollback_promotion_phases(),
        on_verification in rollback_verification_phases(),
    ) -> AutoRollback {
        AutoRollback { on_promotion, on_verification }
    }
}

/// A set of promotion phases that cause a rollback.
pub(super) fn rollback_promotion_phases() -> BoxedStrategy<Vec<RollbackPromotionPhase>> {
    subsequence(vec![RollbackPromotionPhase::Failed, RollbackPromotionPhase::Errored], 0..=2).boxed()
}

/// A set of verification phases that cause a rollback.
pub(super) fn rollback_verification_phases() -> BoxedStrategy<Vec<RollbackVerificationPhase>> {
    subsequence(vec![RollbackVerificationPhase::Failed, RollbackVerificationPhase::Error], 0..=2).boxed()
}

/// When a window begins, ends and recurs: rule, start, end.
type Schedule = (Option<&'static str>, Option<&'static str>, Option<&'static str>);

const SCHEDULES: &[Schedule] = &[
    (None, None, None),
    (None, Some("20261224T000000Z"), None),
    (None, None, Some("20270101T000000")),
    (None, Some("20261224T000000"), Some("20270102T000000")),
    (Some("FREQ=DAILY"), Some("20260101T090000"), Some("20260101T170000")),
    (
        Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        Some("TZID=America/New_York:20260101T090000"),
        Some("TZID=America/New_York:20260101T170000"),
    ),
    (
        Some("FREQ=MONTHLY;BYMONTHDAY=-1"),
        Some("TZID=Europe/Berlin:20260131T000000"),
        Some("TZID=Europe/Berlin:20260201T000000"),
    ),
];

prop_compose! {
    /// A window of a Stage or of a project (resources 6.5).
    pub fn any_window()(
        name in name(),
        kind in select(&[WindowKind::Allow, WindowKind::Deny][..]),
        stage_selector in maybe(any_policy_selector()),
        (rrule, dtstart, dtend) in select(SCHEDULES),
    ) -> PromotionWindow {
        let own = |text: Option<&str>| text.map(str::to_owned);
        PromotionWindow {
            name,
            kind,
            stage_selector,
            project_selector: None,
            rrule: own(rrule),
            dtstart: own(dtstart),
            dtend: own(dtend),
        }
    }
}

prop_compose! {
    /// A window of one Stage's policy, which selects nothing (rules 11).
    pub fn any_own_window()(window in any_window()) -> PromotionWindow {
        PromotionWindow { stage_selector: None, ..window }
    }
}

prop_compose! {
    /// A window of a whole cluster, which may select projects.
    pub fn any_cluster_window()(
        window in any_window(),
        project_selector in maybe(any_policy_selector()),
    ) -> PromotionWindow {
        PromotionWindow { project_selector, ..window }
    }
}

/// Windows, no two of one name.
pub(super) fn windows(window: impl Strategy<Value = PromotionWindow> + 'static) -> BoxedStrategy<Vec<PromotionWindow>> {
    list(window, 2).prop_map(|all| distinct(all, |window| window.name.clone())).boxed()
}

prop_compose! {
    /// A link of a user interface (resources 6.6).
    pub fn any_deep_link()(
        title in text(),
        url in one_of(&["https://acme.io", "https://acme.io/${{ stage.metadata.name }}?q=1#x"]),
        description in maybe(text()),
        if_ in maybe(one_of(&["true", "stage.metadata.name == 'prod'"])),
    ) -> DeepLink {
        DeepLink { title, url, description, if_ }
    }
}

/// A Secret by name, sometimes without one.
pub(super) fn secret_ref() -> BoxedStrategy<SecretReference> {
    prop_oneof![3 => name(), 1 => Just(String::new())].prop_map(|name| SecretReference { name }).boxed()
}

enum Provider {
    Simple(usize, WebhookProvider),
    Artifactory(ArtifactoryWebhook),
    Generic(GenericWebhook),
}

/// A webhook receiver with exactly one provider (resources 6.4).
pub fn any_webhook_receiver() -> BoxedStrategy<WebhookReceiver> {
    (name(), any_provider())
        .prop_map(|(name, provider)| {
            let mut receiver = WebhookReceiver { name, ..WebhookReceiver::default() };
            match provider {
                Provider::Artifactory(artifactory) => receiver.artifactory = Some(artifactory),
                Provider::Generic(generic) => receiver.generic = Some(generic),
                Provider::Simple(which, provider) => {
                    let slot = match which {
                        0 => &mut receiver.bitbucket,
                        1 => &mut receiver.dockerhub,
                        2 => &mut receiver.github,
                        3 => &mut receiver.gitlab,
                        4 => &mut receiver.harbor,
                        5 => &mut receiver.quay,
                        6 => &mut receiver.azure,
                        _ => &mut receiver.gitea,
                    };
                    *slot = Some(provider);
                }
            }
            receiver
        })
        .boxed()
}

/// Webhook receivers, no two of one name.
pub fn webhook_receivers() -> BoxedStrategy<Vec<WebhookReceiver>> {
    list(any_webhook_receiver(), 3).prop_map(|all| distinct(all, |receiver| receiver.name.clone())).boxed()
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Provider")
    }
}

fn any_provider() -> BoxedStrategy<Provider> {
    prop_oneof![
        6 => (0..8_usize, secret_ref()).prop_map(|(which, secret_ref)| Provider::Simple(which, WebhookProvider { secret_ref })),
        2 => (secret_ref(), maybe(name())).prop_map(|(secret_ref, virtual_repo_name)| {
            Provider::Artifactory(ArtifactoryWebhook { secret_ref, virtual_repo_name })
        }),
        3 => (secret_ref(), list(any_webhook_action(), 2))
            .prop_map(|(secret_ref, actions)| Provider::Generic(GenericWebhook { secret_ref, actions })),
    ]
    .boxed()
}

prop_compose! {
    /// What a request to a generic receiver causes.
    pub fn any_webhook_action()(
        when_expression in maybe(one_of(&["true", "request.header('X-Event') == 'push'", "request.body.ref != ''"])),
        parameters in map(var_name(), text_or_empty(), 2),
        target_selection_criteria in list(any_webhook_target(), 2),
    ) -> WebhookAction {
        WebhookAction { action: WebhookActionKind::Refresh, when_expression, parameters, target_selection_criteria }
    }
}

/// What a generic receiver acts on: by name, by labels or by index, at least one of them (resources 17.3).
pub fn any_webhook_target() -> BoxedStrategy<WebhookTarget> {
    let target_name = prop_oneof![2 => name(), 1 => one_of(&["${{ request.body.name }}"])];
    let index = list(any_index_requirement(), 2).prop_map(|match_indices| IndexSelector { match_indices });
    (maybe(target_name), any_label_selector(), index)
        .prop_map(|(name, label_selector, index_selector)| {
            let empty = name.is_none()
                && label_selector.match_labels.is_empty()
                && label_selector.match_expressions.is_empty()
                && index_selector.match_indices.is_empty();
            let name = if empty { Some("cart".to_owned()) } else { name };
            WebhookTarget { kind: WebhookTargetKind::Warehouse, name, label_selector, index_selector }
        })
        .boxed()
}

prop_compose! {
    /// One requirement on an index of Warehouses.
    pub fn any_index_requirement()(
        key in select(&[IndexKey::SubscribedUrls, IndexKey::ReceiverPaths][..]),
        operator in one_of(&["Equals", "NotEquals"]),
        value in one_of(&["https://github.com/acme/cart", "${{ request.body.repository.clone_url }}", ""]),
    ) -> IndexRequirement {
        IndexRequirement { key, operator, value }
    }
}
