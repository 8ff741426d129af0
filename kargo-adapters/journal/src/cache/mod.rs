//! The artifact cache on redb. Declarations alone.

mod damage;
mod error;
mod file;
mod place;
mod settings;
mod store;
mod thread;
mod trouble;

pub use damage::{Damage, SetAside};
pub use error::OpenError;
pub use file::FileCache;
pub use settings::CacheSettings;
pub use store::Usage;
