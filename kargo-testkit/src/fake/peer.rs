//! What all fakes have in common: counting, sessions, limits, failures, slowness.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kargo_core::{
    model,
    port::{Account, Clock as _, Monotonic, NotBefore, PortError},
};

use super::{CallClass, Calls, VirtualClock, yield_now};

/// A pretended server: it counts, and misbehaves as told. Every fake has one; reach it with `peer()`.
#[derive(Debug)]
pub struct Peer {
    clock: VirtualClock,
    state: Mutex<State>,
}

/// A request that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// Its class.
    pub class: CallClass,
    /// On whose account.
    pub account: Account,
    /// What was asked for.
    pub what: String,
    /// When.
    pub at: Monotonic,
}

#[derive(Debug, Default)]
struct State {
    calls: Calls,
    log: Vec<Request>,
    /// By account, and by what a login of it is good for where that is not everything.
    sessions: BTreeSet<(Account, Option<String>)>,
    service_time: Duration,
    failures: VecDeque<PortError>,
    /// Every so many requests one fails.
    flaky: Option<u64>,
    served: u64,
    /// So many more requests, then the limit of this length strikes.
    allowance: Option<(u64, Duration)>,
    limited_until: Option<Monotonic>,
    violations: Vec<Request>,
    hangs: bool,
    in_flight: usize,
    most_in_flight: usize,
}

impl Peer {
    pub(super) fn new(clock: &VirtualClock) -> Self {
        Self { clock: clock.clone(), state: Mutex::default() }
    }

    /// Every request takes this long.
    pub fn set_service_time(&self, span: Duration) {
        self.lock().service_time = span;
    }

    /// The next requests end in these errors, one each.
    pub fn fail(&self, errors: impl IntoIterator<Item = PortError>) {
        self.lock().failures.extend(errors);
    }

    /// Every so many requests one fails as a network does; 0 for none.
    pub fn set_flaky(&self, every: u64) {
        self.lock().flaky = Some(every).filter(|every| *every > 0);
    }

    /// After so many more requests, every one is answered with 429 and `Retry-After` until this much time has passed. One that
    /// comes before that is a [violation](Self::violations).
    pub fn limit_after(&self, requests: u64, span: Duration) {
        self.lock().allowance = Some((requests, span));
    }

    /// From now on no request is answered, or all are again.
    pub fn set_hanging(&self, hangs: bool) {
        self.lock().hangs = hangs;
    }

    /// Ends all sessions: the next request of each account begins with a handshake.
    pub fn expire_sessions(&self) {
        self.lock().sessions.clear();
    }

    /// What was counted.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.lock().calls
    }

    /// What was counted, beginning again from nothing.
    pub fn take_calls(&self) -> Calls {
        std::mem::take(&mut self.lock().calls)
    }

    /// All requests, in the order they came.
    #[must_use]
    pub fn log(&self) -> Vec<Request> {
        self.lock().log.clone()
    }

    /// Requests that came although the peer had asked to wait.
    #[must_use]
    pub fn violations(&self) -> Vec<Request> {
        self.lock().violations.clone()
    }

    /// The most requests that were under way at once.
    #[must_use]
    pub fn most_in_flight(&self) -> usize {
        self.lock().most_in_flight
    }

    /// Takes a request, with all that may happen to it before the answer is made.
    pub(super) async fn serve(&self, class: CallClass, account: &Account, what: String) -> Result<(), PortError> {
        self.serve_in(None, class, account, what).await
    }

    /// The same where a login is good for this alone.
    pub(super) async fn serve_in(
        &self,
        scope: Option<String>,
        class: CallClass,
        account: &Account,
        what: String,
    ) -> Result<(), PortError> {
        let (_flight, service_time) = self.count(scope, class, account, &what);
        let named = |error: PortError| error.at(account.host()).asking(&what);
        yield_now().await;
        if self.lock().hangs {
            std::future::pending::<()>().await;
        }
        if !service_time.is_zero() {
            self.clock.sleep_until(self.clock.monotonic() + service_time).await;
        }
        let mut state = self.lock();
        let now = self.clock.monotonic();
        state.served += 1;
        if let Some((left, span)) = &mut state.allowance {
            if *left == 0 {
                let span = *span;
                state.allowance = None;
                state.limited_until = Some(now + span);
            } else {
                *left -= 1;
            }
        }
        if let Some(until) = state.limited_until.filter(|until| now < *until) {
            let after = NotBefore::After(model::Duration::from(until.since(now)));
            return Err(named(PortError::rate_limited("HTTP 429").not_before(after).with_status(429)));
        }
        if let Some(error) = state.failures.pop_front() {
            return Err(named(error));
        }
        if state.flaky.is_some_and(|every| state.served.is_multiple_of(every)) {
            return Err(named(PortError::retryable("connection reset")));
        }
        Ok(())
    }

    /// Counts something that needs no answer of its own: a hop.
    pub(super) fn hop(&self) {
        self.lock().calls.add(CallClass::Redirect);
    }

    fn count(&self, scope: Option<String>, class: CallClass, account: &Account, what: &str) -> (Flight<'_>, Duration) {
        let mut state = self.lock();
        let request = Request { class, account: account.clone(), what: what.to_owned(), at: self.clock.monotonic() };
        if state.sessions.insert((account.clone(), scope)) {
            state.calls.add(CallClass::Handshake);
            state.log.push(Request { class: CallClass::Handshake, what: "session".to_owned(), ..request.clone() });
        }
        state.calls.add(class);
        if state.limited_until.is_some_and(|until| request.at < until) {
            state.violations.push(request.clone());
        }
        state.log.push(request);
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        (Flight(self), state.service_time)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way; dropping its future lands it.
struct Flight<'a>(&'a Peer);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
    }
}
