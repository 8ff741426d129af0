//! What Kargo adds to the language: the signatures of its functions, and the objects they answer with. Declarations
//! alone.
//!
//! This says what can be called and what is known of the results; what the answers are is the caller's, who gives the
//! declared functions their bodies with [`Functions::answer`](super::Functions::answer).
//!
//! ```
//! use kargo_core::expr::{Functions, Program, kargo};
//!
//! let mut functions = Functions::new();
//! kargo::declare(&mut functions, &[kargo::Group::Freight]);
//! let error = Program::compile("imageFrom('ghcr.io/acme/cart').tag", &functions).unwrap_err();
//! assert_eq!(error.problem().to_string(), "type v1alpha1.Image has no field tag");
//! ```

mod answer;
mod discovered;
mod object;
mod signature;
mod truth;
mod types;

pub use answer::Answer;
pub use discovered::{discovered_chart, discovered_commit, discovered_image};
pub use signature::{Group, Signature, declare, find, signatures};
pub use truth::loose_truth;
pub use types::{
    ARTIFACT, CHART, COMMIT, DISCOVERED_COMMIT, DISCOVERED_IMAGE, IMAGE, ORIGIN, ORIGIN_KIND, VERSION, VERSION_REF,
    types,
};
