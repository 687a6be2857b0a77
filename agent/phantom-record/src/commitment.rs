use sha2::{Digest as _, Sha256};

use crate::ascii::{Hex32, hex};
use crate::canonical::string;
use crate::names::Field;

/// A field whose value can identify a person: the record holds its commitment, a disclosure opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommittedField {
    /// `agent_name`
    AgentName,
    /// `exec_path`
    ExecPath,
    /// `file_path`
    FilePath,
    /// `interpreter_path`
    InterpreterPath,
}

impl CommittedField {
    /// As it stands in a disclosure and in the commitment's own bytes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AgentName => "agent_name",
            Self::ExecPath => "exec_path",
            Self::FilePath => "file_path",
            Self::InterpreterPath => "interpreter_path",
        }
    }

    pub(crate) const fn commit_field(self) -> Field {
        match self {
            Self::AgentName => Field::AgentNameCommit,
            Self::ExecPath => Field::ExecPathCommit,
            Self::FilePath => Field::FilePathCommit,
            Self::InterpreterPath => Field::InterpreterPathCommit,
        }
    }
}

/// What opens a commitment. It travels beside its record and is stored apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// Which commitment of the record it opens.
    pub field: CommittedField,
    /// 32 random bytes, fresh for each field of each record.
    pub salt: [u8; 32],
    /// The path or name.
    pub value: String,
}

impl Disclosure {
    /// `<field>_commit`: lower-case hex.
    pub(crate) fn commitment(&self) -> Hex32 {
        let digest = Sha256::new()
            .chain_update(b"vantio/field/v1\0")
            .chain_update(self.field.as_str())
            .chain_update(b"\0")
            .chain_update(self.salt)
            .chain_update(&self.value)
            .finalize();
        hex(&digest.into())
    }

    /// Members of its canonical form, `field` to `value`; between `salt` and `value` whatever the caller puts there.
    pub(crate) fn write(&self, out: &mut String, between: &str) {
        out.push_str("\"field\":\"");
        out.push_str(self.field.as_str());
        out.push_str("\",\"salt\":\"");
        out.push_str(hex::<32, 64>(&self.salt).as_str());
        out.push_str("\",");
        out.push_str(between);
        out.push_str("\"value\":");
        string(out, &self.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::vectors;

    #[test]
    fn commitments_are_those_of_the_vectors() {
        let fields = [
            CommittedField::AgentName,
            CommittedField::ExecPath,
            CommittedField::FilePath,
            CommittedField::InterpreterPath,
        ];
        let vectors = vectors("commitments.json");
        let cases = vectors["accept"].as_array().expect("a list");
        for case in cases {
            let field = fields.into_iter().find(|field| case["field"] == field.as_str());
            let mut salt = [0; 32];
            hex::decode_to_slice(case["salt"].as_str().expect("hex"), &mut salt).expect("hex");
            let disclosure = Disclosure {
                field: field.expect("a committed field"),
                salt,
                value: case["value"].as_str().expect("text").to_owned(),
            };
            assert_eq!(case["commitment"], disclosure.commitment().as_str());
        }
        assert!(cases.len() >= 3);
    }
}
