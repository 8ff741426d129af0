//! Writing to standard output and standard error, where the reader may be gone.

use std::{
    fmt::Display,
    io::{self, Write as _},
    process::ExitCode,
};

/// Something must be mended.
pub(crate) const MISTAKES: u8 = 1;

/// Writes a line to standard output. A reader that went away (`pipeline ... | head`) is no mistake.
pub(crate) fn line(text: impl Display) {
    // There is nobody left to tell.
    let _gone = writeln!(io::stdout().lock(), "{text}");
}

/// Writes text to standard output as it is.
pub(crate) fn raw(text: &str) {
    let mut out = io::stdout().lock();
    let _gone = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a line to standard error.
pub(crate) fn error(text: impl Display) {
    let _gone = writeln!(io::stderr().lock(), "{text}");
}

/// The exit code for "there were mistakes" or "there were none".
pub(crate) fn exit(mistakes: bool) -> ExitCode {
    if mistakes { ExitCode::from(MISTAKES) } else { ExitCode::SUCCESS }
}

/// A number with its noun: `1 error`, `2 errors`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
