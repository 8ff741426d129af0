//! Random histories of random pipelines.

use kargo_testkit::sim::{Counted, FAULTS, Sim, Tally, all_events, all_reasons};

/// So many, times `KARGO_SOAK`.
fn times(number: u64) -> u64 {
    let soak = std::env::var("KARGO_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    number.saturating_mul(soak)
}

/// The seeds to run: that of `KARGO_SEED` alone, or so many.
fn seeds(number: u64) -> Vec<u64> {
    let text = std::env::var("KARGO_SEED").ok();
    let one = text.and_then(|text| {
        text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |hex| u64::from_str_radix(hex, 16).ok())
    });
    one.map_or_else(|| (1..=times(number)).collect(), |one| vec![one])
}

#[test]
fn control_13_random_histories_keep_the_invariants() {
    let mut tally = Tally::default();
    let seeds = seeds(24);
    for seed in &seeds {
        tally.merge(Sim::random(*seed, 220).check().tally());
    }
    println!("{tally}");
    if seeds.len() < 24 {
        return;
    }
    println!("events never: {:?}", tally.missing(Counted::Event, &all_events()));
    println!("reasons never: {:?}", tally.missing(Counted::Reason, &all_reasons()));
    println!("faults never: {:?}", tally.missing(Counted::Fault, &FAULTS.map(str::to_owned)));
}
