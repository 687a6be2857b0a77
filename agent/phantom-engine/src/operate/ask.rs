use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::control::Request;

/// Why a running agent could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody is there, or it is not for us.
    #[error("no agent answers at {path} ({source}): start one with vantio-agent record, and ask as its user")]
    NoAgent {
        /// Its control socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It answered something else.
    #[error("the agent at {0} answered what is not understood: it may be of another version")]
    Answer(PathBuf),
}

const PATIENCE: Duration = Duration::from_secs(10);

fn open(path: &Path, request: Request) -> Result<BufReader<UnixStream>, AskError> {
    let failed = |source| AskError::NoAgent { path: path.to_owned(), source };
    let mut stream = UnixStream::connect(path).map_err(failed)?;
    let text = serde_json::to_string(&request).map_err(|error| failed(error.into()))?;
    stream.write_all(format!("{text}\n").as_bytes()).map_err(failed)?;
    Ok(BufReader::new(stream))
}

/// One question, one answer.
pub fn ask(path: &Path, request: Request) -> Result<Value, AskError> {
    let failed = |source| AskError::NoAgent { path: path.to_owned(), source };
    let mut stream = open(path, request)?;
    stream.get_ref().set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    let mut text = String::new();
    stream.read_line(&mut text).map_err(failed)?;
    serde_json::from_str(&text).map_err(|_| AskError::Answer(path.to_owned()))
}

/// Lines until the agent ends or `take` says false.
pub fn follow(path: &Path, request: Request, mut take: impl FnMut(&str) -> bool) -> Result<(), AskError> {
    for text in open(path, request)?.lines() {
        let text = text.map_err(|source| AskError::NoAgent { path: path.to_owned(), source })?;
        if !take(&text) {
            break;
        }
    }
    Ok(())
}
