/// Salts drawn at once: a call of the system for each is dearer than all else that a disclosure needs.
const DRAWN: usize = 64;

/// Random salts, each given out once. They live as long as their session, and a process that is forked off has none: it would have the
/// session's key as well.
pub(crate) struct Salts {
    drawn: [[u8; 32]; DRAWN],
    left: usize,
}

impl Salts {
    pub(crate) const fn new() -> Self {
        Self { drawn: [[0; 32]; DRAWN], left: 0 }
    }

    /// A salt that nobody had before. It is not kept: what opens a commitment is gone from here when its disclosure is erased.
    pub(crate) fn next(&mut self) -> Result<[u8; 32], getrandom::Error> {
        if self.left == 0 {
            getrandom::fill(self.drawn.as_flattened_mut())?;
            self.left = DRAWN;
        }
        self.left -= 1;
        Ok(std::mem::take(&mut self.drawn[self.left]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn none_is_given_twice_and_none_is_kept() {
        let mut salts = Salts::new();
        let given: HashSet<_> = (0..=10 * DRAWN).map(|_| salts.next().expect("random bytes")).collect();
        assert_eq!(given.len(), 10 * DRAWN + 1);
        assert!(!given.contains(&[0; 32]));
        assert!(salts.drawn.iter().all(|salt| !given.contains(salt)));
    }
}
