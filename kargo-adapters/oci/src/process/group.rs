//! A child that leads its own process group, and takes the group with it.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// A child process and everything it started. Dropping it kills the whole group; the runtime then reaps the child.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
}

impl Group {
    /// Takes a child that was started with `process_group(0)` and `kill_on_drop(true)`.
    pub(super) fn new(child: Child) -> Self {
        Self { child }
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    fn kill(&self) {
        // Once the child has been waited for, its number may belong to somebody else; it then has none here.
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // The group may have ended by itself in this very moment; there is nothing to do then.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
