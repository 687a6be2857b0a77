//! What clients of the socket say of their connections, and whether all are known who may speak.

use std::time::Duration;

use super::Engine;
use crate::socket::{Door, Note};

/// Turns at which somebody may be at the door before records wait no longer: who knocks without end must not hold them up.
const LOUD_TURNS: u32 = 10;
/// How long the end waits for what processes that are about to end, too, say of their connections.
const LAST_WORDS: Duration = Duration::from_millis(250);

impl Engine {
    /// Who opens the socket is about to do what it will speak of: what it writes by TLS is to be seen from the first byte, where it can.
    pub(super) fn hear(&mut self, note: Note) {
        if let Note::Began(speaker) = &note {
            self.tls.look(speaker.pid);
        }
        self.network.hear(note);
    }

    pub(super) async fn hear_last_words(&mut self) {
        let patience = tokio::time::sleep(LAST_WORDS);
        tokio::pin!(patience);
        while self.network.is_listening() {
            tokio::select! {
                () = &mut patience => return,
                Some(note) = self.notes.recv() => self.network.hear(note),
            }
        }
    }

    /// Whether everybody is known who had the socket open when the rings were emptied. What they say of their connections now waits
    /// for the next time.
    pub(super) fn knows_speakers(&mut self) -> bool {
        while let Ok(note) = self.notes.try_recv() {
            self.hear(note);
        }
        let is_quiet = self.door.as_ref().is_none_or(Door::is_quiet);
        self.loud_turns = if is_quiet { 0 } else { self.loud_turns.saturating_add(1) };
        is_quiet || self.loud_turns > LOUD_TURNS
    }
}
