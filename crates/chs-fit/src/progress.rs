//! How far a fit has come.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Work of a learning, with its path and folds, in parts; a resample is one.
pub(crate) const LEARNING: usize = 60;

/// Work of the figures on held-out rows.
pub(crate) const EVALUATION: usize = 100;

/// Who is told how many parts of the work are done, and of how many.
pub(crate) type Told<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Counts the parts of a fit's work; which of them ends first may differ from run to run, so that nothing
/// but the telling rests on it.
pub(crate) struct Progress<'a> {
    done: AtomicUsize,
    all: usize,
    told: Told<'a>,
}

impl<'a> Progress<'a> {
    /// Nothing is done of so many parts.
    pub(crate) fn new(all: usize, told: Told<'a>) -> Self {
        Self { done: AtomicUsize::new(0), all, told }
    }

    /// Nobody is told.
    pub(crate) fn untold() -> Self {
        Self::new(0, &|_, _| ())
    }

    /// Some more parts are done.
    pub(crate) fn add(&self, parts: usize) {
        let done = self.done.fetch_add(parts, Ordering::Relaxed) + parts;
        (self.told)(done.min(self.all), self.all);
    }
}
