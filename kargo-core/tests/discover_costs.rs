//! The cost table of requirements A, row by row, against the counting registry: formula, forecast and count are equal.
#![cfg(feature = "driver")]
#![expect(clippy::print_stdout, reason = "the table of what ran is part of the test")]

use std::sync::Arc;

use kargo_core::{
    discover::Calls,
    port::{Clock, ImageRegistry},
};
use kargo_testkit::{
    FakeImage,
    conformance::{Cannot, CostFeatures, CostRig, CostRow, block_on, cost_rows},
    fake::{FakeRegistry, VirtualClock},
};

const PAGE: u64 = 100;

struct Rig {
    registry: Arc<FakeRegistry>,
    clock: VirtualClock,
}

#[async_trait::async_trait]
impl CostRig for Rig {
    async fn start(features: &CostFeatures) -> Result<Self, Cannot> {
        let clock = VirtualClock::default();
        let registry = FakeRegistry::new(&clock);
        registry.set_page_size(usize::try_from(PAGE).unwrap_or(1));
        registry.set_etags(features.list_etags);
        registry.set_by_tag(!features.only_by_digest);
        registry.set_dates(features.head_dates);
        registry.set_redirects(features.blob_redirects);
        Ok(Self { registry: Arc::new(registry), clock })
    }

    fn registry(&self) -> Arc<dyn ImageRegistry> {
        self.registry.clone()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    fn page_size(&self) -> u64 {
        PAGE
    }

    async fn put(&self, image: FakeImage) {
        self.registry.put(&image);
    }

    async fn take_calls(&self) -> Calls {
        self.registry.peer().take_calls()
    }

    async fn unchanged_pages(&self) -> Option<u64> {
        Some(self.registry.unchanged_pages())
    }

    async fn restart(&mut self) -> Result<(), Cannot> {
        self.registry.peer().expire_sessions();
        Ok(())
    }

    async fn expire(&self) -> Result<(), Cannot> {
        self.registry.peer().expire_sessions();
        Ok(())
    }
}

fn run(rows: &[CostRow]) {
    let mut wrong = Vec::new();
    for row in rows {
        match block_on(row.run::<Rig>()) {
            Ok(result) => {
                println!("{result}");
                if !result.is_exact() {
                    wrong.push(result.to_string());
                }
            }
            Err(Cannot) => wrong.push(format!("{} did not run", row.name)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn requirements_a3_a4_every_row_of_the_cost_table_by_exact_equality() {
    let rows = cost_rows(1000);
    assert!(rows.len() >= 38, "{}", rows.len());
    run(&rows);
}

/// The numbers of the formulas are not those of one size.
#[test]
fn requirements_a3_the_rows_hold_for_other_sizes() {
    for tags in [40, 101] {
        run(&cost_rows(tags));
    }
}

#[test]
fn requirements_a3_an_unchanged_list_is_bodyless_where_the_registry_offers_that() {
    let rows = cost_rows(1000);
    let unchanged = |name: &str| {
        let row = rows.iter().find(|row| row.name == name);
        row.and_then(|row| block_on(row.run::<Rig>()).ok()).and_then(|result| result.unchanged)
    };
    assert_eq!(unchanged("SemVer, plain, warm, promised"), Some(10), "L pages, each a 304");
    assert_eq!(unchanged("SemVer, plain, warm, lists without ETag"), Some(0));
    assert_eq!(unchanged("SemVer, plain, cold"), Some(0));
}
