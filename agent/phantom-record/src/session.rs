use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::api_key::ApiKey;
use crate::canonical::{Value, hex, object};
use crate::commitment::Disclosure;
use crate::draft::{Draft, Trace};
use crate::event_id::EventIds;
use crate::instant::Instant;
use crate::mac::MacKey;
use crate::names::{Action, EventType, Field};
use crate::sealed::Sealed;

/// Why a session cannot begin or go on.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The kernel gave no random bytes.
    #[error("no random bytes from the kernel: {0}")]
    Random(#[from] getrandom::Error),
    /// A record of more than 16,384 bytes is refused everywhere.
    #[error("a {0} record has more than 16,384 bytes")]
    TooLong(&'static str),
}

const MAX_RECORD: usize = 16_384;

/// Why a session ended: `end_reason` of `schema/record.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Everything is told and the program ends.
    Exit,
    /// A signal asked for the end.
    Signal,
    /// The next session takes over, in a file of its own.
    Rotation,
}

impl EndReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Signal => "signal",
            Self::Rotation => "rotation",
        }
    }
}

/// The chain of one session. Its key is made for it and never stored, so nobody can add to it once it is gone.
pub struct Session {
    key: SigningKey,
    id: [u8; 16],
    id_text: String,
    tenant_id: String,
    key_id: String,
    macs: MacKey,
    ids: EventIds,
    seq: u64,
    previous: [u8; 32],
}

impl Session {
    /// Begins a session: its `session_start` is the first to be stored. `facts` are further members of it, of a draft of
    /// that type.
    pub fn start(api_key: &ApiKey, facts: Draft) -> Result<(Self, Sealed), SessionError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Self::start_with(&seed, api_key, facts)
    }

    fn start_with(
        seed: &[u8; 32],
        api_key: &ApiKey,
        mut facts: Draft,
    ) -> Result<(Self, Sealed), SessionError> {
        let key = SigningKey::from_bytes(seed);
        let public = key.verifying_key().to_bytes();
        let digest = Sha256::digest(public);
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        let id_text = hex(&id);
        facts.put(Field::SessionPublicKey, Value::Text(hex(&public)));
        let mut session = Self {
            key,
            id,
            ids: EventIds::new(&id_text),
            id_text,
            tenant_id: api_key.tenant_id().to_owned(),
            key_id: api_key.key_id().to_owned(),
            macs: MacKey::of_records(api_key),
            seq: 0,
            previous: [0; 32],
        };
        let start = session.seal(facts)?;
        Ok((session, start))
    }

    /// 32 hex digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id_text
    }

    /// Gives a draft the next place in the chain. On an error the place is not taken.
    pub fn seal(&mut self, draft: Draft) -> Result<Sealed, SessionError> {
        let Draft { event_type, at, mut members, committed } = draft;
        let disclosures = disclose(committed, &mut members)?;
        let event_id = self.ids.next(at);
        members.extend([
            (Field::EventId, Value::Text(event_id.clone())),
            (Field::KeyId, Value::Text(self.key_id.clone())),
            (Field::OccurredAt, Value::Text(at.to_string())),
            (Field::Prev, Value::Text(hex(&self.previous))),
            (Field::Seq, Value::Number(self.seq)),
            (Field::SessionId, Value::Text(self.id_text.clone())),
            (Field::Source, Value::Word("kernel_agent")),
            (Field::TenantId, Value::Text(self.tenant_id.clone())),
            (Field::V, Value::Number(1)),
        ]);
        let mut canonical = object(&mut members);
        let signed =
            matches!(event_type, EventType::SessionStart | EventType::SessionHead | EventType::SessionEnd);
        if signed {
            members.push((Field::SessionSig, Value::Text(self.sign(&canonical))));
            canonical = object(&mut members);
        }
        if canonical.len() > MAX_RECORD {
            return Err(SessionError::TooLong(event_type.as_str()));
        }
        self.previous = record_hash(&canonical);
        self.seq += 1;
        Ok(Sealed { record_mac: self.macs.mac(&[&canonical]), canonical, event_id, disclosures })
    }

    /// Vouches for everything up to here.
    pub fn head(&mut self, at: Instant) -> Result<Sealed, SessionError> {
        self.seal(Draft::new(EventType::SessionHead, Action::Recorded, at, Trace::None))
    }

    /// The clean end; nothing may follow.
    pub fn end(mut self, at: Instant, reason: EndReason) -> Result<Sealed, SessionError> {
        let draft = Draft::new(EventType::SessionEnd, Action::Recorded, at, Trace::None)
            .listed(Field::EndReason, reason.as_str());
        self.seal(draft)
    }

    fn sign(&self, without_signature: &str) -> String {
        let mut message = b"vantio/session/v1\0".to_vec();
        message.extend(self.id);
        message.extend(self.seq.to_be_bytes());
        message.extend(record_hash(without_signature));
        hex(&self.key.sign(&message).to_bytes())
    }
}

fn record_hash(canonical: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"vantio/record/v1\0").chain_update(canonical).finalize().into()
}

fn disclose(
    committed: Vec<(crate::CommittedField, String)>,
    members: &mut Vec<(Field, Value)>,
) -> Result<Vec<Disclosure>, SessionError> {
    let mut disclosures = Vec::with_capacity(committed.len());
    for (field, value) in committed {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt)?;
        let disclosure = Disclosure { field, salt, value };
        members.push((field.commit_field(), Value::Text(disclosure.commitment())));
        disclosures.push(disclosure);
    }
    disclosures.sort_unstable_by_key(|disclosure| disclosure.field);
    Ok(disclosures)
}
