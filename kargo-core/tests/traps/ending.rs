//! What ended promotions leave (control 2.8 and 3.7; rules 7 and 13): traps 3 to 5.

use kargo_core::{
    command::{Abort, Pause, Reject, Resume},
    report::StepError,
};

use crate::{
    host::Host,
    scene::{
        DIRECT, MENU, PUSH, by_hand, held, is_verified, named, newest, promote, promotions, shop, stage, warehouse,
    },
};

fn last(host: &Host) -> String {
    host.engine.world().stage("uat").unwrap().last_promotion().unwrap().name.to_string()
}

#[test]
fn trap_03_other_origins_are_carried_along_from_what_is_there() {
    // Kargo carries the freight of other origins from the last promotion, even one that failed, and forgets it after one
    // that could not start. Fixed: it is carried from what the Stage holds.
    let both = format!("{DIRECT}, {MENU}");
    let mut host = shop(&[warehouse("menu"), stage("uat", &both, PUSH)]);
    for (origin, tag) in [("cart", "1.0.1"), ("menu", "1.9.1")] {
        host.found(origin, &[tag]);
        promote(&mut host, "uat", tag).unwrap();
        host.work();
    }
    assert_eq!(held(&host, "uat"), "1.0.1 + 1.9.1");
    host.answers.insert("push".into(), vec![Err(StepError::failed("no"))]);
    host.found("cart", &["1.0.2"]);
    promote(&mut host, "uat", "1.0.2").unwrap();
    host.work();
    host.answers.clear();
    host.found("menu", &["1.9.2"]);
    promote(&mut host, "uat", "1.9.2").unwrap();
    host.work();
    assert_eq!(held(&host, "uat"), "1.0.1 + 1.9.2", "not 1.0.2, which was never deployed");

    // One that cannot start leaves nothing behind either.
    host.command(Pause::stage("uat")).unwrap();
    promote(&mut host, "uat", "1.0.2").unwrap();
    host.command(Reject::new(&*named(&host, "1.0.2"))).unwrap();
    host.command(Resume::stage("uat")).unwrap();
    assert!(promotions(&host, "uat").ends_with("1.0.2 Errored"), "{}", promotions(&host, "uat"));
    host.found("menu", &["1.9.3"]);
    promote(&mut host, "uat", "1.9.3").unwrap();
    host.work();
    assert_eq!(held(&host, "uat"), "1.0.1 + 1.9.3");
}

#[test]
fn trap_04_a_stopped_promotion_hides_no_later_success() {
    // Kargo digests promotions by name up to the last one it knows: a stopped one of a greater name hides the success of one
    // before it. Fixed: what ends is taken over when it ends, whatever its name.
    let mut host = by_hand();
    for tag in ["1.0.1", "1.0.2", "1.0.3"] {
        host.found("cart", &[tag]);
        promote(&mut host, "uat", tag).unwrap();
    }
    let third = newest(&host, "uat");
    host.command(Abort::promotion(&*third)).unwrap();
    assert_eq!(promotions(&host, "uat"), "1.0.1 Running, 1.0.2 Pending, 1.0.3 Aborted");
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.0.1 Succeeded, 1.0.2 Succeeded, 1.0.3 Aborted");
    assert_eq!(held(&host, "uat"), "1.0.2");
    let uat = host.engine.world().stage("uat").unwrap();
    assert_eq!(uat.history().count(), 2, "each success once");
    let second = uat.promotions().nth(1).unwrap().name();
    assert_eq!(last(&host), second);
}

#[test]
fn trap_05_a_promotion_that_is_stopped_in_the_queue_blocks_no_verification() {
    // In Kargo the stopped promotion becomes the last one; health is unknown then, and nothing is verified until another
    // success. Fixed: one that never ran leaves no trace.
    let mut host = by_hand();
    for tag in ["1.0.1", "1.0.2"] {
        host.found("cart", &[tag]);
        promote(&mut host, "uat", tag).unwrap();
    }
    let second = newest(&host, "uat");
    host.command(Abort::promotion(&*second)).unwrap();
    host.work();
    assert_eq!((held(&host, "uat").as_str(), is_verified(&host, "uat", "1.0.1")), ("1.0.1", true));
    assert_ne!(last(&host), second);

    // Nor does one that is stopped later.
    let before = host.engine.world().stage("uat").unwrap().state().cloned();
    host.command(Pause::stage("uat")).unwrap();
    promote(&mut host, "uat", "1.0.2").unwrap();
    let third = newest(&host, "uat");
    host.command(Abort::promotion(&*third)).unwrap();
    assert_eq!(host.engine.world().stage("uat").unwrap().state().cloned(), before);
}
