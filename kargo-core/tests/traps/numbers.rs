//! That no trap is left out.

use std::collections::BTreeSet;

/// The files of this crate that hold tests of traps.
const FILES: [(&str, &str); 10] = [
    ("automation", include_str!("automation.rs")),
    ("commands", include_str!("commands.rs")),
    ("eligibility", include_str!("eligibility.rs")),
    ("ending", include_str!("ending.rs")),
    ("health", include_str!("health.rs")),
    ("holds", include_str!("holds.rs")),
    ("names", include_str!("names.rs")),
    ("queue", include_str!("queue.rs")),
    ("steps", include_str!("steps.rs")),
    ("verification", include_str!("verification.rs")),
];

/// Traps of parts that do not exist yet, and which part that is.
const OPEN: [(u32, &str); 1] = [(
    38,
    "a refresh of an application is an effect of the Argo CD adapter, apart from the look at health (architecture 5)",
)];

#[test]
fn every_trap_has_a_test_or_a_reason() {
    let mut tested = BTreeSet::new();
    for (file, text) in FILES {
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(name) = line.strip_prefix("fn trap_") else { continue };
            assert!(lines[at - 1].starts_with("#["), "{file}: {name} is no test");
            assert!(lines[at + 1].trim_start().starts_with("// "), "{file}: {name} does not say what the trap is");
            tested.insert(name.split('_').next().unwrap().parse::<u32>().unwrap());
        }
    }
    for number in 1..=45 {
        let is_open = OPEN.iter().any(|(open, _)| *open == number);
        assert!(tested.contains(&number) != is_open, "trap {number}: a test, or a reason, and not both");
    }
    assert_eq!(tested.len() + OPEN.len(), 45);
}

#[test]
fn every_file_is_looked_at() {
    let modules = include_str!("main.rs").lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let themes: Vec<_> = modules.filter(|module| !["host", "numbers", "scene"].contains(module)).collect();
    assert_eq!(themes, FILES.map(|(file, _)| file));
}
