//! A new promotion in a world: the Stage, its policy, tasks and freight looked up by name.

use std::{collections::BTreeMap, sync::Arc};

use ulid::Ulid;

use super::{
    build::{BuildError, NewPromotion, build},
    context::TargetFreight,
    evaluate::Evaluator,
    find::Holding,
    functions,
    inflate::Tasks,
    world_host::WorldHost,
};
use crate::{
    expr::{Env, Template},
    model::{
        FreightRef, HoldIntent, NoSuch, Origin, Promotion, PromotionTaskSpec, StageName, TargetName, TaskKind,
        TaskName, Timestamp,
    },
    world::{StageView, World},
};

/// What somebody, or automation, wants promoted where.
///
/// ```
/// use kargo_core::{freight::ulid_at, promotion::Proposal};
/// let ulid = ulid_at(Default::default(), 7, None);
/// let proposal = Proposal::new("prod", ["modest-marlin"], ulid).by("email:ana@acme.example");
/// # let _ = proposal;
/// ```
#[derive(Clone, Debug)]
pub struct Proposal {
    stage: StageName,
    freight: Vec<FreightRef>,
    target: Option<TargetName>,
    actor: Option<String>,
    rollback: bool,
    intents: BTreeMap<Origin, HoldIntent>,
    ulid: Ulid,
    ui_base_url: String,
}

/// Why a promotion cannot be made in a world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProposeError {
    /// The Stage, the freight or the Target does not exist.
    #[error(transparent)]
    NoSuch(#[from] NoSuch),
    /// They exist, but no promotion can be made of them.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl Proposal {
    /// This freight, of one or more origins, to this Stage, under a name with this ULID.
    #[must_use]
    pub fn new<F: Into<FreightRef>>(
        stage: impl Into<StageName>,
        freight: impl IntoIterator<Item = F>,
        ulid: Ulid,
    ) -> Self {
        Self {
            stage: stage.into(),
            freight: freight.into_iter().map(Into::into).collect(),
            target: None,
            actor: None,
            rollback: false,
            intents: BTreeMap::new(),
            ulid,
            ui_base_url: String::new(),
        }
    }

    /// The ULID of its name.
    #[must_use]
    pub fn ulid(&self) -> Ulid {
        self.ulid
    }

    /// To this Target of the Stage.
    #[must_use]
    pub fn target(self, target: impl Into<TargetName>) -> Self {
        Self { target: Some(target.into()), ..self }
    }

    /// Wanted by this actor, such as `email:ana@acme.example`.
    #[must_use]
    pub fn by(self, actor: impl Into<String>) -> Self {
        Self { actor: Some(actor.into()), ..self }
    }

    /// Taking the Stage back to what it had.
    #[must_use]
    pub fn rollback(self) -> Self {
        Self { rollback: true, ..self }
    }

    /// With what its end does to the hold of an origin.
    #[must_use]
    pub fn intent(mut self, origin: Origin, intent: HoldIntent) -> Self {
        self.intents.insert(origin, intent);
        self
    }

    /// With the address of a user interface, which templates read as `ctx.uiBaseUrl`.
    #[must_use]
    pub fn ui_base_url(self, url: impl Into<String>) -> Self {
        Self { ui_base_url: url.into(), ..self }
    }
}

/// Makes the promotion that is wanted. It is in no world yet, and may not be admitted.
///
/// # Errors
///
/// See [`ProposeError`].
pub fn propose(world: &World, proposal: &Proposal, now: Timestamp) -> Result<Promotion, ProposeError> {
    let stage = world.stage(&proposal.stage)?;
    let target = proposal.target.as_ref().map(|name| world.target(name)).transpose()?;
    let mut freight = Vec::new();
    let mut held = Vec::new();
    for name in &proposal.freight {
        let found = world.freight(name)?;
        freight.push(TargetFreight::from(found));
        held.push(Arc::clone(found.reference()));
    }
    let holding = Holding::these(world, stage, held);
    let host = WorldHost { world, holding: &holding, scope: None, known: None };
    let evaluator = Evaluator { host: &host, now };
    let new = NewPromotion {
        stage: stage.noun(),
        policy: StageView::policy(stage),
        tasks: world,
        freight: &freight,
        target,
        actor: proposal.actor.as_deref(),
        rollback: proposal.rollback,
        intents: &proposal.intents,
        ulid: proposal.ulid,
        ui_base_url: &proposal.ui_base_url,
        request: None,
    };
    let functions = functions::for_variables();
    let mut evaluate = |template: &Template, env: &Env| evaluator.template(template, env, functions);
    Ok(build(&new, functions, &mut evaluate)?)
}

impl Tasks for World {
    fn task(&self, kind: TaskKind, name: &TaskName) -> Option<&PromotionTaskSpec> {
        self.task_spec(kind, name).ok()
    }

    fn names(&self, kind: TaskKind) -> Vec<&str> {
        self.task_names(kind)
    }
}
