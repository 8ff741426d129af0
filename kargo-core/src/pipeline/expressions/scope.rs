//! What names an expression sees, as far as it is known before a run (promotion-engine 4.6).

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use super::freight::Requested;
use crate::model::Code;

/// What is known of a value.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Nothing.
    Any,
    /// Always nil, and why, as the end of a sentence.
    Nil(&'static str),
    /// Nil for those who are known to use it; others may.
    NilHere(&'static str),
    Text,
    Bool,
    Number,
    /// An object.
    Fields(Arc<Fields>),
}

/// The fields of an object.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) known: BTreeMap<String, Shape>,
    /// Further ones that others brought.
    pub(super) below: Option<Arc<Self>>,
    /// Fields that begin so may exist.
    pub(super) open: Vec<String>,
    pub(super) missing: Missing,
}

/// What it means that an object has no field of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    /// Which kind of mistake it is.
    pub(super) code: Code,
    /// What the names are names of.
    pub(super) what: &'static str,
    /// What is wrong with an unknown one, as the end of a sentence.
    pub(super) reason: &'static str,
    /// Whether it is certain that it does not exist in a run.
    pub(super) certain: bool,
}

impl Fields {
    pub(super) fn new(missing: Missing) -> Self {
        Self { known: BTreeMap::new(), below: None, open: Vec::new(), missing }
    }

    pub(super) fn add(&mut self, name: impl Into<String>, shape: Shape) {
        self.known.insert(name.into(), shape);
    }

    pub(super) fn get(&self, name: &str) -> Option<&Shape> {
        let mut here = Some(self);
        while let Some(fields) = here {
            if let Some(shape) = fields.known.get(name) {
                return Some(shape);
            }
            if fields.open.iter().any(|prefix| name.starts_with(prefix.as_str())) {
                return Some(&Shape::Any);
            }
            here = fields.below.as_deref();
        }
        None
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut here = Some(self);
        while let Some(fields) = here {
            names.extend(fields.known.keys().cloned());
            here = fields.below.as_deref();
        }
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn shape(self) -> Shape {
        Shape::Fields(Arc::new(self))
    }
}

/// What an expression sees in one use of it.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// The top-level names. Others are nil.
    pub(super) names: BTreeMap<&'static str, Shape>,
    /// The aliases that `status()` can be asked for.
    pub(super) statuses: Option<Arc<Fields>>,
    /// What freight the functions for artifacts look at.
    pub(super) freight: Option<Arc<Requested>>,
    /// Who uses it, where an expression is shared.
    pub(super) user: Option<Arc<str>>,
}

impl Scope {
    pub(super) fn new() -> Self {
        Self { names: BTreeMap::new(), statuses: None, freight: None, user: None }
    }

    pub(super) fn with(mut self, name: &'static str, shape: Shape) -> Self {
        self.names.insert(name, shape);
        self
    }
}

/// An unknown field of `ctx` is nil.
const CONTEXT: Missing =
    Missing { code: Code::ExprName, what: "field", reason: "ctx has no such field", certain: true };

/// `ctx` of a promotion (promotion-engine 4.6; `targetFreights` is ours, rules 13).
pub(super) fn context() -> Shape {
    static SHAPE: LazyLock<Shape> = LazyLock::new(promotion_context);
    SHAPE.clone()
}

fn promotion_context() -> Shape {
    let fields = |list: &[(&str, Shape)]| {
        let mut fields = Fields::new(CONTEXT);
        for (name, shape) in list {
            fields.add(*name, shape.clone());
        }
        fields.shape()
    };
    let text = Shape::Text;
    let origin = fields(&[("name", text.clone())]);
    let freight = fields(&[("name", text.clone()), ("alias", text.clone()), ("origin", origin)]);
    let promotion = fields(&[("actor", text.clone()), ("rollback", Shape::Bool)]);
    let meta = fields(&[("promotion", promotion), ("step", fields(&[("alias", text.clone())]))]);
    fields(&[
        ("uiBaseUrl", text.clone()),
        ("project", text.clone()),
        ("promotion", text.clone()),
        ("stage", text),
        ("targetFreight", freight),
        ("targetFreights", Shape::Any),
        ("meta", meta),
    ])
}

/// `ctx` of a verification's arguments: project and stage alone.
pub(super) fn verification_context() -> Shape {
    let mut fields = Fields::new(Missing { reason: "in a verification ctx has project and stage alone", ..CONTEXT });
    fields.add("project", Shape::Text);
    fields.add("stage", Shape::Text);
    fields.shape()
}

/// `target` of a promotion to a Target.
pub(super) fn target() -> Shape {
    let mut fields = Fields::new(Missing { what: "field", reason: "a target has params and labels alone", ..CONTEXT });
    fields.add("params", Shape::Any);
    fields.add("labels", Shape::Any);
    fields.shape()
}
