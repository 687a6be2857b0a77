use phantom_engine::config::{self, Config, Settings};
use phantom_engine::socket::random_trace;

use super::Failure;
use super::agent::Agent;

/// Reads the configuration again. What can be changed while it runs is changed; what cannot is said. On an error nothing is.
pub fn reload(given: &Settings, old: &Config, agent: &Agent) -> Result<Config, Failure> {
    let new = config::read(given.clone())?;
    let is_listed = |config: &Config, folder| config.cgroups.iter().any(|one| &one.folder == folder);
    for cgroup in &new.cgroups {
        // One without a trace of its own keeps the one that was minted for it.
        if cgroup.trace.is_some() || !is_listed(old, &cgroup.folder) {
            agent.registry.enrol(&cgroup.folder, cgroup.trace.map_or_else(random_trace, Ok)?)?;
            agent.packets.watch(&cgroup.folder)?;
        }
    }
    for cgroup in old.cgroups.iter().filter(|one| !is_listed(&new, &one.folder)) {
        agent.registry.withdraw(&cgroup.folder)?;
    }
    if (new.rate, new.burst) != (old.rate, old.burst) {
        agent.hub.borrow_mut().change_budget(new.rate, new.burst);
    }
    let rest = |config: &Config| Settings {
        cgroups: Vec::new(),
        rate: None,
        burst: None,
        ..config.settings.clone()
    };
    if rest(&new) == rest(old) {
        eprintln!("vantio-agent: the configuration was read again");
    } else {
        eprintln!(
            "vantio-agent: the configuration was read again: rate, burst and cgroups hold from now on, \
             other changes from the next start"
        );
    }
    Ok(new)
}
