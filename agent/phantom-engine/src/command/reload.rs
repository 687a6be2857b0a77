use phantom_engine::config::{self, Config, Settings};
use phantom_engine::socket::random_trace;

use super::Failure;
use super::agent::Agent;

/// Reads the configuration again. What can be changed while it runs is changed; what cannot is said. On an error nothing is.
pub fn reload(given: &Settings, old: &Config, agent: &Agent) -> Result<Config, Failure> {
    let new = config::read(given.clone())?;
    // All are looked at before any is changed.
    let are_enrolled = new.cgroups.iter().map(|one| agent.registry.is_enrolled(&one.folder));
    let are_enrolled = are_enrolled.collect::<Result<Vec<_>, _>>()?;
    for (cgroup, is_enrolled) in new.cgroups.iter().zip(are_enrolled) {
        // One without a trace of its own keeps the one that was minted for it.
        if cgroup.trace.is_some() || !is_enrolled {
            agent.registry.enrol(&cgroup.folder, cgroup.trace.map_or_else(random_trace, Ok)?)?;
            agent.packets.watch(&cgroup.folder)?;
        }
    }
    let is_listed = |folder| new.cgroups.iter().any(|one| &one.folder == folder);
    for cgroup in old.cgroups.iter().filter(|one| !is_listed(&one.folder)) {
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
