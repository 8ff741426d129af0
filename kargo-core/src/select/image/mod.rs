//! Images: from names of tags to the images that a subscription selects (discovery 2). Declarations alone.
//!
//! [`ImageRules`] are the subscription, checked and compiled. An [`ImageListing`] takes the pages of the tag list, and
//! becomes an [`ImageSelection`], which says what to ask of the registry until it knows the images, best first. It does no
//! I/O: whoever drives it sends the questions, as many at once as it likes, and brings the answers in any order.
//!
//! ```
//! use kargo_core::model::ImageSubscription;
//! use kargo_core::select::image::{Ask, Config, ConfigSource, ImageRules, Manifest, Seen};
//!
//! let subscription = ImageSubscription { constraint: Some("^1.2".into()), discovery_limit: 1, ..Default::default() };
//! let mut listing = ImageRules::new(&subscription)?.listing();
//! listing.offer(["1.2.9", "1.10.0", "2.0.0", "latest"].map(Into::into));
//! let mut selection = listing.listed();
//!
//! // Only the winner is asked for, and only what its date needs.
//! assert_eq!(selection.asks(8, |_| Seen::Never), [Ask::Tag("1.10.0".into())]);
//! let manifest = Manifest::Image { annotations: Default::default(), config: ConfigSource::Blob("sha256:c".into()) };
//! selection.manifest_is(&"sha256:m".into(), manifest);
//! selection.tag_is(&"1.10.0".into(), "sha256:m".into(), None);
//! assert_eq!(selection.asks(8, |_| Seen::Never), [Ask::Config("sha256:c".into())]);
//! selection.config_is(&"sha256:c".into(), Config::default());
//!
//! assert!(selection.is_done());
//! assert_eq!(selection.finish().images[0].tag, "1.10.0");
//! # Ok::<(), kargo_core::select::SubscriptionError>(())
//! ```

mod created;
mod describe;
mod document;
mod listing;
mod platform;
mod rules;
mod selection;

pub use document::{Config, ConfigSource, IndexEntry, Manifest};
pub use listing::ImageListing;
pub use platform::Platform;
pub use rules::{Detail, ImageRules};
pub use selection::{Ask, ImageOutcome, ImageSelection, Seen, SkipReason, SkippedImage};
