use phantom_record::{ApiKey, Door};

use super::error::ConfigError;
use super::settings::Settings;
use crate::pipeline::Target;

/// Said where there is nowhere to record to.
pub const RECORDS_NOTHING: &str =
    "nothing is recorded: set output_file (VANTIO_OUTPUT_FILE) or ingest_url (VANTIO_INGEST_URL)";

const SPOOL_BYTES: u64 = 256 << 20;
/// Below this not even one session's file fits beside the next.
const SPOOL_BYTES_MIN: u64 = 16 << 20;

/// Where records go and by which key; none if nowhere.
pub fn target(settings: &Settings) -> Result<Option<(ApiKey, Target)>, ConfigError> {
    let url = match (&settings.output_file, &settings.ingest_url) {
        (Some(_), Some(_)) => return Err(ConfigError::TwoTargets),
        (None, None) => return Ok(None),
        (Some(path), None) => {
            return Ok(Some((api_key(settings)?, Target::File(path.clone()))));
        }
        (None, Some(url)) => url,
    };
    let api_key = api_key(settings)?;
    let bytes = settings.spool_bytes.unwrap_or(SPOOL_BYTES);
    if bytes < SPOOL_BYTES_MIN {
        let rule = "16777216 (16 MiB) or more";
        return Err(ConfigError::Value { name: "spool_bytes", value: bytes.to_string(), rule });
    }
    let door = Door::new(url, &api_key, settings.ca_file.as_deref())?;
    let spool = settings.spool_dir.clone().unwrap_or_else(|| "/var/lib/vantio/spool".into());
    Ok(Some((api_key, Target::Door { door, spool, bytes })))
}

fn api_key(settings: &Settings) -> Result<ApiKey, ConfigError> {
    // Not a flag: those can be read by every process of the machine.
    if let Some(text) = std::env::var("VANTIO_API_KEY").ok().filter(|text| !text.is_empty()) {
        return Ok(ApiKey::read(text.trim())?);
    }
    let path = settings.api_key_file.clone().ok_or(ConfigError::NoKey)?;
    let text = std::fs::read_to_string(&path);
    let text = text.map_err(|source| ConfigError::KeyFile { path: path.clone(), source })?;
    ApiKey::read(text.trim()).map_err(|_| ConfigError::NoKeyInFile(path))
}
