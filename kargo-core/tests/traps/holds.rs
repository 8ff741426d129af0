//! Holds of automation (control 2.5; rules 7): traps 1 and 2.

use kargo_core::{
    command::{Abort, Pause, Resume},
    report::StepError,
};

use crate::scene::{ON, apply, automatic, by_hand, held, holds, newest, policies, promote, promotions};

#[test]
fn trap_01_a_failure_holds_as_a_success_does_and_an_abort_does_not() {
    // Kargo's guide says that only a success establishes a hold; its code also takes failures. Kept as in the code, by
    // decision: what a person chose is protected even if it could not be deployed. A stop applies nothing.
    for (error, phase) in [(StepError::failed("no"), "Failed"), (StepError::terminal("down"), "Errored")] {
        let mut host = automatic();
        for tag in ["1.4.2", "1.4.3"] {
            host.found("cart", &[tag]);
            host.work();
        }
        host.answers.insert("push".into(), vec![Err(error)]);
        promote(&mut host, "uat", "1.4.2").unwrap();
        host.work();
        assert_eq!(promotions(&host, "uat"), format!("1.4.2 Succeeded, 1.4.3 Succeeded, 1.4.2 {phase}"));
        assert_eq!(holds(&host, "uat"), "1.4.2");
        host.answers.clear();
        host.found("cart", &["1.4.4"]);
        host.work();
        assert_eq!(held(&host, "uat"), "1.4.3", "automation is held");
        // The hold ends with a promotion of what automation would take.
        promote(&mut host, "uat", "1.4.4").unwrap();
        host.work();
        assert_eq!((held(&host, "uat"), holds(&host, "uat")), ("1.4.4".to_owned(), String::new()));
    }
    let mut host = automatic();
    for tag in ["1.4.2", "1.4.3"] {
        host.found("cart", &[tag]);
        host.work();
    }
    promote(&mut host, "uat", "1.4.2").unwrap();
    // While it runs it holds already.
    host.found("cart", &["1.4.4"]);
    assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded, 1.4.3 Succeeded, 1.4.2 Running");
    let running = newest(&host, "uat");
    host.command(Abort::promotion(&*running)).unwrap();
    assert_eq!(holds(&host, "uat"), "");
    assert!(promotions(&host, "uat").ends_with("1.4.2 Aborted, 1.4.4 Running"), "{}", promotions(&host, "uat"));
}

#[test]
fn trap_02_what_a_promotion_does_to_holds_is_fixed_when_it_is_made() {
    // In Kargo the intent is stamped at creation: none if automation was off then, and judged by the candidate of that
    // instant. Kept: what a person meant does not change while it is queued.
    let mut host = by_hand();
    host.command(Pause::stage("uat")).unwrap();
    for tag in ["1.4.2", "1.4.3"] {
        host.found("cart", &[tag]);
    }
    promote(&mut host, "uat", "1.4.2").unwrap();
    apply(&mut host, &policies(ON));
    host.command(Resume::stage("uat")).unwrap();
    host.work();
    assert_eq!(holds(&host, "uat"), "", "made while automation was off");
    assert_eq!(
        (held(&host, "uat").as_str(), &*promotions(&host, "uat")),
        ("1.4.3", "1.4.2 Succeeded, 1.4.3 Succeeded")
    );

    // What was the candidate releases, even if it is none any more when it ends; and the other way round.
    host.command(Pause::stage("uat")).unwrap();
    promote(&mut host, "uat", "1.4.3").unwrap();
    host.found("cart", &["1.4.4"]);
    host.command(Resume::stage("uat")).unwrap();
    host.work();
    assert_eq!((held(&host, "uat").as_str(), &*holds(&host, "uat")), ("1.4.4", ""));
    host.command(Pause::stage("uat")).unwrap();
    promote(&mut host, "uat", "1.4.3").unwrap();
    host.command(kargo_core::command::Reject::new(&*crate::scene::named(&host, "1.4.4"))).unwrap();
    host.command(Resume::stage("uat")).unwrap();
    host.work();
    assert_eq!((held(&host, "uat").as_str(), &*holds(&host, "uat")), ("1.4.3", "1.4.3"), "made while 1.4.4 was newer");
}
