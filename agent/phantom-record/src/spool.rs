use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde_json::Value;
use thiserror::Error;

use crate::instant::Instant;

/// A session is one file, closed at this size: whole sessions can then give way, and no chain is left with a hole.
const SEGMENT_BYTES: u64 = 4 << 20;
/// What one request may hold: below the wire's 8 MiB and 10,000 records.
const GROUP_BYTES: usize = 1 << 20;
const GROUP_RECORDS: usize = 2_000;

/// Why the spool cannot be used.
#[derive(Debug, Error)]
pub enum SpoolError {
    /// The directory is missing, somebody else's, or open to others, who could read disclosures in it.
    #[error("the spool {path} {why}: give the agent a directory of its own, mode 0700")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Records of the session were refused meanwhile.
    #[error("the control plane refused records of this session, and it must not go on")]
    Refused,
    /// The disk took no more.
    #[error("the spool cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Lines that are to be delivered, from one session's file.
#[derive(Debug)]
pub struct Taken {
    segment: u64,
    end: u64,
    /// Envelopes, a line each.
    pub body: String,
    /// How many.
    pub records: usize,
}

struct Segment {
    path: PathBuf,
    /// Bytes that are on disk.
    bytes: u64,
    /// Bytes that the control plane has acknowledged. Not kept over a restart: what is sent twice is stored once.
    sent: u64,
    closed: bool,
}

/// Sealed records on disk, oldest first, until the control plane has acknowledged them.
pub struct Spool {
    directory: PathBuf,
    limit: u64,
    segments: BTreeMap<u64, Segment>,
    writing: Option<(u64, File)>,
    /// The last session of which records were refused while it was written.
    refused: Option<String>,
    /// Events that gave way and are not told yet.
    evicted: u64,
}

impl Spool {
    /// Opens the spool in `directory`, which holds at most `limit` bytes, and gives the time at which an agent before this
    /// one last wrote there. Torn last lines are cut off.
    pub fn open(directory: &Path, limit: u64) -> Result<(Self, Option<Instant>), SpoolError> {
        require_private(directory)?;
        let mut segments = BTreeMap::new();
        let mut last = None;
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let Some(number) = number_of(&path) else { continue };
            let bytes = cut_torn_line(&path)?;
            last = last.max(modified(&path));
            let segment = Segment { path, bytes, sent: 0, closed: true };
            segments.insert(number, segment);
        }
        let spool = Self {
            directory: directory.to_owned(),
            limit,
            segments,
            writing: None,
            refused: None,
            evicted: 0,
        };
        Ok((spool, last))
    }

    /// Bytes that wait.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.bytes - segment.sent).sum()
    }

    /// Whether the session in the present file should end and another begin.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let current = self.writing.as_ref().and_then(|(number, _)| self.segments.get(number));
        current.is_some_and(|segment| segment.bytes >= SEGMENT_BYTES)
    }

    /// Appends envelopes to the present session's file, all of the lines or none, and returns when they are on disk. To stay
    /// within the bound the oldest files give way: the result is the number of events that went with them, and with those that gave way
    /// to records for which there was no room even then.
    pub(crate) fn append(&mut self, session_id: &str, lines: &str) -> Result<u64, SpoolError> {
        if self.has_refused(session_id) {
            return Err(SpoolError::Refused);
        }
        self.make_room(lines.len() as u64)?;
        let (number, file) = match &mut self.writing {
            Some(writing) => writing,
            None => self.writing.insert(create(&self.directory, &mut self.segments, session_id)?),
        };
        let segment = self.segments.get_mut(number).ok_or_else(gone)?;
        if let Err(error) = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data()) {
            // If even this fails the torn line is cut off when the spool is opened again.
            drop(file.set_len(segment.bytes));
            return Err(error.into());
        }
        segment.bytes += lines.len() as u64;
        Ok(std::mem::take(&mut self.evicted))
    }

    /// Closes the present session's file; the next records begin another.
    pub fn close(&mut self) {
        if let Some((number, _)) = self.writing.take()
            && let Some(segment) = self.segments.get_mut(&number)
        {
            segment.closed = true;
        }
        self.forget_delivered();
    }

    /// The oldest lines that wait, as many as one request may hold.
    pub fn take(&mut self) -> Result<Option<Taken>, SpoolError> {
        let waiting = |(_, segment): &(&u64, &Segment)| segment.sent < segment.bytes;
        let Some((&number, segment)) = self.segments.iter().find(waiting) else {
            return Ok(None);
        };
        let mut file = File::open(&segment.path)?;
        file.seek(SeekFrom::Start(segment.sent))?;
        let mut bytes = Vec::new();
        let wanted = (segment.bytes - segment.sent).min(GROUP_BYTES as u64);
        file.take(wanted).read_to_end(&mut bytes)?;
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let (records, end) = ends.take(GROUP_RECORDS).fold((0, 0), |(count, _), end| (count + 1, end));
        bytes.truncate(end);
        let body = String::from_utf8(bytes).map_err(|_| gone())?;
        Ok(Some(Taken { segment: number, end: segment.sent + end as u64, body, records }))
    }

    /// The control plane has stored these.
    pub fn delivered(&mut self, taken: &Taken) {
        if let Some(segment) = self.segments.get_mut(&taken.segment) {
            segment.sent = segment.sent.max(taken.end);
        }
        self.forget_delivered();
    }

    /// The control plane will never take these: the rest of their session goes too, for its chain has a hole now. The
    /// result is the number of events lost, and whether the session is the present one, which must not go on.
    pub fn refused(&mut self, taken: &Taken) -> Result<(u64, bool), SpoolError> {
        let present = self.writing.as_ref().is_some_and(|(number, _)| *number == taken.segment);
        if present {
            let path = self.segments.get(&taken.segment).map(|segment| &segment.path);
            self.refused = path.and_then(|path| session_of(path)).map(str::to_owned);
            self.close();
        }
        let lost = self.remove(taken.segment)?;
        Ok((lost, present))
    }

    /// Whether records of this session were refused while it was written.
    pub(crate) fn has_refused(&self, session_id: &str) -> bool {
        self.refused.as_deref() == Some(session_id)
    }

    fn make_room(&mut self, wanted: u64) -> Result<(), SpoolError> {
        while self.segments.values().map(|segment| segment.bytes).sum::<u64>() + wanted > self.limit {
            let closed = self.segments.iter().find(|(_, segment)| segment.closed);
            let Some((&oldest, _)) = closed else {
                return Err(io::Error::from(io::ErrorKind::StorageFull).into());
            };
            self.evicted += self.remove(oldest)?;
        }
        Ok(())
    }

    /// Events that went with the segment. It is forgotten last: what cannot be counted or removed yet stays, to be counted when it can.
    fn remove(&mut self, number: u64) -> Result<u64, SpoolError> {
        let Some(segment) = self.segments.get(&number) else {
            return Ok(0);
        };
        let lost = unless_gone(count_events(segment))?;
        unless_gone(fs::remove_file(&segment.path))?;
        self.segments.remove(&number);
        Ok(lost)
    }

    fn forget_delivered(&mut self) {
        self.segments.retain(|_, segment| {
            let keep = !segment.closed || segment.sent < segment.bytes;
            if !keep {
                // A file that stays is sent again, and stored once.
                drop(fs::remove_file(&segment.path));
            }
            keep
        });
    }
}

fn create(
    directory: &Path,
    segments: &mut BTreeMap<u64, Segment>,
    session_id: &str,
) -> Result<(u64, File), SpoolError> {
    let number = segments.keys().next_back().map_or(1, |last| last + 1);
    let path = directory.join(format!("{number:016}-{session_id}.ndjson"));
    let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path)?;
    File::open(directory)?.sync_all()?;
    let segment = Segment { path, bytes: 0, sent: 0, closed: false };
    segments.insert(number, segment);
    Ok((number, file))
}

/// Of a file that somebody else removed nothing is left, and nothing that could be counted.
fn unless_gone<T: Default>(done: io::Result<T>) -> io::Result<T> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        done => done,
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "somebody else changed a spool file")
}

/// `NNNNNNNNNNNNNNNN-<session id>.ndjson`; other names are left alone.
fn name_of(path: &Path) -> Option<(&str, &str)> {
    path.file_name()?.to_str()?.strip_suffix(".ndjson")?.split_once('-')
}

fn session_of(path: &Path) -> Option<&str> {
    name_of(path).map(|(_, session)| session)
}

fn number_of(path: &Path) -> Option<u64> {
    let (number, session) = name_of(path)?;
    let hex = session.len() == 32 && session.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && number.len() == 16).then(|| number.parse().ok())?
}

fn modified(path: &Path) -> Option<Instant> {
    let since = fs::metadata(path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_micros()).ok().map(Instant)
}

fn cut_torn_line(path: &Path) -> io::Result<u64> {
    let bytes = fs::read(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < bytes.len() {
        let modified = fs::metadata(path)?.modified()?;
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(whole as u64)?;
        // The time at which an agent last wrote here is still told by the file.
        file.set_modified(modified)?;
    }
    Ok(whole as u64)
}

/// Events among the lines that have not been delivered, and those whose loss is told there: it would be told nowhere
/// else. What only pins the chain does not count.
fn count_events(segment: &Segment) -> io::Result<u64> {
    let mut file = File::open(&segment.path)?;
    file.seek(SeekFrom::Start(segment.sent))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // Also where somebody else has written there: it could never be removed otherwise.
    Ok(String::from_utf8_lossy(&bytes).lines().map(events_of).sum())
}

fn events_of(line: &str) -> u64 {
    if line.contains(r#""event_type":"session_"#) {
        0
    } else if line.contains(r#""event_type":"loss""#) {
        let envelope: Value = serde_json::from_str(line).unwrap_or_default();
        envelope["record"]["lost_events"].as_u64().unwrap_or(0)
    } else {
        1
    }
}

fn require_private(path: &Path) -> Result<(), SpoolError> {
    let refuse = |why: String| SpoolError::Directory { path: path.to_owned(), why };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| refuse(format!("cannot be made ({error})")))?;
    let meta = fs::symlink_metadata(path).map_err(|error| refuse(format!("cannot be read ({error})")))?;
    // SAFETY: geteuid has no preconditions and cannot fail.
    let me = unsafe { libc::geteuid() };
    if !meta.is_dir() {
        return Err(refuse("is no directory".to_owned()));
    }
    if meta.uid() != me || meta.mode() & 0o077 != 0 {
        return Err(refuse("is open to other users".to_owned()));
    }
    Ok(())
}
