//! Local copies: one bare repository per address and credential, kept between calls and shared between processes.

mod copy;
mod fetch;
mod lock;
mod registry;

pub(crate) use copy::in_copy;
pub(crate) use registry::{Mirror, Mirrors};

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
