//! Slowness and silence, for fakes of peers whose requests are not classed.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kargo_core::port::Clock as _;

use super::{VirtualClock, yield_now};

/// How long a pretended peer takes, and whether it answers at all.
#[derive(Debug)]
pub(super) struct Slow {
    clock: VirtualClock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    service_time: Duration,
    hangs: bool,
}

impl Slow {
    pub(super) fn new(clock: &VirtualClock) -> Self {
        Self { clock: clock.clone(), state: Mutex::default() }
    }

    pub(super) fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    pub(super) fn set_service_time(&self, span: Duration) {
        self.lock().service_time = span;
    }

    pub(super) fn set_hanging(&self, hangs: bool) {
        self.lock().hangs = hangs;
    }

    /// The time that passes between what a request does and its answer.
    pub(super) async fn pass(&self) {
        yield_now().await;
        if self.lock().hangs {
            std::future::pending::<()>().await;
        }
        let span = self.lock().service_time;
        if !span.is_zero() {
            self.clock.sleep_until(self.clock.monotonic() + span).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
