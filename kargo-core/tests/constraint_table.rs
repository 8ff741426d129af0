//! The table of discovery 2.11: constraints and versions with what the language says of them.

use kargo_core::select::{Constraint, Version};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Yes,
    No,
    /// The constraint is refused.
    NoConstraint,
    /// The version is refused.
    NoVersion,
}
use Says::{No, NoConstraint, NoVersion, Yes};

fn says(constraint: &str, version: &str) -> Says {
    let Ok(constraint) = Constraint::parse(constraint) else { return NoConstraint };
    let Ok(version) = Version::parse_loose(version) else { return NoVersion };
    if constraint.matches(&version) { Yes } else { No }
}

/// Discovery 2.11, all 120 rows in order, those marked as corner cases included.
#[test]
fn every_row_of_the_table() {
    let failures: Vec<String> = TABLE
        .iter()
        .enumerate()
        .filter(|(_, (constraint, version, expected))| says(constraint, version) != *expected)
        .map(|(row, (constraint, version, expected))| {
            format!("{}: {constraint:?} {version:?}: {expected:?}, not {:?}", row + 1, says(constraint, version))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Discovery 2.11, hyphen ranges are rewritten by text: a bound reaches across a `||` without blanks.
#[test]
fn hyphen_ranges_are_textual() {
    assert_eq!(says("1||2 - 3", "9.0.0"), Yes, "reads as: at least 1, or 2 and at most 3");
    assert_eq!(says("1 || 2 - 3", "9.0.0"), No);
    assert_eq!(says("2 - 3 || 1", "1.5.0"), Yes);
}

#[rustfmt::skip]
const TABLE: [(&str, &str, Says); 120] = [
    ("1.2.3", "1.2.3", Yes),
    ("1.2.3", "1.3.0", No),
    ("=1.2.3", "1.2.3+build.5", Yes),
    ("=1.2.3+a", "1.2.3+b", Yes),
    ("v1.2.3", "1.2.3", Yes),
    ("^v1.2.3", "1.3.0", Yes),
    ("1.2", "1.2.9", Yes),
    ("1.2", "1.3.0", No),
    ("1", "1.9.9", Yes),
    ("1", "2.0.0", No),
    ("=1.2", "1.2.7", Yes),
    ("1.2.x", "1.2.7", Yes),
    ("1.2.x", "1.3.0", No),
    ("1.x.x", "1.4.0", Yes),
    ("1.x", "1.4", Yes),
    ("0.x", "0.9.0", Yes),
    ("0.x", "1.0.0", No),
    ("0.0.x", "0.1.0", No),
    ("*", "0.0.1", Yes),
    ("*", "1.2.3-alpha.1", No),
    ("*-0", "1.2.3-alpha.1", Yes),
    ("1.2.x-0", "1.2.3-beta.2", Yes),
    ("1.2.x-0", "1.3.0", No),
    ("!=1.2.3", "1.2.4", Yes),
    ("!=4.1", "4.1.7", No),
    ("!=4.1", "5.1.0", Yes),
    ("!=4.x", "4.9.9", No),
    ("!=4.1.0", "5.1.0-alpha.1", No),
    ("!=4.1-alpha", "4.1.0", Yes),
    (">1.1", "1.1.5", No),
    (">1.1", "1.2.0", Yes),
    (">11", "11.1.0", No),
    (">11", "12.0.0", Yes),
    (">1.2.3-rc.1", "1.2.3-rc.2", Yes),
    (">1.2.3-rc.1", "1.9.0-alpha.1", Yes),
    (">0-0", "0.0.1-alpha", No),
    (">1.2.3-alpha.9", "1.2.3-alpha.10", Yes),
    (">1.2.3-alpha.9", "1.2.3-alpha.beta", Yes),
    (">=1.2.3-BETA", "1.2.3-alpha", Yes),
    ("<1.1", "1.0.9", Yes),
    ("<1.1", "1.1.0", No),
    ("<11", "11.1.0", No),
    ("<2.0.0", "2.0.0-rc.1", No),
    ("<2.0.0-0", "1.9.0-rc.1", Yes),
    ("<=1.1", "1.1.9", Yes),
    ("<=1.1", "1.2.0", No),
    ("<=2.x", "2.9.9", Yes),
    ("<=2.x", "3.0.0", No),
    ("<=1.1-a", "0.1.0-alpha", Yes),
    ("=<1.2", "1.2.5", Yes),
    ("=>1.2", "1.2.0", Yes),
    (">=1.1", "4.1.0-beta", No),
    (">=1.0.0-0", "1.5.0-beta.2", Yes),
    (">=1.2.x", "1.2.0", Yes),
    (">=1.2, <2", "1.9.0", Yes),
    (">=1.2 <2", "1.9.0", Yes),
    (">=1.2 , <2", "1.5.0", Yes),
    (">=1.2 <2 !=1.5.0", "1.5.0", No),
    (">=1.2<2", "1.5.0", NoConstraint),
    (">=1.2,", "1.5.0", NoConstraint),
    (">=1.0.0-0 <2.0.0", "1.0.1-beta", Yes),
    (">=1.0.0 <=2.0.0-beta", "1.0.1-beta", Yes),
    (">=1.0.0 <=2.0.0-beta || >3", "3.0.1-beta", No),
    (">=1.2.3-0, <2", "2.0.0-rc.1", Yes),
    (">=1.2.3-0, <2.0.0-0", "2.0.0-rc.1", No),
    ("<1 || >=2", "2.5.0", Yes),
    ("^1||^3", "2.1.0", No),
    ("1.2.3 || ", "1.2.3", NoConstraint),
    ("1.1 - 2", "2.7.0", Yes),
    ("1.1 - 2", "3.0.0", No),
    ("1.1 - 2.0.0", "2.0.1", No),
    ("1.5.0 - 4.5", "4.5.9", Yes),
    ("1.x - 2.x", "2.9.9", Yes),
    ("1.0.0 - 2.0.0-rc.1", "1.5.0-beta.1", Yes),
    ("1.1-3", "1.1.0-3", Yes),
    ("~1.2.3", "1.2.9", Yes),
    ("~1.2.3", "1.3.0", No),
    ("~1.2", "1.2.0", Yes),
    ("~1", "1.9.0", Yes),
    ("~1", "2.0.0", No),
    ("~>1.2.3", "1.2.9", Yes),
    ("~*", "5.0.0", Yes),
    ("~0.0", "0.1.0", No),
    ("~0.0.0", "7.3.1", Yes),
    ("~1.2.3-beta.2", "1.2.4-beta.2", Yes),
    ("~1.1", "1.1.1-alpha", No),
    ("^1.2.3", "1.9.0", Yes),
    ("^1.2.3", "2.0.0", No),
    ("^1.x", "1.9.0", Yes),
    ("^0.2.3", "0.2.9", Yes),
    ("^0.2.3", "0.3.0", No),
    ("^0.2", "0.3.0", No),
    ("^0.0.3", "0.0.4", No),
    ("^0.0", "0.0.9", Yes),
    ("^0.0", "0.1.0", No),
    ("^0", "0.9.9", Yes),
    ("^0", "1.0.0", No),
    ("^0.0.0", "1.2.3", No),
    ("^1.2.0", "1.2.1-alpha.1", No),
    ("^1.2.0-alpha.0", "1.2.1-alpha.1", Yes),
    ("^1.2.3-beta", "1.3.0-alpha", Yes),
    ("^1.0.0-0", "1.0.0-rc.1", Yes),
    ("^1.2.3-0", "2.0.0-rc.1", No),
    ("^1.2.3", "v1.4.0", Yes),
    ("^1.2.3", "1.4", Yes),
    ("^1.2.3", "V1.4.0", NoVersion),
    ("^2024.1.0", "2024.03.05", Yes),
    ("^1.2.3", "1.2.3.4", NoVersion),
    ("*", "20240101", Yes),
    ("1.2.3.4", "1.2.3", NoConstraint),
    (">=1.2.3-beta.01", "1.2.3", NoConstraint),
    ("latest", "1.0.0", NoConstraint),
    ("12.3.34 ~1.2.3", "1.2.3", No),
    ("01.2.3", "1.2.3", Yes),
    ("^*", "1.2.3", No),
    (">*", "1.0.0", Yes),
    ("<=*", "0.9.0", No),
    ("!=*", "1.0.0", Yes),
    ("x.2", "5.7.0", Yes),
    ("", "1.0.0", NoConstraint),
];
