//! The contract of the clock, and what paused time does to it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kargo_core::port::{Clock, Monotonic};
use kargo_testkit::{clock_conformance, conformance::ClockRig};
use kargo_tokio::TokioClock;

struct Rig(TokioClock);

#[async_trait]
impl ClockRig for Rig {
    async fn start() -> Self {
        Self(TokioClock::new())
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.0)
    }
}

clock_conformance!(tokio1: Rig);

#[tokio::test(start_paused = true)]
async fn paused_time_jumps_to_the_alarm() {
    let clock = TokioClock::new();
    let year = Monotonic::START + Duration::from_hours(8_760);
    clock.sleep_until(year).await;
    assert!(clock.monotonic() >= year);
}

#[tokio::test]
async fn clones_are_one_clock() {
    let clock = TokioClock::default();
    let copy = clock;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let (first, second) = (clock.monotonic(), copy.monotonic());
    assert!(second.since(first) < Duration::from_secs(1) && first.since(Monotonic::START) >= Duration::from_millis(5));
}
