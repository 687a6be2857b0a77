//! What was told of a connection, and in short: of which trace and span it is, and how that is known.

use std::net::SocketAddr;

use phantom_engine::observation::{Connection, Event, Observation, TraceOrigin};

use super::{A, OWN};
use crate::world::World;

pub type Told = (Observation, Connection);

pub fn find(
    world: &World,
    what: &str,
    to: SocketAddr,
    which: fn(&Event) -> Option<&Connection>,
    nth: usize,
) -> Told {
    world.wait_for(what, nth, |one| {
        let connection = which(&one.event).filter(|connection| connection.port == to.port())?;
        Some((one.clone(), connection.clone()))
    })
}

pub fn made(event: &Event) -> Option<&Connection> {
    match event {
        Event::NetConnect(connection) => Some(connection),
        _ => None,
    }
}

pub fn ended(event: &Event) -> Option<&Connection> {
    match event {
        Event::NetClose(connection) => Some(connection),
        _ => None,
    }
}

pub type Short = (Option<[u8; 16]>, TraceOrigin, Option<[u8; 8]>);

pub fn short((observation, connection): &Told) -> Short {
    (observation.trace.id, observation.trace.origin, connection.span)
}

pub const OF_PROCESS: Short = (Some(OWN), TraceOrigin::ProcessLevel, None);
pub const EXACTLY_A: Short = (Some(A), TraceOrigin::Exact, Some([0x9a; 8]));

pub fn both(world: &World, to: SocketAddr) -> (Short, Short) {
    let (made, ended) = (find(world, "the connection", to, made, 0), find(world, "its end", to, ended, 0));
    (short(&made), short(&ended))
}
