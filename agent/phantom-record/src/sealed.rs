use std::fmt::Write as _;

use crate::commitment::Disclosure;

/// A record in its place of a chain, with its MAC and what opens its commitments.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub(crate) canonical: String,
    pub(crate) record_mac: String,
    pub(crate) event_id: String,
    pub(crate) disclosures: Vec<Disclosure>,
}

impl Sealed {
    /// The canonical bytes of the record.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Its envelope, as an emitter sends it, ended by a newline: `schema/record.md`, *Envelope*.
    #[must_use]
    pub fn envelope_line(&self) -> String {
        let mut text = String::with_capacity(self.canonical.len() + 128);
        text.push('{');
        if !self.disclosures.is_empty() {
            text.push_str("\"disclosures\":[");
            for (at, disclosure) in self.disclosures.iter().enumerate() {
                text.push_str(if at == 0 { "{" } else { ",{" });
                disclosure.write(&mut text, "");
                text.push('}');
            }
            text.push_str("],");
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\"record\":{},\"record_mac\":\"{}\"}}", self.canonical, self.record_mac);
        text
    }
}
