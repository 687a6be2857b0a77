//! Whether process ids mean to the agent what they mean to the kernel's programs.

use crate::error::EngineError;
use crate::proc;

/// Inode of the initial pid namespace, fixed by the kernel (`PROC_PID_INIT_INO`).
const INITIAL: u32 = 0xefff_fffc;

/// Fails in any other pid namespace: the ids that `/proc` shows there are others.
pub fn check() -> Result<(), EngineError> {
    let own = proc::read(std::process::id()).map(|known| known.pid_ns);
    if own == Some(INITIAL) { Ok(()) } else { Err(EngineError::OtherPidNamespace) }
}
