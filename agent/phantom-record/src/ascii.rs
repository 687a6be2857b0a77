/// Text of so many bytes that is made for each record, and needs no place on the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ascii<const LENGTH: usize>([u8; LENGTH]);

/// 32 bytes in hex: a hash, a MAC, a salt.
pub(crate) type Hex32 = Ascii<64>;

impl<const LENGTH: usize> Ascii<LENGTH> {
    pub(crate) fn new(text: [u8; LENGTH]) -> Self {
        debug_assert!(text.is_ascii());
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        // ASCII is UTF-8: nothing else is put here.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Lower-case hex.
pub(crate) fn hex<const BYTES: usize, const DIGITS: usize>(bytes: &[u8; BYTES]) -> Ascii<DIGITS> {
    const { assert!(DIGITS == 2 * BYTES) };
    // Reckoned and not looked up, so that many are made at once.
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut text = [0; DIGITS];
    for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    Ascii::new(text)
}

/// Writes a number into all of the place, with zeros in front.
pub(crate) fn digits(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b"0123456789"[(number % 10) as usize];
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_that_of_another_implementation() {
        for byte in 0..=u8::MAX {
            let bytes = [byte, byte.wrapping_mul(37), !byte, byte.rotate_left(3)];
            assert_eq!(hex::<4, 8>(&bytes).as_str(), ::hex::encode(bytes));
        }
    }

    #[test]
    fn digits_fill_their_place() {
        for number in (0..1_000_000).step_by(7) {
            let mut place = [0; 6];
            digits(&mut place, number);
            assert_eq!(Ascii::new(place).as_str(), format!("{number:06}"));
        }
    }
}
