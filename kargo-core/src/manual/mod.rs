//! Essays: what one needs to know beside the reference of each item.
//!
//! * [`concepts`]: the words, and how the things they name belong together
//! * [`architecture`]: the laws, the modules, and which way their arrows run
//! * [`extensions`]: kinds, fields and annotations that Kargo does not have
//! * [`differences`]: where we differ from Kargo on purpose, each with its reason
//! * [`costs`]: what a look at a registry costs, in requests
//! * [`shortcomings`]: what does not work (yet), and what to do instead
//! * [`diagnostics`]: every code, what it means and the way out

pub mod architecture;
pub mod concepts;
pub mod costs;
pub mod diagnostics;
pub mod differences;
pub mod extensions;
pub mod promotions;
pub mod shortcomings;
