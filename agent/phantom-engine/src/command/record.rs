use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use phantom_engine::config::{Config, RECORDS_NOTHING, Settings};
use phantom_engine::operate::{Control, Exporter, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_local;

use super::reload::reload;
use super::{Failure, agent};

/// Socket mode: whoever may connect may name the trace of its own processes.
const EVERYBODY: u32 = 0o666;

pub async fn record(given: Settings, mut config: Config) -> Result<ExitCode, Failure> {
    let control = Control::bind(&config.control)?;
    let listener = match config.listen {
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .map_err(|error| format!("listen {address} cannot be had: {error}"))?,
        ),
        None => None,
    };
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let agent = agent::start(&config, &config.socket, EVERYBODY, |_| {})?;
    let asked = spawn_local(control.serve(Rc::clone(&agent.hub), Arc::clone(&agent.state)));
    let looked = listener.map(|listener| spawn_local(serve(listener, Arc::clone(&agent.state))));
    let exporter =
        config.settings.otlp_url.as_deref().map(|url| Exporter::start(url, Arc::clone(&agent.state)));
    if !agent.is_recording() {
        eprintln!("vantio-agent: {RECORDS_NOTHING}");
    }
    eprintln!(
        "vantio-agent: ready after {} ms, listening at {}",
        agent.state.ready_ms(),
        config.socket.display()
    );
    tell_systemd("READY=1");
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => match reload(&given, &config, &agent) {
                Ok(changed) => config = changed,
                Err(why) => eprintln!("vantio-agent: {why}; what was configured before stays"),
            },
        }
    }
    tell_systemd("STOPPING=1");
    asked.abort();
    let _ = asked.await;
    if let Some(looked) = looked {
        looked.abort();
    }
    let ended = agent.end().await;
    if let Some(exporter) = exporter {
        exporter.end();
    }
    ended.map(|()| ExitCode::SUCCESS)
}

/// As `sd_notify` does; nobody listens where it was not systemd that started us.
fn tell_systemd(state: &str) {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let Some(path) = std::env::var_os("NOTIFY_SOCKET").and_then(|path| path.into_string().ok()) else {
        return;
    };
    let address = match path.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&path),
    };
    if let (Ok(socket), Ok(address)) = (UnixDatagram::unbound(), address) {
        let _ = socket.send_to_addr(state.as_bytes(), &address);
    }
}
