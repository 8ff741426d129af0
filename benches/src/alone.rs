//! Measuring in a process of its own, so that memory that an earlier measurement gave back is not taken for nothing.

use std::{env, io, process::Command};

const WORD: &str = "KARGO_BENCH_ALONE";

/// What this process is to measure, if it was started for one measurement.
#[must_use]
pub fn word() -> Option<String> {
    env::var(WORD).ok()
}

/// Runs this program again for one measurement, and gives back what it prints.
///
/// # Errors
///
/// The program cannot be run again, or fails.
pub fn ask(word: &str) -> io::Result<String> {
    let output = Command::new(env::current_exe()?).env(WORD, word).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{word}: {}: {said}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
