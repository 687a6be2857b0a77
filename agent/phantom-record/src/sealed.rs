use crate::ascii::Hex32;
use crate::commitment::Disclosure;
use crate::event_id::EventId;

/// A record in its place of a chain, with its MAC and what opens its commitments.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    /// The canonical bytes of the record.
    pub(crate) canonical: String,
    pub(crate) record_mac: Hex32,
    pub(crate) event_id: EventId,
    pub(crate) disclosures: Vec<Disclosure>,
}

impl Sealed {
    /// Appends its envelope, as an emitter sends it, ended by a newline: `schema/record.md`, *Envelope*.
    pub(crate) fn envelope(&self, out: &mut String) {
        out.push('{');
        if !self.disclosures.is_empty() {
            out.push_str("\"disclosures\":[");
            for (at, disclosure) in self.disclosures.iter().enumerate() {
                out.push_str(if at == 0 { "{" } else { ",{" });
                disclosure.write(out, "");
                out.push('}');
            }
            out.push_str("],");
        }
        out.extend(["\"record\":", &self.canonical, ",\"record_mac\":\"", self.record_mac.as_str(), "\"}\n"]);
    }
}
