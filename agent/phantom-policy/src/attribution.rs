use phantom_common::Origin;

/// Whether the trace may be trusted: its process was given it by the agent, by an SDK that the agent heard, or by a parent that was.
/// What an environment claims, anyone can write.
#[must_use]
pub const fn is_valid(origin: Origin) -> bool {
    matches!(origin, Origin::ProcessLevel | Origin::Inherited)
}

/// Whether a process that has `old` takes `new` in its place. A wrong trace is worse than none, so what is weaker never replaces
/// what is stronger; a new trace of the same kind of registration does.
#[must_use]
pub const fn may_replace(new: Origin, old: Origin) -> bool {
    match new {
        Origin::ProcessLevel | Origin::Inherited => true,
        Origin::CgroupDefault | Origin::Claimed => !is_valid(old) && strength(new) >= strength(old),
        Origin::Unread => matches!(old, Origin::None),
        Origin::None => false,
    }
}

/// What a child has of its parent's trace.
#[must_use]
pub const fn inherited(parent: Origin) -> Origin {
    match parent {
        Origin::ProcessLevel => Origin::Inherited,
        other => other,
    }
}

const fn strength(origin: Origin) -> u8 {
    match origin {
        Origin::None => 0,
        Origin::Unread => 1,
        Origin::Claimed => 2,
        Origin::CgroupDefault => 3,
        Origin::ProcessLevel | Origin::Inherited => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Origin; 6] = [
        Origin::None,
        Origin::Unread,
        Origin::Claimed,
        Origin::CgroupDefault,
        Origin::ProcessLevel,
        Origin::Inherited,
    ];

    #[test]
    fn a_claim_never_replaces_a_valid_trace_or_the_default_of_a_cgroup() {
        for old in [Origin::ProcessLevel, Origin::Inherited, Origin::CgroupDefault] {
            assert!(!may_replace(Origin::Claimed, old), "{old:?}");
        }
    }

    #[test]
    fn a_claim_is_not_valid_and_its_children_claim_no_more_than_it() {
        assert!(!is_valid(Origin::Claimed));
        assert_eq!(inherited(Origin::Claimed), Origin::Claimed);
    }

    #[test]
    fn nothing_weaker_replaces_a_valid_trace() {
        for new in ALL.into_iter().filter(|origin| !is_valid(*origin)) {
            for old in ALL.into_iter().filter(|origin| is_valid(*origin)) {
                assert!(!may_replace(new, old), "{new:?} over {old:?}");
            }
        }
    }

    #[test]
    fn what_a_process_was_given_its_children_inherit() {
        assert_eq!(inherited(Origin::ProcessLevel), Origin::Inherited);
        assert_eq!(inherited(Origin::Inherited), Origin::Inherited);
        assert_eq!(inherited(Origin::None), Origin::None);
    }
}
