//! Dirty rows, planted on purpose and counted, so that a row account can be held against the truth.
//!
//! Each planted row is the copy of a sound one with exactly one thing wrong, added to the table; the
//! sound rows stay as they are. How many follows the size of the table, so that the share stays well
//! under one percent; small tables stay clean.

use std::collections::BTreeMap;

use crate::draws::Draws;

pub(crate) const UNKNOWN_ACCOUNT: &str = "unknown account";
pub(crate) const BAD_DATE: &str = "bad date";
pub(crate) const NULL_KEY: &str = "null key";
pub(crate) const INFINITE_VALUE: &str = "infinite value";
pub(crate) const BEFORE_1900: &str = "before 1900";
pub(crate) const AFTER_AS_OF: &str = "after as-of";
pub(crate) const DUPLICATE: &str = "duplicate";

/// Rows planted by reason.
pub(crate) type Planted = BTreeMap<&'static str, u64>;

/// One kind of dirt: its reason, how many sound rows stand against one planted, and what to do to
/// the copy. The number tells the planted rows of a kind apart.
pub(crate) struct Dirt<'a, R> {
    pub(crate) reason: &'static str,
    pub(crate) one_in: usize,
    pub(crate) spoil: &'a dyn Fn(&mut R, usize),
}

/// Adds the planted rows at the end of the rows and counts them.
pub(crate) fn plant<R: Clone>(
    rows: &mut Vec<R>,
    draws: &mut Draws,
    kinds: &[Dirt<'_, R>],
) -> Planted {
    let sound = rows.len();
    let mut planted = Planted::new();
    for kind in kinds {
        for number in 0..sound / kind.one_in {
            let Some(mut row) = rows.get(draws.position(sound)).cloned() else { continue };
            (kind.spoil)(&mut row, number);
            rows.push(row);
            *planted.entry(kind.reason).or_insert(0) += 1;
        }
    }
    planted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Topic;

    #[test]
    fn sound_rows_stay_and_planted_ones_are_counted() {
        let mut rows = vec![1; 10];
        let negate = |row: &mut i32, number: usize| *row = if number == 0 { -1 } else { -2 };
        let kind = Dirt { reason: BAD_DATE, one_in: 5, spoil: &negate };
        let never = Dirt { reason: NULL_KEY, one_in: 11, spoil: &negate };
        let mut draws = Draws::new(1, 0, Topic::Dirt);
        let planted = plant(&mut rows, &mut draws, &[kind, never]);
        assert_eq!(planted, BTreeMap::from([(BAD_DATE, 2)]));
        assert_eq!(rows[..10], [1; 10]);
        assert_eq!(rows[10..], [-1, -2]);
    }
}
