//! What one connection was used for, as its process told it.

use crate::observation::{SpanId, TraceId};
use crate::socket::{Sharing, Use};

/// What is known of the traces of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// Nothing that is sure: what its process is in, it is in.
    Unknown,
    /// One trace and no other; the span if it was one.
    One(TraceId, Option<SpanId>),
    /// Several, or others may have come after: this one was the first.
    First(TraceId),
}

/// The uses so far.
#[derive(Debug, Default)]
pub struct Uses {
    heard: u64,
    is_broken: bool,
    first: Option<First>,
    others: Others,
}

#[derive(Debug, Clone, Copy)]
struct First {
    trace: Option<TraceId>,
    span: Option<SpanId>,
    sharing: Sharing,
}

/// Who came after the first.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Others {
    #[default]
    Nobody,
    Spans,
    Traces,
}

impl Uses {
    /// The next one. A number that is not the next says that one was lost.
    pub fn take(&mut self, one: &Use) {
        self.is_broken |= one.number != self.heard;
        self.heard = one.number.saturating_add(1);
        let Use { trace, span, sharing, .. } = *one;
        let first = self.first.get_or_insert(First { trace, span, sharing });
        if sharing != Sharing::Turns && first.sharing != Sharing::Untold {
            first.sharing = sharing;
        }
        let others = match (first.trace == trace, first.span == span) {
            (false, _) => Others::Traces,
            (true, false) => Others::Spans,
            (true, true) => Others::Nobody,
        };
        self.others = self.others.max(others);
    }

    /// From here on uses may have gone unheard.
    pub fn break_off(&mut self) {
        self.is_broken = true;
    }

    /// For whom it was made. Of those who use it all at once, nobody's alone.
    pub fn at_first(&self) -> Carried {
        let Some(First { trace: Some(trace), span, sharing }) = self.known() else { return Carried::Unknown };
        if sharing == Sharing::Together && self.others == Others::Traces {
            return Carried::First(trace);
        }
        Carried::One(trace, span)
    }

    /// For whom all was sent that went through it.
    pub fn in_all(&self) -> Carried {
        let Some(First { trace: Some(trace), span, sharing }) = self.known() else { return Carried::Unknown };
        if sharing == Sharing::Untold || self.others == Others::Traces {
            return Carried::First(trace);
        }
        Carried::One(trace, span.filter(|_| self.others == Others::Nobody))
    }

    fn known(&self) -> Option<First> {
        self.first.filter(|_| !self.is_broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::Speaker;

    const A: TraceId = [0xa; 16];
    const B: TraceId = [0xb; 16];
    const S: SpanId = [1; 8];

    fn uses(all: &[(u64, Option<TraceId>, SpanId, Sharing)]) -> Uses {
        let mut uses = Uses::default();
        for (number, trace, span, sharing) in all {
            uses.take(&Use {
                speaker: Speaker { pid: 1, start: 2 },
                trace: *trace,
                span: Some(*span),
                sharing: *sharing,
                number: *number,
                local_port: 3,
                remote: None,
                at_ns: 4,
            });
        }
        uses
    }

    #[test]
    fn one_trace_is_told_as_it_is_and_several_never_as_one() {
        let turns = Sharing::Turns;
        let all = [(0, Some(A), S, turns), (1, Some(A), S, turns)];
        assert_eq!(uses(&all).in_all(), Carried::One(A, Some(S)));
        let spans = [(0, Some(A), S, turns), (1, Some(A), [2; 8], turns)];
        assert_eq!(uses(&spans).in_all(), Carried::One(A, None));
        let traces = [(0, Some(A), S, turns), (1, Some(B), S, turns)];
        assert_eq!(
            (uses(&traces).at_first(), uses(&traces).in_all()),
            (Carried::One(A, Some(S)), Carried::First(A))
        );
        let at_once = [(0, Some(A), S, Sharing::Together), (1, Some(B), S, Sharing::Together)];
        assert_eq!(
            (uses(&at_once).at_first(), uses(&at_once).in_all()),
            (Carried::First(A), Carried::First(A))
        );
        let outside = [(0, Some(A), S, turns), (1, None, S, turns)];
        assert_eq!(uses(&outside).in_all(), Carried::First(A));
        assert_eq!(uses(&[(0, None, S, turns), (1, Some(A), S, turns)]).in_all(), Carried::Unknown);
        assert_eq!(uses(&[]).in_all(), Carried::Unknown);
    }

    #[test]
    fn after_a_note_that_was_lost_nothing_is_sure() {
        let turns = Sharing::Turns;
        for numbers in [[1, 2], [0, 2], [0, 0], [5, 4]] {
            let all = numbers.map(|number| (number, Some(A), S, turns));
            assert_eq!(uses(&all).in_all(), Carried::Unknown, "{numbers:?}");
        }
        let mut broken = uses(&[(0, Some(A), S, turns)]);
        broken.break_off();
        assert_eq!(broken.in_all(), Carried::Unknown);
    }

    #[test]
    fn of_a_bare_connection_only_the_maker_is_known() {
        let bare = uses(&[(0, Some(A), S, Sharing::Untold)]);
        assert_eq!((bare.at_first(), bare.in_all()), (Carried::One(A, Some(S)), Carried::First(A)));
    }
}
