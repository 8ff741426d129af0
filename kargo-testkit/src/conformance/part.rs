//! What the suites share: running futures, in part or whole, and saying what a rig cannot.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use kargo_core::port::{PortError, Reply};

use crate::fake::yield_now;

/// A rig cannot do this; tests that need it are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cannot;

/// Runs a future to its end on this thread, which sleeps while it waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Whether tests may start real servers, which this machine then has to have: `KARGO_REAL_SERVERS=1` says so. A test that
/// is skipped says that it is.
#[must_use]
#[expect(clippy::print_stdout, reason = "whoever runs tests should see what was not tested")]
pub fn has_real_servers() -> bool {
    let has = std::env::var_os("KARGO_REAL_SERVERS").is_some_and(|value| value == "1");
    if !has {
        println!("skipped: KARGO_REAL_SERVERS=1 is not set, so no real server is started");
    }
    has
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls a future so many times, letting others run between, and drops it. Whether it ended before.
pub(super) async fn partly<F: Future>(future: F, polls: usize) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        let poll = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if poll.is_ready() {
            return true;
        }
        yield_now().await;
    }
    false
}

/// The value of an answer that has to be one.
#[track_caller]
pub(super) fn value<T>(contract: &str, answer: Result<Reply<T>, PortError>) -> T {
    match answer.and_then(Reply::into_value) {
        Ok(value) => value,
        Err(error) => broken(&format!("({contract}): this is answered with a value\ngot      {error}")),
    }
}

/// The contract is broken.
#[track_caller]
#[expect(clippy::panic, reason = "a check of a suite fails as a test does")]
pub(super) fn broken(what: &str) -> ! {
    panic!("contract {what}")
}

/// An error is of this class (by name) and tells who was asked what.
#[track_caller]
pub(super) fn assert_class<T>(contract: &str, answer: Result<T, PortError>, class: &str) {
    match answer {
        Ok(_) => assert!(class.is_empty(), "contract ({contract}): the answer should be {class}; it is a value"),
        Err(error) => {
            assert_eq!(
                error.class().to_string(),
                class,
                "contract ({contract}): the error should be {class}\ngot      {error}"
            );
            assert!(error.host().is_some(), "contract ({contract}): an error names the host\ngot      {error}");
            assert!(error.asked().is_some(), "contract ({contract}): an error names what was asked\ngot      {error}");
        }
    }
}
