use crate::BuildError;
use std::path::{Path, PathBuf};

/// The version that `scripts/setup` installs; it reads what LLVM 22 writes.
pub const VERSION: &str = "0.10.3";

/// `VANTIO_BPF_LINKER` if it is set, else the one that `scripts/setup` installed, else that of the PATH.
pub fn find(workspace: &Path) -> Result<PathBuf, BuildError> {
    let named = std::env::var_os("VANTIO_BPF_LINKER").map(PathBuf::from);
    let ours = workspace.join(format!("../.vantio/cache/bpf-linker-{VERSION}/bin/bpf-linker"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("bpf-linker"));
    named.into_iter().chain([ours]).chain(on_path).find(|file| file.is_file()).ok_or(BuildError::NoLinker)
}
