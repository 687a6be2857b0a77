//! The writing rules, held to `sdk/vectors/written.json`.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use phantom_record::Field;
use phantom_record::written::{self, Written};
use serde_json::Value;

fn cases(section: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/vectors/written.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).expect(path)).expect("JSON");
    vectors[section].as_array().expect(section).clone()
}

fn same(case: &Value, written: Option<&Written>) {
    let expected = case["text"]
        .as_str()
        .map(|text| Written { text: text.to_owned().into(), truncated: case["truncated"] == true });
    assert_eq!(written, expected.as_ref(), "{}", case["name"]);
}

fn bytes(case: &Value) -> Vec<u8> {
    hex::decode(case["bytes"].as_str().expect("hex")).expect("hex")
}

#[test]
fn process_names() {
    for case in cases("process_name") {
        same(&case, written::process_name(&bytes(&case)).as_ref());
    }
}

#[test]
fn hosts() {
    for case in cases("host") {
        let host = case["host"].as_str().expect("text");
        same(&case, Some(&written::host(host.as_bytes())));
    }
}

#[test]
fn committed_values() {
    for case in cases("committed_value") {
        same(&case, written::value(&bytes(&case)).as_ref());
    }
}

#[test]
fn addresses() {
    for case in cases("ip") {
        let text = case["value"].as_str().expect("text");
        let written = text.parse().ok().map(written::ip);
        assert_eq!(written.as_deref(), case["ip"].as_str(), "{}", case["name"]);
    }
}

/// Of the fields that the agent writes; every alphabet is among them.
#[test]
fn words() {
    let fields = [
        Field::Model,
        Field::ToolName,
        Field::Provider,
        Field::McpServer,
        Field::RuleId,
        Field::Os,
        Field::Runtime,
        Field::Node,
        Field::AnomalyCode,
    ];
    for case in cases("word") {
        let field = fields.into_iter().find(|field| case["field"] == field.as_str());
        let field = field.expect("a field that this test knows");
        let text = case["value"].as_str().expect("text");
        let written = if case["required"] == true {
            written::required_word(field, text)
        } else {
            written::optional_word(field, text)
        };
        same(&case, written.as_ref());
    }
}
