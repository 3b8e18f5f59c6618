//! From an id to its account.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::load::row_account::Reason;

/// Account ids -> index into [`AccountTable::ids`](crate::load::AccountTable::ids).
///
/// A short id lies beside its index, so that a look-up touches one place in memory.
pub(super) struct AccountIndex {
    short: HashTable<(ShortId, u32)>,
    /// Ids that are longer.
    long: HashMap<String, u32, FixedState>,
    hasher: FixedState,
    /// Ids of accounts that start after the end of `--as-of`.
    later: BTreeSet<String>,
}

/// Ids that are looked up together.
const KEYS: usize = 256;

/// An id of up to 15 bytes, zeros after it, and its length.
type ShortId = [u64; 2];

fn short_id(id: &str) -> Option<ShortId> {
    let mut bytes = [0; 16];
    bytes.get_mut(..id.len()).filter(|_| id.len() < 16)?.copy_from_slice(id.as_bytes());
    let [.., length] = &mut bytes;
    *length = u8::try_from(id.len()).ok()?;
    let (first, second) = bytes.split_at(8);
    let number = |half: &[u8]| half.try_into().map(u64::from_le_bytes).ok();
    Some([number(first)?, number(second)?])
}

impl AccountIndex {
    /// `later` are ids of accounts that start after the end of `--as-of`.
    pub(super) fn new(ids: &[String], later: BTreeSet<String>) -> Self {
        let hasher = FixedState::default();
        let (mut short, mut long) =
            (HashTable::with_capacity(ids.len()), HashMap::with_hasher(hasher.clone()));
        for (id, number) in ids.iter().zip(0_u32..) {
            match short_id(id) {
                Some(key) => {
                    let hash_again = |(key, _): &(ShortId, u32)| hasher.hash_one(key);
                    short.insert_unique(hasher.hash_one(key), (key, number), hash_again);
                }
                None => {
                    long.insert(id.clone(), number);
                }
            }
        }
        Self { short, long, hasher, later }
    }

    /// Why the rows of an id that is no account's are not used.
    pub(super) fn reason(&self, id: &str) -> Reason {
        if self.later.contains(id) { Reason::AfterAsOf } else { Reason::UnknownAccount }
    }

    /// Number of accounts.
    pub(super) fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }

    /// The account of each id, as [`Self::get`] finds it.
    ///
    /// Keys first, then look-ups: with nothing between them, the processor waits for several places in
    /// memory at a time.
    pub(super) fn get_all<'a>(
        &self,
        ids: impl Iterator<Item = Option<&'a str>>,
    ) -> Vec<Option<u32>> {
        let (mut ids, mut found) = (ids.peekable(), Vec::new());
        let mut keys = Vec::with_capacity(KEYS);
        while ids.peek().is_some() {
            keys.clear();
            keys.extend(ids.by_ref().take(KEYS).map(|id| self.key(id?)));
            found.extend(keys.iter().map(|key| self.find(key.as_ref()?)));
        }
        found
    }

    pub(super) fn get(&self, id: &str) -> Option<u32> {
        self.find(&self.key(id)?)
    }

    /// `None` for a long id that is not known.
    fn key(&self, id: &str) -> Option<Key> {
        match short_id(id) {
            Some(key) => Some(Key::Short(self.hasher.hash_one(key), key)),
            None => self.long.get(id).map(|number| Key::Long(*number)),
        }
    }

    fn find(&self, key: &Key) -> Option<u32> {
        match key {
            Key::Short(hash, key) => {
                self.short.find(*hash, |(known, _)| known == key).map(|(_, number)| *number)
            }
            Key::Long(number) => Some(*number),
        }
    }
}

/// An id on its way to its account: its hash and itself, or the account of a long one.
enum Key {
    Short(u64, ShortId),
    Long(u32),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{AccountIndex, KEYS};

    #[test]
    fn ids_of_any_length_lead_to_their_account() {
        let mut ids: Vec<String> = (1..40).map(|length| "x".repeat(length)).collect();
        ids.extend(["x\0".to_owned(), "ä".repeat(7), "ä".repeat(8)]);
        let index = AccountIndex::new(&ids, BTreeSet::new());
        assert_eq!(index.len(), ids.len());
        let asked: Vec<Option<&str>> = std::iter::repeat_n(&ids, 2 * KEYS / ids.len() + 1)
            .flatten()
            .map(|id| Some(id.as_str()))
            .chain([None, Some(""), Some("y"), Some("x\0\0"), Some("0123456789abcdefg")])
            .collect();
        let found = index.get_all(asked.iter().copied());
        assert_eq!(found.len(), asked.len());
        for (id, found) in asked.into_iter().zip(found) {
            let place = ids.iter().position(|known| Some(known.as_str()) == id);
            assert_eq!(found.map(|number| number as usize), place, "{id:?}");
            assert_eq!(id.and_then(|id| index.get(id)), found);
        }
    }
}
