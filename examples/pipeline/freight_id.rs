//! `pipeline freight-id`: the id of each piece of freight on standard input.

use std::{
    io::{self, Read as _},
    process::ExitCode,
};

use kargo_core::{
    freight,
    manifest::{Reader, limits},
    model::Freight,
};

use crate::output;

pub(crate) fn run() -> ExitCode {
    let mut text = String::new();
    // One byte more than a set may have, so that the reader says which limit was exceeded.
    let limit = limits::SET_BYTES as u64 + 1;
    if let Err(error) = io::stdin().lock().take(limit).read_to_string(&mut text) {
        output::error(format_args!("standard input cannot be read: {error}"));
        return output::exit(true);
    }
    let mut reader = Reader::new().each_alone();
    reader.text("standard input", &text);
    let reading = reader.finish();
    for (freight, _) in reading.manifests.all::<Freight>() {
        output::line(freight::freight_id(&freight.origin, freight));
    }
    let wrong = reading.diagnostics.has_errors();
    if wrong {
        output::error(&reading.diagnostics);
    }
    output::exit(wrong)
}
