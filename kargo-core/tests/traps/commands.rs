//! What somebody asks for (control 8 and 10; rules 7): traps 22 and 23.

use kargo_core::{
    Event, Recorded,
    command::{Abort, Promote},
    promotion::{End, PhaseEvent, RunEvent},
};

use crate::scene::{ANA, DIRECT, PUSH, by_hand, from, is_verified, newest, promote, promotions, shop, stage};

#[test]
fn trap_22_what_follows_on_a_stage_leaves_out_stages_without_steps() {
    // Kargo's promotion to all that follow on a Stage asks those without steps too: they must have the freight available, and
    // each is an error. Fixed: freight passes through them by itself, so they are left out.
    let gate = |sources: &str| stage("gate", &from(sources), "");
    let prod = stage("prod", &from("stages: [uat]"), PUSH);
    let mut host = shop(&[stage("uat", DIRECT, PUSH), gate("stages: [uat], requiredSoakTime: 1h"), prod]);
    host.found("cart", &["1.4.2"]);
    promote(&mut host, "uat", "1.4.2").unwrap();
    host.work();
    host.command(Promote::from("uat").everywhere().by(ANA)).unwrap();
    assert_eq!(promotions(&host, "prod"), "1.4.2 Running");
    assert!(!is_verified(&host, "gate", "1.4.2"), "it goes on soaking");
    // Of those with steps all must be able to take it, or nothing is done (architecture 4).
    let soaks = stage("eu", &from("stages: [uat], requiredSoakTime: 1h"), PUSH);
    crate::scene::apply(&mut host, &soaks);
    let refusal = host.command(Promote::from("uat").everywhere().by(ANA)).unwrap_err();
    assert!(refusal.to_string().contains("eu"), "{refusal}");
    assert_eq!(promotions(&host, "prod"), "1.4.2 Running");

    // Where nothing else follows, there is nobody to promote to.
    let mut host = shop(&[stage("uat", DIRECT, PUSH), gate("stages: [uat]")]);
    host.found("cart", &["1.4.2"]);
    promote(&mut host, "uat", "1.4.2").unwrap();
    host.work();
    assert!(host.command(Promote::from("uat").everywhere().by(ANA)).is_err());
}

#[test]
fn trap_23_who_stopped_a_promotion_is_who_stopped_it() {
    // Kargo's event of an aborted promotion names who made it as the actor. Fixed: the end leads back to the command, with who
    // asked for it and why.
    let mut host = by_hand();
    host.found("cart", &["1.4.2"]);
    promote(&mut host, "uat", "1.4.2").unwrap();
    let running = newest(&host, "uat");
    let bob = "email:bob@acme.example";
    host.command(Abort::promotion(&*running).by(bob).because("wrong cart")).unwrap();
    let ends = |recorded: &&Recorded| {
        let aborted = |event: &RunEvent| matches!(event, RunEvent::Phase(PhaseEvent::End { end: End::Aborted, .. }));
        matches!(&recorded.event, Event::Promotion { happened, .. } if aborted(happened))
    };
    let mut event = host.log.iter().find(ends).unwrap();
    while let Some(cause) = event.cause {
        event = &host.log[usize::try_from(cause.get()).unwrap() - 1];
        if matches!(event.event, Event::Commanded { .. }) {
            break;
        }
    }
    let Event::Commanded { command, by, because, .. } = &event.event else { panic!("{event:?}") };
    assert_eq!((&**command, by.as_deref(), because.as_deref()), ("Abort", Some(bob), Some("wrong cart")));
    let noun = host.engine.world().promotion(&*running).unwrap();
    assert_eq!(noun.actor(), Some(ANA), "who made it is told apart");
    let message = noun.noun().status.message.as_deref().unwrap();
    assert!(message.contains(bob), "{message}");
}
