use crate::ascii::hex;

/// Appends a JSON string as RFC 8785 section 3.2.2.2 writes it.
pub(crate) fn string(out: &mut String, value: &str) {
    out.push('"');
    // Nearly nothing needs an escape: all of it is looked at first, without a question at each byte.
    if value.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        out.push_str(value);
    } else {
        escaped(out, value);
    }
    out.push('"');
}

const fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

fn escaped(out: &mut String, value: &str) {
    let mut written = 0;
    for (at, byte) in value.bytes().enumerate().filter(|&(_, byte)| !is_plain(byte)) {
        out.push_str(&value[written..at]);
        written = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\x08' => out.push_str("\\b"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\x0c' => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            _ => {
                out.push_str("\\u00");
                out.push_str(hex::<1, 2>(&[byte]).as_str());
            }
        }
    }
    out.push_str(&value[written..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::vectors;

    fn written(value: &str) -> String {
        let mut out = String::new();
        string(&mut out, value);
        out
    }

    #[test]
    fn strings_are_escaped_as_in_the_vectors() {
        for case in vectors("canonical.json")["accept"].as_array().expect("a list") {
            let value: serde_json::Value =
                serde_json::from_str(case["json"].as_str().expect("text")).expect("JSON");
            let Some(text) = value.as_str() else { continue };
            assert_eq!(case["canonical"], written(text).as_str());
        }
    }

    /// A JSON library escapes what must be, and no more, as RFC 8785 does.
    #[test]
    fn every_character_is_escaped_as_by_another_implementation_wherever_it_stands() {
        for character in (0..0x3000).chain(0x1_f600..0x1_f610).filter_map(char::from_u32) {
            for text in [
                format!("{character}"),
                format!("/a path/{character}{character}\"plain"),
                format!("{character}–\\{character}"),
            ] {
                assert_eq!(written(&text), serde_json::to_string(&text).expect("JSON"));
            }
        }
    }
}
