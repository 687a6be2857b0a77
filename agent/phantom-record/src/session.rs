use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::api_key::ApiKey;
use crate::ascii::{Ascii, hex};
use crate::commitment::{CommittedField, Disclosure};
use crate::draft::{Draft, Trace};
use crate::event_id::EventIds;
use crate::instant::Instant;
use crate::mac::MacKey;
use crate::members::Members;
use crate::names::{Action, EventType, Field};
use crate::salts::Salts;
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
    id_text: Ascii<32>,
    /// Members that each of its records has, all alike.
    common: Members,
    macs: MacKey,
    ids: EventIds,
    salts: Salts,
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
        let mut common = Members::new();
        common.text(Field::KeyId, api_key.key_id());
        common.ascii(Field::SessionId, &id_text);
        common.text(Field::Source, "kernel_agent");
        common.text(Field::TenantId, api_key.tenant_id());
        common.number(Field::V, 1);
        facts.members.ascii::<64>(Field::SessionPublicKey, &hex(&public));
        let mut session = Self {
            key,
            id,
            id_text,
            common,
            macs: MacKey::of_records(api_key),
            ids: EventIds::new(id),
            salts: Salts::new(),
            seq: 0,
            previous: [0; 32],
        };
        let start = session.seal(facts)?;
        Ok((session, start))
    }

    /// 32 hex digits.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id_text.as_str()
    }

    /// Gives a draft the next place in the chain. On an error the place is not taken.
    pub fn seal(&mut self, draft: Draft) -> Result<Sealed, SessionError> {
        let Draft { event_type, at, mut members, committed, .. } = draft;
        let disclosures = self.disclose(committed, &mut members)?;
        let event_id = self.ids.next(at);
        members.extend(&self.common);
        members.ascii(Field::EventId, &event_id);
        members.ascii(Field::OccurredAt, &at.text());
        members.ascii::<64>(Field::Prev, &hex(&self.previous));
        members.number(Field::Seq, self.seq);
        let mut canonical = members.object();
        let signed =
            matches!(event_type, EventType::SessionStart | EventType::SessionHead | EventType::SessionEnd);
        if signed {
            members.ascii(Field::SessionSig, &self.sign(&canonical));
            canonical = members.object();
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

    fn sign(&self, without_signature: &str) -> Ascii<128> {
        let mut message = b"vantio/session/v1\0".to_vec();
        message.extend(self.id);
        message.extend(self.seq.to_be_bytes());
        message.extend(record_hash(without_signature));
        hex(&self.key.sign(&message).to_bytes())
    }

    fn disclose(
        &mut self,
        committed: Vec<(CommittedField, String)>,
        members: &mut Members,
    ) -> Result<Vec<Disclosure>, SessionError> {
        let mut disclosures = Vec::with_capacity(committed.len());
        for (field, value) in committed {
            let disclosure = Disclosure { field, salt: self.salts.next()?, value };
            members.ascii(field.commit_field(), &disclosure.commitment());
            disclosures.push(disclosure);
        }
        disclosures.sort_unstable_by_key(|disclosure| disclosure.field);
        Ok(disclosures)
    }
}

fn record_hash(canonical: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"vantio/record/v1\0").chain_update(canonical).finalize().into()
}
