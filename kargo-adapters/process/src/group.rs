//! A child that leads its own process group, and takes the group with it.

use std::io;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// A child process and everything it started. Dropping it kills the whole group; the runtime then reaps the child.
///
/// Whoever waits for the child does so after its output is at its end: until then the group can be killed by the child's number,
/// afterwards that number may belong to somebody else, and nothing is killed any more.
///
/// ```
/// use kargo_process::Group;
/// use tokio::process::Command;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut group = Group::spawn(Command::new("true"))?;
/// assert!(group.child().wait().await?.success());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Group {
    child: Child,
}

impl Group {
    /// Starts a command as the leader of a group of its own.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn spawn(mut command: Command) -> io::Result<Self> {
        Ok(Self { child: command.process_group(0).kill_on_drop(true).spawn()? })
    }

    /// The child itself.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Kills the group, unless the child has been waited for.
    pub fn kill(&self) {
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
