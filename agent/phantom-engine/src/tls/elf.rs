//! Where in a file a function begins. The file is whatever a process mapped: every number in it is checked.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

const SYMBOLS: u32 = 2;
const DYNAMIC_SYMBOLS: u32 = 11;
const LOADED: u32 = 1;
/// The most that is read of one table.
const TABLE_MAX: u64 = 64 << 20;
const SECTION: usize = 64;
const SEGMENT: usize = 56;
const SYMBOL: usize = 24;

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
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
    let mut found = HashMap::new();
    // The format has one table of each kind: who names thousands would have us read them all.
    let first =
        |kind: u32| sections.chunks_exact(SECTION).find(|one| number::<4>(one, 4) == Some(u64::from(kind)));
    // What is exported is the shorter table; only Go's names stand in the other alone.
    for section in first(DYNAMIC_SYMBOLS).into_iter().chain(first(SYMBOLS)) {
        if !found.is_empty() {
            break;
        }
        let names = usize::try_from(number::<4>(section, 40)?).ok()?;
        let Some(names) = sections.chunks_exact(SECTION).nth(names) else { continue };
        let table = |section: &[u8]| read(file, number::<8>(section, 24)?, number::<8>(section, 32)?);
        let (symbols, names) = (table(section)?, table(names)?);
        for symbol in symbols.chunks_exact(SYMBOL) {
            if let Some((name, address)) = known(symbol, &names, wanted)
                && let Some(offset) = in_file(segments, address)
            {
                found.entry(name).or_insert(offset);
            }
        }
    }
    Some(found)
}

/// A function that is wanted and is in this file.
fn known(symbol: &[u8], names: &[u8], wanted: &[&'static str]) -> Option<(&'static str, u64)> {
    const FUNCTION: u64 = 2;
    let address = number::<8>(symbol, 8)?;
    if number::<1>(symbol, 4)? & 15 != FUNCTION || address == 0 {
        return None;
    }
    let text = names.get(usize::try_from(number::<4>(symbol, 0)?).ok()?..)?;
    if !matches!(text.first(), Some(b'S' | b'g' | b'c')) {
        return None;
    }
    let is_it =
        |name: &&&str| text.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first() == Some(&0));
    wanted.iter().find(is_it).map(|name| (*name, address))
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
