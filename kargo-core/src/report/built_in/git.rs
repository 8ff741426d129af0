//! Steps of git (steps 1.8 to 1.10, 1.13, 1.14, 1.16).

use super::super::{Outside, StepSpec, TouchTemplate, What};

/// The repository of the clone that the step's path lies in.
const REPOSITORY: &str = "checkout.repoURL";

/// Where a push goes that is none of a tag (steps 1.13): the branch that is given, or generated, or the checked-out one.
/// That of a checkout without a branch is not known before it is there.
const TARGET: &str = "given(config.targetBranch) ?? \
    (config.generateTargetBranch == true ? 'kargo/promotion/' + (promotion ?? '*') : (given(checkout.branch) ?? '*'))";

pub(super) fn specs() -> Vec<StepSpec> {
    vec![
        // Steps 1.8.
        local("git-clear", "removes all files of a checkout"),
        // Steps 1.9. It asks whether a branch is there before it creates it.
        StepSpec::new("git-clone")
            .acts_outside("clones a repository and creates the branches that it is told to")
            .writes_tree()
            .probed()
            .outside_when(Outside::Reads, "none(config.checkout, .create == true and given(.branch) != nil)")
            .touches(TouchTemplate::reads(What::Repository, "config.repoURL"))
            .touches(TouchTemplate::writes(What::Path, "item.path").each("config.checkout"))
            .touches(
                TouchTemplate::acts_on(What::Branch, "item.create == true ? item.branch : nil")
                    .of("config.repoURL")
                    .each("config.checkout"),
            ),
        // Steps 1.10.
        local("git-commit", "commits what has changed in a checkout"),
        // Steps 1.13. Commits are known by their trailer (rules 1).
        local("git-push", "")
            .acts_outside("pushes a branch or a tag")
            .keyed()
            .touches(pushed(&format!("given(config.tag) == nil ? ({TARGET}) : nil")))
            .touches(TouchTemplate::acts_on(What::Tag, "config.tag").of(REPOSITORY)),
        // Steps 1.14. The tag stays in the clone until it is pushed; making it twice fails, so the runner looks first
        // (rules 1).
        local("git-tag", "tags the newest commit of a checkout").probed(),
        // Steps 1.16. The staging ref is one for the promotion, whichever branches it pushes.
        local("github-push", "")
            .acts_outside("pushes a branch through GitHub, which signs the commits")
            .keyed()
            .touches(pushed(TARGET))
            .touches(pushed("'refs/kargo/staging/' + (promotion ?? '*')")),
    ]
}

/// A step that works in a checkout, the repository of which is part of the work tree.
fn local(name: &str, summary: &str) -> StepSpec {
    StepSpec::new(name).does(summary).writes_tree().touches(TouchTemplate::writes(What::Path, "config.path"))
}

fn pushed(branch: &str) -> TouchTemplate {
    TouchTemplate::acts_on(What::Branch, branch).of(REPOSITORY)
}
