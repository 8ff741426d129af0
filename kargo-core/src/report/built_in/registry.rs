//! Steps of registries (steps 1.25, 1.26).

use super::super::{StepSpec, TouchTemplate, What};

pub(super) fn specs() -> Vec<StepSpec> {
    vec![
        // Steps 1.25.
        StepSpec::new("oci-download")
            .reads_outside("downloads a layer of an artifact")
            .writes_tree()
            .touches(TouchTemplate::reads(What::Image, "config.imageRef"))
            .touches(TouchTemplate::writes(What::Path, "config.outPath")),
        // Steps 1.26. Registries keep content under its digest, so the runner asks for that: a tag that has moved on since is
        // not moved back.
        StepSpec::new("oci-push")
            .acts_outside("copies an image or another artifact")
            .probed()
            .touches(TouchTemplate::reads(What::Image, "config.srcRef"))
            .touches(TouchTemplate::acts_on(What::Image, "config.destRef")),
    ]
}
