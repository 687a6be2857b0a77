//! The table by which a loader finds a symbol by its name (`DT_GNU_HASH`): of a hundred thousand, only a few have to be read.

use super::elf::number;

/// Which symbols may have this name, in the order of the table.
pub fn candidates<'a>(table: &'a [u8], name: &str) -> impl Iterator<Item = u64> + 'a {
    let hash = hash(name);
    let mut next = first(table, hash);
    std::iter::from_fn(move || {
        loop {
            let (index, at) = next?;
            let here = number::<4>(table, at)?;
            // The lowest bit says that the chain ends here.
            next = (here & 1 == 0).then_some((index + 1, at + 4));
            if here | 1 == u64::from(hash) | 1 {
                return Some(index);
            }
        }
    })
}

/// The first symbol of the name's bucket, and where its hash stands.
fn first(table: &[u8], hash: u32) -> Option<(u64, usize)> {
    const HEAD: usize = 16;
    let word = |at: usize| number::<4>(table, at);
    let (buckets, hidden, bloom) = (word(0)?, word(4)?, word(8)?);
    let buckets_at = HEAD.checked_add(usize::try_from(bloom).ok()?.checked_mul(8)?)?;
    let bucket = usize::try_from(u64::from(hash).checked_rem(buckets)?).ok()?;
    let index = word(buckets_at.checked_add(4 * bucket)?)?;
    let chains_at = buckets_at.checked_add(usize::try_from(buckets).ok()?.checked_mul(4)?)?;
    let in_chains = usize::try_from(index.checked_sub(hidden)?).ok()?.checked_mul(4)?;
    Some((index, chains_at.checked_add(in_chains)?))
}

fn hash(name: &str) -> u32 {
    name.bytes().fold(5381, |hash: u32, byte| hash.wrapping_mul(33).wrapping_add(u32::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_none_has_no_candidates_and_ends() {
        let names = ["SSL_write", "gnutls_record_send"];
        for byte in [0, 1, 2, 0x7f, 0xff] {
            for length in [0, 3, 16, 17, 64, 4096] {
                let table = vec![byte; length];
                for name in names {
                    assert!(candidates(&table, name).count() <= length / 4);
                }
            }
        }
    }

    #[test]
    fn names_are_hashed_as_linkers_hash_them() {
        assert_eq!((hash(""), hash("printf")), (0x1505, 0x156b_2bb8));
    }
}
