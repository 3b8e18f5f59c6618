//! Ctrl-C: at once while nothing on disk is touched, else after the temporary files are removed.

use std::process;
use std::sync::{Arc, Mutex, PoisonError};

/// Exit code of an interrupted run.
const INTERRUPTED: i32 = 130;

/// Whether the run is writing, and whether it was asked to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    is_writing: bool,
    is_asked: bool,
}

impl Interrupt {
    /// Listen for Ctrl-C and for the signals that end a process.
    pub(crate) fn listen(&self) {
        let interrupt = self.clone();
        // Without a handler the system ends the process, which is what the handler does nearly always.
        drop(ctrlc::set_handler(move || interrupt.ask()));
    }

    /// The lock is held until the process has ended: the run cannot begin to write in between.
    fn ask(&self) {
        self.with(|state| {
            if !state.is_writing || state.is_asked {
                process::exit(INTERRUPTED);
            }
            state.is_asked = true;
        });
    }

    pub(crate) fn set_writing(&self, is_writing: bool) {
        self.with(|state| state.is_writing = is_writing);
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.with(|state| state.is_asked)
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::Interrupt;

    #[test]
    fn a_run_that_writes_is_asked_and_not_killed() {
        let interrupt = Interrupt::default();
        interrupt.set_writing(true);
        assert!(!interrupt.is_asked());
        interrupt.ask();
        assert!(interrupt.is_asked());
    }
}
