//! The tool `pipeline`, run as a person runs it.
#![expect(missing_docs, reason = "tests")]
