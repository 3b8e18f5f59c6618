//! Rows of a source in the order of their accounts.

use std::ops::Range;

use rayon::prelude::*;

use crate::load::history::{Column, SourceRows};

impl SourceRows {
    /// The rows with those of each account together, in the order of the accounts, of which there are
    /// `accounts`; rows of one account keep their order.
    ///
    /// A counting sort, column by column: O(rows + accounts), with memory for one more column.
    #[must_use]
    pub fn by_account(mut self, accounts: usize) -> Self {
        let mut starts = vec![0_usize; accounts + 1];
        for own in &self.account {
            starts[*own as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        if !self.account.is_sorted() {
            self.arrange(&starts);
        }
        self.starts = starts;
        self
    }

    fn arrange(&mut self, starts: &[usize]) {
        let account = std::mem::take(&mut self.account);
        let order = Order { account: &account, starts };
        order.arrange(&mut self.at);
        order.arrange(&mut self.known);
        order.arrange(&mut self.known_by_event);
        order.arrange(&mut self.superseded);
        order.move_each(&mut self.row_bytes);
        if let Some(words) = &mut self.record_id {
            order.arrange(&mut words.codes);
        }
        for times in self.times.values_mut() {
            order.arrange(times);
        }
        for column in self.columns.values_mut() {
            match column {
                Column::Numbers(numbers) => order.arrange(numbers),
                Column::Words(words) => order.arrange(&mut words.codes),
            }
        }
        self.account = (0_u32..)
            .zip(starts.windows(2))
            .flat_map(|(own, bounds)| std::iter::repeat_n(own, bounds[1] - bounds[0]))
            .collect();
    }
}

struct Order<'a> {
    account: &'a [u32],
    /// First row of each account.
    starts: &'a [usize],
}

impl Order<'_> {
    /// A column in its new order, each core with accounts of its own.
    fn arrange<T: Copy + Default + Send + Sync>(&self, values: &mut Vec<T>) {
        if values.is_empty() {
            return;
        }
        let old = std::mem::take(values);
        let mut arranged = vec![T::default(); old.len()];
        let (mut jobs, mut rest) = (Vec::new(), arranged.as_mut_slice());
        for accounts in self.parts() {
            let rows = self.starts[accounts.end] - self.starts[accounts.start];
            let (own, later) = rest.split_at_mut(rows);
            jobs.push((accounts, own));
            rest = later;
        }
        jobs.into_par_iter().for_each(|(accounts, own)| {
            let mut next = self.next(&accounts);
            let is_own = |(_, account): &(&T, &u32)| accounts.contains(&(**account as usize));
            for (value, account) in old.iter().zip(self.account).filter(is_own) {
                let place = &mut next[*account as usize - accounts.start];
                own[*place] = *value;
                *place += 1;
            }
        });
        *values = arranged;
    }

    /// The same of values that are not copied.
    fn move_each<T: Default>(&self, values: &mut Vec<T>) {
        if values.is_empty() {
            return;
        }
        let mut next = self.next(&(0..self.starts.len() - 1));
        let mut arranged: Vec<T> = std::iter::repeat_with(T::default).take(values.len()).collect();
        for (value, account) in std::mem::take(values).into_iter().zip(self.account) {
            let place = &mut next[*account as usize];
            arranged[*place] = value;
            *place += 1;
        }
        *values = arranged;
    }

    /// Accounts in as many parts as there are cores, about equal in rows.
    fn parts(&self) -> impl Iterator<Item = Range<usize>> {
        let (cores, rows) = (rayon::current_num_threads(), self.account.len());
        let cut = move |part: usize| match part {
            0 => 0,
            part if part == cores => self.starts.len() - 1,
            part => self.starts.partition_point(|start| *start < rows / cores * part),
        };
        (0..cores).map(move |part| cut(part)..cut(part + 1))
    }

    /// Where the next row of each account goes, counted from the first of these.
    fn next(&self, accounts: &Range<usize>) -> Vec<usize> {
        let first = self.starts[accounts.start];
        self.starts[accounts.clone()].iter().map(|start| start - first).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::load::history::{Column, SourceRows};

    #[test]
    fn rows_of_an_account_come_together_in_their_order() {
        let mut rows = SourceRows {
            account: vec![2, 0, 2, 1, 0],
            at: vec![1, 2, 3, 4, 5],
            superseded: vec![10, 20, 30, 40, 50],
            ..SourceRows::default()
        };
        rows.columns.insert("a".into(), Column::Numbers(vec![0.1, 0.2, 0.3, 0.4, 0.5]));
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
        assert!(
            matches!(&rows.columns["a"], Column::Numbers(a) if *a == [0.2, 0.5, 0.4, 0.1, 0.3])
        );
    }
}
