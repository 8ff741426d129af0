//! Every limit on what is read, in one place (rules 19).

/// Bytes of one document.
pub const DOCUMENT_BYTES: usize = 32 << 20;
/// Bytes of all texts of one set together.
pub const SET_BYTES: usize = 512 << 20;
/// How deep values may nest in one another.
pub const DEPTH: usize = 128;
/// How many aliases (`*name`) one document may expand, those inside expanded values included.
pub const ALIAS_EXPANSIONS: usize = 10_000;
/// How many values one document may have, expanded ones included.
pub const VALUES: usize = 2_000_000;
/// How many mistakes are listed for one text.
pub const DIAGNOSTICS: usize = 1_000;
