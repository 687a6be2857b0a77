//! What a user sets, read from flags, environment and file, and made into what the agent runs by.

mod error;
mod folders;
mod read;
mod settings;
mod target;

pub use error::ConfigError;
pub use folders::check_folders;
pub use read::{Cgroup, Config, read};
pub use settings::Settings;
pub use target::{RECORDS_NOTHING, target};
