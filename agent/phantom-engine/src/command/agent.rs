use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use phantom_engine::config::{Config, RECORDS_NOTHING, check_folders, target};
use phantom_engine::observation::Observation;
use phantom_engine::operate::{Hub, State};
use phantom_engine::pipeline::{Budget, Counters, Recording, Target};
use phantom_engine::socket::{Listener, random_trace};
use phantom_engine::{Engine, EngineError, Packets, Registry, memory};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, spawn_local};

use super::Failure;

/// Turns whose observations may wait for their reader, which never waits for anything itself.
const TURNS: usize = 4;

/// Everything at work. Dropped without [`Agent::end`] it is as if it was killed.
pub struct Agent {
    pub registry: Registry,
    pub packets: Packets,
    pub hub: Rc<RefCell<Hub>>,
    pub state: Arc<State>,
    stop: watch::Sender<bool>,
    running: JoinHandle<Result<(), EngineError>>,
    pumping: JoinHandle<()>,
    serving: JoinHandle<()>,
    recording: Option<Recording>,
}

/// Opens what is recorded to, then starts the engine, then begins to record. Each observation is handed to `show` first. Call it in
/// a `LocalSet`.
pub fn start(
    config: &Config,
    socket: &Path,
    mode: u32,
    show: impl Fn(&Observation) + 'static,
) -> Result<Agent, Failure> {
    check_folders(config)?;
    let target = target(&config.settings)?;
    let place = describe(target.as_ref().map(|(_, target)| target), config);
    let prepare = |(api_key, target)| Recording::prepare(api_key, target, config.node.clone());
    let prepared = target.map(prepare).transpose()?;
    let listener = Listener::bind(socket, mode)?;
    let mut engine = Engine::start(config.options)?;
    engine.watch(listener.door()?);
    memory::give_back();
    config.settings.endpoints.clone().map_or(Ok(()), |file| engine.shadow().read_from(file))?;
    let registry = engine.registry();
    let packets = engine.packets();
    for cgroup in &config.cgroups {
        registry.enrol(&cgroup.folder, cgroup.trace.map_or_else(random_trace, Ok)?)?;
        packets.watch(&cgroup.folder)?;
    }
    for folder in &config.settings.packets {
        packets.watch(folder)?;
    }
    let begun = prepared.map(|one| one.begin(config.queue, Budget::new(config.rate, config.burst)));
    let (recording, intake) = begun.unzip();
    let counters = recording.as_ref().map_or_else(|| Arc::new(Counters::default()), Recording::counters);
    let state = Arc::new(State::new(config.node.clone(), place, counters, registry.clone(), engine.tls()));
    let hub = Rc::new(RefCell::new(Hub::new(Arc::clone(&state), intake)));

    let serving = spawn_local(listener.serve(registry.clone(), engine.notes()));
    let (out, mut observed) = mpsc::channel(TURNS);
    let (stop, stopped) = watch::channel(false);
    let running = spawn_local(engine.run(out, stopped));
    let pump = Rc::clone(&hub);
    let pumping = spawn_local(async move {
        while let Some(observations) = observed.recv().await {
            observations.iter().for_each(&show);
            pump.borrow_mut().take(observations);
        }
    });
    Ok(Agent { registry, packets, hub, state, stop, running, pumping, serving, recording })
}

fn describe(target: Option<&Target>, config: &Config) -> String {
    match target {
        None => RECORDS_NOTHING.to_owned(),
        Some(Target::File(path)) => path.display().to_string(),
        Some(Target::Door { .. }) => config.settings.ingest_url.clone().unwrap_or_default(),
    }
}

impl Agent {
    /// Whether anything is recorded.
    pub fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Takes what the rings still hold, stores it, ends the session and delivers it.
    pub async fn end(self) -> Result<(), Failure> {
        let _ = self.stop.send(true);
        let ran = self.running.await?;
        self.pumping.await?;
        self.serving.abort();
        let _ = self.serving.await;
        if let Some(recording) = self.recording {
            recording.end()?;
        }
        Ok(ran?)
    }
}
