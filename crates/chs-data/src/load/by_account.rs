//! Rows of a source in the order of their accounts.
//!
//! Parts are first sorted by account in runs that fit the cache; then each core brings the rows of some
//! accounts together from all runs, column by column, so that of one column alone there are two copies at
//! a time.

use std::mem::take;
use std::ops::Range;

use rayon::prelude::*;

use crate::load::columns::WordsBuilder;
use crate::load::history::{Column, SourceRows, Words};

/// Rows that are sorted together.
const RUN: usize = 1 << 15;

/// Runs of which one core counts the rows at a time.
const MOST_RUNS: usize = 64;

/// About as many rows one core brings together at a time.
const BLOCK: usize = 1 << 17;

impl SourceRows {
    /// The rows with those of each account together, in the order of the accounts, of which there are
    /// `accounts`; rows of one account keep their order.
    ///
    /// O(rows log rows of a run + accounts), with memory for one more column.
    #[must_use]
    pub fn by_account(self, accounts: usize) -> Self {
        Self::together(vec![self], accounts)
    }

    /// The rows of several parts, which have the same columns, as those of one.
    pub(super) fn together(mut parts: Vec<Self>, accounts: usize) -> Self {
        let starts = starts(&parts, accounts);
        if let [part] = &mut parts[..]
            && part.account.is_sorted()
        {
            return Self { starts, ..take(part) };
        }
        share_words(&mut parts);
        parts.iter_mut().for_each(Self::sort_runs);
        let order = Order::new(&mut parts, starts);
        let names = |part: &Self| part.columns.keys().cloned().collect::<Vec<String>>();
        let columns = parts.first().map(names).unwrap_or_default();
        let columns = columns.into_iter().filter_map(|name| {
            let column = order.gather_column(&mut parts, &name)?;
            Some((name, column))
        });
        let columns = columns.collect();
        let names = |part: &Self| part.times.keys().cloned().collect::<Vec<String>>();
        let times = parts.first().map(names).unwrap_or_default();
        let times = times.into_iter().map(|name| {
            let times =
                order.gather(&mut parts, |part| part.times.remove(&name).unwrap_or_default());
            (name, times)
        });
        let times = times.collect();
        let record_id = parts.first_mut().and_then(|part| part.record_id.as_mut());
        let record_id = record_id.map(|words| take(&mut words.words)).map(|words| {
            let codes = |part: &mut Self| part.record_id.take().unwrap_or_default().codes;
            Words { codes: order.gather(&mut parts, codes), words }
        });
        Self {
            columns,
            times,
            record_id,
            at: order.gather(&mut parts, |part| take(&mut part.at)),
            known: order.gather(&mut parts, |part| take(&mut part.known)),
            known_by_event: order.gather(&mut parts, |part| take(&mut part.known_by_event)),
            superseded: order.gather(&mut parts, |part| take(&mut part.superseded)),
            row_bytes: order.gather_each(&mut parts, |part| take(&mut part.row_bytes)),
            places: order.gather_each(&mut parts, |part| take(&mut part.places)),
            account: order.accounts_of_rows(),
            starts: order.starts,
        }
    }

    /// Each run of rows in the order of its accounts.
    fn sort_runs(&mut self) {
        let runs: Vec<Option<Vec<u32>>> = self.account.par_chunks(RUN).map(sorted).collect();
        if runs.iter().all(Option::is_none) {
            return;
        }
        arrange(&mut self.account, &runs);
        arrange(&mut self.at, &runs);
        arrange(&mut self.known, &runs);
        arrange(&mut self.known_by_event, &runs);
        arrange(&mut self.superseded, &runs);
        arrange_each(&mut self.row_bytes, &runs);
        arrange_each(&mut self.places, &runs);
        if let Some(words) = &mut self.record_id {
            arrange(&mut words.codes, &runs);
        }
        self.times.values_mut().for_each(|times| arrange(times, &runs));
        for column in self.columns.values_mut() {
            match column {
                Column::Numbers(numbers) => arrange(numbers, &runs),
                Column::Words(words) => arrange(&mut words.codes, &runs),
            }
        }
    }
}

/// First row of each account, and the number of rows.
fn starts(parts: &[SourceRows], accounts: usize) -> Vec<usize> {
    let count = |mut counts: Vec<usize>, rows: &[u32]| {
        for account in rows {
            counts[*account as usize] += 1;
        }
        counts
    };
    let counts = parts
        .par_iter()
        .flat_map(|part| part.account.par_chunks(MOST_RUNS * RUN))
        .fold(|| vec![0_usize; accounts], count)
        .reduce_with(|mut counts, other| {
            counts.iter_mut().zip(other).for_each(|(count, other)| *count += other);
            counts
        })
        .unwrap_or_else(|| vec![0; accounts]);
    let mut starts = Vec::with_capacity(accounts + 1);
    starts.push(0);
    let mut rows = 0;
    starts.extend(counts.into_iter().map(|count| {
        rows += count;
        rows
    }));
    starts
}

/// Where the rows of a run in the order of their accounts stand; `None` where they are in it.
fn sorted(accounts: &[u32]) -> Option<Vec<u32>> {
    if accounts.is_sorted() {
        return None;
    }
    let mut keys: Vec<u64> =
        (0..).zip(accounts).map(|(row, account)| (u64::from(*account) << 32) | row).collect();
    keys.sort_unstable();
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of the key")]
    let row = |key: u64| key as u32;
    Some(keys.into_iter().map(row).collect())
}

fn arrange<T: Copy + Send + Sync>(values: &mut [T], runs: &[Option<Vec<u32>>]) {
    values.par_chunks_mut(RUN).zip(runs).for_each(|(values, order)| {
        let Some(order) = order else { return };
        let arranged: Vec<T> = order.iter().map(|row| values[*row as usize]).collect();
        values.copy_from_slice(&arranged);
    });
}

/// The same of values that are not copied.
fn arrange_each<T: Default + Send>(values: &mut [T], runs: &[Option<Vec<u32>>]) {
    values.par_chunks_mut(RUN).zip(runs).for_each(|(values, order)| {
        let Some(order) = order else { return };
        let row = |row: &u32| take(&mut values[*row as usize]);
        let arranged: Vec<T> = order.iter().map(row).collect();
        values.iter_mut().zip(arranged).for_each(|(value, own)| *value = own);
    });
}

/// Number the texts of all parts alike, in the order of their first appearance; where one part of a column
/// has texts, the numbers of the others become texts.
fn share_words(parts: &mut [SourceRows]) {
    number_alike(parts.iter_mut().filter_map(|part| part.record_id.as_mut()).collect());
    let names = |part: &SourceRows| part.columns.keys().cloned().collect::<Vec<String>>();
    for name in parts.first().map(names).unwrap_or_default() {
        let is_words =
            |part: &SourceRows| matches!(part.columns.get(&name), Some(Column::Words(_)));
        if parts.iter().any(is_words) {
            let columns = parts.iter_mut().filter_map(|part| part.columns.get_mut(&name));
            number_alike(columns.filter_map(Column::turn_to_words).collect());
        }
    }
}

/// The first part has all the texts then, to which the codes of every part lead.
fn number_alike(parts: Vec<&mut Words>) {
    let mut shared = WordsBuilder::default();
    let codes: Vec<Vec<u32>> = parts.iter().map(|words| shared.codes_of(words)).collect();
    let mut parts: Vec<(&mut Words, Vec<u32>)> = parts.into_iter().zip(codes).collect();
    parts.par_iter_mut().for_each(|(words, codes)| {
        words.codes.iter_mut().for_each(|code| *code = code.moved(codes));
        words.words.clear();
    });
    if let Some((first, _)) = parts.first_mut() {
        first.words = shared.finish().words;
    }
}

/// Rows of a part that are sorted by account.
struct Run {
    part: usize,
    /// The first row of each block, and the end of the run.
    bounds: Vec<usize>,
}

/// Where the rows of sorted runs go.
struct Order {
    /// First row of each account, and the number of rows.
    starts: Vec<usize>,
    /// Accounts that are brought together at a time.
    blocks: Vec<Range<usize>>,
    runs: Vec<Run>,
    /// Account per row of each part.
    accounts: Vec<Vec<u32>>,
}

impl Order {
    fn new(parts: &mut [SourceRows], starts: Vec<usize>) -> Self {
        let blocks = blocks(&starts);
        let accounts: Vec<Vec<u32>> =
            parts.iter_mut().map(|part| take(&mut part.account)).collect();
        let mut runs = Vec::new();
        for (part, accounts) in accounts.iter().enumerate() {
            runs.extend((0..accounts.len()).step_by(RUN).map(|first| (part, first)));
        }
        let run = |(part, first): (usize, usize)| {
            let accounts: &[u32] = &accounts[part];
            let end = accounts.len().min(first + RUN);
            let until = |block: &Range<usize>| {
                first + accounts[first..end].partition_point(|own| (*own as usize) < block.start)
            };
            Run { part, bounds: blocks.iter().map(until).chain([end]).collect() }
        };
        let runs = runs.into_par_iter().map(run).collect();
        Self { starts, blocks, runs, accounts }
    }

    /// A column of all parts in its new order, each core with blocks of its own; the parts lose it.
    fn gather<T: Copy + Default + Send + Sync>(
        &self,
        parts: &mut [SourceRows],
        column: impl Fn(&mut SourceRows) -> Vec<T>,
    ) -> Vec<T> {
        let columns: Vec<Vec<T>> = parts.iter_mut().map(column).collect();
        if columns.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let mut whole = vec![T::default(); self.rows()];
        let (mut jobs, mut rest) = (Vec::new(), whole.as_mut_slice());
        for accounts in &self.blocks {
            let rows = self.starts[accounts.end] - self.starts[accounts.start];
            let (own, later) = rest.split_at_mut(rows);
            jobs.push(own);
            rest = later;
        }
        jobs.into_par_iter().enumerate().for_each(|(block, own)| {
            let mut places = self.places(&self.blocks[block]);
            let run = |Run { part, bounds }: &Run| {
                let rows = bounds[block]..bounds[block + 1];
                columns[*part][rows.clone()].iter().zip(&self.accounts[*part][rows])
            };
            for (value, account) in self.runs.iter().flat_map(run) {
                own[places.next(*account)] = *value;
            }
        });
        whole
    }

    /// The same of values that are not copied.
    fn gather_each<T: Default>(
        &self,
        parts: &mut [SourceRows],
        column: impl Fn(&mut SourceRows) -> Vec<T>,
    ) -> Vec<T> {
        let columns: Vec<Vec<T>> = parts.iter_mut().map(column).collect();
        if columns.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let mut whole: Vec<T> = std::iter::repeat_with(T::default).take(self.rows()).collect();
        let mut places = self.places(&(0..self.starts.len() - 1));
        for (values, accounts) in columns.into_iter().zip(&self.accounts) {
            for (value, account) in values.into_iter().zip(accounts) {
                whole[places.next(*account)] = value;
            }
        }
        whole
    }

    fn gather_column(&self, parts: &mut [SourceRows], name: &str) -> Option<Column> {
        let column = |part: &mut SourceRows| part.columns.remove(name);
        Some(match parts.first_mut()?.columns.get_mut(name)? {
            Column::Numbers(_) => {
                let numbers = |part: &mut SourceRows| match column(part) {
                    Some(Column::Numbers(numbers)) => numbers,
                    _ => Vec::new(),
                };
                Column::Numbers(self.gather(parts, numbers))
            }
            Column::Words(words) => {
                let words = take(&mut words.words);
                let codes = |part: &mut SourceRows| match column(part) {
                    Some(Column::Words(words)) => words.codes,
                    _ => Vec::new(),
                };
                Column::Words(Words { codes: self.gather(parts, codes), words })
            }
        })
    }

    fn rows(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Account of each row in the new order.
    fn accounts_of_rows(&self) -> Vec<u32> {
        let mut whole = Vec::with_capacity(self.rows());
        for (account, bounds) in (0_u32..).zip(self.starts.windows(2)) {
            whole.resize(bounds[1], account);
        }
        whole
    }

    fn places(&self, accounts: &Range<usize>) -> Places {
        let first = self.starts[accounts.start];
        let next = self.starts[accounts.clone()].iter().map(|start| start - first).collect();
        Places { first: accounts.start, next }
    }
}

/// Where the next row of each account goes, counted from the first row of the first one.
struct Places {
    first: usize,
    next: Vec<usize>,
}

impl Places {
    fn next(&mut self, account: u32) -> usize {
        let next = &mut self.next[account as usize - self.first];
        *next += 1;
        *next - 1
    }
}

/// Accounts in blocks of about as many rows.
fn blocks(starts: &[usize]) -> Vec<Range<usize>> {
    let (mut blocks, mut first) = (Vec::new(), 0);
    for account in 0..starts.len() - 1 {
        if starts[account + 1] - starts[first] >= BLOCK {
            blocks.push(first..account + 1);
            first = account + 1;
        }
    }
    if first < starts.len() - 1 {
        blocks.push(first..starts.len() - 1);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, RUN};
    use crate::load::history::{Code, Column, SourceRows, Words};

    #[test]
    fn rows_of_an_account_come_together_in_their_order() {
        let mut rows = SourceRows {
            account: vec![2, 0, 2, 1, 0],
            at: vec![1, 2, 3, 4, 5],
            superseded: vec![10, 20, 30, 40, 50],
            row_bytes: (0..5).map(|byte| vec![byte].into()).collect(),
            ..SourceRows::default()
        };
        rows.columns.insert("a".into(), Column::Numbers(vec![0.1, 0.2, 0.3, 0.4, 0.5]));
        rows.times.insert("t".into(), vec![None, Some(2), Some(3), None, Some(5)]);
        let rows = rows.by_account(4);
        assert_eq!(rows.account, [0, 0, 1, 2, 2]);
        assert_eq!(rows.at, [2, 5, 4, 1, 3]);
        assert_eq!(rows.starts, [0, 2, 3, 5, 5]);
        assert_eq!(
            [rows.of_account(2), rows.of_account(3), rows.of_account(9)],
            [3..5, 5..5, 0..0]
        );
        assert_eq!(rows.superseded, [20, 50, 40, 10, 30]);
        assert!(rows.known.is_empty());
        assert_eq!(rows.row_bytes.concat(), [1, 4, 3, 0, 2]);
        assert_eq!(rows.times["t"], [Some(2), Some(5), None, None, Some(3)]);
        assert!(
            matches!(&rows.columns["a"], Column::Numbers(a) if *a == [0.2, 0.5, 0.4, 0.1, 0.3])
        );
    }

    #[test]
    fn numbers_of_one_part_are_texts_beside_those_of_another() {
        let part = |account: &[u32], column| SourceRows {
            account: account.to_vec(),
            at: vec![0; account.len()],
            columns: [("a".to_owned(), column)].into(),
            ..SourceRows::default()
        };
        let words = |texts: &[&str]| {
            let codes = (0..).take(texts.len()).map(|place| Code::new(Some(place))).collect();
            Words { codes, words: texts.iter().map(ToString::to_string).collect() }
        };
        let rows = SourceRows::together(
            vec![
                part(&[1, 0], Column::Words(words(&["x", "7"]))),
                part(&[0, 1], Column::Numbers(vec![7.0, f64::NAN])),
                part(&[0], Column::Words(words(&["y"]))),
            ],
            2,
        );
        let Column::Words(words) = &rows.columns["a"] else { panic!("texts") };
        assert_eq!(words.words, ["x", "7", "y"]);
        let texts: Vec<_> = (0..5).map(|row| words.get(row)).collect();
        assert_eq!(texts, [Some("7"), Some("7"), Some("y"), Some("x"), None]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn it_is_a_stable_sort_however_the_rows_are_cut(
            accounts in prop_oneof![Just(1_u32), Just(7), Just(90_000)],
            seed in any::<u32>(),
            lengths in proptest::collection::vec(0..3 * RUN, 1..5),
        ) {
            let draw = |row: usize| {
                let row = u32::try_from(row).unwrap_or(0).wrapping_add(seed);
                (row.wrapping_mul(2_654_435_761) >> 7) % accounts
            };
            let (mut parts, mut rows) = (Vec::new(), 0);
            for length in lengths {
                let own = rows..rows + length;
                rows += length;
                let at: Vec<i64> = own.clone().map(|row| i64::try_from(row).unwrap_or(0)).collect();
                parts.push(SourceRows { account: own.map(draw).collect(), at, ..SourceRows::default() });
            }
            let mut expected: Vec<(u32, i64)> = parts
                .iter()
                .flat_map(|part| part.account.iter().copied().zip(part.at.iter().copied()))
                .collect();
            expected.sort_by_key(|(account, _)| *account);
            let whole = SourceRows::together(parts, accounts as usize);
            prop_assert!(whole.account.iter().zip(&whole.at).eq(expected.iter().map(|(a, b)| (a, b))));
            prop_assert_eq!(whole.starts.len(), accounts as usize + 1);
            for account in 0..accounts {
                let own = whole.of_account(account as usize);
                prop_assert!(own.clone().all(|row| whole.account[row] == account));
            }
            prop_assert_eq!(whole.starts.last().copied(), Some(rows));
        }
    }

    #[test]
    fn blocks_hold_every_account_once() {
        let starts = [0, 1, BLOCK + 1, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 5];
        assert_eq!(super::blocks(&starts), [0..2, 2..5]);
        assert!(super::blocks(&[0]).is_empty());
    }
}
