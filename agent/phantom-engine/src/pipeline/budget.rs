use hashbrown::HashMap;

use crate::observation::BootTime;

/// More cgroups than this share one budget.
const CGROUPS_MAX: usize = 4096;
const SECOND: u128 = 1_000_000_000;

/// How many records each cgroup may have: `rate` a second, and up to `burst` at once after it was quiet. One cgroup's flood then
/// leaves the others their records.
#[derive(Debug)]
pub struct Budget {
    rate: u64,
    burst: u64,
    spent: HashMap<u64, Bucket>,
    others: Bucket,
}

/// What is left, in billionths of a record: exact at any rate.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: u128,
    at: BootTime,
}

impl Budget {
    /// A rate of 0 is no limit.
    #[must_use]
    pub fn new(rate: u64, burst: u64) -> Self {
        let others = Bucket { left: u128::from(burst) * SECOND, at: 0 };
        Self { rate, burst, spent: HashMap::new(), others }
    }

    /// Another rate from now on.
    pub fn change(&mut self, rate: u64, burst: u64) {
        *self = Self::new(rate, burst);
    }

    /// Whether a record of this cgroup at this moment is within its share; if so it is spent.
    pub fn spend(&mut self, cgroup: u64, at: BootTime) -> bool {
        if self.rate == 0 {
            return true;
        }
        let (rate, full) = (u128::from(self.rate), u128::from(self.burst) * SECOND);
        if self.spent.len() >= CGROUPS_MAX && !self.spent.contains_key(&cgroup) {
            self.spent.retain(|_, bucket| bucket.filled(rate, full, at).left < full);
        }
        let bucket = if self.spent.len() >= CGROUPS_MAX && !self.spent.contains_key(&cgroup) {
            &mut self.others
        } else {
            self.spent.entry(cgroup).or_insert(Bucket { left: full, at })
        };
        *bucket = bucket.filled(rate, full, at);
        let is_within = bucket.left >= SECOND;
        if is_within {
            bucket.left -= SECOND;
        }
        is_within
    }
}

impl Bucket {
    /// Events of two rings are not in order: an earlier one fills nothing.
    fn filled(self, rate: u128, full: u128, at: BootTime) -> Self {
        let passed = u128::from(at.saturating_sub(self.at));
        Self { left: (self.left + passed * rate).min(full), at: at.max(self.at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    fn spent(budget: &mut Budget, cgroup: u64, at: u64, tries: u32) -> u32 {
        (0..tries).filter(|_| budget.spend(cgroup, at)).count().try_into().unwrap()
    }

    #[test]
    fn one_cgroup_spends_nothing_of_another() {
        let mut budget = Budget::new(10, 20);
        assert_eq!(spent(&mut budget, 1, S, 100), 20);
        assert_eq!(spent(&mut budget, 2, S, 100), 20);
        assert_eq!(spent(&mut budget, 1, 2 * S, 100), 10);
        assert_eq!(spent(&mut budget, 1, S, 100), 0, "an earlier event fills nothing");
        assert_eq!(spent(&mut budget, 1, 9 * S, 100), 20, "never more than the burst");
    }

    #[test]
    fn no_rate_is_no_limit() {
        assert_eq!(spent(&mut Budget::new(0, 0), 1, S, 1000), 1000);
    }

    #[test]
    fn memory_is_bounded_whatever_cgroups_are_made() {
        let mut budget = Budget::new(1, 1);
        for cgroup in 0..20_000 {
            budget.spend(cgroup, S);
        }
        assert!(budget.spent.len() <= CGROUPS_MAX);
        budget.spend(77_777, 100 * S);
        assert_eq!(budget.spent.len(), 1, "those that are full again are forgotten");
    }
}
