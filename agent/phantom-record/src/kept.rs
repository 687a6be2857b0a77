/// What a batch of records takes, with room to spare: more is given back once it is written.
const KEPT: usize = 4 << 20;

/// Empties a text that the next batch is written into: memory that is asked for anew each time must be cleared by the kernel each time.
pub(crate) fn empty(text: &mut String) {
    text.clear();
    text.shrink_to(KEPT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_batch_takes_is_kept_and_no_more() {
        let mut text = "a".repeat(KEPT / 2);
        let place = text.as_ptr();
        empty(&mut text);
        assert_eq!((text.len(), text.as_ptr()), (0, place));
        text.push_str(&"a".repeat(3 * KEPT));
        empty(&mut text);
        assert!(text.is_empty() && text.capacity() <= KEPT, "{}", text.capacity());
    }
}
