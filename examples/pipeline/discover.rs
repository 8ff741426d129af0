//! `pipeline discover`: what the Warehouses of some manifests find in the real world, and what freight comes of it.

mod report;

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _},
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use indicatif::ProgressBar;
use kargo_adapters::{Exit, local};
use kargo_core::{
    Manifests,
    discover::{Budget, Calls, Discovery, Expected, Look, WarehouseLook, check_load},
    freight::creation::Creation,
    model::{Freight, Warehouse, WarehousePolicy},
    port::Ports,
};

use self::report::{Foretold, Report};
use crate::{
    input::{self, clock},
    output,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and directories with the Warehouses, and with the freight that there is already.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only this Warehouse; may be given several times.
    #[arg(long, value_name = "NAME")]
    warehouse: Vec<String>,
    /// Ask nobody: say how many requests a look costs at most, and whether that stays within the budgets.
    #[arg(long)]
    forecast: bool,
    /// Requests an hour that an account may be asked for, for the warnings of --forecast.
    #[arg(long, value_name = "NUMBER", default_value_t = Budget::default().per_hour)]
    budget: u64,
    /// Where to keep what was learnt, so that the next look costs less. Without it, the user's cache directory.
    #[arg(long, value_name = "DIRECTORY")]
    state: Option<PathBuf>,
    /// Write one JSON object a line instead of text: one for each Warehouse, and one with the calls.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Some(manifests) = input::manifests(&arguments.paths) else { return output::exit(true) };
    match discover(arguments, &manifests) {
        Ok(mistakes) => output::exit(mistakes),
        Err(error) => {
            output::error(format_args!("{error}"));
            output::exit(true)
        }
    }
}

/// Whether anything went wrong.
fn discover(arguments: &Arguments, manifests: &Manifests) -> Result<bool, Exit> {
    let warehouses = chosen(arguments, manifests)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // It has to outlive the ports.
    let mut temporary = None;
    let ports = ports(arguments, &mut temporary)?;
    let discovery = Discovery::new(&ports);
    let forecast = runtime.block_on(discovery.forecast_warehouses(&warehouses, &Expected::default()));
    if arguments.forecast {
        let warnings = check_load(forecast.looks.iter().cloned(), |_| Budget { per_hour: arguments.budget });
        let foretold = Foretold { forecast: &forecast, warehouses: &warehouses, warnings: &warnings };
        output::line(if arguments.json { foretold.to_json().to_string() } else { foretold.to_string() });
        return Ok(forecast.errors().next().is_some());
    }
    let look = discovery.look();
    let found = runtime.block_on(with_progress(&look, &warehouses));
    let freight: Vec<Freight> = manifests.all::<Freight>().map(|(freight, _)| freight.clone()).collect();
    let now = clock();
    let mut mistakes = false;
    for ((warehouse, policy), found) in warehouses.iter().zip(&found) {
        let of_project = |freight: &&Freight| freight.metadata.namespace == warehouse.metadata.namespace;
        let stock: Vec<Freight> = freight.iter().filter(of_project).cloned().collect();
        let creation = Creation::new(warehouse, policy.map(|policy| &policy.spec));
        let bits = now.timestamp_millis().to_be_bytes();
        let decision = creation.decide(Some(&found.artifacts), &stock, &bits, now);
        let report = Report { warehouse, found, decision: &decision };
        output::line(if arguments.json { report.to_json().to_string() } else { report.to_string() });
        mistakes |= !found.is_complete();
    }
    let calls = look.calls();
    if arguments.json {
        output::line(report::calls_json(&calls, &forecast.round));
    } else {
        report::calls_text(&calls, &forecast.round).iter().for_each(output::line);
    }
    Ok(mistakes)
}

/// The Warehouses that were asked for, with their policies; all of them if none was named.
fn chosen<'m>(
    arguments: &Arguments,
    manifests: &'m Manifests,
) -> Result<Vec<(&'m Warehouse, Option<&'m WarehousePolicy>)>, Exit> {
    let policies: BTreeMap<_, _> = manifests
        .all::<WarehousePolicy>()
        .map(|(policy, _)| ((policy.metadata.namespace.as_deref(), policy.metadata.name.as_str()), policy))
        .collect();
    let all: Vec<_> = manifests.all::<Warehouse>().map(|(warehouse, _)| warehouse).collect();
    for name in &arguments.warehouse {
        if !all.iter().any(|warehouse| warehouse.metadata.name == **name) {
            let names = all.iter().map(|warehouse| warehouse.metadata.name.as_str());
            return Err(kargo_core::NoSuch::new("Warehouse", name, names).into());
        }
    }
    let wanted = |warehouse: &&Warehouse| {
        arguments.warehouse.is_empty() || arguments.warehouse.iter().any(|name| warehouse.metadata.name == **name)
    };
    let with_policy = |warehouse: &'m Warehouse| {
        let key = (warehouse.metadata.namespace.as_deref(), warehouse.metadata.name.as_str());
        (warehouse, policies.get(&key).copied())
    };
    Ok(all.into_iter().filter(wanted).map(with_policy).collect())
}

/// The outside world of this machine. Where another process has the user's cache, this one learns for itself.
fn ports(arguments: &Arguments, temporary: &mut Option<tempfile::TempDir>) -> Result<Ports, Exit> {
    if let Some(state) = &arguments.state {
        return Ok(local::ports(state)?);
    }
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    if let Some(ports) = cache.and_then(|cache| local::ports(cache.join("kargo-pipeline")).ok()) {
        return Ok(ports);
    }
    Ok(local::ports(temporary.insert(tempfile::tempdir()?).path())?)
}

/// The look, and on a terminal what it has found and asked so far.
async fn with_progress(look: &Look, warehouses: &[(&Warehouse, Option<&WarehousePolicy>)]) -> Vec<WarehouseLook> {
    let artifacts = AtomicUsize::new(0);
    let looking = look.warehouses(warehouses, |_| {
        artifacts.fetch_add(1, Ordering::Relaxed);
    });
    if !io::stderr().is_terminal() {
        return looking.await;
    }
    let bar = ProgressBar::new_spinner();
    let mut looking = std::pin::pin!(looking);
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    let found = loop {
        tokio::select! {
            found = &mut looking => break found,
            _ = ticks.tick() => {
                let calls: u64 = look.calls().values().map(Calls::work).sum();
                bar.set_message(format!("{} artifacts found, {calls} calls", artifacts.load(Ordering::Relaxed)));
                bar.tick();
            }
        }
    };
    bar.finish_and_clear();
    found
}
