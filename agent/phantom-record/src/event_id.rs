use crate::ascii::{Ascii, hex};
use crate::instant::Instant;

const COUNTER_END: u32 = 1 << 26;

/// A UUID, as text.
pub(crate) type EventId = Ascii<36>;

/// Makes the event ids of one session: version 7 (RFC 9562) that rise strictly, as `schema/record.md`, *Event ids*, has them.
#[derive(Debug)]
pub(crate) struct EventIds {
    /// The first 48 bits of the session's id.
    tail: u64,
    millis: u64,
    counter: Option<u32>,
}

impl EventIds {
    pub(crate) fn new(session_id: [u8; 16]) -> Self {
        let [first @ .., _, _, _, _, _, _, _, _, _, _] = session_id;
        let tail = first.into_iter().fold(0, |tail, byte| tail << 8 | u64::from(byte));
        Self { tail, millis: 0, counter: None }
    }

    /// The id of a record that happened at `at`; later than every one before, whatever the clock does.
    pub(crate) fn next(&mut self, at: Instant) -> EventId {
        let counter = match self.counter {
            Some(last) if at.millis() <= self.millis => last + 1,
            _ => {
                self.millis = at.millis();
                0
            }
        };
        let counter = if counter == COUNTER_END {
            self.millis += 1;
            0
        } else {
            counter
        };
        self.counter = Some(counter);
        let high = (self.millis & 0xffff_ffff_ffff) << 16 | 0x7000 | u64::from(counter >> 14);
        let low = (0x8000 | u64::from(counter & 0x3fff)) << 48 | self.tail;
        hyphenated(u128::from(high) << 64 | u128::from(low))
    }

    /// As if an id of these milliseconds and this counter had just been made.
    #[cfg(test)]
    fn after(session_id: [u8; 16], millis: u64, counter: u32) -> Self {
        Self { millis, counter: Some(counter), ..Self::new(session_id) }
    }
}

fn hyphenated(id: u128) -> EventId {
    let digits: Ascii<32> = hex(&id.to_be_bytes());
    let digits = digits.as_str().as_bytes();
    let mut text = [b'-'; 36];
    for (at, part) in [(0, 0..8), (9, 8..12), (14, 12..16), (19, 16..20), (24, 20..32)] {
        text[at..at + part.len()].copy_from_slice(&digits[part]);
    }
    Ascii::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{micros, vectors};

    #[test]
    fn are_those_of_the_vectors() {
        for case in vectors("event-ids.json").as_array().expect("a list") {
            let mut session = [0; 16];
            ::hex::decode_to_slice(case["session_id"].as_str().expect("hex"), &mut session).expect("hex");
            let mut ids = match case["after"].as_str() {
                None => EventIds::new(session),
                Some(id) => {
                    let hex = id.replace('-', "");
                    let number = u128::from_str_radix(&hex, 16).expect("hex");
                    let first = u32::try_from(number >> 64 & 0xfff).expect("12 bits");
                    let second = u32::try_from(number >> 48 & 0x3fff).expect("14 bits");
                    let millis = u64::try_from(number >> 80).expect("48 bits");
                    EventIds::after(session, millis, first << 14 | second)
                }
            };
            let times = case["occurred_at"].as_array().expect("times");
            let made: Vec<_> = times.iter().map(|at| ids.next(micros(at)).as_str().to_owned()).collect();
            assert_eq!(serde_json::json!(made), case["event_ids"], "{}", case["name"]);
        }
    }
}
