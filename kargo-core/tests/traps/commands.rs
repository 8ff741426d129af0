//! What somebody asks for (control 8 and 10; rules 7): trap 23.

use kargo_core::{
    Event, Recorded,
    command::Abort,
    promotion::{End, PhaseEvent, RunEvent},
};

use crate::scene::{ANA, by_hand, newest, promote};

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
