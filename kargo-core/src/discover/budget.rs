//! Budgets of accounts: who may send now, in fair order, and when nobody may.

use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::channel::oneshot;

use super::{AccountLimits, Rate};
use crate::port::{Account, Clock, Monotonic, NotBefore, PortClass, PortError, Reply};

/// A pause after a limit whose end the peer did not tell.
const UNTOLD_LIMIT: Duration = Duration::from_secs(60);

/// Budgets of all accounts of a process. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Budgets {
    clock: Arc<dyn Clock>,
    limits: AccountLimits,
    accounts: Arc<Mutex<BTreeMap<Account, State>>>,
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    /// First come, first served.
    queue: VecDeque<oneshot::Sender<Permit>>,
    paused_until: Option<Monotonic>,
    /// When the last requests were let go, as many of them as the rate needs, in order.
    gone: VecDeque<Monotonic>,
}

/// What stands between a permit and its request.
enum Gate {
    Open,
    /// The peer's limit lasts until then.
    Paused(Monotonic),
    /// By the rate, its moment is then.
    Booked(Monotonic),
}

impl Budgets {
    pub(super) fn new(clock: Arc<dyn Clock>, limits: AccountLimits) -> Self {
        Self { clock, limits, accounts: Arc::default() }
    }

    /// Asks within the budget of an account; again where that may help.
    pub(super) async fn call<T, F>(&self, account: &Account, ask: impl Fn() -> F) -> Result<Reply<T>, PortError>
    where
        F: Future<Output = Result<Reply<T>, PortError>>,
    {
        let mut attempt = 1;
        loop {
            let permit = self.enter(account).await?;
            let answer = ask().await;
            self.learn(account, &answer);
            drop(permit);
            let Err(error) = answer else { return answer };
            if attempt >= self.limits.attempts || !error.class().is_retryable() {
                return Err(error);
            }
            if let PortClass::Retryable { after } = error.class() {
                let told = after.map(|moment| self.span(moment)).unwrap_or_default();
                if told > self.limits.patience {
                    return Err(error);
                }
                self.clock.sleep_until(self.clock.monotonic() + told.max(pause(attempt))).await;
            }
            attempt += 1;
        }
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Waits for a turn, and for the end of the peer's limit.
    async fn enter(&self, account: &Account) -> Result<Permit, PortError> {
        let waiting = {
            let mut accounts = self.lock();
            let state = accounts.entry(account.clone()).or_default();
            if state.under_way < self.limits.concurrent.max(1) {
                state.under_way += 1;
                None
            } else {
                let (sender, receiver) = oneshot::channel();
                state.queue.push_back(sender);
                Some(receiver)
            }
        };
        let permit = match waiting {
            None => Permit { budgets: self.clone(), account: account.clone(), counts: true },
            Some(receiver) => receiver.await.map_err(|_| PortError::bug("the queue of an account was dropped"))?,
        };
        let mut is_booked = false;
        loop {
            // A moment that passes within the peer's limit is booked again, lest all of them be used at its end.
            let until = match self.gate(account, is_booked)? {
                Gate::Open => return Ok(permit),
                Gate::Paused(until) => {
                    is_booked = false;
                    until
                }
                Gate::Booked(until) => {
                    is_booked = true;
                    until
                }
            };
            self.clock.sleep_until(until).await;
        }
    }

    /// Whether a request may be sent now, or when to ask again; what lasts longer than patience is an error.
    fn gate(&self, account: &Account, is_booked: bool) -> Result<Gate, PortError> {
        let now = self.clock.monotonic();
        let refused = |until: Monotonic, what: &str| {
            let left = until.since(now);
            let error = PortError::rate_limited(format!("{what} lasts longer than is waited for"));
            if left > self.limits.patience { Err(error.at(account.host()).after(left.into())) } else { Ok(until) }
        };
        let mut accounts = self.lock();
        let state = accounts.entry(account.clone()).or_default();
        if let Some(until) = state.paused_until.filter(|until| *until > now) {
            return Ok(Gate::Paused(refused(until, "the limit that was told")?));
        }
        let Some(rate) = self.limits.rate.filter(|_| !is_booked) else { return Ok(Gate::Open) };
        let moment = refused(rate.next(&state.gone, now), "the wait for the account's own rate")?;
        rate.book(&mut state.gone, moment);
        Ok(if moment > now { Gate::Booked(moment) } else { Gate::Open })
    }

    /// What an answer says of the account as a whole.
    fn learn<T>(&self, account: &Account, answer: &Result<Reply<T>, PortError>) {
        let moment = match answer {
            Ok(reply) => reply.retry_after().or(reply.rate_limit().reset.filter(|_| reply.rate_limit().is_spent())),
            Err(error) => match error.class() {
                PortClass::RateLimited { until } => Some(until.unwrap_or(NotBefore::After(UNTOLD_LIMIT.into()))),
                _ => None,
            },
        };
        let until = moment.map(|moment| self.clock.monotonic() + self.span(moment));
        let Some(until) = until else { return };
        let mut accounts = self.lock();
        let state = accounts.entry(account.clone()).or_default();
        state.paused_until = state.paused_until.max(Some(until));
    }

    fn span(&self, moment: NotBefore) -> Duration {
        let now = self.clock.now();
        match moment {
            NotBefore::After(span) => span.to_std().unwrap_or_default(),
            NotBefore::At(_) => (moment.instant(now) - now).to_std().unwrap_or_default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Account, State>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pauses between the tries of one question (discovery 2.10): a second, then three, then three times as long each time.
fn pause(attempt: u32) -> Duration {
    Duration::from_secs(3_u64.saturating_pow(attempt.saturating_sub(1)).min(60))
}

impl Rate {
    /// When the next request may go, after those that went or will.
    fn next(&self, gone: &VecDeque<Monotonic>, now: Monotonic) -> Monotonic {
        let oldest = gone.len().checked_sub(self.requests.max(1)).and_then(|at| gone.get(at));
        oldest.map_or(now, |oldest| now.max(*oldest + self.per))
    }

    /// One more goes then.
    fn book(&self, gone: &mut VecDeque<Monotonic>, moment: Monotonic) {
        gone.push_back(moment);
        while gone.len() > self.requests.max(1) {
            gone.pop_front();
        }
    }
}

/// The right to send one request. Dropping it lets the next in.
#[derive(Debug)]
struct Permit {
    budgets: Budgets,
    account: Account,
    /// False for one that was passed on or never taken.
    counts: bool,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.counts {
            return;
        }
        let mut accounts = self.budgets.lock();
        let Some(state) = accounts.get_mut(&self.account) else { return };
        // The permit itself travels, so that one whose receiver is dropped with it is not lost.
        while let Some(next) = state.queue.pop_front() {
            let permit = Self { budgets: self.budgets.clone(), account: self.account.clone(), counts: true };
            match next.send(permit) {
                Ok(()) => return,
                Err(mut unwanted) => unwanted.counts = false,
            }
        }
        state.under_way = state.under_way.saturating_sub(1);
    }
}
