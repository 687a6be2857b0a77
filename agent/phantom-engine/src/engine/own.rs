//! What the agent says of itself.

use crate::clock;
use crate::observation::{Coverage, Event, Observation, Trace, TraceOrigin};

/// An observation about the agent itself.
pub(super) fn own(at: u64, event: Event) -> Observation {
    Observation {
        at,
        process: None,
        trace: Trace { id: None, origin: TraceOrigin::None },
        truncated: false,
        event,
    }
}

/// What is seen here, said at the beginning.
pub(super) fn coverage(io_uring: bool, tls: bool) -> Vec<Observation> {
    let at = clock::now();
    let seen = |seen: bool| if seen { Coverage::Live } else { Coverage::NotObservable };
    let table = [
        ("process_fork", Coverage::Live),
        ("process_exec", Coverage::Live),
        ("process_exit", Coverage::Live),
        ("file_open", Coverage::Live),
        ("file_open_io_uring", seen(io_uring)),
        ("file_open_32_bit", Coverage::NotObservable),
        ("net_connect", Coverage::Live),
        ("tls_write", seen(tls)),
    ];
    table
        .into_iter()
        .map(|(capability, coverage)| own(at, Event::Coverage { capability, coverage }))
        .collect()
}
