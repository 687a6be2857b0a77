//! RFC 8785, narrowed to what a record holds: strings, whole numbers and `true`.

use std::fmt::Write as _;

use crate::names::Field;

/// A member's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Word(&'static str),
    Number(u64),
    True,
}

/// The canonical bytes of an object with these members, which are put in order.
pub(crate) fn object(members: &mut [(Field, Value)]) -> String {
    members.sort_unstable_by_key(|(field, _)| *field);
    let mut text = String::with_capacity(1024);
    let mut mark = '{';
    for (field, value) in members {
        text.push(mark);
        mark = ',';
        text.push('"');
        text.push_str(field.as_str());
        text.push_str("\":");
        match value {
            Value::Text(value) => string(&mut text, value),
            Value::Word(value) => string(&mut text, value),
            // Writing to a String cannot fail.
            Value::Number(value) => {
                let _ = write!(text, "{value}");
            }
            Value::True => text.push_str("true"),
        }
    }
    text.push('}');
    text
}

/// Appends a JSON string as RFC 8785 section 3.2.2.2 writes it.
pub(crate) fn string(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\x1f' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::vectors;

    #[test]
    fn strings_are_escaped_as_in_the_vectors() {
        for case in vectors("canonical.json")["accept"].as_array().expect("a list") {
            let value: serde_json::Value =
                serde_json::from_str(case["json"].as_str().expect("text")).expect("JSON");
            let Some(text) = value.as_str() else { continue };
            let mut out = String::new();
            string(&mut out, text);
            assert_eq!(case["canonical"], out.as_str());
        }
    }

    #[test]
    fn members_stand_in_order() {
        let mut members = [
            (Field::V, Value::Number(1)),
            (Field::Reused, Value::True),
            (Field::Argc, Value::Number(u64::MAX >> 11)),
            (Field::ProcessName, Value::Text("a\"\\x5c".to_owned())),
        ];
        assert_eq!(
            object(&mut members),
            r#"{"argc":9007199254740991,"process_name":"a\"\\x5c","reused":true,"v":1}"#
        );
    }
}
