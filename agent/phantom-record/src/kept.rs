/// What a batch of records takes, with room to spare: more is given back once it is written.
const KEPT: usize = 4 << 20;

/// Empties a text that the next batch is written into: memory that is asked for anew each time must be cleared by the kernel each time.
pub(crate) fn empty(text: &mut String) {
    text.clear();
    text.shrink_to(KEPT);
}
