use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};

use phantom_engine::config::{Config, RECORDS_NOTHING};
use phantom_engine::launch;
use phantom_engine::operate::line;
use phantom_engine::proc::write_trace;
use phantom_engine::socket::{STREAM_SUFFIX, VARIABLE, random_trace};

use super::{Failure, agent, local};

const OWNER: u32 = 0o600;
/// Settings of this agent, which are not for the one that the command starts as.
const OURS: &[u8] = b"VANTIO_AGENT_";

pub fn run(config: &Config, show: bool, command: &[OsString]) -> Result<ExitCode, Failure> {
    if is_listening(&config.socket) {
        if show {
            eprintln!(
                "vantio-agent: an agent listens at {}: it sees the command, and vantio-agent events shows what it sees",
                config.socket.display()
            );
        }
        match launch(&config.socket, command)? {}
    }
    local(run_alone(config, show, command))
}

fn is_listening(socket: &Path) -> bool {
    let mut stream = socket.as_os_str().to_owned();
    stream.push(STREAM_SUFFIX);
    socket.exists() && std::os::unix::net::UnixStream::connect(PathBuf::from(stream)).is_ok()
}

/// An agent for one command. The command starts as this very program, which asks for its trace by the private socket.
async fn run_alone(config: &Config, show: bool, command: &[OsString]) -> Result<ExitCode, Failure> {
    // No name that another user could have taken before.
    let name = write_trace(random_trace()?);
    let folder = std::env::temp_dir().join(format!("vantio-agent-{}", &name[..16]));
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    let ran = run_in(config, show, command, &folder.join("agent.sock")).await;
    let _ = std::fs::remove_dir_all(&folder);
    // As a shell has it: 128 and the number of the signal.
    let status = ran?;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

async fn run_in(
    config: &Config,
    show: bool,
    command: &[OsString],
    socket: &Path,
) -> Result<ExitStatus, Failure> {
    let print = move |observation: &_| {
        if show {
            eprintln!("{}", line(observation, true));
        }
    };
    let agent = agent::start(config, socket, OWNER, print)?;
    if !agent.is_recording() && !show {
        eprintln!("vantio-agent: {RECORDS_NOTHING}");
    }
    let ours: Vec<_> = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name != VARIABLE && name.as_bytes().starts_with(OURS))
        .collect();
    let mut child = tokio::process::Command::new("/proc/self/exe");
    child.args(["run", "--"]).args(command);
    for name in ours {
        child.env_remove(name);
    }
    let status = child.env(VARIABLE, socket).status().await;
    let state = std::sync::Arc::clone(&agent.state);
    agent.end().await?;
    if let (true, Some(ms)) = (show, state.first_event_ms()) {
        eprintln!("vantio-agent: ready after {} ms, first event after {ms} ms", state.ready_ms());
    }
    Ok(status?)
}
