//! The virtual clock.

use std::{sync::Arc, time::Duration};

use kargo_core::{
    Timestamp,
    port::{Clock, Monotonic},
};
use kargo_testkit::{
    clock_conformance,
    conformance::{Cannot, ClockRig},
    fake::VirtualClock,
};

struct Rig(VirtualClock);

#[async_trait::async_trait]
impl ClockRig for Rig {
    async fn start() -> Self {
        Self(VirtualClock::default())
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.0.clone())
    }

    async fn pass(&self, span: Duration) {
        self.0.advance(span);
    }

    async fn set_time(&self, now: Timestamp) -> Result<(), Cannot> {
        self.0.set_time(now);
        Ok(())
    }
}

clock_conformance!(block_on: Rig, can: [set_time]);

mod broken {
    use kargo_testkit::conformance::{block_on, clock_checks};

    use super::*;

    /// Rings at once, whatever is asked for.
    #[derive(Debug)]
    struct Hasty(VirtualClock);

    #[async_trait::async_trait]
    impl Clock for Hasty {
        fn now(&self) -> Timestamp {
            self.0.now()
        }

        fn monotonic(&self) -> Monotonic {
            self.0.monotonic()
        }

        async fn sleep_until(&self, _instant: Monotonic) {}
    }

    struct Bad(VirtualClock);

    #[async_trait::async_trait]
    impl ClockRig for Bad {
        async fn start() -> Self {
            Self(VirtualClock::default())
        }

        fn clock(&self) -> Arc<dyn Clock> {
            Arc::new(Hasty(self.0.clone()))
        }
    }

    #[test]
    #[should_panic(expected = "not before")]
    fn an_alarm_that_rings_too_early() {
        block_on(clock_checks::sleeping_ends_at_the_instant_and_not_before::<Bad>());
    }
}
