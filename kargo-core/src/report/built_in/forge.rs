//! Steps about pull requests (steps 1.11, 1.12, 1.15).

use super::super::{StepSpec, TouchTemplate, What};
use crate::model::Duration;

const REPOSITORY: &str = "config.repoURL";

pub(super) fn specs() -> Vec<StepSpec> {
    vec![
        // Steps 1.12. The pull request is found again by its head branch (rules 1).
        StepSpec::new("git-open-pr")
            .acts_outside("opens a pull request")
            .keyed()
            .touches(TouchTemplate::reads(What::Branch, "[config.sourceBranch, config.targetBranch]").of(REPOSITORY))
            .touches(
                TouchTemplate::acts_on(
                    What::PullRequest,
                    "'from ' + config.sourceBranch + ' to ' + config.targetBranch",
                )
                .of(REPOSITORY),
            ),
        // Steps 1.11. Which branch it merges into only the forge knows.
        StepSpec::new("git-merge-pr")
            .acts_outside("merges a pull request")
            .probed()
            .touches(TouchTemplate::acts_on(What::PullRequest, "config.prNumber").of(REPOSITORY))
            .touches(TouchTemplate::acts_on(What::Branch, "'*'").of(REPOSITORY))
            .polls_every(Duration::from_secs(10)),
        // Steps 1.15.
        StepSpec::new("git-wait-for-pr")
            .reads_outside("waits until a pull request is merged")
            .touches(TouchTemplate::reads(What::PullRequest, "config.prNumber").of(REPOSITORY))
            .polls_every(Duration::from_secs(30)),
    ]
}
