use crate::instant::Instant;

const COUNTER_END: u32 = 1 << 26;

/// Makes the event ids of one session: version 7 (RFC 9562) that rise strictly, as `schema/record.md`, *Event ids*, has them.
#[derive(Debug)]
pub struct EventIds {
    tail: String,
    millis: u64,
    counter: Option<u32>,
}

impl EventIds {
    /// `session_id` is 32 hex digits.
    #[must_use]
    pub fn new(session_id: &str) -> Self {
        Self { tail: session_id.chars().take(12).collect(), millis: 0, counter: None }
    }

    /// The id of a record that happened at `at`; later than every one before, whatever the clock does.
    pub fn next(&mut self, at: Instant) -> String {
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
        let millis = self.millis & 0xffff_ffff_ffff;
        let high = millis >> 16;
        let low = millis & 0xffff;
        let first = counter >> 14;
        let second = 0x8000 | (counter & 0x3fff);
        format!("{high:08x}-{low:04x}-7{first:03x}-{second:04x}-{}", self.tail)
    }

    /// As if an id of these milliseconds and this counter had just been made.
    #[cfg(test)]
    fn after(session_id: &str, millis: u64, counter: u32) -> Self {
        Self { millis, counter: Some(counter), ..Self::new(session_id) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{micros, vectors};

    #[test]
    fn are_those_of_the_vectors() {
        for case in vectors("event-ids.json").as_array().expect("a list") {
            let session = case["session_id"].as_str().expect("a session");
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
            let made: Vec<_> = times.iter().map(|at| ids.next(micros(at))).collect();
            assert_eq!(serde_json::json!(made), case["event_ids"], "{}", case["name"]);
        }
    }
}
