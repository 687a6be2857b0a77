use phantom_policy::{Hello, server_name};

/// Segments of the beginning of a connection, in whatever order and however often they are sent.
#[derive(Default)]
pub struct Segments(Vec<(u32, Vec<u8>)>);

impl Segments {
    /// Takes one, and reads as far as they go together.
    pub fn take(&mut self, sequence: u32, payload: &[u8]) -> Hello {
        self.0.push((sequence, payload.to_vec()));
        // What is sent first has the lowest number, which may have come round.
        let first = self.0[0].0;
        let distance = |sequence: u32| sequence.wrapping_sub(first).cast_signed();
        self.0.sort_by_key(|(sequence, _)| distance(*sequence));
        let start = self.0[0].0;
        let mut whole: Vec<u8> = Vec::new();
        for (sequence, payload) in &self.0 {
            let Ok(at) = usize::try_from(sequence.wrapping_sub(start)) else { break };
            if at > whole.len() {
                break;
            }
            whole.extend(payload.iter().skip(whole.len() - at));
        }
        server_name(&whole[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smallest that names a host.
    fn hello() -> Vec<u8> {
        let name = b"api.openai.com";
        let extension = [&[0, 0, 0, 19, 0, 17, 0, 0, 14][..], name].concat();
        let body = [&[3, 3][..], &[9; 32], &[0, 0, 2, 0x13, 1, 1, 0, 0, 23], &extension].concat();
        let length = u8::try_from(body.len()).unwrap();
        [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
    }

    #[test]
    fn a_hello_split_in_two_is_put_together_in_either_order_and_past_the_end_of_the_numbers() {
        let bytes = hello();
        let Hello::Name(wanted) = server_name(&bytes[..]) else { panic!("{bytes:?}") };
        for cut in 1..bytes.len() {
            for start in [1000, u32::MAX - 5] {
                let second = start.wrapping_add(u32::try_from(cut).unwrap());
                let mut segments = Segments::default();
                assert_eq!(segments.take(start, &bytes[..cut]), Hello::Incomplete, "{cut}");
                assert_eq!(segments.take(start, &bytes[..cut]), Hello::Incomplete, "sent again, {cut}");
                assert_eq!(segments.take(second, &bytes[cut..]), Hello::Name(wanted), "{cut}");
                let mut segments = Segments::default();
                assert!(!matches!(segments.take(second, &bytes[cut..]), Hello::Name(_)));
                assert_eq!(segments.take(start, &bytes[..cut]), Hello::Name(wanted), "{cut}");
            }
        }
    }
}
