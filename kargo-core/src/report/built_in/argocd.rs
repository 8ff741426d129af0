//! Steps of Argo CD (steps 1.1, 1.2 and 3).

use super::super::{StepSpec, TouchTemplate, What};
use crate::model::Duration;

const TIMEOUT: Duration = Duration::from_secs(300);
/// Rules 3.
const POLL: Duration = Duration::from_secs(10);

pub(super) fn specs() -> Vec<StepSpec> {
    vec![
        // Steps 3.2, 3.3. The peer knows the operation by the entry in its info that names the promotion (rules 1).
        applications(
            StepSpec::new("argocd-update").acts_outside("updates and syncs Argo CD Applications").keyed(),
            TouchTemplate::acts_on,
        ),
        // Steps 3.4. The refresh that it may want is an effect of its own (architecture 5).
        applications(
            StepSpec::new("argocd-wait").reads_outside("waits for Argo CD Applications"),
            TouchTemplate::reads,
        ),
    ]
}

/// An entry with a selector may mean every Application of its namespace; one without a namespace lies in that of the
/// installation, which no declaration knows (steps 1.1).
fn applications(spec: StepSpec, access: impl Fn(What, &str) -> TouchTemplate) -> StepSpec {
    let name = "item.selector != nil ? '*' : (given(item.name) ?? '*')";
    spec.touches(access(What::Application, name).of("given(item.namespace)").each("config.apps"))
        .times_out_after(TIMEOUT)
        .polls_every(POLL)
}
