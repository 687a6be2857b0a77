use std::path::Path;

use super::error::ConfigError;
use super::read::Config;
use crate::cgroups;

/// Whether all cgroups that are named are there: asked before anything is made or loaded. One may still go before it is taken in.
pub fn check_folders(config: &Config) -> Result<(), ConfigError> {
    let enrolled = config.cgroups.iter().map(|one| ("cgroups (--cgroup)", one.folder.as_path()));
    let looked_at = config.settings.packets.iter().map(|folder| ("packets (--packets)", folder.as_path()));
    enrolled.chain(looked_at).try_for_each(|(name, folder)| check(name, folder))
}

fn check(name: &'static str, folder: &Path) -> Result<(), ConfigError> {
    let Err(source) = cgroups::id_of(folder) else { return Ok(()) };
    let advice = match cgroups::root() {
        Ok(root) => format!("name {} or a folder below it", root.display()),
        Err(error) => error.to_string(),
    };
    Err(ConfigError::NotACgroup { name, source, advice })
}
