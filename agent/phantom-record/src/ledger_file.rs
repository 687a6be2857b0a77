use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::api_key::ApiKey;
use crate::instant::Instant;
use crate::mac::MacKey;
use crate::sealed::Sealed;

const MODE: u32 = 0o600;

/// The ledger of one session on disk, beside those of other writers: `NAME.w-<first 16 digits of the session id>.ndjson`
/// and its disclosures. What was appended is on disk when the call returns.
pub struct LedgerFile {
    lines: PathBuf,
    disclosures: PathBuf,
    key: MacKey,
    tenant_id: String,
    previous: String,
}

impl LedgerFile {
    /// Of a session in the family of `path` (`NAME.ndjson`). Makes no file yet.
    #[must_use]
    pub fn new(path: &Path, api_key: &ApiKey, session_id: &str) -> Self {
        let text = path.to_string_lossy();
        let stem = text.strip_suffix(".ndjson").unwrap_or(&text);
        let writer = format!("{stem}.w-{}", &session_id[..session_id.len().min(16)]);
        Self {
            lines: format!("{writer}.ndjson").into(),
            disclosures: format!("{writer}.disclosures.ndjson").into(),
            key: MacKey::of_received(api_key),
            tenant_id: api_key.tenant_id().to_owned(),
            previous: "0".repeat(64),
        }
    }

    /// Appends records, all of them or none. After an error the chain must not go on: the place of a record that was not
    /// written would read as a gap.
    pub fn append(&mut self, records: &[Sealed], received_at: Instant) -> io::Result<()> {
        let received_at = received_at.to_string();
        let mut lines = String::new();
        let mut disclosures = String::new();
        for record in records {
            let received_mac = self.key.mac(&[&self.previous, &received_at, &record.record_mac]);
            let Sealed { canonical, record_mac, .. } = record;
            // Writing to a String cannot fail.
            let _ = writeln!(
                lines,
                r#"{{"received_at":"{received_at}","received_mac":"{received_mac}","record":{canonical},"record_mac":"{record_mac}"}}"#
            );
            self.previous = received_mac;
            self.disclose(&mut disclosures, record);
        }
        // First what opens commitments: a line without its disclosure cannot be told from one whose disclosure was erased.
        append(&self.disclosures, disclosures.as_bytes())?;
        append(&self.lines, lines.as_bytes())
    }

    fn disclose(&self, out: &mut String, record: &Sealed) {
        for disclosure in &record.disclosures {
            let _ = write!(out, "{{\"event_id\":\"{}\",", record.event_id);
            disclosure.write(out, &format!("\"tenant_id\":\"{}\",", self.tenant_id));
            out.push_str("}\n");
        }
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
