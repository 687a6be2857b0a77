use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::api_key::ApiKey;
use crate::ascii::{Hex32, hex};
use crate::instant::Instant;
use crate::kept;
use crate::mac::MacKey;
use crate::sealed::Sealed;

const MODE: u32 = 0o600;

/// The ledger of one session on disk, beside those of other writers: `NAME.w-<first 16 digits of the session id>.ndjson`
/// and its disclosures.
pub(crate) struct LedgerFile {
    path: PathBuf,
    disclosures_path: PathBuf,
    key: MacKey,
    /// As it stands in a disclosure.
    tenant: String,
    previous: Hex32,
    lines: String,
    disclosures: String,
    records: u64,
}

impl LedgerFile {
    /// Of a session in the family of `path` (`NAME.ndjson`). Makes no file yet.
    pub(crate) fn new(path: &Path, api_key: &ApiKey, session_id: &str) -> Self {
        let text = path.to_string_lossy();
        let stem = text.strip_suffix(".ndjson").unwrap_or(&text);
        let writer = format!("{stem}.w-{}", &session_id[..session_id.len().min(16)]);
        Self {
            path: format!("{writer}.ndjson").into(),
            disclosures_path: format!("{writer}.disclosures.ndjson").into(),
            key: MacKey::of_received(api_key),
            tenant: format!("\"tenant_id\":\"{}\",", api_key.tenant_id()),
            previous: hex(&[0; 32]),
            lines: String::new(),
            disclosures: String::new(),
            records: 0,
        }
    }

    /// Records in it, those that are not written yet included.
    pub(crate) const fn records(&self) -> u64 {
        self.records
    }

    /// Adds a record to those that are written next.
    pub(crate) fn add(&mut self, record: &Sealed, received_at: Instant) {
        let received_at = received_at.text();
        let record_mac = record.record_mac.as_str();
        let received_mac = self.key.mac(&[self.previous.as_str(), received_at.as_str(), record_mac]);
        self.lines.extend([
            r#"{"received_at":""#,
            received_at.as_str(),
            r#"","received_mac":""#,
            received_mac.as_str(),
            r#"","record":"#,
            &record.canonical,
            r#","record_mac":""#,
            record_mac,
            "\"}\n",
        ]);
        self.previous = received_mac;
        self.records += 1;
        for disclosure in &record.disclosures {
            self.disclosures.extend([r#"{"event_id":""#, record.event_id.as_str(), "\","]);
            disclosure.write(&mut self.disclosures, &self.tenant);
            self.disclosures.push_str("}\n");
        }
    }

    /// Writes what was added, all of it or nothing, and returns when it is on disk. After an error the chain must not go on:
    /// the place of a record that was not written would read as a gap.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        // First what opens commitments: a line without its disclosure cannot be told from one whose disclosure was erased.
        append(&self.disclosures_path, self.disclosures.as_bytes())?;
        append(&self.path, self.lines.as_bytes())?;
        kept::empty(&mut self.disclosures);
        kept::empty(&mut self.lines);
        Ok(())
    }
}

/// All of the bytes or none: what a disk took before it was full is cut off again.
fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let file = OpenOptions::new().append(true).create(true).mode(MODE).open(path)?;
    let before = file.metadata()?.len();
    write_synced(&file, bytes).inspect_err(|_| {
        // If even this fails the torn line is left to the reader, who leaves it out. On a full disk each try is another session, and would
        // leave an empty file.
        if before == 0 {
            drop(std::fs::remove_file(path));
        } else {
            drop(file.set_len(before));
        }
    })
}

fn write_synced(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_data()
}
