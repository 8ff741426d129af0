//! The names that templates of a promotion see whatever its steps have done: `ctx` and `target` (promotion-engine 4.6).

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::{
    expr::{Env, Problem, Value},
    model::{Freight, FreightName, Origin, ProjectName, PromotionName, StageName, Target},
    world::FreightView,
};

/// What `ctx` and `target` are made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Where the user interface is: `ctx.uiBaseUrl`; empty if there is none.
    pub ui_base_url: String,
    /// `ctx.project`
    pub project: ProjectName,
    /// `ctx.promotion`
    pub promotion: PromotionName,
    /// `ctx.stage`
    pub stage: StageName,
    /// The freight that is promoted, in the order of the Stage's requests: `ctx.targetFreight` is the first,
    /// `ctx.targetFreights` (ours, rules 13) all.
    pub freight: Vec<TargetFreight>,
    /// `ctx.meta.promotion.actor`, see [`short_actor`].
    pub actor: String,
    /// `ctx.meta.promotion.rollback`
    pub rollback: bool,
    /// `target`, which is there only for promotions to a Target.
    pub target: Option<TargetFacts>,
}

/// A piece of freight that is promoted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetFreight {
    /// Its name.
    pub name: FreightName,
    /// Its alias, empty if it has none.
    pub alias: String,
    /// Where it comes from.
    pub origin: Origin,
}

impl From<&Freight> for TargetFreight {
    fn from(freight: &Freight) -> Self {
        Self {
            name: (&freight.metadata.name).into(),
            alias: freight.alias.clone().unwrap_or_default(),
            origin: freight.origin.clone(),
        }
    }
}

impl From<FreightView<'_>> for TargetFreight {
    fn from(freight: FreightView<'_>) -> Self {
        Self {
            name: freight.name().clone(),
            alias: freight.alias().unwrap_or_default().to_owned(),
            origin: freight.origin().clone(),
        }
    }
}

/// What templates see of a Target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetFacts {
    /// `target.params`: a missing one is nil.
    pub params: BTreeMap<String, Json>,
    /// `target.labels`: a missing one is the empty text.
    pub labels: BTreeMap<String, String>,
}

impl From<&Target> for TargetFacts {
    fn from(target: &Target) -> Self {
        Self { params: target.spec.params.clone(), labels: target.metadata.labels.clone() }
    }
}

/// The actor as templates see it: what stands after the first `:` of an actor, or all of it; nothing for
/// `unknown actor` (resources 15.5).
///
/// ```
/// use kargo_core::promotion::short_actor;
/// assert_eq!(short_actor("email:ana@acme.example"), "ana@acme.example");
/// assert_eq!(short_actor("admin"), "admin");
/// assert_eq!(short_actor("unknown actor"), "");
/// ```
#[must_use]
pub fn short_actor(actor: &str) -> &str {
    match actor.split_once(':') {
        Some((_, name)) => name,
        None if actor == "unknown actor" => "",
        None => actor,
    }
}

/// `ctx` and `target`, made once for a promotion; what it gives out is shared.
///
/// ```
/// use kargo_core::expr::{Functions, Template, Value};
/// use kargo_core::promotion::{Context, Facts};
///
/// let context = Context::new(&Facts { stage: "prod".into(), ..Facts::default() })?;
/// let template = Template::new("${{ ctx.stage }}/${{ ctx.meta.step.alias }}", &Functions::new());
/// let value = template.run(&context.env(Some("push")), Default::default()).unwrap();
/// assert_eq!(value, Value::text("prod/push"));
/// # Ok::<(), kargo_core::expr::Problem>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// `ctx` but for `meta`.
    fixed: Env,
    /// `ctx.meta.promotion`
    promotion: Value,
    target: Option<Value>,
}

impl Context {
    /// Makes the names from what they are made of.
    ///
    /// # Errors
    ///
    /// A parameter of the Target is nested deeper than values may be.
    pub fn new(facts: &Facts) -> Result<Self, Problem> {
        let text = |text: &str| Value::text(text);
        let first = facts.freight.first().cloned().unwrap_or_default();
        let freights = facts.freight.iter().map(|freight| {
            let kind = freight.origin.kind.as_str();
            of_freight(freight, [("kind", text(kind)), ("name", text(&freight.origin.name))])
        });
        let fixed = entries([
            ("uiBaseUrl", text(&facts.ui_base_url)),
            ("project", text(&facts.project)),
            ("promotion", text(&facts.promotion)),
            ("stage", text(&facts.stage)),
            ("targetFreight", of_freight(&first, [("name", text(&first.origin.name))])?),
            ("targetFreights", Value::list(freights.collect::<Result<_, _>>()?)?),
        ]);
        let promotion = map([("actor", text(&facts.actor)), ("rollback", facts.rollback.into())])?;
        let target = |target: &TargetFacts| {
            let param = |(name, json): (&String, &Json)| Ok((name.clone(), Value::from_json(json)?));
            let params = Value::map(target.params.iter().map(param).collect::<Result<_, _>>()?)?;
            map([("params", params), ("labels", Value::text_map(target.labels.clone()))])
        };
        Ok(Self { fixed, promotion, target: facts.target.as_ref().map(target).transpose()? })
    }

    /// The value of `ctx` in a step, or outside of any.
    #[must_use]
    pub fn to_value(&self, step_alias: Option<&str>) -> Value {
        let step = map([("alias", Value::text(step_alias.unwrap_or_default()))]);
        let meta = step.and_then(|step| map([("promotion", self.promotion.clone()), ("step", step)]));
        // These maps are three levels deep, far below what could fail.
        let ctx = meta.and_then(|meta| {
            let mut ctx = self.fixed.clone();
            ctx.insert("meta".to_owned(), meta);
            Value::map(ctx)
        });
        ctx.unwrap_or_default()
    }

    /// The value of `target`, if the promotion has one.
    #[must_use]
    pub fn target(&self) -> Option<&Value> {
        self.target.as_ref()
    }

    /// `ctx` and, if there is one, `target`: the names that variables of the promotion see.
    #[must_use]
    pub fn env(&self, step_alias: Option<&str>) -> Env {
        let target = self.target.clone().map(|target| ("target".to_owned(), target));
        [("ctx".to_owned(), self.to_value(step_alias))].into_iter().chain(target).collect()
    }
}

fn of_freight<const N: usize>(freight: &TargetFreight, origin: [(&str, Value); N]) -> Result<Value, Problem> {
    let (name, alias) = (Value::text(&*freight.name), Value::text(&*freight.alias));
    map([("name", name), ("alias", alias), ("origin", map(origin)?)])
}

fn entries<const N: usize>(entries: [(&str, Value); N]) -> Env {
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn map<const N: usize>(of: [(&str, Value); N]) -> Result<Value, Problem> {
    Value::map(entries(of))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expr::{Functions, Template};

    fn facts() -> Facts {
        let freight =
            |name: &str, alias: &str, origin| TargetFreight { name: name.into(), alias: alias.into(), origin };
        Facts {
            ui_base_url: "https://kargo.acme.example".into(),
            project: "shop".into(),
            promotion: "prod.x.84d9a0d".into(),
            stage: "prod".into(),
            freight: vec![
                freight("84d9a0d", "modest-marlin", Origin::warehouse("cart")),
                freight("778eda3", "", Origin::junction("train")),
            ],
            actor: "ana".into(),
            rollback: true,
            target: Some(TargetFacts {
                params: BTreeMap::from([("n".into(), json!({"a": [1]}))]),
                labels: BTreeMap::from([("tier".into(), "gold".into())]),
            }),
        }
    }

    /// Promotion-engine 4.6 and rules 13: every name, spelled so.
    #[test]
    fn promotion_engine_4_6_all_names() {
        let context = Context::new(&facts()).unwrap();
        let wanted = json!({
            "uiBaseUrl": "https://kargo.acme.example", "project": "shop", "promotion": "prod.x.84d9a0d", "stage": "prod",
            "targetFreight": {"name": "84d9a0d", "alias": "modest-marlin", "origin": {"name": "cart"}},
            "targetFreights": [
                {"name": "84d9a0d", "alias": "modest-marlin", "origin": {"kind": "Warehouse", "name": "cart"}},
                {"name": "778eda3", "alias": "", "origin": {"kind": "Junction", "name": "train"}},
            ],
            "meta": {"promotion": {"actor": "ana", "rollback": true}, "step": {"alias": "push"}},
        });
        assert_eq!(context.to_value(Some("push")).to_json().unwrap(), wanted);
        let target = json!({"params": {"n": {"a": [1]}}, "labels": {"tier": "gold"}});
        assert_eq!(context.target().unwrap().to_json().unwrap(), target);
    }

    /// Promotion-engine 4.6: all exist always, empty when unknown; `target` only for promotions to one.
    #[test]
    fn promotion_engine_4_6_names_exist_always() {
        let context = Context::new(&Facts::default()).unwrap();
        let wanted = json!({
            "uiBaseUrl": "", "project": "", "promotion": "", "stage": "",
            "targetFreight": {"name": "", "alias": "", "origin": {"name": ""}}, "targetFreights": [],
            "meta": {"promotion": {"actor": "", "rollback": false}, "step": {"alias": ""}},
        });
        assert_eq!(context.to_value(None).to_json().unwrap(), wanted);
        let run = |text: &str, context: &Context| {
            let value = Template::new(text, &Functions::new()).run(&context.env(None), Default::default());
            value.map_err(|error| error.to_string())
        };
        let error = run("${{ target.params }}", &context).unwrap_err();
        assert!(error.starts_with("cannot fetch params from <nil>"), "{error}");
        let context = Context::new(&facts()).unwrap();
        assert_eq!(run("${{ target.labels.nope }}", &context), Ok(Value::text("")));
        assert_eq!(run("${{ target.params.nope }}", &context), Ok(Value::Null));
        assert_eq!(run("${{ target.params.n.a[0] }}", &context), Ok(Value::from(1.0)));
    }

    #[test]
    fn resources_15_5_actors_in_expressions() {
        for (actor, short) in
            [("kubernetes:a:b", "a:b"), ("admin", "admin"), ("", ""), ("unknown actor", ""), ("x:", "")]
        {
            assert_eq!(short_actor(actor), short, "{actor}");
        }
    }

    #[test]
    fn a_parameter_that_is_too_deep_is_refused() {
        let mut deep = json!(1);
        for _ in 0..128 {
            deep = json!([deep]);
        }
        let target = TargetFacts { params: BTreeMap::from([("deep".into(), deep)]), ..TargetFacts::default() };
        let facts = Facts { target: Some(target), ..Facts::default() };
        assert_eq!(Context::new(&facts).unwrap_err(), Problem::ValueDepth { limit: 128 });
    }
}
