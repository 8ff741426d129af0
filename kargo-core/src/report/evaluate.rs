//! What a declaration says of one configuration: what it touches, its lanes, and how far it goes.

use super::{
    Checkouts, Lane, LaneTemplate, Outside, Repeat, StepSpec, Touch, TouchTemplate, Tree, narrowing::Narrowing,
};
use crate::expr::{Env, ExprError, Value};

/// Why a declaration says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// One of its expressions cannot be read. The way out is to write another one; it is a mistake of who declares the
    /// kind of step, not of who configures one.
    #[error("the declaration of step kind {step:?} has an expression that cannot be read: {error}")]
    Expression {
        /// The kind of step.
        step: String,
        /// What is wrong, and where.
        error: Box<ExprError>,
    },
}

impl StepSpec {
    /// Whether all expressions of the declaration can be read. Without asking, the same comes to light when they are
    /// needed.
    ///
    /// # Errors
    ///
    /// [`SpecError::Expression`] for the first that cannot.
    ///
    /// ```
    /// use kargo_core::report::StepSpec;
    /// assert!(StepSpec::new("x").acts_outside("does x").lane("'x/' + config.name").check().is_ok());
    /// let error = StepSpec::new("x").acts_outside("does x").lane("'x/' +").check().unwrap_err();
    /// assert_eq!(error.to_string().lines().next(), Some(
    ///     "the declaration of step kind \"x\" has an expression that cannot be read: unexpected token EOF (1:6)"));
    /// ```
    pub fn check(&self) -> Result<(), SpecError> {
        let touches = self.touch_templates().iter().flat_map(TouchTemplate::formulas);
        let lanes = self.lane_templates().iter().flat_map(LaneTemplate::formulas);
        let conditions = self.narrowings.iter().map(Narrowing::when);
        let mut all = touches.chain(lanes).chain(conditions);
        all.try_for_each(|formula| formula.program().map(|_| ())).map_err(|error| self.unreadable(error))
    }

    /// What a step with this configuration does to the work tree; what cannot be told counts as done.
    ///
    /// # Errors
    ///
    /// As for [`StepSpec::check`].
    pub fn tree_of(&self, config: &Value) -> Result<Tree, SpecError> {
        self.least(config, self.tree(), Narrowing::tree_less)
    }

    /// What a step with this configuration does outside; what cannot be told counts as done.
    ///
    /// # Errors
    ///
    /// As for [`StepSpec::check`].
    ///
    /// ```
    /// use kargo_core::{expr::Value, report::{Outside, Repeat, StepSpecs}};
    /// let specs = StepSpecs::built_in();
    /// let http = specs.get("http").unwrap();
    /// let config = |json| Value::from_json(&json).unwrap();
    /// let get = config(serde_json::json!({ "url": "https://x.dev" }));
    /// assert_eq!((http.outside_of(&get)?, http.repeat_of(&get)?), (Outside::Reads, Repeat::Pure));
    /// let post = config(serde_json::json!({ "url": "https://x.dev", "method": "POST" }));
    /// assert_eq!((http.outside_of(&post)?, http.repeat_of(&post)?), (Outside::Acts, Repeat::Unknowable));
    /// # Ok::<(), kargo_core::report::SpecError>(())
    /// ```
    pub fn outside_of(&self, config: &Value) -> Result<Outside, SpecError> {
        self.least(config, self.outside(), Narrowing::outside_less)
    }

    /// How the effect of a step with this configuration may be repeated: freely, if it would act but does not.
    ///
    /// # Errors
    ///
    /// As for [`StepSpec::check`].
    pub fn repeat_of(&self, config: &Value) -> Result<Repeat, SpecError> {
        if self.outside() == Outside::Acts && self.outside_of(config)? != Outside::Acts {
            return Ok(Repeat::Pure);
        }
        self.least(config, self.repeat(), Narrowing::repeat_less)
    }

    /// What a step with this configuration would touch, in the order of the declaration. `checkouts` are those of the
    /// steps before it.
    ///
    /// # Errors
    ///
    /// As for [`StepSpec::check`].
    ///
    /// ```
    /// use kargo_core::{expr::Value, report::{Checkouts, StepSpecs}};
    /// let specs = StepSpecs::built_in();
    /// let mut checkouts = Checkouts::of_promotion("prod.01kdn9");
    /// let told = |name, checkouts: &Checkouts, json: serde_json::Value| {
    ///     let config = Value::from_json(&json).unwrap();
    ///     let touches = specs.get(name).unwrap().touches_of(&config, checkouts)?;
    ///     Ok::<_, kargo_core::report::SpecError>(touches.iter().map(ToString::to_string).collect::<Vec<_>>())
    /// };
    ///
    /// let clone = serde_json::json!({
    ///     "repoURL": "https://github.com/acme/env",
    ///     "checkout": [{ "path": "./env", "branch": "main" }],
    /// });
    /// checkouts.note(&Value::from_json(&clone).unwrap());
    /// assert_eq!(told("git-clone", &checkouts, clone)?, ["reads repository https://github.com/acme/env", "writes ./env"]);
    ///
    /// let push = serde_json::json!({ "path": "./env", "generateTargetBranch": true });
    /// assert_eq!(told("git-push", &checkouts, push)?, [
    ///     "writes ./env",
    ///     "acts on branch kargo/promotion/prod.01kdn9 of https://github.com/acme/env",
    /// ]);
    /// # Ok::<(), kargo_core::report::SpecError>(())
    /// ```
    pub fn touches_of(&self, config: &Value, checkouts: &Checkouts) -> Result<Vec<Touch>, SpecError> {
        let acts = self.outside_of(config)? == Outside::Acts;
        let mut env = env(config, Some(checkouts));
        let mut out = Vec::new();
        for template in self.touch_templates() {
            out.extend(template.touches(&mut env, acts).map_err(|error| self.unreadable(error))?);
        }
        Ok(out)
    }

    /// The lanes that an effect of a step with this configuration takes, each once, in their order; none if it does not
    /// act. `checkouts` are those of the steps before it.
    ///
    /// Lanes cover all that the step may act on: what is not known widens them (rules 19). An acting step without any
    /// lane has declared none.
    ///
    /// # Errors
    ///
    /// As for [`StepSpec::check`].
    ///
    /// ```
    /// use kargo_core::{expr::Value, report::{Checkouts, StepSpecs}};
    /// let specs = StepSpecs::built_in();
    /// let config = Value::from_json(&serde_json::json!({
    ///     "apps": [{ "name": "cart", "namespace": "argocd" }, { "selector": { "matchLabels": { "app": "web" } } }],
    /// }))?;
    /// let lanes = specs.get("argocd-update").unwrap().lanes_of(&config, &Checkouts::new()).unwrap();
    /// assert_eq!(lanes.iter().map(|lane| lane.as_str()).collect::<Vec<_>>(), ["application/*/*", "application/argocd/cart"]);
    /// # Ok::<(), kargo_core::expr::Problem>(())
    /// ```
    pub fn lanes_of(&self, config: &Value, checkouts: &Checkouts) -> Result<Vec<Lane>, SpecError> {
        if self.outside_of(config)? != Outside::Acts {
            return Ok(Vec::new());
        }
        let mut lanes: Vec<Lane> = self.touches_of(config, checkouts)?.iter().filter_map(Touch::lane).collect();
        let env = env(config, Some(checkouts));
        for template in self.lane_templates() {
            lanes.extend(template.lanes(&env).map_err(|error| self.unreadable(error))?);
        }
        lanes.sort();
        lanes.dedup();
        Ok(lanes)
    }

    /// `widest`, or the least that a condition which holds brings it down to.
    fn least<T: Ord + Copy>(
        &self,
        config: &Value,
        widest: T,
        less: impl Fn(&Narrowing) -> Option<T>,
    ) -> Result<T, SpecError> {
        let env = env(config, None);
        let mut least = widest;
        for narrowing in &self.narrowings {
            if let Some(less) = less(narrowing)
                && less < least
                && narrowing.holds(&env).map_err(|error| self.unreadable(error))?
            {
                least = less;
            }
        }
        Ok(least)
    }

    fn unreadable(&self, error: &ExprError) -> SpecError {
        SpecError::Expression { step: self.name().to_owned(), error: Box::new(error.clone()) }
    }
}

/// What the expressions of a declaration see.
fn env(config: &Value, checkouts: Option<&Checkouts>) -> Env {
    let mut env = Env::from([("config".to_owned(), config.clone())]);
    if let Some(checkouts) = checkouts {
        let path = config.as_map().and_then(|config| config.get("path")?.as_text());
        if let Some(checkout) = path.and_then(|path| checkouts.of_path(path)) {
            env.insert("checkout".to_owned(), checkout.to_value());
        }
        if let Some(promotion) = checkouts.promotion() {
            env.insert("promotion".to_owned(), Value::text(promotion));
        }
    }
    env
}
