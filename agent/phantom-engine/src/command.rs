//! What a person types.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use phantom_engine::observation::Observation;
use phantom_engine::socket::{DEFAULT, Listener, VARIABLE};
use phantom_engine::{Engine, Options, launch, proc};
use tokio::sync::{mpsc, watch};

type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
#[command(
    name = "vantio-agent",
    version,
    about = "Sees what processes do, joined to the trace that each has"
)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Runs a command under a trace of its own: by the agent that listens, or by one for this command alone.
    Run {
        /// Shows what is observed on standard error. Unsigned: it is for looking, not for keeping.
        #[arg(long)]
        show: bool,
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Listens for SDKs and shows what is observed, until it is interrupted.
    Watch {
        /// A folder of the cgroup v2 hierarchy to take under the agent, and after `=` the trace of those in it that have none.
        #[arg(long, value_name = "FOLDER=TRACE")]
        cgroup: Vec<String>,
        /// A folder of the cgroup v2 hierarchy whose packets are looked at for names and datagrams: `/sys/fs/cgroup` for all.
        #[arg(long, value_name = "FOLDER")]
        packets: Vec<PathBuf>,
        /// A list of model endpoints in place of the one that is built in; it is read again when it changes.
        #[arg(long, value_name = "FILE")]
        endpoints: Option<PathBuf>,
    },
}

/// Socket mode: whoever may connect may name the trace of its own processes.
const EVERYBODY: u32 = 0o666;
const OWNER: u32 = 0o600;
/// Observations that may wait for their reader.
const QUEUE: usize = 4096;

pub fn run() -> Result<ExitCode, Failure> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let socket = named.unwrap_or_else(|| PathBuf::from(DEFAULT));
    match Arguments::parse().action {
        Action::Run { command, .. } if is_listening(&socket) => match launch(&socket, &command)? {},
        Action::Run { show, command } => local(run_alone(show, &command)),
        Action::Watch { cgroup, packets, endpoints } => local(watch(&socket, &cgroup, &packets, endpoints)),
    }
}

/// One thread does it all: what an agent costs is processor time, and there is none to gain by more.
fn local(work: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

fn is_listening(socket: &Path) -> bool {
    socket.exists() && std::os::unix::net::UnixStream::connect(with_suffix(socket)).is_ok()
}

fn with_suffix(socket: &Path) -> PathBuf {
    let mut name = socket.as_os_str().to_owned();
    name.push(phantom_engine::socket::STREAM_SUFFIX);
    name.into()
}

/// An agent for one command. The command starts as this very program, which asks for its trace by the private socket.
async fn run_alone(show: bool, command: &[OsString]) -> Result<ExitCode, Failure> {
    let folder = OwnFolder::make()?;
    let socket = folder.0.join("agent.sock");
    let listener = Listener::bind(&socket, OWNER)?;
    let engine = Engine::start(Options::default())?;
    let registry = engine.registry();
    let (notes, _noted) = mpsc::channel(QUEUE);
    let serving = tokio::task::spawn_local(listener.serve(registry, notes));
    let (out, observed) = mpsc::channel(QUEUE);
    let (stop, stopped) = watch::channel(false);
    let showing = tokio::task::spawn_local(print(observed, show));
    let running = tokio::task::spawn_local(engine.run(out, stopped));
    let child = tokio::process::Command::new("/proc/self/exe")
        .args(["run", "--"])
        .args(command)
        .env(VARIABLE, &socket)
        .status()
        .await;
    let _ = stop.send(true);
    running.await??;
    showing.await?;
    serving.abort();
    let _ = serving.await;
    let status = child?;
    // As a shell has it: 128 and the number of the signal.
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// A folder that goes with the agent.
struct OwnFolder(PathBuf);

impl OwnFolder {
    fn make() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("vantio-agent-{}", std::process::id()));
        std::fs::create_dir(&folder).map(|()| Self(folder))
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn watch(
    socket: &Path,
    cgroups: &[String],
    packets: &[PathBuf],
    endpoints: Option<PathBuf>,
) -> Result<ExitCode, Failure> {
    let listener = Listener::bind(socket, EVERYBODY)?;
    let mut engine = Engine::start(Options::default())?;
    endpoints.map_or(Ok(()), |file| engine.shadow().read_from(file))?;
    for folder in packets {
        engine.packets().watch(folder)?;
    }
    let registry = engine.registry();
    for one in cgroups {
        let (folder, digits) =
            one.rsplit_once('=').ok_or_else(|| format!("--cgroup {one}: write FOLDER=TRACE"))?;
        let trace = proc::parse_trace(digits)
            .ok_or_else(|| format!("--cgroup {one}: the trace is not 32 lower-case hexadecimal digits"))?;
        registry.enrol(Path::new(folder), trace)?;
        engine.packets().watch(Path::new(folder))?;
    }
    let (notes, _noted) = mpsc::channel(QUEUE);
    let serving = tokio::task::spawn_local(listener.serve(registry, notes));
    let (out, observed) = mpsc::channel(QUEUE);
    let (stop, stopped) = watch::channel(false);
    let showing = tokio::task::spawn_local(print(observed, true));
    let running = tokio::task::spawn_local(engine.run(out, stopped));
    tokio::signal::ctrl_c().await?;
    let _ = stop.send(true);
    running.await??;
    showing.await?;
    serving.abort();
    let _ = serving.await;
    Ok(ExitCode::SUCCESS)
}

/// Shows observations, one a line; what a process chose is escaped.
async fn print(mut observed: mpsc::Receiver<Observation>, show: bool) {
    while let Some(observation) = observed.recv().await {
        if show {
            eprintln!("{}", line(&observation));
        }
    }
}

fn line(observation: &Observation) -> String {
    let trace = observation.trace.id.map_or_else(|| "-".to_owned(), proc::write_trace);
    let origin = observation.trace.origin;
    let process = observation.process.as_ref();
    let who = process.map_or_else(String::new, |one| format!("{} {}", one.host_pid, one.name.escape_ascii()));
    format!("{trace} {origin:?} {who} {}", event(&observation.event))
}

fn event(event: &phantom_engine::observation::Event) -> String {
    use phantom_engine::observation::Event;
    match event {
        Event::ProcessExec(exec) => {
            let interpreter = exec
                .interpreter
                .as_ref()
                .map_or_else(String::new, |one| format!(" by {}", one.escape_ascii()));
            format!(
                "{:?} {}{interpreter} argc={:?} error={:?}",
                exec.call,
                exec.path.escape_ascii(),
                exec.argc,
                exec.error
            )
        }
        Event::FileOpen(open) => {
            format!(
                "{:?} {:?} {} x{} error={:?}",
                open.call,
                open.access,
                open.path.escape_ascii(),
                open.count,
                open.error
            )
        }
        other => format!("{other:?}"),
    }
}
