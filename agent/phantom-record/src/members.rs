use crate::ascii::Ascii;
use crate::canonical::string;
use crate::names::Field;

/// Enough for nearly every record, and small enough that the allocator has such a piece at hand.
const TEXT: usize = 1008;
const MEMBERS: usize = 40;

/// What a set of fields and a table by field have room for.
const FIELDS: usize = 256;
const _: () = assert!(size_of::<Field>() == 1);

/// Members of a record, narrowed to what one holds: strings, whole numbers and `true`. Each is written as it will stand in the canonical
/// bytes when it comes, for it has its value then at hand; what remains is to put them in order.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    text: String,
    /// One for each field that is present: at most as many as there are fields.
    places: Vec<Place>,
    present: [u64; FIELDS / 64],
}

#[derive(Clone, Copy, Debug)]
struct Place {
    field: Field,
    start: usize,
    end: usize,
}

impl Members {
    pub(crate) fn new() -> Self {
        Self {
            text: String::with_capacity(TEXT),
            places: Vec::with_capacity(MEMBERS),
            present: [0; FIELDS / 64],
        }
    }

    /// Any text.
    pub(crate) fn text(&mut self, field: Field, value: &str) {
        self.put(field, |out| string(out, value));
    }

    /// Digits, and marks that need no escape.
    pub(crate) fn ascii<const LENGTH: usize>(&mut self, field: Field, value: &Ascii<LENGTH>) {
        self.put(field, |out| {
            out.push('"');
            out.push_str(value.as_str());
            out.push('"');
        });
    }

    pub(crate) fn number(&mut self, field: Field, value: u64) {
        self.put(field, |out| out.push_str(itoa::Buffer::new().format(value)));
    }

    pub(crate) fn flag(&mut self, field: Field) {
        self.put(field, |out| out.push_str("true"));
    }

    /// Those of another, whose values hold where both have a field.
    pub(crate) fn extend(&mut self, others: &Self) {
        let shift = self.text.len();
        self.text.push_str(&others.text);
        for &Place { field, start, end } in &others.places {
            self.place(field, start + shift, end + shift);
        }
    }

    fn put(&mut self, field: Field, value: impl FnOnce(&mut String)) {
        let start = self.text.len();
        self.text.push('"');
        self.text.push_str(field.as_str());
        self.text.push_str("\":");
        value(&mut self.text);
        self.place(field, start, self.text.len());
    }

    /// The last value of a field is the one that holds.
    fn place(&mut self, field: Field, start: usize, end: usize) {
        let at = field as usize;
        let bit = 1 << (at % 64);
        if self.present[at / 64] & bit != 0 {
            self.places.retain(|place| place.field != field);
        }
        self.present[at / 64] |= bit;
        self.places.push(Place { field, start, end });
    }

    /// The canonical bytes of the object with these members: RFC 8785.
    pub(crate) fn object(&self) -> String {
        let mut by_field = [0; FIELDS];
        for (at, place) in (0_u8..).zip(&self.places) {
            by_field[place.field as usize] = at;
        }
        let mut out = String::with_capacity(self.text.len() + self.places.len() + 2);
        let mut mark = '{';
        for (word, mut present) in self.present.into_iter().enumerate() {
            while present != 0 {
                let field = word * 64 + present.trailing_zeros() as usize;
                present &= present - 1;
                let Place { start, end, .. } = self.places[usize::from(by_field[field])];
                out.push(mark);
                mark = ',';
                out.push_str(&self.text[start..end]);
            }
        }
        out.push('}');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_order() {
        let mut members = Members::new();
        members.number(Field::V, 1);
        members.flag(Field::Reused);
        members.number(Field::Argc, u64::MAX >> 11);
        members.text(Field::ProcessName, "a\"\\x5c");
        assert_eq!(
            members.object(),
            r#"{"argc":9007199254740991,"process_name":"a\"\\x5c","reused":true,"v":1}"#
        );
    }

    #[test]
    fn the_last_value_of_a_field_holds() {
        let mut members = Members::new();
        for number in 0..1_000 {
            members.number(Field::Pid, number);
            members.number(Field::Argc, number);
        }
        let mut others = Members::new();
        others.ascii(Field::Prev, &Ascii::new(*b"0f"));
        others.number(Field::V, 1);
        others.number(Field::V, 2);
        members.extend(&others);
        assert_eq!(members.object(), r#"{"argc":999,"pid":999,"prev":"0f","v":2}"#);
    }
}
