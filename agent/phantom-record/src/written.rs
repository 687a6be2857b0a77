//! How what a program called something is made to fit its field: the rules of `schema/record.md`, section *Fields*.
//! Everything given here is attacker-controlled.

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
pub struct Written {
    /// What the record holds.
    pub text: String,
    /// Something was cut: the record says `truncated`.
    pub truncated: bool,
}

impl Written {
    const fn whole(text: String) -> Self {
        Self { text, truncated: false }
    }
}

/// Joins units up to the first that does not fit whole; `width` counts what the bound counts.
fn fit<'a>(
    units: impl Iterator<Item = std::borrow::Cow<'a, str>>,
    max: usize,
    width: impl Fn(&str) -> usize,
) -> Written {
    let mut text = String::new();
    let mut used = 0;
    for unit in units {
        used += width(&unit);
        if used > max {
            return Written { text, truncated: true };
        }
        text.push_str(&unit);
    }
    Written::whole(text)
}
