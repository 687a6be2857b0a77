use super::Written;
use crate::names::Field;

/// What a word of a field may be made of: letters and digits, and some marks.
#[derive(Clone, Copy, Debug)]
pub struct WordForm {
    /// Capitals stay; otherwise they are lowered.
    pub capitals: bool,
    /// What may stand beside letters and digits.
    pub marks: &'static str,
    /// Whether one of them may stand first.
    pub mark_first: bool,
    /// Longest word, in characters.
    pub max: usize,
}

impl WordForm {
    fn plain(self, byte: u8) -> char {
        let byte = if self.capitals { byte } else { byte.to_ascii_lowercase() };
        let fits = byte.is_ascii_alphanumeric() || self.marks.as_bytes().contains(&byte);
        if fits { char::from(byte) } else { '_' }
    }

    fn fits(self, text: &str) -> bool {
        text.len() <= self.max
            && text.bytes().all(|byte| self.plain(byte) == char::from(byte))
            && (self.mark_first || text.starts_with(|c: char| c.is_ascii_alphanumeric()))
    }
}

/// A word in the alphabet of its field; `None` when it is empty, and so left out, or the field holds no word.
#[must_use]
pub fn optional_word(field: Field, text: &str) -> Option<Written<'_>> {
    if text.is_empty() { None } else { required_word(field, text) }
}

/// The same of a field that its type requires: there is always something to write.
#[must_use]
pub fn required_word(field: Field, text: &str) -> Option<Written<'_>> {
    let form = field.word_form()?;
    let text = if text.is_empty() { "_" } else { text };
    Some(if form.fits(text) { Written::whole(text) } else { made_to_fit(form, text) })
}

fn made_to_fit(form: WordForm, text: &str) -> Written<'static> {
    // One more than fits, so that a cut is seen; and no more, for the text may be long.
    let mut word: String = text.bytes().take(form.max + 1).map(|byte| form.plain(byte)).collect();
    if !form.mark_first && !word.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        word.insert(0, 'x');
    }
    let truncated = word.len() > form.max;
    word.truncate(form.max);
    Written { text: word.into(), truncated }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_written_as_if_it_were_made_to() {
        for field in [Field::RuleId, Field::Node, Field::AnomalyCode, Field::Model] {
            let form = field.word_form().expect("a word");
            for character in (0..0x180).filter_map(char::from_u32) {
                for text in [
                    format!("{character}a"),
                    format!("ab{character}"),
                    format!("{character}{}", "a".repeat(form.max - 1)),
                    format!("{}{character}", "a".repeat(form.max)),
                ] {
                    assert_eq!(optional_word(field, &text), Some(made_to_fit(form, &text)));
                }
            }
        }
    }
}
