//! Requests on standard input, one a line, and an answer a line on standard output.

use std::{
    io::{self, BufRead, Read as _, Write as _},
    process::ExitCode,
};

use crate::output;

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 32 << 20;

/// Answers every line, whatever it is, until there are no more. `answer` is given the line or why it cannot be read.
pub(crate) fn answer_each(mut answer: impl FnMut(Result<&[u8], String>) -> String) -> ExitCode {
    let (mut input, mut out) = (io::stdin().lock(), io::stdout().lock());
    let mut line = Vec::new();
    loop {
        let text = match next_line(&mut input, &mut line) {
            Ok(Line::End) => return ExitCode::SUCCESS,
            Ok(Line::TooLong) => answer(Err(format!("the line is longer than {MAX_LINE} bytes"))),
            Ok(Line::Read) => answer(Ok(&line)),
            Err(error) => {
                output::error(format_args!("standard input: {error}"));
                return ExitCode::from(output::MISTAKES);
            }
        };
        if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
            // Nobody reads the answers any more.
            return ExitCode::SUCCESS;
        }
    }
}

enum Line {
    Read,
    TooLong,
    End,
}

/// Reads a line without its end; of one that is too long the rest is skipped.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let read = input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(Line::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Line::Read);
    }
    if line.len() <= MAX_LINE {
        return Ok(Line::Read);
    }
    line.clear();
    input.skip_until(b'\n')?;
    Ok(Line::TooLong)
}
