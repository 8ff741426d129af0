//! YAML text into nodes, and nouns into YAML text. The parser and the emitter are other people's, hidden here.

mod parse;
mod split;
mod write;

pub(crate) use parse::parse;
pub(crate) use split::split;
pub(crate) use write::to_yaml;
