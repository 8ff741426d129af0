//! The cost table of requirements A, row by row, against the counting registry: formula, forecast and count are equal.
#![cfg(feature = "driver")]
#![expect(clippy::print_stdout, reason = "the table of what ran is part of the test")]

use kargo_testkit::conformance::{Cannot, CostRow, FakeCostRig, block_on, cost_rows};

fn run(rows: &[CostRow]) {
    let mut wrong = Vec::new();
    for row in rows {
        match block_on(row.run::<FakeCostRig>()) {
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
    assert!(rows.len() >= 41, "{}", rows.len());
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
        row.and_then(|row| block_on(row.run::<FakeCostRig>()).ok()).and_then(|result| result.unchanged)
    };
    assert_eq!(unchanged("SemVer, plain, warm, promised, lists with ETag"), Some(10), "L pages, each a 304");
    assert_eq!(unchanged("SemVer, plain, warm, promised"), Some(0));
    assert_eq!(unchanged("SemVer, plain, cold, lists with ETag"), Some(0));
}

/// A9: the numbers in the manual are those that looks are held to.
#[test]
fn requirements_a9_the_manual_has_the_numbers() {
    let line = |row: CostRow| {
        let calls = row.forecast(100).map(|calls| calls.to_string()).unwrap_or_default();
        format!("//! | {} | {} | {calls} |", row.name, row.formula)
    };
    let table: Vec<_> = cost_rows(1000).into_iter().map(line).collect();
    let manual = include_str!("../src/manual/costs.rs");
    let written: Vec<_> = manual.lines().skip_while(|line| *line != "//! | --- | --- | --- |").skip(1).collect();
    assert!(written == table, "the table in the manual should be\n{}", table.join("\n"));
}
