//! The promotion process: from a Stage's template to a promotion, and from its first step to its end. Declarations alone.
//!
//! [`propose`] makes a promotion in a world, by [`build()`], with [`inflate()`] for its steps and [`list()`] for its loops. Its steps are read once, into a [`Plan`]. A [`Run`] is a plan and how far it is; [`decide`] says what follows
//! from an [`Input`], as [`RunEvent`]s, and [`Run::apply`] is the only thing that changes a run. [`StepState`] is the
//! machine of a step. What a step is about to do comes out as a [`StepRun`] or, where the outside has to resolve
//! secrets first, as a [`Preparation`].
//!
//! Whoever keeps promotions as Kargo's objects asks [`next`] what to do and tells [`take`] what happened.

mod backoff;
mod build;
mod context;
mod decide;
mod dry_run;
mod evaluate;
mod find;
mod functions;
mod holder;
mod inflate;
mod input;
mod list;
mod literal;
mod loops;
mod machine;
mod moves;
mod next;
mod outcome;
mod output;
mod outputs;
mod plan;
mod prepare;
mod propose;
mod record;
mod redact;
mod resolve;
mod run;
mod scene;
mod scope;
mod settle;
mod step;
mod tree;
mod variables;
mod world_host;
mod written;

pub use crate::model::HoldIntent;
pub use backoff::backoff;
pub use build::{BuildError, NewPromotion, build};
pub use context::{Context, Facts, TargetFacts, TargetFreight, short_actor};
pub use decide::{decide, effect_of, wakes_at};
pub(crate) use dry_run::imagined;
pub use dry_run::{DryRun, DryStep, Verdict, dry_run, dry_run_of};
pub use functions::{for_steps, for_variables};
pub(crate) use holder::Holder;
pub use inflate::{InflateError, Inflated, Inflation, MakeList, TaskProblem, Tasks, inflate};
pub use input::Input;
pub use list::list;
pub use literal::{LiteralError, literal};
pub use loops::{LoopError, MAX_ELEMENT};
pub use machine::{End, Phase, PhaseEvent};
pub(crate) use moves::lanes_of;
pub use moves::{Move, StepRun, moves};
pub(crate) use next::abort_request;
pub use next::{Next, Waits, is_unknowable, looks_of, next, take};
pub use output::{MAX_OUTPUT, MAX_OUTPUTS};
pub use outputs::Outputs;
pub use plan::{Plan, PlannedStep};
pub use prepare::{Asked, Preparation, Prepared};
pub use propose::{Proposal, ProposeError, propose};
pub use record::RunRecord;
pub use resolve::{Reference, ResolveError, Resolved};
pub use run::{Run, RunEvent, StepRecord};
pub use scene::Scene;
pub use step::{Returned, StepEvent, StepState, Waiting};
pub use variables::{Evaluate, VariableError, Variables, with_variables};
pub(crate) use written::write_to;
