//! The pass algorithm and the classification of what a step returns (promotion-engine 1.4 and 1.5; rules 3).

use kargo_core::{
    model::PromotionPhase,
    report::{StepError, StepProgress, WakeKey},
};
use serde_json::json;

use crate::host::Host;

#[test]
fn promotion_engine_1_4_steps_run_in_order_and_end_succeeded() {
    let mut host = Host::new(json!([
        {"uses": "a"},
        {"uses": "b", "as": "second", "config": {"tag": "${{ imageFrom('ghcr.io/acme/cart').Tag }}", "was": "${{ outputs['step-1'].x }}"}},
    ]));
    let waits = host.drive(|run| {
        if &*run.alias == "second" {
            assert_eq!(run.config.to_json().unwrap(), json!({"tag": "1.4.2", "was": 7}));
        }
        Ok(StepProgress::done(json!({"x": 7})))
    });
    assert!(waits.is_empty());
    assert_eq!((host.phase(), host.message().as_str()), (PromotionPhase::Succeeded, ""));
    assert_eq!(host.ran, ["step-1", "second"]);
    assert_eq!(host.promotion().status.current_step, 1);
    assert_eq!(host.output("second"), json!({"x": 7}));
}

#[test]
fn promotion_engine_1_4_no_steps_at_all_succeed_at_once() {
    let mut host = Host::new(json!([]));
    host.drive_done();
    assert_eq!((host.phase(), host.promotion().status.current_step), (PromotionPhase::Succeeded, -1));
}

#[test]
fn promotion_engine_1_5_an_error_meets_the_threshold() {
    let mut host = Host::new(
        json!([{"uses": "stubborn", "as": "try"}, {"uses": "b", "as": "after"}, {"uses": "c", "as": "always", "if": "${{ always() }}"}]),
    );
    for attempt in 1..=3 {
        let waits = host.drive(|run| {
            if &*run.alias == "try" {
                Err(StepError::retryable("connection reset"))
            } else {
                Ok(StepProgress::done(json!(null)))
            }
        });
        if attempt < 3 {
            let record = host.record("try").unwrap();
            assert_eq!(record.error_count, attempt);
            assert_eq!(record.message.unwrap(), "error running step \"try\": connection reset; step will be retried");
            let until = waits[0].at().unwrap();
            let pause = (until - host.now).num_milliseconds();
            let full = 5_000 << (attempt - 1);
            assert!((full * 4 / 5..=full).contains(&pause), "{pause}");
            // Not a moment before.
            host.now = until - chrono::TimeDelta::milliseconds(1);
            host.drive(|_| panic!("too early"));
            host.now = until;
        }
    }
    let message = "step \"try\" met error threshold of 3: error running step \"try\": connection reset";
    assert_eq!((host.phase(), host.message().as_str()), (PromotionPhase::Errored, message));
    assert_eq!(
        (host.status("try"), host.status("after"), host.status("always")),
        ("Errored".into(), "Skipped".into(), "Succeeded".into())
    );
}

#[test]
fn rules_3_a_good_attempt_resets_the_count_and_a_timeout_fires_at_its_instant() {
    let mut host = Host::new(json!([{"uses": "stubborn", "as": "try", "retry": {"timeout": "10m"}}]));
    for _ in 0..5 {
        let waits = host.drive(|_| Err(StepError::retryable("x")));
        host.now = waits[0].at().unwrap();
        let waits =
            host.drive(|_| Ok(StepProgress::waiting_on(WakeKey::custom("ticket", "1")).output(json!({"n": 1}))));
        assert_eq!(host.record("try").unwrap().error_count, 0);
        assert_eq!(waits[0].deadline, Some(crate::host::at("2026-11-24T12:10:00Z")));
        let key = WakeKey::custom("ticket", "1");
        host.tell(&kargo_core::promotion::Input::Signal(kargo_core::report::Signal::of(key)));
    }
    host.drive(|_| Ok(StepProgress::waiting_on(WakeKey::custom("ticket", "1"))));
    host.now = crate::host::at("2026-11-24T12:09:59Z");
    host.drive(|_| panic!("nothing to run"));
    assert_eq!(host.phase(), PromotionPhase::Running);
    host.now = crate::host::at("2026-11-24T12:10:00Z");
    host.drive(|_| panic!("nothing to run"));
    assert_eq!(
        (host.phase(), host.message().as_str()),
        (PromotionPhase::Errored, "step \"try\" timed out after 10m0s")
    );
}
