//! The contract of [`Clock`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kargo_core::{Timestamp, port::Clock};

use super::Cannot;

/// A clock to be asked, and how time passes for it.
#[async_trait]
pub trait ClockRig: Sized + Send + Sync {
    /// A clock of its own for one test.
    async fn start() -> Self;

    /// The clock under test: the same one at every call.
    fn clock(&self) -> Arc<dyn Clock>;

    /// Returns when this much time has passed: for a real clock by waiting, for a virtual one by moving it.
    async fn pass(&self, span: Duration) {
        let clock = self.clock();
        clock.sleep_until(clock.monotonic() + span).await;
    }

    /// Sets the time of day, as a person does.
    async fn set_time(&self, _now: Timestamp) -> Result<(), Cannot> {
        Err(Cannot)
    }
}

/// The checks, one for each test. Each panics with the sentence of the contract that is broken.
pub mod clock_checks {
    use std::{sync::Mutex, time::Duration};

    use futures::{
        future::{join, join_all},
        pin_mut,
    };
    use kargo_core::{
        Timestamp,
        port::{Clock, Monotonic},
    };

    use super::ClockRig;
    use crate::{conformance::part::partly, fake::yield_now};

    /// Lets more time pass than any check waits for, in small steps with room for others between them.
    async fn enough<R: ClockRig>(rig: &R) {
        for _ in 0..20 {
            rig.pass(Duration::from_millis(10)).await;
            yield_now().await;
        }
    }

    fn after(clock: &dyn Clock, millis: u64) -> Monotonic {
        clock.monotonic() + Duration::from_millis(millis)
    }

    /// It only goes forward.
    pub async fn monotonic_time_never_goes_backwards<R: ClockRig>() {
        let rig = R::start().await;
        let clock = rig.clock();
        let mut last = clock.monotonic();
        for step in 0..1_000 {
            if step % 250 == 0 {
                rig.pass(Duration::from_millis(2)).await;
            }
            let now = clock.monotonic();
            assert!(
                now >= last,
                "contract (Clock::monotonic): it never goes backwards\ngot      {now:?} after {last:?}"
            );
            last = now;
        }
        assert!(last > Monotonic::START, "contract (Clock::monotonic): it goes on");
    }

    /// At once.
    pub async fn an_instant_that_has_come_is_not_waited_for<R: ClockRig>() {
        let rig = R::start().await;
        rig.pass(Duration::from_millis(3)).await;
        let clock = rig.clock();
        for instant in [Monotonic::START, clock.monotonic()] {
            let done = partly(clock.sleep_until(instant), 1).await;
            assert!(
                done,
                "contract (Clock::sleep_until): at once if the instant has come\ngot      waits for {instant:?}"
            );
        }
    }

    /// Not before.
    pub async fn sleeping_ends_at_the_instant_and_not_before<R: ClockRig>() {
        let rig = R::start().await;
        let clock = rig.clock();
        for millis in [1, 7, 20] {
            let instant = after(&*clock, millis);
            let sleeper = async {
                clock.sleep_until(instant).await;
                clock.monotonic()
            };
            let (woken, ()) = join(sleeper, enough(&rig)).await;
            assert!(woken >= instant, "contract (Clock::sleep_until): not before\ngot      {woken:?} for {instant:?}");
        }
    }

    /// Each at its own time.
    pub async fn alarms_side_by_side_ring_in_their_order<R: ClockRig>() {
        let rig = R::start().await;
        let clock = rig.clock();
        let rung = Mutex::new(Vec::new());
        let start = clock.monotonic();
        let sleepers = [90, 30, 60].map(|millis| {
            let (clock, rung) = (&clock, &rung);
            async move {
                clock.sleep_until(start + Duration::from_millis(millis)).await;
                rung.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(millis);
            }
        });
        join(join_all(sleepers), enough(&rig)).await;
        let rung = rung.into_inner().unwrap_or_default();
        assert_eq!(rung, [30, 60, 90], "contract (Clock::sleep_until): the earlier alarm rings first");
    }

    /// Dropping a future cancels its alarm and nobody else's.
    pub async fn a_dropped_alarm_does_not_disturb_others<R: ClockRig>() {
        let rig = R::start().await;
        let clock = rig.clock();
        let instant = after(&*clock, 15);
        let kept = clock.sleep_until(instant);
        pin_mut!(kept);
        let waits = partly(&mut kept, 1).await;
        for polls in 1..10 {
            partly(clock.sleep_until(instant), polls).await;
        }
        if !waits {
            join(kept, enough(&rig)).await;
        }
        assert!(clock.monotonic() >= instant, "contract (Clock::sleep_until): not before");
    }

    /// An instant that never comes is waited for.
    pub async fn the_farthest_instant_is_only_waited_for<R: ClockRig>() {
        let rig = R::start().await;
        let clock = rig.clock();
        for instant in [Monotonic::at(Duration::MAX), clock.monotonic() + Duration::from_hours(24 * 365 * 500)] {
            let done = partly(clock.sleep_until(instant), 5).await;
            assert!(!done, "contract (Clock::sleep_until): not before\ngot      returned at {:?}", clock.monotonic());
        }
    }

    /// While nobody sets the time of day, both clocks tell the same span. Half a minute apart is a broken clock, not a busy machine.
    pub async fn both_times_run_together<R: ClockRig>() {
        let rig = R::start().await;
        let clock = rig.clock();
        let (day, began) = (clock.now(), clock.monotonic());
        rig.pass(Duration::from_millis(60)).await;
        let by_day = (clock.now() - day).num_milliseconds();
        let by_clock = i64::try_from(clock.monotonic().since(began).as_millis()).unwrap_or(i64::MAX);
        assert!(
            by_clock >= 60 && (by_day - by_clock).abs() < 30_000,
            "contract (Clock): the time of day goes on as the monotonic time does\ngot      {by_day} ms and {by_clock} ms"
        );
        assert!(clock.now() > Timestamp::UNIX_EPOCH, "contract (Clock::now): the time of day");
    }

    /// Alarms hang on the other time.
    pub async fn setting_the_time_of_day_moves_no_alarm<R: ClockRig>() {
        let rig = R::start().await;
        let clock = rig.clock();
        rig.pass(Duration::from_millis(5)).await;
        let (before, instant) = (clock.monotonic(), after(&*clock, 20));
        let sleeper = clock.sleep_until(instant);
        pin_mut!(sleeper);
        assert!(!partly(&mut sleeper, 1).await, "contract (Clock::sleep_until): not before");
        for day in [Timestamp::MAX_UTC - chrono::TimeDelta::days(400), Timestamp::UNIX_EPOCH] {
            assert_eq!(rig.set_time(day).await, Ok(()), "the rig can `set_time`, says the macro");
            assert!(
                (clock.now() - day).num_seconds().abs() < 30,
                "contract (Clock::now): the time of day as it was set"
            );
            assert!(clock.monotonic() >= before, "contract (Clock::monotonic): it never goes backwards");
        }
        assert!(
            !partly(&mut sleeper, 1).await || clock.monotonic() >= instant,
            "contract (Clock::sleep_until): not before"
        );
    }

    /// What the rig can and what the macro was told agree.
    pub async fn what_the_rig_can_is_declared<R: ClockRig>(told: &[&str]) {
        let rig = R::start().await;
        let can = if rig.set_time(Timestamp::UNIX_EPOCH).await.is_ok() { vec!["set_time"] } else { vec![] };
        assert_eq!(can, told, "the rig can the left; write that into the macro's `can: [...]`");
    }
}
