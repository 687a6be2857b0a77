use std::path::PathBuf;

use phantom_record::{DoorError, MalformedKey};

use crate::error::EngineError;

/// A setting that cannot be used. Each names it and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file.
    #[error("the configuration {path} cannot be read: {source}")]
    File {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key that does not exist, or a value of another type.
    #[error("the configuration {path} is not understood: {why}")]
    Toml {
        /// Its path.
        path: PathBuf,
        /// Where and what, on one line.
        why: String,
    },
    /// A variable that looks as if it was meant for us.
    #[error("{0} is no setting of the agent: unset it, or see vantio-agent record --help for those that are")]
    Variable(String),
    /// Two places to record to.
    #[error("output_file and ingest_url are both set: records go to one of them, so unset the other")]
    TwoTargets,
    /// No key.
    #[error(
        "there is no API key to sign records with: set VANTIO_API_KEY, or api_key_file to a file that holds it"
    )]
    NoKey,
    /// The key's file.
    #[error("api_key_file {path} cannot be read: {source}")]
    KeyFile {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What is in it is no key.
    #[error("api_key_file {0} holds no API key (vk1.…): make one with `vantio keys create --out FILE`")]
    NoKeyInFile(PathBuf),
    /// The key of the environment.
    #[error(transparent)]
    Key(#[from] MalformedKey),
    /// The control plane's address or its certificates.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// A number out of its range.
    #[error("{name} is {value}: it must be {rule}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        rule: &'static str,
    },
    /// A folder that is no cgroup.
    #[error("{name}: {source}; {advice}")]
    NotACgroup {
        /// The setting.
        name: &'static str,
        /// What it is instead.
        source: EngineError,
        /// Where cgroups are.
        advice: String,
    },
}
