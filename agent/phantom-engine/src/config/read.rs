use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::settings::{Settings, VARIABLES};
use crate::hooks::Options;
use crate::observation::TraceId;
use crate::pipeline::node_name;
use crate::{proc, socket};

const FILE: &str = "/etc/vantio/agent.toml";
const CONTROL: &str = "/run/vantio/control.sock";
const LISTEN: &str = "127.0.0.1:9464";
const PAGE: u32 = 4096;

/// A cgroup to take under the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cgroup {
    /// Its folder.
    pub folder: PathBuf,
    /// The trace of its processes that have none; minted where it is not named.
    pub trace: Option<TraceId>,
}

/// What the agent runs by. Where records go is [`super::target`]'s to say.
#[derive(Debug, Clone)]
pub struct Config {
    /// All settings, as they came.
    pub settings: Settings,
    /// The kernel's part.
    pub options: Options,
    /// Socket for SDKs.
    pub socket: PathBuf,
    /// Socket for who looks at the agent.
    pub control: PathBuf,
    /// Where health and metrics are served; none for nowhere.
    pub listen: Option<SocketAddr>,
    /// cgroups to take under the agent.
    pub cgroups: Vec<Cgroup>,
    /// Records a second of each cgroup.
    pub rate: u64,
    /// And at once.
    pub burst: u64,
    /// Observations that may wait.
    pub queue: usize,
    /// Name of this machine.
    pub node: String,
}

/// Joins flags and environment, which `given` holds, with the file that it names.
pub fn read(given: Settings) -> Result<Config, ConfigError> {
    let is_unknown = |name: &String| name.starts_with("VANTIO_AGENT_") && !VARIABLES.contains(&name.as_str());
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    if let Some(name) = names.into_iter().find(is_unknown) {
        return Err(ConfigError::Variable(name));
    }
    let settings = match given.config.clone() {
        Some(path) => given.or(read_file(&path)?),
        None if Path::new(FILE).exists() => given.or(read_file(Path::new(FILE))?),
        None => given,
    };
    check(settings)
}

fn read_file(path: &Path) -> Result<Settings, ConfigError> {
    let path = path.to_owned();
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            toml::from_str(&text).map_err(|error| ConfigError::Toml { path, why: one_line(&text, &error) })
        }
        Err(source) => Err(ConfigError::File { path, source }),
    }
}

fn one_line(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let words: Vec<_> = error.message().split_whitespace().collect();
    format!("line {line}: {}", words.join(" "))
}

fn check(settings: Settings) -> Result<Config, ConfigError> {
    let defaults = Options::default();
    let options = Options {
        processes: settings.processes.unwrap_or(defaults.processes),
        lineage: ring("lineage_bytes", settings.lineage_bytes.unwrap_or(defaults.lineage))?,
        events: ring("events_bytes", settings.events_bytes.unwrap_or(defaults.events))?,
        claims: settings.claims.unwrap_or(defaults.claims),
        probes: defaults.probes,
    };
    within("processes", u64::from(options.processes), 1, 1 << 22, "1 to 4194304")?;
    let queue = settings.queue.unwrap_or(32_768);
    within("queue", queue as u64, 1, 1 << 20, "1 to 1048576")?;
    let rate = settings.rate.unwrap_or(2_000);
    within("rate", rate, 0, 1 << 32, "0 to 4294967296")?;
    let burst = settings.burst.unwrap_or_else(|| 20_000.max(rate));
    within("burst", burst, 1, 1 << 32, "1 to 4294967296")?;
    let cgroups = settings.cgroups.iter().map(|one| cgroup(one)).collect::<Result<_, _>>()?;
    Ok(Config {
        options,
        socket: settings.socket.clone().unwrap_or_else(|| socket::DEFAULT.into()),
        control: settings.control_socket.clone().unwrap_or_else(|| CONTROL.into()),
        listen: listen(settings.listen.as_deref().unwrap_or(LISTEN))?,
        cgroups,
        rate,
        burst,
        queue,
        node: settings.node.clone().unwrap_or_else(node_name),
        settings,
    })
}

fn within(
    name: &'static str,
    value: u64,
    least: u64,
    most: u64,
    rule: &'static str,
) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::Value { name, value: value.to_string(), rule })
}

fn ring(name: &'static str, bytes: u32) -> Result<u32, ConfigError> {
    if bytes.is_power_of_two() && (PAGE..=1 << 30).contains(&bytes) {
        return Ok(bytes);
    }
    let rule = "a power of two from 4096 to 1073741824";
    Err(ConfigError::Value { name, value: bytes.to_string(), rule })
}

/// Health and metrics tell of this machine: they are for it alone.
fn listen(text: &str) -> Result<Option<SocketAddr>, ConfigError> {
    if text == "off" {
        return Ok(None);
    }
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(Some(address)),
        _ => Err(ConfigError::Value {
            name: "listen",
            value: text.to_owned(),
            rule: "a loopback address and port, such as 127.0.0.1:9464 or [::1]:9464, or off",
        }),
    }
}

fn cgroup(text: &str) -> Result<Cgroup, ConfigError> {
    let Some((folder, digits)) = text.rsplit_once('=') else {
        return Ok(Cgroup { folder: text.into(), trace: None });
    };
    let trace = proc::parse_trace(digits).ok_or_else(|| ConfigError::Value {
        name: "cgroup",
        value: text.to_owned(),
        rule: "FOLDER or FOLDER=TRACE, the trace 32 lower-case hexadecimal digits that are not all zeros",
    })?;
    Ok(Cgroup { folder: folder.into(), trace: Some(trace) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, text).unwrap();
        read(Settings { config: Some(path), ..Settings::default() })
    }

    fn sentence(text: &str) -> String {
        let sentence = from(text).unwrap_err().to_string();
        assert!(!sentence.contains('\n'), "{sentence}");
        sentence
    }

    #[test]
    fn unknown_keys_are_refused_by_name_and_line() {
        let said = sentence("rate = 5\nretries = 7\n");
        assert!(said.contains("line 2: unknown field `retries`"), "{said}");
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for (text, wanted) in [
            ("rate = \"x\"", "line 1: invalid type"),
            ("rate = -1", "line 1: invalid value"),
            ("events_bytes = 5000", "events_bytes is 5000: it must be a power of two"),
            ("listen = \"0.0.0.0:80\"", "listen is 0.0.0.0:80: it must be a loopback address"),
            ("cgroups = [\"/x=12\"]", "cgroup is /x=12: it must be FOLDER or FOLDER=TRACE"),
            ("queue = 0", "queue is 0: it must be 1 to 1048576"),
            ("rate = ", "line 1: "),
        ] {
            let said = sentence(text);
            assert!(said.contains(wanted), "{said}");
        }
    }

    #[test]
    fn a_flag_is_stronger_than_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, "rate = 5\nburst = 6\nnode = \"x\"").unwrap();
        let config = read(Settings { config: Some(path), rate: Some(9), ..Settings::default() }).unwrap();
        assert_eq!((config.rate, config.burst, config.node.as_str()), (9, 6, "x"));
    }

    #[test]
    fn a_file_that_is_not_there_is_said() {
        let error = read(Settings { config: Some("/nowhere/agent.toml".into()), ..Settings::default() });
        let said = error.unwrap_err().to_string();
        assert!(said.starts_with("the configuration /nowhere/agent.toml cannot be read"), "{said}");
    }
}
