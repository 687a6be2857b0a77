//! Becomes a command that runs under a trace of its own.

use std::convert::Infallible;
use std::ffi::{CString, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use crate::socket::{VARIABLE, mint};

const TRACE: &str = "VANTIO_TRACE_ID";

/// Why a command could not be run.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// No trace.
    #[error("the agent at {path} gave no trace: {source}")]
    NoTrace {
        /// Its socket.
        path: String,
        /// What the system, or the agent, said.
        source: std::io::Error,
    },
    /// No program.
    #[error("{0} cannot be run: {1}")]
    NoProgram(String, &'static str),
    /// No name of one.
    #[error("the command to run has no name")]
    Empty,
    /// A zero byte inside of a word.
    #[error("a word of the command holds a zero byte")]
    ZeroByte,
}

/// Takes a trace from the agent and becomes the command. The trace stands first in its environment, where SDKs and the kernel's
/// program look first; what else claimed a trace there is taken out.
pub fn launch(socket: &Path, command: &[OsString]) -> Result<Infallible, LaunchError> {
    let path = socket.display().to_string();
    let trace = mint(socket).map_err(|source| LaunchError::NoTrace { path, source })?;
    let mut environment = vec![word(format!("{TRACE}={trace}").into())?];
    for (name, value) in std::env::vars_os().filter(|(name, _)| name != TRACE && name != VARIABLE) {
        environment.push(word([name.as_bytes(), b"=", value.as_bytes()].concat())?);
    }
    environment.push(word([VARIABLE.as_bytes(), b"=", socket.as_os_str().as_bytes()].concat())?);
    let words = command.iter().map(|one| word(one.clone().into_vec())).collect::<Result<Vec<_>, _>>()?;
    let program = words.first().filter(|word| !word.is_empty()).ok_or(LaunchError::Empty)?;
    let Err(error) = nix::unistd::execvpe(program, &words, &environment);
    Err(LaunchError::NoProgram(program.to_string_lossy().into_owned(), error.desc()))
}

fn word(bytes: Vec<u8>) -> Result<CString, LaunchError> {
    CString::new(bytes).map_err(|_| LaunchError::ZeroByte)
}
