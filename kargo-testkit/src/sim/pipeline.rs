//! Random pipelines: graphs of 2 to 8 Stages, some without steps, fed by 1 to 3 Warehouses, with all that policies know.

use std::fmt::Write as _;

use super::dice::Dice;

/// Names of Stages, in the order in which freight may go.
const STAGES: [&str; 8] = ["dev", "test", "gate", "uat", "perf", "pre", "prod", "eu"];
const WAREHOUSES: [&str; 3] = ["cart", "web", "pay"];

/// The shape of a random pipeline. Each Stage and policy is written anew from a number, so that a later number redefines it.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) stages: Vec<&'static str>,
    pub(crate) warehouses: Vec<&'static str>,
}

impl Shape {
    pub(crate) fn of(dice: &mut Dice) -> Self {
        let stages = STAGES.iter().copied().take(2 + dice.index(7)).collect();
        let warehouses = WAREHOUSES.iter().copied().take(1 + dice.index(3)).collect();
        Self { stages, warehouses }
    }

    /// All documents of the pipeline.
    pub(crate) fn manifests(&self, seed: u64) -> String {
        let mut text = String::new();
        for warehouse in &self.warehouses {
            text.push_str(&self.warehouse(warehouse, Dice::of(seed, warehouse, 0).number()));
        }
        for stage in &self.stages {
            text.push_str(&self.stage(stage, Dice::of(seed, stage, 0).number()));
            text.push_str(&self.policy(stage, Dice::of(seed, stage, 1).number()));
        }
        text.push_str(&self.project(Dice::of(seed, "project", 0).number()));
        text
    }

    pub(crate) fn warehouse(&self, name: &str, number: u64) -> String {
        let mut dice = Dice::new(number);
        let interval = dice.word(&["30m", "1h", "2h"]);
        let by_hand = if dice.one_in(8) { "freightCreationPolicy: Manual, " } else { "" };
        format!(
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nmetadata: {{ name: {name}, namespace: shop }}\n\
             spec: {{ interval: {interval}, {by_hand}subscriptions: [{{ image: {{ repoURL: ghcr.io/acme/{name}, constraint: ^1.0.0 }} }}] }}\n"
        )
    }

    pub(crate) fn stage(&self, name: &str, number: u64) -> String {
        let mut dice = Dice::new(number);
        let at = self.stages.iter().position(|stage| *stage == name).unwrap_or_default();
        let before = self.stages.get(..at).unwrap_or_default();
        let mut requests = Vec::new();
        for origin in &self.warehouses {
            if requests.is_empty() && *origin == self.warehouses.last().copied().unwrap_or_default() || dice.percent(60)
            {
                let sources = sources(before, &mut dice);
                requests.push(format!("{{ origin: {{ kind: Warehouse, name: {origin} }}, sources: {{ {sources} }} }}"));
            }
        }
        // The first Stage has steps, so that something happens.
        let steps = if at > 0 && dice.percent(18) { String::new() } else { steps(name, &mut dice) };
        let verification = if dice.percent(50) {
            "  verification: { analysisTemplates: [{ name: smoke }], args: [{ name: host, value: '${{ ctx.stage }}.acme.example' }] }\n"
        } else if dice.one_in(12) {
            "  verification: { analysisTemplates: [{ name: smoke }], args: [{ name: sum, value: '${{ 1 + 1 }}' }] }\n"
        } else {
            ""
        };
        format!(
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {{ name: {name}, namespace: shop }}\nspec:\n  \
             requestedFreight: [{}]\n{steps}{verification}",
            requests.join(", ")
        )
    }

    pub(crate) fn policy(&self, stage: &str, number: u64) -> String {
        let mut dice = Dice::new(number);
        let mut spec = format!(
            "  queue: {}\n  verdicts: {}\n",
            dice.word(&["All", "Latest", "LatestPerOrigin"]),
            dice.word(&["Latest", "Latest", "Latest", "Sticky"])
        );
        match dice.roll(8) {
            0 => spec.push_str("  windows: [{ name: freeze, kind: Deny, rrule: FREQ=HOURLY, dtstart: 20260101T003000Z, dtend: 20260101T004000Z }]\n"),
            1 => spec.push_str("  windows: [{ name: hours, kind: Allow, rrule: FREQ=DAILY, dtstart: 20260101T080000Z, dtend: 20260101T180000Z }]\n"),
            2 if dice.one_in(4) => spec.push_str("  windows: [{ name: broken, kind: Deny, rrule: FREQ=NEVER, dtstart: 20260101T080000Z, dtend: 20260101T180000Z }]\n"),
            _ => {}
        }
        if dice.one_in(6) {
            let _ = writeln!(spec, "  approvals: {{ required: {} }}", 1 + dice.roll(2));
        }
        if dice.one_in(5) {
            let _ = writeln!(
                spec,
                "  soak: {{ {} }}",
                dice.word(&["guard: true", "sampleEvery: 20m", "guard: true, sampleEvery: 5m"])
            );
        }
        if dice.one_in(4) {
            let _ = writeln!(spec, "  progressing: {{ atMost: {} }}", dice.word(&["1m", "30m"]));
        }
        if dice.one_in(10) {
            spec.push_str("  intents: [Hotfix]\n");
        }
        if dice.one_in(3) {
            let _ = writeln!(
                spec,
                "  rollback: {{ {} }}",
                dice.word(&[
                    "",
                    "onPromotion: [Failed, Errored]",
                    "onUnhealthy: true, scope: Changed",
                    "onPromotion: [Errored], onVerification: [Failed, Error]"
                ])
            );
        }
        format!(
            "---\napiVersion: kargo-core.rs/v1alpha1\nkind: StagePolicy\nmetadata: {{ name: {stage}, namespace: shop }}\nspec:\n{spec}"
        )
    }

    pub(crate) fn project(&self, number: u64) -> String {
        let mut dice = Dice::new(number);
        let mut policies: Vec<String> = Vec::new();
        for stage in &self.stages {
            if dice.percent(70) {
                let enabled = !dice.one_in(6);
                policies.push(format!("{{ stageSelector: {{ name: {stage} }}, autoPromotionEnabled: {enabled} }}"));
            }
        }
        format!(
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: ProjectConfig\nmetadata: {{ name: shop, namespace: shop }}\n\
             spec: {{ promotionPolicies: [{}] }}\n",
            policies.join(", ")
        )
    }
}

fn sources(before: &[&str], dice: &mut Dice) -> String {
    let upstreams: Vec<&str> = before.iter().copied().filter(|_| dice.percent(45)).collect();
    if dice.one_in(40) {
        return "stages: []".to_owned();
    }
    if upstreams.is_empty() || dice.one_in(5) {
        return "direct: true".to_owned();
    }
    let strategy = if upstreams.len() > 1 {
        dice.word(&["", ", availabilityStrategy: All", ", availabilityStrategy: OneOf"])
    } else {
        ""
    };
    let soak = dice.word(&["", "", ", requiredSoakTime: 10m", ", requiredSoakTime: 1h"]);
    let follows = if upstreams.len() == 1 && dice.one_in(3) {
        ", autoPromotionOptions: { selectionPolicy: MatchUpstream }"
    } else {
        ""
    };
    format!("stages: [{}]{strategy}{soak}{follows}", upstreams.join(", "))
}

fn steps(stage: &str, dice: &mut Dice) -> String {
    const PUSH: &str = "{ uses: git-push, as: push, retry: { timeout: 30m, errorThreshold: 3 } }";
    let sync = format!(
        "{{ uses: argocd-update, as: sync, config: {{ apps: [{{ name: shop-{stage} }}] }}, retry: {{ timeout: 20m, errorThreshold: 2 }} }}"
    );
    let post =
        "{ uses: http, as: call, config: { method: POST, url: 'https://desk.acme.example' }, retry: { timeout: 10m } }";
    let again =
        "{ uses: http, as: again, onUnknown: Retry, config: { method: POST, url: 'https://desk.acme.example' } }";
    let tree = "{ uses: git-clone, as: clone, config: { repoURL: 'https://github.com/acme/env', checkout: [{ branch: main, path: ./env }] } }";
    let yaml =
        "{ uses: yaml-update, as: edit, config: { path: ./env/values.yaml, updates: [{ key: tag, value: '1' }] } }";
    let list: Vec<&str> = match dice.roll(12) {
        10 | 11 => vec![tree, yaml, &sync, "{ uses: git-push, as: push, config: { path: ./env } }"],
        0 => vec![PUSH],
        1 => vec![PUSH, &sync],
        2 => vec![post, again, "{ uses: git-push, as: tidy, if: '${{ always() }}' }"],
        3 => vec![tree, yaml, "{ uses: git-push, as: push, config: { path: ./env } }", &sync],
        4 => vec![
            "{ uses: http, as: hook, config: { method: GET, url: \"https://a.dev/${{ secret('reg').token }}\" } }",
            PUSH,
        ],
        5 => vec![
            "{ uses: git-push, as: may, continueOnError: true }",
            "{ uses: git-push, as: alarm, if: '${{ failure() }}' }",
            PUSH,
        ],
        6 => vec![
            "{ uses: http, as: ask, config: { method: GET, url: 'https://a.dev', body: \"${{ outputs.none.deep.er }}\" } }",
            "{ uses: git-push, as: last, if: '${{ always() }}' }",
        ],
        7 => vec![PUSH, "{ uses: git-push, as: odd, if: '${{ outputs.push.commit.no.such }}' }"],
        8 => vec![
            "{ uses: http, as: hook, if: \"${{ configMap('flags').on == 'yes' }}\", config: { method: GET, url: 'https://a.dev' } }",
            &sync,
        ],
        _ => vec![&sync, "{ uses: argocd-wait, as: wait, config: { apps: [{ name: shop }] }, retry: { timeout: 1h } }"],
    };
    format!("  promotionTemplate: {{ spec: {{ steps: [{}] }} }}\n", list.join(", "))
}

#[cfg(test)]
mod tests {
    use kargo_core::Manifests;

    use super::*;

    #[test]
    fn random_pipelines_are_read() {
        for seed in 0..300 {
            let shape = Shape::of(&mut Dice::new(seed));
            let text = shape.manifests(seed);
            let read = Manifests::parse("shop.yaml", &text);
            assert!(read.is_ok(), "seed {seed}: {}\n{text}", read.unwrap_err());
        }
    }
}
