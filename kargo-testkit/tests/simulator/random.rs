//! Random histories of random pipelines: the invariants hold, and everything that can occur does.

use kargo_testkit::sim::{Counted, FAULTS, Sim, Tally, all_events, all_reasons};

/// How many histories the gate runs.
const GATE: u64 = 30;

/// What cannot occur in a run, and why.
const NEVER: [(&str, &str); 13] = [
    ("checkpoint", "appended where segments of a log are dropped, which no run does"),
    ("imported", "taken once, into an empty project; a run begins with definitions"),
    (
        "SeveralUpstream",
        "leaving and entering a Stage is one event, so that two pieces of one origin are never there (rules 7)",
    ),
    ("Queued", "no rule gives it: what waits is asked for its own reason"),
    ("AskedFor", "said by a history alone, which no run asks"),
    ("Automatic", "said by a history alone, which no run asks"),
    ("BuiltFrom", "said by a history alone, which no run asks"),
    ("Discovery", "said by a history alone, which no run asks"),
    ("Ended", "said by a history alone, which no run asks"),
    ("Got", "said by a history alone, which no run asks"),
    ("Passed", "said by a history alone, which no run asks"),
    ("Seen", "said by a history alone, which no run asks"),
    ("VerifiedIn", "said by a history alone, which no run asks"),
];

/// What is so rare that only long runs (`KARGO_SOAK` of 50 or more) have to show it.
const RARE: [&str; 20] = [
    "aliased",
    "holdEstablished",
    "placeCleared",
    "promotion step redo",
    "promotion step redone",
    "promotion step unknown",
    "promotion treeLost",
    "promotionDropped Withdrawn",
    "verification again",
    "verification miss",
    "ApprovalsGiven",
    "NewerThere",
    "NotSoaked",
    "NotVerifiedYet",
    "Progressing",
    "Sampled",
    "SoakGuard",
    "WindowUnreadable",
    "37 withdraws its own alone",
    "54 follows upstream",
];

/// So many, times `KARGO_SOAK`.
fn soak() -> u64 {
    std::env::var("KARGO_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// The seed of `KARGO_SEED`, if it is given.
fn one_seed() -> Option<u64> {
    let text = std::env::var("KARGO_SEED").ok()?;
    text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |hex| u64::from_str_radix(hex, 16).ok())
}

#[test]
fn control_13_random_histories_keep_the_invariants() {
    if let Some(seed) = one_seed() {
        let run = Sim::random(seed, 220).check();
        println!("{run}");
        return;
    }
    let mut tally = Tally::default();
    for seed in 1..=GATE.saturating_mul(soak()) {
        tally.merge(Sim::random(seed, 220).check().tally());
    }
    println!("{tally}");
    let never = |name: &String| NEVER.iter().any(|(known, _)| *known == *name);
    let rare = |name: &String| soak() < 50 && RARE.contains(&name.as_str());
    let checks = tally.all(Counted::Check).map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    let lists = [
        (Counted::Event, all_events()),
        (Counted::Reason, all_reasons()),
        (Counted::Fault, FAULTS.map(str::to_owned).to_vec()),
        // A check that never looked at anything proves nothing.
        (Counted::Check, checks),
    ];
    for (counted, names) in lists {
        let missing: Vec<String> = tally.missing(counted, &names);
        let missing: Vec<&String> = missing.iter().filter(|name| !never(name) && !rare(name)).collect();
        assert!(missing.is_empty(), "{counted:?} that never occurred: {missing:?}");
        let impossible = names.iter().find(|name| never(name) && tally.of(counted, name) > 0);
        assert!(impossible.is_none(), "{impossible:?} occurred, and is said never to");
    }
    assert!(tally.all(Counted::Refusal).count() >= 8, "few refusals: {tally}");
}

#[test]
fn law_8_the_same_seed_gives_the_same_bytes() {
    for seed in [2, 3] {
        let run = || Sim::random(seed, 100).run();
        assert_eq!(run().bytes(), run().bytes(), "seed {seed:#x}");
    }
}
