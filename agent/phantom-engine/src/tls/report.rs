use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::probes::Way;

/// Sentences that are kept; the oldest gives way.
const SENTENCES: usize = 32;

/// What is probed and what is not, for whoever asks while the engine runs.
#[derive(Clone)]
pub struct Report(Arc<Mutex<State>>);

struct State {
    way: Way,
    refused: Option<String>,
    files: usize,
    unseen: VecDeque<String>,
}

impl Report {
    pub(super) fn new(way: Way) -> Self {
        Self(Arc::new(Mutex::new(State { way, refused: None, files: 0, unseen: VecDeque::new() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing can be probed here.
    pub(super) fn refuse(&self, why: String) {
        self.state().refused = Some(why);
    }

    /// How many files are probed.
    pub(super) fn count(&self, files: usize) {
        self.state().files = files;
    }

    /// Notes what is not observable, and says it once.
    pub(super) fn note(&self, sentence: String) {
        let mut state = self.state();
        if state.unseen.contains(&sentence) {
            return;
        }
        eprintln!("vantio-agent: {sentence}");
        if state.unseen.len() == SENTENCES {
            state.unseen.pop_front();
        }
        state.unseen.push_back(sentence);
    }

    /// Which way libraries are probed.
    #[must_use]
    pub fn way(&self) -> Way {
        self.state().way
    }

    /// Why nothing can be probed here, if nothing can.
    #[must_use]
    pub fn refused(&self) -> Option<String> {
        self.state().refused.clone()
    }

    /// Files that are probed at present.
    #[must_use]
    pub fn files(&self) -> usize {
        self.state().files
    }

    /// What is not observable, a sentence each.
    #[must_use]
    pub fn unseen(&self) -> Vec<String> {
        self.state().unseen.iter().cloned().collect()
    }

    /// Everything, for `status`.
    #[must_use]
    pub fn show(&self) -> Value {
        let state = self.state();
        let says = state.refused.clone().unwrap_or_else(|| state.way.says().to_owned());
        json!({ "probes": state.way.name(), "says": says, "files": state.files, "not_observable": state.unseen })
    }
}
