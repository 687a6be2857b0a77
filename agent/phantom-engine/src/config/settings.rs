use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

/// Everything that can be set: a flag, a variable of the environment, or a key of the file, in this order of strength. One list for
/// all three.
#[derive(Debug, Default, Clone, PartialEq, Eq, Args, Deserialize)]
#[command(next_help_heading = "Settings")]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// File with these settings, in TOML [default: /etc/vantio/agent.toml, if it is there]
    #[arg(long, env = "VANTIO_AGENT_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// File that holds the API key, where `VANTIO_API_KEY` does not
    #[arg(long, env = "VANTIO_API_KEY_FILE", value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
    /// Control plane to deliver to
    #[arg(long, env = "VANTIO_INGEST_URL", value_name = "URL")]
    pub ingest_url: Option<String>,
    /// Roots of TLS in PEM, in place of the usual ones
    #[arg(long, env = "VANTIO_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Ledger to write, in place of a control plane
    #[arg(long, env = "VANTIO_OUTPUT_FILE", value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// Directory where records wait to be delivered [default: /var/lib/vantio/spool]
    #[arg(long, env = "VANTIO_AGENT_SPOOL_DIR", value_name = "DIR")]
    pub spool_dir: Option<PathBuf>,
    /// Most bytes that wait there; past it the oldest sessions give way [default: 268435456]
    #[arg(long, env = "VANTIO_AGENT_SPOOL_BYTES", value_name = "BYTES")]
    pub spool_bytes: Option<u64>,
    /// Socket for SDKs and `run` [default: /run/vantio/agent.sock]
    #[arg(long, env = "VANTIO_AGENT_SOCKET", value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Socket for `events`, `top` and `status`, which its owner alone may use [default: /run/vantio/control.sock]
    #[arg(long, env = "VANTIO_AGENT_CONTROL_SOCKET", value_name = "PATH")]
    pub control_socket: Option<PathBuf>,
    /// Loopback address of /healthz, /readyz and /metrics, or off [default: 127.0.0.1:9464]
    #[arg(long, env = "VANTIO_AGENT_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// OTLP/HTTP endpoint that metrics are sent to
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_url: Option<String>,
    /// cgroup v2 folder to take under the agent, and after `=` the trace of its processes that have none; minted without
    #[arg(
        long = "cgroup",
        env = "VANTIO_AGENT_CGROUPS",
        value_delimiter = ',',
        value_name = "FOLDER[=TRACE]"
    )]
    pub cgroups: Vec<String>,
    /// cgroup v2 folder whose packets are looked at for names and datagrams, beside those under the agent
    #[arg(long = "packets", env = "VANTIO_AGENT_PACKETS", value_delimiter = ',', value_name = "FOLDER")]
    pub packets: Vec<PathBuf>,
    /// List of model endpoints in place of the one that is built in; read again when it changes
    #[arg(long, env = "VANTIO_AGENT_ENDPOINTS", value_name = "FILE")]
    pub endpoints: Option<PathBuf>,
    /// Records a second that each cgroup may have; 0 for no limit [default: 2000]
    #[arg(long, env = "VANTIO_AGENT_RATE", value_name = "N")]
    pub rate: Option<u64>,
    /// Records that a cgroup may have at once after it was quiet [default: 20000]
    #[arg(long, env = "VANTIO_AGENT_BURST", value_name = "N")]
    pub burst: Option<u64>,
    /// Observations that may wait in memory [default: 16384]
    #[arg(long, env = "VANTIO_AGENT_QUEUE", value_name = "N")]
    pub queue: Option<usize>,
    /// Name of this machine in records [default: its host name]
    #[arg(long, env = "VANTIO_AGENT_NODE", value_name = "NAME")]
    pub node: Option<String>,
    /// Processes under the agent at once [default: 65536]
    #[arg(long, env = "VANTIO_AGENT_PROCESSES", value_name = "N")]
    pub processes: Option<u32>,
    /// Bytes of the kernel's ring of processes: a power of two [default: 1048576]
    #[arg(long, env = "VANTIO_AGENT_LINEAGE_BYTES", value_name = "BYTES")]
    pub lineage_bytes: Option<u32>,
    /// Bytes of the kernel's ring of everything else: a power of two [default: 4194304]
    #[arg(long, env = "VANTIO_AGENT_EVENTS_BYTES", value_name = "BYTES")]
    pub events_bytes: Option<u32>,
    /// Whether traces that environments claim are looked at [default: true]
    #[arg(long, env = "VANTIO_AGENT_CLAIMS", value_name = "BOOL")]
    pub claims: Option<bool>,
}

/// Variables of the agent's own prefix that mean something.
pub(super) const VARIABLES: [&str; 17] = [
    "VANTIO_AGENT_CONFIG",
    "VANTIO_AGENT_SPOOL_DIR",
    "VANTIO_AGENT_SPOOL_BYTES",
    "VANTIO_AGENT_SOCKET",
    "VANTIO_AGENT_CONTROL_SOCKET",
    "VANTIO_AGENT_LISTEN",
    "VANTIO_AGENT_CGROUPS",
    "VANTIO_AGENT_PACKETS",
    "VANTIO_AGENT_ENDPOINTS",
    "VANTIO_AGENT_RATE",
    "VANTIO_AGENT_BURST",
    "VANTIO_AGENT_QUEUE",
    "VANTIO_AGENT_NODE",
    "VANTIO_AGENT_PROCESSES",
    "VANTIO_AGENT_LINEAGE_BYTES",
    "VANTIO_AGENT_EVENTS_BYTES",
    "VANTIO_AGENT_CLAIMS",
];

impl Settings {
    /// These, and where they say nothing, those.
    #[must_use]
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            config: self.config,
            api_key_file: self.api_key_file.or(file.api_key_file),
            ingest_url: self.ingest_url.or(file.ingest_url),
            ca_file: self.ca_file.or(file.ca_file),
            output_file: self.output_file.or(file.output_file),
            spool_dir: self.spool_dir.or(file.spool_dir),
            spool_bytes: self.spool_bytes.or(file.spool_bytes),
            socket: self.socket.or(file.socket),
            control_socket: self.control_socket.or(file.control_socket),
            listen: self.listen.or(file.listen),
            otlp_url: self.otlp_url.or(file.otlp_url),
            cgroups: if self.cgroups.is_empty() { file.cgroups } else { self.cgroups },
            packets: if self.packets.is_empty() { file.packets } else { self.packets },
            endpoints: self.endpoints.or(file.endpoints),
            rate: self.rate.or(file.rate),
            burst: self.burst.or(file.burst),
            queue: self.queue.or(file.queue),
            node: self.node.or(file.node),
            processes: self.processes.or(file.processes),
            lineage_bytes: self.lineage_bytes.or(file.lineage_bytes),
            events_bytes: self.events_bytes.or(file.events_bytes),
            claims: self.claims.or(file.claims),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Whole {
        #[command(flatten)]
        _settings: Settings,
    }

    #[test]
    fn every_variable_is_known_by_name() {
        let command = Whole::command();
        let named: Vec<_> = command.get_arguments().filter_map(clap::Arg::get_env).collect();
        let own = named.iter().filter(|name| name.to_string_lossy().starts_with("VANTIO_AGENT_"));
        let known = own.clone().filter(|name| VARIABLES.contains(&&*name.to_string_lossy())).count();
        assert_eq!((known, own.count()), (VARIABLES.len(), VARIABLES.len()));
    }
}
