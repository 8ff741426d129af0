//! How what was found, foretold and asked is shown, to people and as JSON.

use std::{collections::BTreeMap, fmt};

use kargo_core::{
    discover::{Calls, LoadWarning, LookError, RoundForecast, SubscriptionLook, WarehouseLook, WarehousesForecast},
    freight::creation::Decision,
    model::{Source, Subscription, Warehouse, WarehousePolicy},
    port::Account,
    select::news,
};
use serde_json::{Value as Json, json};

use crate::output::count;

/// What a Warehouse found, and what freight comes of it.
pub(super) struct Report<'a> {
    pub(super) warehouse: &'a Warehouse,
    pub(super) found: &'a WarehouseLook,
    pub(super) decision: &'a Decision,
}

impl Report<'_> {
    pub(super) fn to_json(&self) -> Json {
        let meta = &self.warehouse.metadata;
        let errors =
            self.found.errors().map(|(index, error)| error_json(index, &self.warehouse.spec.subscriptions, error));
        let passed_over = self.notes().into_iter().map(|(index, note)| json!({ "subscription": index, "what": note }));
        let freight = match self.decision {
            Decision::Create(created) => json!(created.freight),
            _ => Json::Null,
        };
        json!({
            "project": meta.namespace,
            "warehouse": meta.name,
            "discoveredArtifacts": self.found.artifacts,
            "new": news(self.warehouse.status.discovered_artifacts.as_ref(), &self.found.artifacts).len(),
            "errors": errors.collect::<Vec<_>>(),
            "passedOver": passed_over.collect::<Vec<_>>(),
            "freight": freight,
            "decision": self.decision.to_string(),
        })
    }

    /// What is wrong with single artifacts, with the index of the subscription.
    fn notes(&self) -> Vec<(usize, String)> {
        let mut notes = Vec::new();
        for (index, look) in self.found.subscriptions.iter().enumerate() {
            match look {
                Ok(SubscriptionLook::Image(look)) => {
                    notes.extend(look.failures.iter().map(|(_, error)| (index, error.to_string())));
                }
                Ok(SubscriptionLook::Git(look)) => {
                    notes.extend(look.refused.iter().map(|refused| (index, format!("left out: {refused:?}"))));
                }
                _ => {}
            }
        }
        let moved = self.found.moved().map(|(index, moved)| {
            let text =
                format!("tag {} moved from {} to {}, though it was promised not to", moved.tag, moved.was, moved.now);
            (index, text)
        });
        notes.extend(moved);
        notes
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meta = &self.warehouse.metadata;
        let project = meta.namespace.as_deref().map(|project| format!("{project}/")).unwrap_or_default();
        writeln!(f, "Warehouse {project}{}", meta.name)?;
        let artifacts = &self.found.artifacts;
        for result in &artifacts.images {
            writeln!(f, "  image {}: {}", result.repo_url, count(result.references.len(), "candidate"))?;
            for image in &result.references {
                let built = image.created_at.map(|at| format!("  built {}", at.format("%F %TZ"))).unwrap_or_default();
                writeln!(f, "    {}  {}{built}", image.tag, image.digest)?;
            }
        }
        for result in &artifacts.git {
            writeln!(f, "  git {}: {}", result.repo_url, count(result.commits.len(), "candidate"))?;
            for commit in &result.commits {
                let id = commit.id.as_deref().unwrap_or_default();
                let short = id.get(..12).unwrap_or(id);
                let name = commit.tag.as_deref().or(commit.branch.as_deref()).unwrap_or_default();
                writeln!(f, "    {short}  {name}  {}", commit.subject.as_deref().unwrap_or_default())?;
            }
        }
        for result in &artifacts.charts {
            let name = result.name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
            writeln!(f, "  chart {}{name}: {}", result.repo_url, count(result.versions.len(), "candidate"))?;
            for version in &result.versions {
                writeln!(f, "    {version}")?;
            }
        }
        for (index, error) in self.found.errors() {
            let what = self.warehouse.spec.subscriptions.get(index).map(described).unwrap_or_default();
            writeln!(f, "  error: {what}: {error}")?;
        }
        for (_, note) in self.notes() {
            writeln!(f, "  note: {note}")?;
        }
        write!(f, "  {}", self.decision.to_string().replace('\n', "\n  "))
    }
}

/// What a look will cost.
pub(super) struct Foretold<'a> {
    pub(super) forecast: &'a WarehousesForecast,
    pub(super) warehouses: &'a [(&'a Warehouse, Option<&'a WarehousePolicy>)],
    pub(super) warnings: &'a [LoadWarning],
}

impl Foretold<'_> {
    pub(super) fn to_json(&self) -> Json {
        let round = &self.forecast.round;
        let assumptions: BTreeMap<String, Vec<String>> = round
            .accounts()
            .map(|(account, _)| {
                (account.to_string(), round.assumptions(account).map(|assumed| assumed.to_string()).collect())
            })
            .collect();
        let errors = self.forecast.errors().map(|(warehouse, subscription, error)| {
            let of = self.warehouses.get(warehouse).map(|(of, _)| *of);
            let mut json =
                error_json(subscription, of.map(|of| of.spec.subscriptions.as_slice()).unwrap_or_default(), error);
            json["warehouse"] = json!(of.map(|of| &of.metadata.name));
            json
        });
        json!({
            "forecast": by_account(round.accounts()),
            "assumptions": assumptions,
            "warnings": self.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "errors": errors.collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Foretold<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.forecast.round)?;
        for (warehouse, subscription, error) in self.forecast.errors() {
            let of = self.warehouses.get(warehouse).map(|(of, _)| *of);
            let name = of.map(|of| of.metadata.name.as_str()).unwrap_or_default();
            let what = of.and_then(|of| of.spec.subscriptions.get(subscription)).map(described).unwrap_or_default();
            write!(f, "\nerror: Warehouse {name}: {what}: {error}")?;
        }
        for warning in self.warnings {
            write!(f, "\nwarning: {warning}")?;
        }
        Ok(())
    }
}

/// What was asked, beside what was foretold.
pub(super) fn calls_json(calls: &BTreeMap<Account, Calls>, forecast: &RoundForecast) -> Json {
    json!({
        "calls": by_account(calls.iter().map(|(account, calls)| (account, *calls))),
        "forecast": by_account(forecast.accounts()),
    })
}

/// The same as lines for people.
pub(super) fn calls_text(calls: &BTreeMap<Account, Calls>, forecast: &RoundForecast) -> Vec<String> {
    let foretold: BTreeMap<_, _> = forecast.accounts().collect();
    let line = |(account, calls): (&Account, &Calls)| {
        let foretold =
            foretold.get(account).map(|foretold| format!(", forecast {}", foretold.work())).unwrap_or_default();
        let number = usize::try_from(calls.work()).unwrap_or(usize::MAX);
        format!("{} to {account} ({calls}{foretold})", count(number, "call"))
    };
    calls.iter().map(line).collect()
}

fn by_account<'a>(calls: impl Iterator<Item = (&'a Account, Calls)>) -> Json {
    calls.map(|(account, calls)| (account.to_string(), json!(calls))).collect::<serde_json::Map<_, _>>().into()
}

fn error_json(index: usize, subscriptions: &[Subscription], error: &LookError) -> Json {
    json!({
        "subscription": index,
        "of": subscriptions.get(index).map(described),
        "error": error.to_string(),
        // Its name alone, without what it holds.
        "class": error.port().map(|error| format!("{:?}", error.class()).split(' ').next().map(str::to_owned)),
    })
}

/// A subscription in a few words.
fn described(subscription: &Subscription) -> String {
    match &subscription.source {
        Source::Git(git) => format!("git {}", git.repo_url),
        Source::Image(image) => format!("image {}", image.repo_url),
        Source::Chart(chart) => match &chart.name {
            Some(name) => format!("chart {} {name}", chart.repo_url),
            None => format!("chart {}", chart.repo_url),
        },
        Source::Other(other) => format!("{} subscription", other.subscription_type),
        _ => "subscription".to_owned(),
    }
}
