//! Steps of the web (steps 1.19, 1.20).

use super::super::{Outside, Repeat, StepSpec, TouchTemplate, Tree, What};
use crate::model::Duration;

/// Rules 1: a plain request with another method than these is Unknowable.
const LOOKS: &str = "config.method == nil or upper(config.method) in ['', 'GET', 'HEAD']";

/// A header by which servers tell one request from its repetition.
const IS_KEYED: &str = "any(config.headers ?? [], lower(.name) in ['idempotency-key', 'x-idempotency-key'])";

pub(super) fn specs() -> Vec<StepSpec> {
    vec![
        // Steps 1.19.
        StepSpec::new("http")
            .acts_outside("sends a request")
            .reads_tree()
            .tree_when(Tree::None, "given(config.bodyFromFile) == nil")
            .outside_when(Outside::Reads, LOOKS)
            .repeat_when(Repeat::Keyed, IS_KEYED)
            .touches(TouchTemplate::reads(What::Path, "config.bodyFromFile"))
            .touches(TouchTemplate::acts_on(What::Url, "config.url"))
            .polls_every(Duration::from_secs(30)),
        // Steps 1.20.
        StepSpec::new("http-download")
            .reads_outside("downloads a file")
            .writes_tree()
            .touches(TouchTemplate::reads(What::Url, "config.url"))
            .touches(TouchTemplate::writes(What::Path, "config.outPath")),
    ]
}
