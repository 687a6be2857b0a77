/// Where a parser reads from: a slice, or a packet that the kernel's program loads piece by piece.
pub trait Bytes {
    /// The bytes at an offset; none if any of them is past the end.
    fn load<const N: usize>(&self, at: usize) -> Option<[u8; N]>;

    /// A number in network order.
    fn short(&self, at: usize) -> Option<u16> {
        self.load::<2>(at).map(u16::from_be_bytes)
    }

    /// One byte.
    fn byte(&self, at: usize) -> Option<u8> {
        self.load::<1>(at).map(|one| one[0])
    }
}

impl Bytes for [u8] {
    fn load<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.get(at..)?.first_chunk::<N>().copied()
    }
}
