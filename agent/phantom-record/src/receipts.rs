use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Of the file that is written; the one before it is kept as well, and no third.
const MAX_BYTES: u64 = 8 << 20;
const NEWEST: &str = "receipts.ndjson";
const OLDER: &str = "receipts.1.ndjson";

/// Keeps what the control plane promised for a batch, a line each: `vantio verify --receipts` judges it.
pub(crate) fn keep(directory: &Path, receipt: &str) -> io::Result<()> {
    let path = directory.join(NEWEST);
    let size = fs::metadata(&path).map_or(0, |meta| meta.len());
    if size + receipt.len() as u64 > MAX_BYTES {
        fs::rename(&path, directory.join(OLDER))?;
    }
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(format!("{receipt}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_are_kept_and_no_third() {
        let directory = tempfile::tempdir().expect("a directory");
        let receipt = "r".repeat(1 << 20);
        for _ in 0..20 {
            keep(directory.path(), &receipt).expect("kept");
        }
        let sizes: Vec<u64> =
            [NEWEST, OLDER].map(|name| fs::metadata(directory.path().join(name)).expect(name).len()).into();
        assert!(sizes.iter().all(|size| *size <= MAX_BYTES), "{sizes:?}");
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 2);
    }
}
