//! One attempt for all who want the same thing at the same time.

use std::{
    fmt,
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
};

use kargo_core::port::PortError;
use tokio::sync::Mutex;

/// A value that is made once, and again when it is no longer good.
pub(crate) struct Single<T> {
    /// How many attempts have ended.
    ended: AtomicU64,
    last: Mutex<Option<Result<T, PortError>>>,
}

impl<T> Default for Single<T> {
    fn default() -> Self {
        Self { ended: AtomicU64::new(0), last: Mutex::new(None) }
    }
}

impl<T: Clone> Single<T> {
    /// The value as it is, if it is good, else what `make` makes of it. Who waited while another made it gets what that one got, an error,
    /// too: fifty callers do not wait for fifty time-outs one after another. An attempt whose future is dropped counts for nothing.
    pub(crate) async fn get(
        &self,
        is_good: impl Fn(&T) -> bool,
        make: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        let before = self.ended.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        match &*last {
            Some(Ok(value)) if is_good(value) => return Ok(value.clone()),
            Some(Err(error)) if self.ended.load(Ordering::SeqCst) != before => return Err(error.clone()),
            _ => {}
        }
        let made = make.await;
        self.ended.fetch_add(1, Ordering::SeqCst);
        *last = Some(made.clone());
        made
    }
}

/// Without the value: it may be a secret.
impl<T> fmt::Debug for Single<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Single").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicU32, task::Poll};

    use futures::future::join_all;

    use super::*;

    /// Lets others run once.
    async fn pause() {
        let mut first = true;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }

    #[tokio::test]
    async fn requirements_a3_those_who_ask_together_share_one_attempt() {
        let (single, attempts) = (Single::default(), AtomicU32::new(0));
        let ask = |is_good: bool, fails: bool| {
            let (single, attempts) = (&single, &attempts);
            async move {
                let make = async {
                    let attempt = attempts.fetch_add(1, Ordering::SeqCst);
                    pause().await;
                    if fails { Err(PortError::retryable("down")) } else { Ok(attempt) }
                };
                single.get(|_| is_good, make).await
            }
        };
        assert_eq!(join_all((0..5).map(|_| ask(true, true))).await, vec![Err(PortError::retryable("down")); 5]);
        assert_eq!(attempts.load(Ordering::SeqCst), 1, "an error is shared by those who waited for it");
        assert_eq!(join_all((0..5).map(|_| ask(true, false))).await, vec![Ok(1); 5]);
        assert_eq!(ask(true, false).await, Ok(1));
        assert_eq!(ask(false, false).await, Ok(2), "what is not good is made again");
    }

    #[tokio::test]
    async fn an_attempt_that_is_dropped_counts_for_nothing() {
        let single = Single::default();
        let mut stuck = Box::pin(single.get(|_: &u8| true, std::future::pending()));
        assert!(futures::poll!(&mut stuck).is_pending());
        let next = single.get(|_| true, async { Ok(1) });
        drop(stuck);
        assert_eq!(next.await, Ok(1));
    }
}
