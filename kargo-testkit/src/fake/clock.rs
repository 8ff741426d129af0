//! A clock that jumps.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use async_trait::async_trait;
use kargo_core::{
    Timestamp,
    port::{Clock, Monotonic},
};

/// A clock that stands still until nothing else is left to do, and then jumps to the next alarm. Clones are one clock.
///
/// ```
/// use std::time::Duration;
/// use kargo_core::port::{Clock, Monotonic};
/// use kargo_testkit::fake::VirtualClock;
///
/// let clock = VirtualClock::default();
/// clock.run(clock.sleep_until(Monotonic::START + Duration::from_secs(86_400)));
/// assert_eq!(clock.monotonic(), Monotonic::START + Duration::from_secs(86_400));
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    start: Timestamp,
    elapsed: Monotonic,
    /// Alarms by instant; among those of one instant the first that was set rings first.
    alarms: BTreeMap<(Monotonic, u64), Waker>,
    next: u64,
}

impl Default for VirtualClock {
    /// Begins at 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::starting(Timestamp::from_timestamp(1_767_225_600, 0).unwrap_or_default())
    }
}

impl VirtualClock {
    /// Begins at this time of day.
    #[must_use]
    pub fn starting(start: Timestamp) -> Self {
        let state = State { start, elapsed: Monotonic::START, alarms: BTreeMap::new(), next: 0 };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Runs a future to its end on this thread, jumping in time whenever it waits for nothing but this clock.
    ///
    /// # Panics
    ///
    /// When the future waits and no alarm is set: nothing would ever happen again.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let woken = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&woken));
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            while !woken.0.swap(false, Ordering::SeqCst) {
                assert!(self.jump(), "the future waits, and no alarm is set: nothing can happen any more");
            }
        }
    }

    /// Lets time pass; alarms on the way ring.
    pub fn advance(&self, span: Duration) {
        let end = self.lock().elapsed + span;
        while self.lock().alarms.first_key_value().is_some_and(|((at, _), _)| *at <= end) && self.jump() {}
        self.lock().elapsed = end;
    }

    /// Moves the time of day alone, as somebody who sets it does.
    pub fn set_time(&self, now: Timestamp) {
        let mut state = self.lock();
        let elapsed = chrono::TimeDelta::from_std(state.elapsed.since(Monotonic::START)).unwrap_or_default();
        state.start = now - elapsed;
    }

    fn jump(&self) -> bool {
        let mut state = self.lock();
        let Some(((at, _), waker)) = state.alarms.pop_first() else { return false };
        state.elapsed = state.elapsed.max(at);
        drop(state);
        waker.wake();
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let state = self.lock();
        let elapsed =
            chrono::TimeDelta::from_std(state.elapsed.since(Monotonic::START)).unwrap_or(chrono::TimeDelta::MAX);
        state.start.checked_add_signed(elapsed).unwrap_or(Timestamp::MAX_UTC)
    }

    fn monotonic(&self) -> Monotonic {
        self.lock().elapsed
    }

    async fn sleep_until(&self, instant: Monotonic) {
        Sleep { clock: self.clone(), instant, key: None }.await;
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Sleep {
    clock: VirtualClock,
    instant: Monotonic,
    key: Option<(Monotonic, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.clock.lock();
        if state.elapsed >= this.instant {
            return Poll::Ready(());
        }
        let key = *this.key.get_or_insert_with(|| {
            state.next += 1;
            (this.instant, state.next)
        });
        state.alarms.insert(key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.clock.lock().alarms.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, future::join_all, select_biased};

    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic::START + Duration::from_secs(seconds)
    }

    #[test]
    fn alarms_ring_in_order_and_not_before() {
        let clock = VirtualClock::default();
        let rung = Mutex::new(Vec::new());
        let sleepers = [3, 1, 2, 1].map(|seconds| {
            let (clock, rung) = (clock.clone(), &rung);
            async move {
                clock.sleep_until(at(seconds)).await;
                rung.lock().unwrap().push((seconds, clock.monotonic()));
            }
        });
        clock.run(join_all(sleepers));
        assert_eq!(*rung.lock().unwrap(), [(1, at(1)), (1, at(1)), (2, at(2)), (3, at(3))]);
        assert_eq!(clock.now().to_rfc3339(), "2026-01-01T00:00:03+00:00");
    }

    #[test]
    fn a_dropped_sleep_sets_no_alarm() {
        let clock = VirtualClock::default();
        clock.run(async {
            select_biased! {
                () = clock.sleep_until(at(9)).fuse() => panic!("too early"),
                () = clock.sleep_until(at(1)).fuse() => {}
            }
        });
        assert!(clock.lock().alarms.is_empty());
        clock.advance(Duration::from_secs(4));
        assert_eq!(clock.monotonic(), at(5));
    }

    #[test]
    fn the_time_of_day_may_jump_alone() {
        let clock = VirtualClock::default();
        clock.advance(Duration::from_secs(10));
        clock.set_time("2020-01-01T00:00:00Z".parse().unwrap());
        assert_eq!((clock.now().timestamp(), clock.monotonic()), (1_577_836_800, at(10)));
    }

    #[test]
    #[should_panic(expected = "nothing can happen")]
    fn waiting_for_nothing_is_noticed() {
        VirtualClock::default().run(std::future::pending::<()>());
    }
}
