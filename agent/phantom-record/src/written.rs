//! How what a program called something is made to fit its field: the rules of `schema/record.md`, section *Fields*.
//! Everything given here is attacker-controlled.

use std::borrow::Cow;

mod host;
mod ip;
mod process_name;
mod value;
mod word;

pub use host::host;
pub use ip::ip;
pub use process_name::process_name;
pub use value::value;
pub use word::{WordForm, optional_word, required_word};

/// Text that fits its field, and whether some of it was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    /// What the record holds: what was given, where that fits.
    pub text: Cow<'a, str>,
    /// Something was cut: the record says `truncated`.
    pub truncated: bool,
}

impl<'a> Written<'a> {
    fn whole(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), truncated: false }
    }
}

/// Joins units up to the first that does not fit whole; `width` counts what the bound counts.
fn fit<'a>(
    units: impl Iterator<Item = Cow<'a, str>>,
    max: usize,
    width: impl Fn(&str) -> usize,
) -> Written<'static> {
    let mut text = String::new();
    let mut used = 0;
    for unit in units {
        used += width(&unit);
        if used > max {
            return Written { text: text.into(), truncated: true };
        }
        text.push_str(&unit);
    }
    Written::whole(text)
}
