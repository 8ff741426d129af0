//! Kinds, fields and annotations that Kargo does not have.
//!
//! Kinds of ours live in the group `kargo-core.rs/v1alpha1`. They are joined to Kargo's objects by name, so that these stay
//! valid for Kargo. What a reader does not know of them it refuses, never drops. Outside Kubernetes, a Stage may also request
//! `kind: Junction` in its own `requestedFreight`, and a step may carry `forEach` and `onUnknown`.
//!
//! | kind | joined to | what it adds |
//! | --- | --- | --- |
//! | [`Junction`](crate::model::Junction) | - | slots that collect freight, bundles that move as one |
//! | [`StagePolicy`](crate::model::StagePolicy) | the Stage of its name | requests of bundles, queue, verdicts, soak, windows, approvals, rollback, waves |
//! | [`WarehousePolicy`](crate::model::WarehousePolicy) | the Warehouse of its name | tags that never move, joined search, debounce, intent |
//! | [`Pause`](crate::model::Pause) | a Stage, or the project | nothing starts |
//! | [`Rejection`](crate::model::Rejection) | freight, and Stages | nobody may promote it |
//! | [`Approval`](crate::model::Approval) | freight, and a Stage | it may go there unverified; says who and why |
//!
//! All fields are read, written and checked. What acts on them comes with the engine.
//!
//! # Every field
//!
//! | kind | field | type | default | validation |
//! | --- | --- | --- | --- | --- |
//! | Junction | `requestedFreight[]` | slots | required | at least one; every origin once |
//! | Junction | `requestedFreight[].origin` | origin | - | exactly one of `origin`, `originSelector` |
//! | Junction | `requestedFreight[].originSelector` | label selector | - | as above; known operators |
//! | Junction | `requestedFreight[].sources` | as a Stage's | required | no `autoPromotionOptions` |
//! | Junction | `requestedFreight[].fill` | NewestFreight, MatchUpstream, Manual | NewestFreight | MatchUpstream: one upstream, a regular Stage |
//! | Junction | `requestedFreight[].required` | bool | true | |
//! | Junction | `release.policy` | Automatic, Manual | Automatic | |
//! | Junction | `release.settle` | duration | none | |
//! | Junction | `release.atMost` | duration | none | not below `settle` |
//! | Junction | `release.criteria.expression` | expression | required in `criteria` | not empty |
//! | Junction | `release.criteria.budget` | integer | 100,000 | 1 to 10,000,000 |
//! | Junction | `release.overlap` | Reject, PreferNewest | Reject | |
//! | Junction | `alias` | text with `${{ ctx.sequence }}` | invented | |
//! | StagePolicy | `requestedFreight[]` | as a Stage's | none | origins of kind Junction |
//! | StagePolicy | `queue` | All, Latest, LatestPerOrigin | All | |
//! | StagePolicy | `verdicts` | Latest, Sticky | Latest | |
//! | StagePolicy | `creditMembers` | bool | false | |
//! | StagePolicy | `verification.reuse` | Never, SameContent | Never | |
//! | StagePolicy | `progressing.atMost` | duration | 10m | |
//! | StagePolicy | `cancelGrace` | duration | 30s | |
//! | StagePolicy | `steps.<alias>.onUnknown` | Error, Retry | Error | |
//! | StagePolicy | `steps.<alias>.forEach` | loop, see below | none | |
//! | StagePolicy | `soak.guard` | bool | false | |
//! | StagePolicy | `soak.sampleEvery` | duration | none | |
//! | StagePolicy | `windows[]` | as a ProjectConfig's | none | names once; no selectors |
//! | StagePolicy | `approvals.required` | integer | 0 | 0 to 20 |
//! | StagePolicy | `approvals.actors[]` | actors or patterns | everybody | patterns can be read |
//! | StagePolicy | `intents[]` | Auto, Manual, Hotfix | Auto | each once |
//! | StagePolicy | `rollback.onPromotion[]` | Failed, Errored | none | each once |
//! | StagePolicy | `rollback.onVerification[]` | Failed, Error | Failed | each once |
//! | StagePolicy | `rollback.onUnhealthy` | bool | false | |
//! | StagePolicy | `rollback.scope` | AllOrigins, Changed | AllOrigins | |
//! | StagePolicy | `waves[].name` | name | required | once |
//! | StagePolicy | `waves[].selector` | label selector | required | known operators |
//! | StagePolicy | `waves[].maxParallel` | integer | all | 1 to 100,000 |
//! | StagePolicy | `waves[].threshold` | percent | 0 | 0 to 100 |
//! | StagePolicy | `waves[].onFailure` | Abort, Continue | Abort | |
//! | StagePolicy | `waves[].pause` | duration | none | |
//! | WarehousePolicy | `subscriptions[].subscription` | name or URL | required | once |
//! | WarehousePolicy | `subscriptions[].immutableTags` | bool | false | |
//! | WarehousePolicy | `subscriptions[].sample` | integer | 1 | 0 to 100 |
//! | WarehousePolicy | `join.budget` | integer | 100,000 | 1 to 10,000,000 |
//! | WarehousePolicy | `debounce.settle` | duration | required in `debounce` | |
//! | WarehousePolicy | `debounce.atMost` | duration | none | not below `settle` |
//! | WarehousePolicy | `intent.discovered` | Auto, Manual, Hotfix | Auto | |
//! | WarehousePolicy | `intent.assembled` | Auto, Manual, Hotfix | Manual | |
//! | Pause | `stage` | name | whole project | |
//! | Pause | `until` | time | for ever | |
//! | Rejection | `freight` | name | required | |
//! | Rejection | `stages[]` | names | everywhere | each once |
//! | Approval | `freight`, `stage` | names | required | |
//! | Pause, Rejection, Approval | `actor`, `reason` | text | unknown | |
//! | a step | `forEach.in` | list expression | required | only beside `task`; not empty |
//! | a step | `forEach.as` | variable | required | a variable's name |
//! | a step | `forEach.mode` | Sequential, Parallel | Sequential | |
//! | a step | `forEach.max` | integer | 100 | 1 to 100 |
//! | a step | `onUnknown` | Error, Retry | Error | only beside `uses` |
//! | Freight | annotation `kargo-core.rs/intent` | Auto, Manual, Hotfix | Auto | |
//! | Promotion | annotation `kargo-core.rs/freight` | JSON, origin to freight | none | origins as keys |
//! | Promotion | annotation `kargo-core.rs/holds` | JSON, origin to intent | none | origins as keys |
//! | Promotion | annotation `kargo-core.rs/loops` | JSON, list of `alias`, `mode`, `first`, `steps`, `members` | none | the steps are there, under the members' aliases |

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use crate::{manifest::extension_fields, model::Kind};

    #[test]
    fn the_table_names_every_field_of_our_kinds() {
        let page = include_str!("extensions.rs");
        for kind in Kind::ALL.iter().filter(|kind| kind.is_extension()) {
            for field in extension_fields(*kind) {
                let named = ["`", "[]`", ".", "[]."].iter().any(|end| page.contains(&format!("{field}{end}")));
                assert!(named, "{kind}: {field}");
            }
        }
    }
}
