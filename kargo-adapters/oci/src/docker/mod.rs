//! What `docker login` left: the configuration file, and the helpers that it names. Declarations alone.

mod config;
mod file;
mod helper;

pub use config::DockerConfig;
