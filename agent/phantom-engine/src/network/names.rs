//! Which names an address was an answer to, for each cgroup by itself: what one workload resolves teaches nothing about another.

use std::collections::HashMap;

use crate::observation::BootTime;

/// Kept at least this long, since programs keep answers longer than they are told to.
const SHORTEST_NS: BootTime = 300_000_000_000;
/// Kept at most a day.
const LONGEST_NS: BootTime = 86_400_000_000_000;
/// Names of one address in one cgroup.
const NAMES_MAX: usize = 8;

struct Known {
    host: String,
    until: BootTime,
}

/// The table.
pub struct Names {
    known: HashMap<(u64, [u8; 16]), Vec<Known>>,
    limit: usize,
}

impl Names {
    /// A table for so many addresses.
    pub fn new(limit: usize) -> Self {
        Self { known: HashMap::new(), limit }
    }

    /// Takes an answer. A full table forgets what has run out, and if nothing has, learns nothing.
    pub fn learn(&mut self, cgroup: u64, address: [u8; 16], host: &str, seconds: u32, now: BootTime) {
        let until = now + (BootTime::from(seconds) * 1_000_000_000).clamp(SHORTEST_NS, LONGEST_NS);
        if self.known.len() >= self.limit && !self.known.contains_key(&(cgroup, address)) {
            self.known.retain(|_, names| {
                names.retain(|one| one.until > now);
                !names.is_empty()
            });
            if self.known.len() >= self.limit {
                return;
            }
        }
        let names = self.known.entry((cgroup, address)).or_default();
        names.retain(|one| one.until > now && one.host != host);
        if names.len() < NAMES_MAX {
            names.push(Known { host: host.to_owned(), until });
        }
    }

    /// All names of an address.
    pub fn of(&self, cgroup: u64, address: [u8; 16], now: BootTime) -> impl Iterator<Item = &str> {
        let names = self.known.get(&(cgroup, address)).into_iter().flatten();
        names.filter(move |one| one.until > now).map(|one| one.host.as_str())
    }

    /// Its name if it has one alone: of two, nobody can say which was meant.
    pub fn only(&self, cgroup: u64, address: [u8; 16], now: BootTime) -> Option<&str> {
        let mut names = self.of(cgroup, address, now);
        names.next().filter(|_| names.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: [u8; 16] = [1; 16];

    #[test]
    fn of_two_names_on_one_address_neither_is_taken() {
        let mut names = Names::new(8);
        names.learn(1, ADDRESS, "a.example", 60, 0);
        assert_eq!(names.only(1, ADDRESS, 1), Some("a.example"));
        names.learn(1, ADDRESS, "b.example", 60, 0);
        assert_eq!(names.only(1, ADDRESS, 1), None);
        assert_eq!(names.of(1, ADDRESS, 1).count(), 2);
    }

    #[test]
    fn what_one_cgroup_learned_another_does_not_know() {
        let mut names = Names::new(8);
        names.learn(1, ADDRESS, "a.example", 60, 0);
        assert_eq!(names.only(2, ADDRESS, 1), None);
    }

    #[test]
    fn an_answer_is_forgotten_when_it_has_run_out() {
        let mut names = Names::new(8);
        names.learn(1, ADDRESS, "a.example", 600, 0);
        assert_eq!(names.only(1, ADDRESS, 599_000_000_000), Some("a.example"));
        assert_eq!(names.only(1, ADDRESS, 600_000_000_001), None);
    }

    #[test]
    fn a_full_table_evicts_nobody_who_is_still_known() {
        let mut names = Names::new(1);
        names.learn(1, ADDRESS, "a.example", 60, 0);
        names.learn(1, [2; 16], "b.example", 60, 1);
        assert_eq!(names.only(1, ADDRESS, 2), Some("a.example"));
        names.learn(1, [2; 16], "b.example", 60, SHORTEST_NS + 1);
        assert_eq!(names.only(1, [2; 16], SHORTEST_NS + 2), Some("b.example"));
    }
}
