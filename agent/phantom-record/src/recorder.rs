use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use crate::api_key::ApiKey;
use crate::draft::{Draft, Trace};
use crate::instant::Instant;
use crate::kept;
use crate::ledger_file::LedgerFile;
use crate::names::{Action, EventType, Field};
use crate::sealed::Sealed;
use crate::session::{EndReason, Session, SessionError};
use crate::spool::{Spool, SpoolError};

/// A file of the NDJSON output, like a segment of the spool, is closed with its session.
const LEDGER_SESSION_RECORDS: u64 = 1 << 20;

/// Tries to tell the last losses.
const TELLS_MAX: usize = 4;

/// Why records cannot be stored.
#[derive(Debug, Error)]
pub enum RecorderError {
    /// The session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The NDJSON output.
    #[error("{path} cannot be written: {error}")]
    Output {
        /// Its path, as the user gave it.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

/// Where sealed records go.
pub enum Store {
    /// NDJSON files beside this path.
    File(PathBuf),
    /// The spool, from which they are delivered.
    Spool(Arc<Mutex<Spool>>),
}

/// Why events were lost: `loss_reason` of `schema/record.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LossReason {
    /// The engine could not read an event of its own kernel programs.
    DecodeError,
    /// More waited in memory than may.
    QueueFull,
    /// A cgroup or the node had more than its share.
    RateBudget,
    /// The control plane refused them.
    Refused,
    /// A ring between kernel and engine was full.
    RingFull,
    /// The spool was full.
    SpoolFull,
    /// The disk took no more.
    SpoolUnwritable,
}

impl LossReason {
    /// As it stands in a record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DecodeError => "decode_error",
            Self::QueueFull => "queue_full",
            Self::RateBudget => "rate_budget",
            Self::Refused => "refused",
            Self::RingFull => "ring_full",
            Self::SpoolFull => "spool_full",
            Self::SpoolUnwritable => "spool_unwritable",
        }
    }
}

/// Events that were lost, by reason and, where all are of one, by type and by cgroup.
type Losses = std::collections::BTreeMap<(LossReason, Option<EventType>, Option<u64>), u64>;

/// Seals drafts into sessions and stores them. Nothing that was given to it is lost without being counted: each count
/// becomes a `loss` record, in the same session or the next.
pub struct Recorder {
    api_key: ApiKey,
    store: Store,
    start_facts: Draft,
    session: Option<(Session, Target)>,
    losses: Losses,
    evicted: u64,
    blind: Option<Draft>,
}

enum Target {
    File(Box<LedgerFile>),
    /// Envelopes that are stored next.
    Spool(String),
}

impl Recorder {
    /// Records with this key into this store. `start_facts` is a draft of a `session_start` with what is known of the
    /// emitter, repeated at the start of each session.
    #[must_use]
    pub fn new(api_key: ApiKey, store: Store, start_facts: Draft) -> Self {
        Self { api_key, store, start_facts, session: None, losses: Losses::new(), evicted: 0, blind: None }
    }

    /// Nothing was seen from `first` to `last`: the next session begins with that.
    pub fn blind(&mut self, first: Instant, last: Instant, reason: &'static str) {
        let draft = Draft::new(EventType::BlindInterval, Action::Recorded, last, Trace::None)
            .instant(Field::FirstAt, first.min(last))
            .instant(Field::LastAt, last)
            .listed(Field::BlindReason, reason);
        self.blind = Some(draft);
    }

    /// Counts events that will have no record.
    pub fn lose(&mut self, reason: LossReason, event_type: Option<EventType>, events: u64) {
        self.lose_of_cgroup(reason, event_type, None, events);
    }

    /// Likewise, of processes that were all in one cgroup, by its v2 id.
    pub fn lose_of_cgroup(
        &mut self,
        reason: LossReason,
        event_type: Option<EventType>,
        cgroup: Option<u64>,
        events: u64,
    ) {
        if events > 0 {
            *self.losses.entry((reason, event_type, cgroup)).or_default() += events;
        }
    }

    /// Events that gave way in the spool to later ones, since the start.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Whether a session is open or something is to be told.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.session.is_none() && self.losses.is_empty() && self.blind.is_none()
    }

    /// Seals the drafts, with the losses counted so far and a `session_head` behind them, and returns when all is on disk.
    /// On an error the drafts are counted as lost, and the next call begins a new session. Each draft is sealed before the next one
    /// is asked for: a batch never is in memory as drafts and as lines.
    pub fn store(&mut self, drafts: impl IntoIterator<Item = Draft>) -> Result<(), RecorderError> {
        let mut drafts = drafts.into_iter().peekable();
        if drafts.peek().is_none() && self.losses.is_empty() && self.blind.is_none() {
            return Ok(());
        }
        let mut events = 0;
        let mut drafts = drafts.inspect(|_| events += 1);
        let told = std::mem::take(&mut self.losses);
        let blind = self.blind.take();
        let stored = self.seal_and_write(&mut drafts, &told, blind.clone());
        if let Err(error) = &stored {
            drafts.for_each(drop);
            self.session = None;
            self.close();
            self.blind = blind;
            for ((reason, event_type, cgroup), count) in told {
                self.lose_of_cgroup(reason, event_type, cgroup, count);
            }
            self.lose(error.loss_reason(), None, events);
        }
        stored
    }

    fn seal_and_write(
        &mut self,
        drafts: impl Iterator<Item = Draft>,
        told: &Losses,
        blind: Option<Draft>,
    ) -> Result<(), RecorderError> {
        let now = Instant::now();
        self.leave_refused();
        let (mut session, mut target) = if let Some(open) = self.session.take() {
            open
        } else {
            let (session, start) = Session::start(&self.api_key, self.start_facts.clone().at(now))?;
            let mut target = self.target(session.id());
            target.add(&start, now);
            (session, target)
        };
        let losses = told.iter().map(|(of, count)| loss(now, *of, *count));
        for draft in blind.into_iter().chain(losses).chain(drafts) {
            target.add(&session.seal(draft)?, now);
        }
        target.add(&session.head(now)?, now);
        self.write(&mut target, session.id())?;
        self.session = Some((session, target));
        if self.wants_rotation() {
            // What is stored is stored: a session whose end finds no room is left without one, as by a kill.
            let _ = self.end(EndReason::Rotation);
        }
        Ok(())
    }

    /// A session of which records were refused must not go on: the place of those would read as a gap.
    fn leave_refused(&mut self) {
        if let (Some((session, _)), Store::Spool(spool)) = (&self.session, &self.store)
            && lock(spool).has_refused(session.id())
        {
            self.session = None;
        }
    }

    fn target(&self, session_id: &str) -> Target {
        match &self.store {
            Store::File(path) => Target::File(Box::new(LedgerFile::new(path, &self.api_key, session_id))),
            Store::Spool(_) => Target::Spool(String::new()),
        }
    }

    fn write(&mut self, target: &mut Target, session_id: &str) -> Result<(), RecorderError> {
        match (&self.store, target) {
            (Store::File(path), Target::File(file)) => {
                file.write().map_err(|error| RecorderError::Output { path: path.clone(), error })?;
            }
            (Store::Spool(spool), Target::Spool(lines)) => {
                let evicted = lock(spool).append(session_id, lines)?;
                kept::empty(lines);
                self.evicted += evicted;
                self.lose(LossReason::SpoolFull, None, evicted);
            }
            // A target is made for the store.
            (Store::File(_), Target::Spool(_)) | (Store::Spool(_), Target::File(_)) => {}
        }
        Ok(())
    }

    fn wants_rotation(&self) -> bool {
        match (&self.session, &self.store) {
            (Some((_, Target::File(file))), _) => file.records() >= LEDGER_SESSION_RECORDS,
            (Some(_), Store::Spool(spool)) => lock(spool).is_full(),
            _ => false,
        }
    }

    /// Tells what was lost and is not told yet, of which the last records may have been the cause, and ends: nothing will follow.
    pub fn finish(&mut self, reason: EndReason) -> Result<(), RecorderError> {
        // What tells of a session that gave way is small: it makes no other give way but by chance.
        for _ in 0..TELLS_MAX {
            if self.losses.is_empty() {
                break;
            }
            self.store([])?;
        }
        self.end(reason)
    }

    /// Ends the session cleanly, if one is open.
    pub fn end(&mut self, reason: EndReason) -> Result<(), RecorderError> {
        let Some((session, mut target)) = self.session.take() else {
            return Ok(());
        };
        let session_id = session.id().to_owned();
        let now = Instant::now();
        target.add(&session.end(now, reason)?, now);
        let written = self.write(&mut target, &session_id);
        self.close();
        written
    }

    /// The next session has a file of its own.
    fn close(&self) {
        if let Store::Spool(spool) = &self.store {
            lock(spool).close();
        }
    }

    /// The control plane refused records of the present session: it must not go on.
    pub fn abandon(&mut self) {
        self.session = None;
    }
}

impl Target {
    /// Adds a record to those that are written next.
    fn add(&mut self, record: &Sealed, received_at: Instant) {
        match self {
            Self::File(file) => file.add(record, received_at),
            Self::Spool(lines) => record.envelope(lines),
        }
    }
}

/// A thread that panicked held the lock between two whole states.
fn lock(spool: &Mutex<Spool>) -> std::sync::MutexGuard<'_, Spool> {
    spool.lock().unwrap_or_else(PoisonError::into_inner)
}

fn loss(at: Instant, of: (LossReason, Option<EventType>, Option<u64>), events: u64) -> Draft {
    let (reason, event_type, cgroup) = of;
    let mut draft = Draft::new(EventType::Loss, Action::Recorded, at, Trace::None)
        .number(Field::LostEvents, events)
        .listed(Field::LossReason, reason.as_str());
    if let Some(event_type) = event_type {
        draft = draft.listed(Field::LostEventType, event_type.as_str());
    }
    match cgroup {
        Some(cgroup) => draft.cgroup_id(cgroup),
        None => draft,
    }
}

impl RecorderError {
    /// Why what could not be stored is lost.
    #[must_use]
    pub fn loss_reason(&self) -> LossReason {
        match self {
            Self::Spool(SpoolError::Refused) => LossReason::Refused,
            Self::Spool(SpoolError::Write(error)) | Self::Output { error, .. } if is_full(error) => {
                LossReason::SpoolFull
            }
            _ => LossReason::SpoolUnwritable,
        }
    }
}

/// No room on the disk, or no more of it for this user.
fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}
