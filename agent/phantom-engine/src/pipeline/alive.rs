use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use phantom_record::Instant;

/// What was seen longer ago than this has left the engine: it gathers opens for a second, and looks five times a second.
const HELD_BACK: Duration = Duration::from_millis(1500);
const RUNNING: &str = "running";
const ENDED: &str = "ended";

/// Why the marker cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum AliveError {
    /// Two agents would write over each other.
    #[error("another vantio-agent records there: it holds {0}")]
    Taken(PathBuf),
    /// The disk or the directory.
    #[error("{path} cannot be kept: {source}")]
    Io {
        /// The marker.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The agent before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRun {
    /// What it had seen until then is recorded.
    pub until: Instant,
    /// `blind_reason`.
    pub reason: &'static str,
}

/// A file whose time of change says until when everything that was seen is on disk, and whose lock says who is at work.
pub struct Alive {
    file: File,
    path: PathBuf,
}

impl Alive {
    /// Takes the marker, and tells what the last agent left there.
    pub fn take(path: &Path) -> Result<(Self, Option<LastRun>), AliveError> {
        let failed = |source| AliveError::Io { path: path.to_owned(), source };
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(AliveError::Taken(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut alive = Self { file, path: path.to_owned() };
        let last = if is_new { None } else { alive.last().map_err(failed)? };
        alive.write(RUNNING)?;
        // Until the engine sees, the time stays that of the last agent: a kill now must not shorten what was blind.
        if let Some(last) = last {
            alive.set(UNIX_EPOCH + Duration::from_micros(last.until.0))?;
        }
        Ok((alive, last))
    }

    fn last(&mut self) -> io::Result<Option<LastRun>> {
        let mut text = String::new();
        (&self.file).take(256).read_to_string(&mut text)?;
        let since = self.file.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut words = text.split_whitespace();
        let reason = match (words.next(), words.next()) {
            (Some(ENDED), Some(version)) if version != env!("CARGO_PKG_VERSION") => "upgrade",
            (Some(ENDED), _) => "restart",
            (Some(RUNNING), _) => "killed",
            // Killed between making the file and writing it: no agent has seen anything.
            _ => return Ok(None),
        };
        Ok(Some(LastRun { until: Instant(u64::try_from(since.as_micros()).unwrap_or(0)), reason }))
    }

    /// All that was seen until a little before `at` is on disk.
    pub fn seen_until(&self, at: SystemTime) -> Result<(), AliveError> {
        self.set(at - HELD_BACK)
    }

    fn set(&self, at: SystemTime) -> Result<(), AliveError> {
        self.file.set_modified(at).map_err(|source| AliveError::Io { path: self.path.clone(), source })
    }

    /// The agent ends in good order, with everything on disk.
    pub fn end(mut self) -> Result<(), AliveError> {
        self.write(ENDED)
    }

    fn write(&mut self, state: &str) -> Result<(), AliveError> {
        let text = format!("{state} {}\n", env!("CARGO_PKG_VERSION"));
        let written = self.file.seek(SeekFrom::Start(0)).and_then(|_| {
            self.file.write_all(text.as_bytes())?;
            self.file.set_len(text.len() as u64)
        });
        written.map_err(|source| AliveError::Io { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_kill_from_an_end_and_until_when_it_was_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.alive");
        let (alive, last) = Alive::take(&path).unwrap();
        assert_eq!(last, None);
        let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        alive.seen_until(at).unwrap();
        drop(alive);
        let until = Instant(1_699_999_998_500_000);
        let (alive, last) = Alive::take(&path).unwrap();
        assert_eq!(last, Some(LastRun { until, reason: "killed" }));
        drop(alive);
        let (alive, last) = Alive::take(&path).unwrap();
        assert_eq!(
            last,
            Some(LastRun { until, reason: "killed" }),
            "a kill while it starts shortens nothing"
        );
        alive.end().unwrap();
        let (_, last) = Alive::take(&path).unwrap();
        assert_eq!(last.unwrap().reason, "restart");
    }

    #[test]
    fn two_agents_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.alive");
        let _first = Alive::take(&path).unwrap();
        let error = Alive::take(&path).err().unwrap();
        assert!(error.to_string().starts_with("another vantio-agent records there"), "{error}");
    }
}
