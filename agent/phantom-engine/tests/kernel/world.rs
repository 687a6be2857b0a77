//! One engine for all tests, and what it has observed so far.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use phantom_engine::observation::{Event, Observation, Open, TraceId};
use phantom_engine::socket::Listener;
use phantom_engine::{Engine, EngineError, Options, Packets, Registry, TlsReport, proc};
use tokio::sync::{mpsc, watch};

/// Long enough for a slow machine; no test waits that long for what does happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A test, by its name.
pub type Test = (&'static str, fn(&World));

pub struct World {
    pub registry: Registry,
    pub packets: Packets,
    pub tls: TlsReport,
    /// A folder of this run's own, removed at its end.
    pub folder: PathBuf,
    pub socket: PathBuf,
    seen: Arc<Mutex<Vec<Observation>>>,
    stop: watch::Sender<bool>,
    pauses: mpsc::UnboundedSender<Pause>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl World {
    /// An error says why programs cannot be loaded on this machine at all: the tests are then skipped.
    pub fn make() -> Result<Self, String> {
        Self::with(Options::default())
    }

    /// Where processes of others, which may claim a trace, do not come under the agent: files that are probed can be counted.
    pub fn alone() -> Self {
        Self::with(Options { claims: false, ..Options::default() }).unwrap()
    }

    pub fn with(options: Options) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("vantio-kernel-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let socket = folder.join("agent.sock");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = watch::channel(false);
        let (pauses, asked) = mpsc::unbounded_channel();
        let (tell, told) = std::sync::mpsc::channel();
        let (path, kept) = (socket.clone(), Arc::clone(&seen));
        let thread = std::thread::spawn(move || engine(options, &path, &kept, (stopped, asked), &tell));
        match told.recv().map_err(|_| "the engine's thread ended".to_owned())? {
            Ok((registry, packets, tls)) => {
                Ok(Self { registry, packets, tls, folder, socket, seen, stop, pauses, thread: Some(thread) })
            }
            Err(
                error @ (EngineError::MissingCapabilities(..)
                | EngineError::Paranoid(_)
                | EngineError::NoBtf(_)
                | EngineError::NoTracefs(_)
                | EngineError::OtherPidNamespace),
            ) => Err(error.to_string()),
            Err(error) => panic!("{error}"),
        }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Everything observed so far.
    pub fn seen(&self) -> Vec<Observation> {
        self.seen.lock().unwrap().clone()
    }

    /// Stops the agent, as a busy machine does, until what is returned is dropped.
    pub fn pause(&self) -> impl Drop + use<> {
        struct Paused(Option<std::sync::mpsc::Sender<()>>);
        impl Drop for Paused {
            fn drop(&mut self) {
                drop(self.0.take());
            }
        }
        let ((begun, begins), (end, ends)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
        self.pauses.send((begun, ends)).unwrap();
        begins.recv().unwrap();
        Paused(Some(end))
    }

    /// Waits until something observed is what is looked for, and returns it.
    pub fn wait<T>(&self, what: &str, look: impl FnMut(&Observation) -> Option<T>) -> T {
        self.wait_for(what, 0, look)
    }

    /// Likewise, for one that comes after so many others.
    pub fn wait_for<T>(
        &self,
        what: &str,
        others: usize,
        mut look: impl FnMut(&Observation) -> Option<T>,
    ) -> T {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(found) = self.seen.lock().unwrap().iter().filter_map(&mut look).nth(others) {
                return found;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("never observed: {what}");
    }

    /// Waits for an open of a path.
    pub fn wait_open(&self, path: &Path) -> (Observation, Open) {
        self.wait(&format!("open of {}", path.display()), |one| Some((one.clone(), open_of(one, path)?)))
    }

    /// All opens of a path, once what was done before this call has been observed.
    pub fn opens(&self, path: &Path) -> Vec<(Observation, Open)> {
        self.settle();
        self.seen().iter().filter_map(|one| Some((one.clone(), open_of(one, path)?))).collect()
    }

    /// Waits until everything done before has been observed: a process under the agent opens a file, and that is seen, window and all.
    pub fn settle(&self) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let marker = self.file(&format!("settled-{number}"));
        let mut held = Self::hold(&["mark", marker.to_str().unwrap()]);
        self.tag(&held, [0xee; 16]);
        held.go();
        self.wait_open(&marker);
    }

    /// A process that waits to be let go.
    pub fn hold(words: &[&str]) -> Held {
        Held::start(shape(&["held"]).args(words))
    }

    /// As `vantio-agent run` does it.
    pub fn tag(&self, held: &Held, trace: TraceId) {
        let start = proc::start(held.pid()).unwrap();
        assert!(
            self.registry.tag(held.pid(), start, Some(trace), phantom_common::Origin::ProcessLevel).unwrap()
        );
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn open_of(observation: &Observation, path: &Path) -> Option<Open> {
    use std::os::unix::ffi::OsStrExt;
    match &observation.event {
        Event::FileOpen(open) if open.path == path.as_os_str().as_bytes() => Some(open.clone()),
        _ => None,
    }
}

type Told = std::sync::mpsc::Sender<Result<(Registry, Packets, TlsReport), EngineError>>;

/// Told when it has begun; it lasts as long as the other's sender.
type Pause = (std::sync::mpsc::Sender<()>, std::sync::mpsc::Receiver<()>);

fn engine(
    options: Options,
    socket: &Path,
    seen: &Mutex<Vec<Observation>>,
    (stopped, mut asked): (watch::Receiver<bool>, mpsc::UnboundedReceiver<Pause>),
    tell: &Told,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let started = Engine::start(options).and_then(|engine| Ok((engine, Listener::bind(socket, 0o600)?)));
        let (mut engine, listener) = match started {
            Ok(both) => both,
            Err(error) => return tell.send(Err(error)).unwrap(),
        };
        engine.watch(listener.door().unwrap());
        tell.send(Ok((engine.registry(), engine.packets(), engine.tls()))).unwrap();
        let serving = tokio::task::spawn_local(listener.serve(engine.registry(), engine.notes()));
        let (out, mut observed) = mpsc::channel(1);
        let running = tokio::task::spawn_local(engine.run(out, stopped));
        loop {
            tokio::select! {
                observations = observed.recv() => match observations {
                    Some(observations) => seen.lock().unwrap().extend(observations),
                    None => break,
                },
                Some((begun, ends)) = asked.recv() => {
                    begun.send(()).unwrap();
                    // The one thread: nothing of the agent runs meanwhile.
                    let _ = ends.recv();
                }
            }
        }
        running.await.unwrap().unwrap();
        serving.abort();
    });
}

/// This program, as a process of some shape.
pub fn shape(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("shape").args(words).env_remove("VANTIO_TRACE_ID");
    command
}

/// A process that waits to be let go; it is ended with the test.
pub struct Held {
    child: Option<Child>,
}

impl Held {
    pub fn of(child: Child) -> Self {
        Self { child: Some(child) }
    }

    /// A shape that begins with `held`: returns when it is really there, which is later than when it was spawned.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        Self::of(child)
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Lets it go and waits for its end.
    pub fn go(&mut self) {
        let status = self.end();
        assert!(status.success(), "the shape ended with {status}");
    }

    /// Likewise, however it ends.
    pub fn end(&mut self) -> std::process::ExitStatus {
        self.child.take().unwrap().wait_with_output().unwrap().status
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
