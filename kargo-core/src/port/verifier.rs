//! The port to whatever verifies: analysis runs, test suites, somebody with a checklist.

use std::fmt;

use async_trait::async_trait;

use crate::{
    report::{PortError, Reply},
    verification::{RunHandle, Verdict, VerifyRun},
};

/// Runs verifications: one run for each verification.
///
/// Every answer is a [`Verdict`]: what is known of the run now. None waits for the run's end; how it goes on is asked for by
/// [`look`](Self::look), and may be told before by whatever hears of it first.
///
/// * **Idempotency.** A run is known by the verification's id. Two starts with one id are one run, also after a crash,
///   and also where the first was not answered; the second answers with how that run is, whatever else it asks for. An adapter
///   that cannot search for the id derives the run's name from it.
/// * **Cancellation.** Dropping a future midway leaves open whether it acted; asking again is right.
/// * **Concurrency.** Calls for different ids go side by side. For one id there is one call at a time.
/// * **Errors.** `NotFound`: of a look or a stop, the peer answered, and there is no run of this id; of a start, something that
///   it names does not exist. `Rejected`: the peer refuses this run, and will. `Unsupported`: nobody verifies
///   here. `Retryable`, `RateLimited`: it is tried again, a start without limit. An error says who was asked what.
/// * **Secrets.** The adapter keeps no argument longer than it needs, and puts none into messages or errors.
#[async_trait]
pub trait Verifier: fmt::Debug + Send + Sync {
    /// Starts the run, or finds it, and says how it is.
    ///
    /// `args` are the run's arguments, opened for this call ([`VerifyRun::open_args`]); those in `run` may be sealed.
    async fn start(&self, run: &VerifyRun, args: &[(String, String)]) -> Result<Reply<Verdict>, PortError>;

    /// Says how the run is. It changes nothing, however often it is asked.
    async fn look(&self, run: &RunHandle) -> Result<Reply<Verdict>, PortError>;

    /// Makes the run end, and says how it is: ended, or not yet; the call is repeated until it has.
    ///
    /// A run that has ended stays as it ended. Where there is no run, the answer is `NotFound`, and nothing is left to be done.
    async fn stop(&self, run: &RunHandle) -> Result<Reply<Verdict>, PortError>;
}
