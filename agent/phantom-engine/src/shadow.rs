//! Models that are reached without a valid trace: anybody's connections are held to a list of endpoints.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::SystemTime;

use serde::Deserialize;

use crate::observation::{BootTime, Connection, Event, Observation};

static LIST: &str = include_str!("../../../schema/llm_endpoints.json");
/// A process is flagged once for an endpoint within this.
const WINDOW_NS: BootTime = 600_000_000_000;
/// How often a list of the user's own is looked at for changes.
const LOOK_NS: BootTime = 1_000_000_000;
/// Processes and endpoints that are remembered; with more, the window ends early.
const FLAGGED_MAX: usize = 65_536;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[expect(dead_code, reason = "for the reader of the file; its schema checks it")]
    updated: String,
    version: u32,
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    provider: String,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    ports: Vec<u16>,
}

/// The list, and who was flagged.
pub struct Shadow {
    endpoints: Vec<Endpoint>,
    own: Option<(PathBuf, Option<SystemTime>)>,
    looked: BootTime,
    flagged: HashMap<(u32, u64, String), BootTime>,
}

impl Default for Shadow {
    fn default() -> Self {
        let endpoints = parse(LIST).unwrap_or_default();
        Self { endpoints, own: None, looked: 0, flagged: HashMap::new() }
    }
}

/// One sentence on what is wrong with a list.
fn parse(text: &str) -> Result<Vec<Endpoint>, String> {
    let list: List = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if list.version != 1 {
        return Err(format!("version is {}, and this agent reads version 1", list.version));
    }
    let is_empty = |one: &&Endpoint| one.hosts.is_empty() && one.ports.is_empty();
    match list.endpoints.iter().find(is_empty) {
        Some(one) => Err(format!("the endpoint of {} has neither hosts nor ports", one.provider)),
        None => Ok(list.endpoints),
    }
}

impl Shadow {
    /// Reads the list from a file from now on, again whenever it changes.
    pub fn read_from(&mut self, path: PathBuf) -> Result<(), String> {
        let failed =
            |why: String| format!("the list of model endpoints {} cannot be used: {why}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
        self.endpoints = parse(&text).map_err(failed)?;
        let changed = std::fs::metadata(&path).and_then(|file| file.modified()).ok();
        self.own = Some((path, changed));
        Ok(())
    }

    /// Forgets flags whose window is over, and reads the list again if it changed. One that cannot be read changes nothing.
    pub fn settle(&mut self, now: BootTime) {
        if now < self.looked.saturating_add(LOOK_NS) {
            return;
        }
        self.looked = now;
        self.flagged.retain(|_, at| at.saturating_add(WINDOW_NS) > now);
        let Some((path, known)) = self.own.clone() else { return };
        let changed = std::fs::metadata(&path).and_then(|file| file.modified()).ok();
        if changed.is_none() || changed == known {
            return;
        }
        if let Err(why) = self.read_from(path) {
            eprintln!("vantio-agent: {why}; the list that was read before stays");
            self.own = self.own.take().map(|(path, _)| (path, changed));
        }
    }

    /// The flag for a connection of a process without a valid trace, if it leads to a model and was not flagged yet.
    pub(crate) fn look(
        &mut self,
        told: &Observation,
        connection: &Connection,
        names: &[&str],
    ) -> Option<Observation> {
        let (endpoint, pattern) = self.find(names, connection.port)?;
        let provider = endpoint.provider.clone();
        let process = told.process.as_ref()?;
        let key = (process.host_pid, process.start, format!("{provider} {pattern}"));
        if self.flagged.len() >= FLAGGED_MAX {
            self.flagged.clear();
        }
        let last = self.flagged.get(&key).copied();
        if last.is_some_and(|at| at.saturating_add(WINDOW_NS) > told.at) {
            return None;
        }
        self.flagged.insert(key, told.at);
        let event = Event::ShadowAi { provider, connection: Box::new(connection.clone()) };
        Some(Observation { event, ..told.clone() })
    }

    /// The endpoint that a name belongs to, or else the port; and by which of its patterns. An endpoint with both wants both.
    fn find(&self, names: &[&str], port: u16) -> Option<(&Endpoint, String)> {
        self.endpoints.iter().find_map(|one| {
            if !one.ports.is_empty() && !one.ports.contains(&port) {
                return None;
            }
            if one.hosts.is_empty() {
                return Some((one, port.to_string()));
            }
            let pattern = one.hosts.iter().find(|pattern| names.iter().any(|name| matches(pattern, name)))?;
            Some((one, pattern.clone()))
        })
    }
}

/// A star stands for one label; as the first, for one or more.
fn matches(pattern: &str, name: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), name.split('.').collect());
    let is_longer = wanted.first() == Some(&"*") && given.len() > wanted.len();
    if given.len() != wanted.len() && !is_longer {
        return false;
    }
    let pairs = wanted.iter().rev().zip(given.iter().rev());
    pairs.into_iter().all(|(wanted, given)| label(wanted, given))
}

/// A label with a star inside: `bedrock-*`.
fn label(wanted: &str, given: &str) -> bool {
    match wanted.split_once('*') {
        None => wanted == given,
        Some((before, after)) => {
            given.len() > before.len() + after.len() && given.starts_with(before) && given.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Host, Process, Protocol, Trace, TraceOrigin};

    /// Whether a connection of a process, by id and start, is flagged at that moment.
    fn is_flagged(shadow: &mut Shadow, (pid, start): (u32, u64), name: &str, at: BootTime) -> bool {
        let connection = Connection {
            host: Host::Sni(name.to_owned()),
            ip: [192, 0, 2, 1].into(),
            port: 443,
            local_port: None,
            protocol: Protocol::Tcp,
            sent: 0,
            received: None,
            duration_us: None,
            established: true,
            error: None,
            span: None,
        };
        let process = Process { start, ..Process::example(pid) };
        let trace = Trace { id: None, origin: TraceOrigin::None };
        let event = Event::NetConnect(Box::new(connection.clone()));
        let told = Observation { at, process: Some(process), trace, truncated: false, event };
        let flag = shadow.look(&told, &connection, &[name]);
        flag.is_some_and(|one| one.at == at && matches!(one.event, Event::ShadowAi { .. }))
    }

    #[test]
    fn a_process_is_flagged_for_an_endpoint_once_in_a_window_and_again_after_it() {
        let shadow = &mut Shadow::default();
        let one = (7, 70);
        assert!(is_flagged(shadow, one, "api.openai.com", 1));
        assert!(!is_flagged(shadow, one, "api.openai.com", WINDOW_NS));
        // What was not flagged again does not prolong the window.
        assert!(is_flagged(shadow, one, "api.openai.com", 1 + WINDOW_NS));
        assert!(!is_flagged(shadow, one, "api.openai.com", 2 * WINDOW_NS));
        shadow.settle(1 + 2 * WINDOW_NS);
        assert!(shadow.flagged.is_empty());
        assert!(is_flagged(shadow, one, "api.openai.com", 1 + 2 * WINDOW_NS));
    }

    #[test]
    fn another_process_and_another_endpoint_are_flagged_at_once() {
        let shadow = &mut Shadow::default();
        for (process, name) in [
            ((7, 70), "api.openai.com"),
            ((8, 70), "api.openai.com"),
            // A process id that is used again.
            ((7, 71), "api.openai.com"),
            ((7, 70), "api.anthropic.com"),
        ] {
            assert!(is_flagged(shadow, process, name, 1), "{process:?} {name}");
            assert!(!is_flagged(shadow, process, name, 2), "{process:?} {name}");
        }
        assert!(!is_flagged(shadow, (7, 70), "api.example", 1));
    }

    #[test]
    fn with_more_processes_than_are_remembered_the_window_ends_early() {
        let shadow = &mut Shadow::default();
        let all = u32::try_from(FLAGGED_MAX).unwrap();
        for pid in 1..=all {
            assert!(is_flagged(shadow, (pid, 1), "api.openai.com", 1));
        }
        assert_eq!(shadow.flagged.len(), FLAGGED_MAX);
        assert!(is_flagged(shadow, (all + 1, 1), "api.openai.com", 2));
        assert!(shadow.flagged.len() <= FLAGGED_MAX);
        assert!(is_flagged(shadow, (1, 1), "api.openai.com", 3));
    }

    fn provider(name: &str, port: u16) -> Option<String> {
        Shadow::default().find(&[name], port).map(|(one, _)| one.provider.clone())
    }

    #[test]
    fn the_list_that_is_built_in_is_one() {
        assert!(parse(LIST).unwrap().len() > 15);
    }

    #[test]
    fn endpoints_are_known_by_name_and_by_wildcard() {
        for (name, wanted) in [
            ("api.openai.com", "openai"),
            ("mine.openai.azure.com", "azure_openai"),
            ("api.anthropic.com", "anthropic"),
            ("bedrock-runtime.eu-west-1.amazonaws.com", "aws_bedrock"),
            ("europe-west4-aiplatform.googleapis.com", "google_vertex"),
            ("generativelanguage.googleapis.com", "google_gemini"),
        ] {
            assert_eq!(provider(name, 443).as_deref(), Some(wanted), "{name}");
        }
    }

    #[test]
    fn names_that_only_look_alike_are_not() {
        for name in [
            "api.openai.com.example.org",
            "notapi.openai.com",
            "openai.azure.com",
            "bedrock-runtime.a.b.amazonaws.com",
            "-aiplatform.googleapis.com",
        ] {
            assert_eq!(provider(name, 443), None, "{name}");
        }
    }

    #[test]
    fn a_local_model_is_known_by_its_port() {
        assert_eq!(provider("localhost", 11_434).as_deref(), Some("ollama"));
        assert_eq!(provider("localhost", 11_435), None);
    }

    #[test]
    fn a_list_is_read_again_when_it_changes_and_a_wrong_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endpoints.json");
        let list = |text: &str, seconds: u64| {
            std::fs::write(&path, text).unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).unwrap();
        };
        let of = |host: &str| {
            let endpoint = format!(r#"{{"provider":"mine","hosts":["{host}"]}}"#);
            format!(r#"{{"version":1,"updated":"2026-11-01","endpoints":[{endpoint}]}}"#)
        };
        let knows = |shadow: &Shadow, host: &str| shadow.find(&[host], 443).is_some();
        let mut shadow = Shadow::default();
        list(&of("one.example"), 1);
        shadow.read_from(path.clone()).unwrap();
        assert!(knows(&shadow, "one.example") && !knows(&shadow, "api.openai.com"));
        list(&of("two.example"), 2);
        shadow.settle(LOOK_NS);
        assert!(knows(&shadow, "two.example") && !knows(&shadow, "one.example"));
        list("{", 3);
        shadow.settle(2 * LOOK_NS);
        assert!(knows(&shadow, "two.example"));
        list(&of("three.example"), 4);
        shadow.settle(3 * LOOK_NS);
        assert!(knows(&shadow, "three.example"));
    }

    #[test]
    fn a_wrong_list_is_named_in_one_sentence() {
        let nobody = r#"{"version":1,"updated":"2026-11-01","endpoints":[{"provider":"x"}]}"#;
        assert_eq!(parse(nobody).err().unwrap(), "the endpoint of x has neither hosts nor ports");
        let unknown = r#"{"version":1,"updated":"2026-11-01","endpoints":[],"extra":1}"#;
        assert!(parse(unknown).err().unwrap().contains("unknown field `extra`"));
        let later = r#"{"version":2,"updated":"2026-11-01","endpoints":[]}"#;
        assert_eq!(parse(later).err().unwrap(), "version is 2, and this agent reads version 1");
    }
}
