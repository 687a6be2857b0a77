//! Reads what BTF says of structures: where a member lies. The kernel wrote it, yet lengths are checked: a file can be cut short.

use std::collections::HashMap;

/// BTF that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BtfError {
    /// Not BTF, or cut short.
    #[error("it is no BTF of this machine's byte order, or it is cut short at byte {0}")]
    Malformed(usize),
    /// No such structure.
    #[error("it has no structure {0}")]
    NoStructure(String),
    /// No such member.
    #[error("it has no {0}.{1}")]
    NoMember(String, String),
}

const MAGIC: u32 = 0xeb9f;
const STRUCT: u32 = 4;
const UNION: u32 = 5;
/// typedef, volatile, const, restrict, type tag: what a type hides behind.
const WRAPPERS: [u32; 5] = [8, 9, 10, 11, 18];

/// Structures of one BTF file, by name and by number.
pub struct Btf<'a> {
    bytes: &'a [u8],
    /// Where each type begins; number 0 is void.
    types: Vec<usize>,
    strings: usize,
    structures: HashMap<&'a [u8], u32>,
}

fn word(bytes: &[u8], at: usize) -> Result<u32, BtfError> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    four.map(|four| u32::from_ne_bytes(*four)).ok_or(BtfError::Malformed(at))
}

impl<'a> Btf<'a> {
    /// Reads the file's index; the names of structures are looked up in it.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BtfError> {
        if word(bytes, 0)? & 0xffff != MAGIC {
            return Err(BtfError::Malformed(0));
        }
        let header = word(bytes, 4)? as usize;
        let start = header + word(bytes, 8)? as usize;
        let end = start + word(bytes, 12)? as usize;
        let strings = header + word(bytes, 16)? as usize;
        let mut btf = Self { bytes, types: vec![0], strings, structures: HashMap::new() };
        let mut at = start;
        while at < end {
            let info = word(bytes, at + 4)?;
            let number = u32::try_from(btf.types.len()).map_err(|_| BtfError::Malformed(at))?;
            btf.types.push(at);
            if matches!(kind(info), STRUCT | UNION) && length(info) > 0 {
                btf.structures.entry(btf.name(word(bytes, at)?)).or_insert(number);
            }
            at += 12 + extra(info);
        }
        Ok(btf)
    }

    fn name(&self, offset: u32) -> &'a [u8] {
        let rest = self.bytes.get(self.strings + offset as usize..).unwrap_or_default();
        rest.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// Where a member lies, in bytes from the start of the structure; those of anonymous structures inside of it count as its own.
    pub fn offset(&self, structure: &str, member: &str) -> Result<u32, BtfError> {
        let number = self.structure(structure)?;
        self.find(number, member.as_bytes(), 0)?
            .map(|bits| bits / 8)
            .ok_or_else(|| BtfError::NoMember(structure.to_owned(), member.to_owned()))
    }

    /// Bytes of a structure.
    pub fn size(&self, structure: &str) -> Result<u32, BtfError> {
        word(self.bytes, self.types[self.structure(structure)? as usize] + 8)
    }

    fn structure(&self, name: &str) -> Result<u32, BtfError> {
        self.structures.get(name.as_bytes()).copied().ok_or_else(|| BtfError::NoStructure(name.to_owned()))
    }

    /// In bits from the outermost structure. `depth` bounds a file whose types contain themselves.
    fn find(&self, number: u32, member: &[u8], depth: u32) -> Result<Option<u32>, BtfError> {
        let at = self.types.get(number as usize).copied().ok_or(BtfError::Malformed(number as usize))?;
        let info = word(self.bytes, at + 4)?;
        if depth > 16 {
            return Ok(None);
        }
        if WRAPPERS.contains(&kind(info)) {
            return self.find(word(self.bytes, at + 8)?, member, depth + 1);
        }
        if !matches!(kind(info), STRUCT | UNION) {
            return Ok(None);
        }
        let has_bitfields = info >> 31 == 1;
        for index in 0..length(info) {
            let entry = at + 12 + 12 * index;
            let mut offset = word(self.bytes, entry + 8)?;
            if has_bitfields {
                offset &= 0x00ff_ffff;
            }
            let name = self.name(word(self.bytes, entry)?);
            if name == member {
                return Ok(Some(offset));
            }
            if name.is_empty()
                && let Some(inner) = self.find(word(self.bytes, entry + 4)?, member, depth + 1)?
            {
                return Ok(Some(offset + inner));
            }
        }
        Ok(None)
    }
}

fn kind(info: u32) -> u32 {
    info >> 24 & 31
}

fn length(info: u32) -> usize {
    (info & 0xffff) as usize
}

/// Bytes that follow the twelve that every type has.
fn extra(info: u32) -> usize {
    match kind(info) {
        1 | 14 | 17 => 4,
        3 => 12,
        4 | 5 | 15 | 19 => 12 * length(info),
        6 | 13 => 8 * length(info),
        _ => 0,
    }
}
