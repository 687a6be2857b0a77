//! Where in a file a function begins. The file is whatever a process mapped: every number in it is checked.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

use super::hash::candidates;

const SYMBOLS: u32 = 2;
const DYNAMIC_SYMBOLS: u32 = 11;
/// A table by which dynamic symbols are found by their names.
const NAME_HASHES: u32 = 0x6fff_fff6;
const LOADED: u32 = 1;
/// The most that is read of one table.
const TABLE_MAX: u64 = 64 << 20;
const SECTION: usize = 64;
const SEGMENT: usize = 56;
const SYMBOL: usize = 24;
/// Where a section names another that belongs to it.
const LINK: usize = 40;

pub fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let part = bytes.get(at..)?.first_chunk::<N>()?;
    let mut whole = [0; 8];
    whole[..N].copy_from_slice(part);
    Some(u64::from_le_bytes(whole))
}

fn read(file: &File, at: u64, length: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length.min(TABLE_MAX + 1)).ok()?];
    (length <= TABLE_MAX && file.read_exact_at(&mut bytes, at).is_ok()).then_some(bytes)
}

/// Offsets in the file of those of `wanted` that it has. An error says what is wrong with it.
pub fn offsets(file: &File, wanted: &[&'static str]) -> Result<HashMap<&'static str, u64>, &'static str> {
    let head = read(file, 0, 64).ok_or("it ends within its header")?;
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return Err("it does not begin as a 64-bit one of this byte order does");
    }
    let table = |at: usize, count: usize, size: usize| {
        read(file, number::<8>(&head, at)?, number::<2>(&head, count)? * size as u64)
    };
    let segments = table(32, 56, SEGMENT).ok_or("its segments lie outside of it")?;
    let sections = table(40, 60, SECTION).ok_or("its sections lie outside of it")?;
    let mut found = find(file, wanted, &segments, &sections).ok_or("a table in it is cut short")?;
    let end = file.metadata().map_err(|_| "its size cannot be told")?.len();
    found.retain(|_, offset| *offset < end);
    Ok(found)
}

fn find(
    file: &File,
    wanted: &[&'static str],
    segments: &[u8],
    sections: &[u8],
) -> Option<HashMap<&'static str, u64>> {
    let all: Vec<&[u8]> = sections.chunks_exact(SECTION).collect();
    let of = |kind: u32| {
        all.iter().enumerate().filter(move |(_, one)| number::<4>(one, 4) == Some(u64::from(kind)))
    };
    let mut found = HashMap::new();
    // The format has one table of each kind: who names thousands would have us read them all.
    let tables = [DYNAMIC_SYMBOLS, SYMBOLS].into_iter().filter_map(|kind| of(kind).next());
    // What is exported is the shorter table; only Go's names stand in the other alone.
    for (index, symbols) in tables {
        if !found.is_empty() {
            break;
        }
        let names = usize::try_from(number::<4>(symbols, LINK)?).ok()?;
        let Some(names) = all.get(names) else { continue };
        let is_its = |one: &[u8]| number::<4>(one, LINK) == u64::try_from(index).ok();
        let functions = match of(NAME_HASHES).find(|(_, one)| is_its(one)) {
            Some((_, hashes)) => look_up(file, wanted, hashes, symbols, names)?,
            None => scan(wanted, &table(file, symbols)?, &table(file, names)?),
        };
        for (name, address) in functions {
            if let Some(offset) = in_file(segments, address) {
                found.entry(name).or_insert(offset);
            }
        }
    }
    Some(found)
}

/// What a section holds.
fn table(file: &File, section: &[u8]) -> Option<Vec<u8>> {
    read(file, number::<8>(section, 24)?, number::<8>(section, 32)?)
}

/// Functions and their addresses, by one look at each symbol that may be one of them.
fn look_up(
    file: &File,
    wanted: &[&'static str],
    hashes: &[u8],
    symbols: &[u8],
    names: &[u8],
) -> Option<Vec<(&'static str, u64)>> {
    let hashes = table(file, hashes)?;
    let (symbols_at, names_at) = (number::<8>(symbols, 24)?, number::<8>(names, 24)?);
    let address = |name: &str, index: u64| {
        let symbol = read(file, symbols_at.checked_add(index.checked_mul(SYMBOL as u64)?)?, SYMBOL as u64)?;
        let text_at = names_at.checked_add(number::<4>(&symbol, 0)?)?;
        let text = read(file, text_at, name.len() as u64 + 1)?;
        function(&symbol).filter(|_| is_name(&text, name))
    };
    let all = wanted.iter().filter_map(|name| {
        let found = candidates(&hashes, name).find_map(|index| address(name, index))?;
        Some((*name, found))
    });
    Some(all.collect())
}

/// Likewise, by a look at each symbol.
fn scan(wanted: &[&'static str], symbols: &[u8], names: &[u8]) -> Vec<(&'static str, u64)> {
    symbols.chunks_exact(SYMBOL).filter_map(|symbol| known(symbol, names, wanted)).collect()
}

/// A function that is wanted and is in this file.
fn known(symbol: &[u8], names: &[u8], wanted: &[&'static str]) -> Option<(&'static str, u64)> {
    let address = function(symbol)?;
    let text = names.get(usize::try_from(number::<4>(symbol, 0)?).ok()?..)?;
    if !matches!(text.first(), Some(b'S' | b'g' | b'c')) {
        return None;
    }
    wanted.iter().find(|name| is_name(text, name)).map(|name| (*name, address))
}

/// The address of a symbol that is a function of this file.
fn function(symbol: &[u8]) -> Option<u64> {
    const FUNCTION: u64 = 2;
    let is_one = number::<1>(symbol, 4)? & 15 == FUNCTION;
    number::<8>(symbol, 8).filter(|address| is_one && *address != 0)
}

fn is_name(text: &[u8], name: &str) -> bool {
    text.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first() == Some(&0))
}

fn in_file(segments: &[u8], address: u64) -> Option<u64> {
    segments.chunks_exact(SEGMENT).find_map(|one| {
        let (start, size) = (number::<8>(one, 16)?, number::<8>(one, 32)?);
        let within = address.checked_sub(start).filter(|within| *within < size)?;
        (number::<4>(one, 0)? == u64::from(LOADED)).then(|| number::<8>(one, 8)?.checked_add(within))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    use crate::fuzz::SECTIONS;

    /// The C library of this very process, if it has one.
    fn own_library() -> Option<File> {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let path =
            maps.split_whitespace().find(|word| word.contains("/libc.so") || word.contains("/ld-musl"));
        path.map(|path| File::open(path).unwrap())
    }

    #[test]
    fn a_look_into_the_hashes_finds_what_a_look_at_each_symbol_finds() {
        let Some(file) = own_library() else { return };
        let wanted = ["getenv", "calloc", "SSL_write", "gnutls_record_send"];
        let found = offsets(&file, &wanted).unwrap();
        assert!(found.len() == 2 && found.values().all(|offset| *offset > 0), "{found:?}");
        let whole = read(&file, 0, file.metadata().unwrap().len()).unwrap();
        let hashes = |at: usize| number::<4>(&whole, at) == Some(u64::from(NAME_HASHES));
        // The same file without them.
        let head = usize::try_from(number::<8>(&whole, 40).unwrap()).unwrap();
        let mut bytes = whole.clone();
        for at in (head..=whole.len() - SECTION).step_by(SECTION).filter(|at| hashes(at + 4)) {
            bytes[at + 4..at + 8].fill(0);
        }
        assert_ne!(bytes, whole, "it has no hashes");
        let path = std::env::temp_dir().join(format!("vantio-elf-hashes-{}", std::process::id()));
        File::create(&path).unwrap().write_all(&bytes).unwrap();
        assert_eq!(offsets(&File::open(&path).unwrap(), &wanted).unwrap(), found);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn one_table_of_each_kind_is_read_and_a_function_outside_of_the_file_is_none() {
        let find = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            offsets(&file, &["SSL_write"]).unwrap()
        };
        let small = crate::fuzz::elf();
        assert_eq!(find(&small), HashMap::from([("SSL_write", 0)]));
        // Its first table now ends before it begins; the same table stands once more at the end.
        let mut two = small.clone();
        two[60] += 1;
        let table = small[SECTIONS..SECTIONS + SECTION].to_vec();
        two[SECTIONS + 32..SECTIONS + 40].fill(0);
        two.extend(table);
        assert_eq!(find(&two), HashMap::new());
        let mut far = small.clone();
        far[64 + 8..64 + 16].copy_from_slice(&(1u64 << 40).to_le_bytes());
        assert_eq!(find(&far), HashMap::new());
    }

    #[test]
    fn of_a_file_that_is_damaged_or_none_at_all_it_is_said_and_no_panic() {
        let own = std::fs::read("/proc/self/exe").unwrap();
        let path = std::env::temp_dir().join(format!("vantio-elf-{}", std::process::id()));
        let mut state = 7u64;
        for round in 0..300 {
            let mut bytes = own[..own.len().min(4096)].to_vec();
            for _ in 0..round % 8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = usize::try_from(state >> 33).unwrap() % 64;
                bytes[at] = state.to_le_bytes()[3];
            }
            bytes.truncate(bytes.len() - round);
            File::create(&path).unwrap().write_all(&bytes).unwrap();
            let found = offsets(&File::open(&path).unwrap(), &["SSL_write"]);
            assert!(found.is_err_and(|why| why.starts_with("it")));
        }
        std::fs::remove_file(path).unwrap();
    }
}
