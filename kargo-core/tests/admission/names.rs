//! What does not exist, and what is not certain: answers too (user-code 2).

use kargo_core::{NoSuch, Origin, Reason, admit, eligible};

use crate::scene::{FREIGHT, asked, at, windows, world};

#[test]
fn user_code_2_an_unknown_name_is_an_answer() {
    let world = world("direct: true", "", "");
    for (stage, freight, expected) in [
        ("prdo", "modest-marlin", r#"no: there is no Stage "prdo"; did you mean "prod"?"#),
        ("prod", "modest-merlin", r#"no: there is no Freight "modest-merlin"; did you mean "modest-marlin"?"#),
        ("production-eu", "modest-marlin", r#"no: there is no Stage "production-eu""#),
        ("prod", "", r#"no: there is no Freight """#),
        ("", "", r#"no: there is no Stage """#),
        ("prod", "4e1f0c", r#"no: there is no Freight "4e1f0c""#),
        ("prod", "4e1f0c8", r#"no: there is no Freight "4e1f0c8""#),
    ] {
        let why = admit::explain(&world, stage, freight, at("12:00:00"));
        assert_eq!(why.to_string(), expected);
        assert!(!why.is_yes() && why.needs().is_empty() && why.opens_at().is_none());
        assert!(matches!(why.reasons().next(), Some(Reason::NoSuch(_))));
    }
    for freight in ["modest-marlin", FREIGHT, "4e1f0c9", "4e1f0c9d81714243"] {
        assert!(admit::explain(&world, "prod", freight, at("12:00:00")).is_yes(), "{freight}");
    }
}

/// Control, trap 40: what several have is not guessed; all that may be meant are named.
#[test]
fn trap_40_a_name_of_several_is_not_guessed() {
    let other = "4e1f0c9000000000000000000000000000000000";
    let mut world = world("direct: true", "", "");
    let mut second = world.freight(FREIGHT).unwrap().to_noun();
    second.metadata.name = other.to_owned();
    world.put(second);
    for name in ["modest-marlin", "4e1f0c9"] {
        let why = admit::explain(&world, "prod", name, at("12:00:00"));
        let expected =
            format!("no: which Freight {name:?} is meant is not certain: {other} or {FREIGHT}; write its full name");
        assert_eq!(why.to_string(), expected);
        let Some(Reason::NoSuch(NoSuch { candidates, .. })) = why.reasons().next() else { panic!("{why}") };
        assert_eq!(candidates, &[other, FREIGHT]);
    }
    for name in [other, FREIGHT, "4e1f0c90", "4e1f0c9d"] {
        assert!(admit::explain(&world, "prod", name, at("12:00:00")).is_yes(), "{name}");
    }
}

/// Control 1.2, step 1, does not hold here: a Warehouse that is gone is no reason not to list.
#[test]
fn control_1_2_a_warehouse_that_is_gone_changes_nothing() {
    let mut world = world("direct: true", "", "");
    world.remove(kargo_core::model::Kind::Warehouse, "cart");
    assert!(asked(&world, "12:00:00").is_yes());
    let listed = eligible::list(world.stage("prod").unwrap(), &Origin::warehouse("cart"), None, at("12:00:00"));
    assert_eq!(listed.count(), 1);
}

/// An answer goes through JSON as it is.
#[test]
fn an_answer_goes_through_json() {
    let freeze = windows("{ name: freeze, kind: Deny, dtstart: 20261120T100000Z, dtend: 20261120T140000Z }");
    let world =
        world("stages: [uat], requiredSoakTime: 1h", "currentlyIn: { uat: { since: 2026-11-20T11:30:00Z } }", &freeze);
    for why in [asked(&world, "12:00:00.123456789"), admit::explain(&world, "prdo", "x", at("12:00:00"))] {
        let text = serde_json::to_string(&why).unwrap();
        let read: kargo_core::Why = serde_json::from_str(&text).unwrap();
        assert_eq!(read, why, "{text}");
        assert_eq!(read.to_string(), why.to_string());
    }
}
