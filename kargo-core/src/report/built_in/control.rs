//! Steps about the promotion itself and about objects of Kargo's (steps 1.3, 1.6, 1.27, 1.28).
//!
//! What these change in Freight and Stages are facts of their reports, which the engine applies in the same append as the
//! step's completion (architecture 5). So they act on nothing outside.

use super::super::{StepSpec, TouchTemplate, What};

pub(super) fn specs() -> Vec<StepSpec> {
    vec![
        // Steps 1.3. The only one whose output a task passes on (promotion-engine 1.6).
        StepSpec::new("compose-output").does("makes an output of its configuration").propagates_output(),
        // Steps 1.6.
        StepSpec::new("fail").does("ends the promotion as Failed"),
        // Steps 1.27.
        StepSpec::new("set-freight-alias")
            .does("gives Freight an alias")
            .touches(TouchTemplate::writes(What::FreightAlias, "config.name")),
        // Steps 1.28.
        StepSpec::new("set-metadata")
            .does("sets metadata of Freight and Stages")
            .touches(metadata(What::FreightMetadata, "item.kind == 'Freight' ? item.name : nil"))
            .touches(metadata(What::StageMetadata, "item.kind == 'Stage' ? item.name : nil")),
    ]
}

fn metadata(what: What, name: &str) -> TouchTemplate {
    TouchTemplate::writes(what, name).each("config.updates")
}
