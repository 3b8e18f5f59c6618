//! Who watches a run: told what it does, asked whether to go on.

use crate::Error;

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Simulating a history.
    Simulate,
    /// Reading the files that `chs.toml` names.
    Load,
    /// Asking the history at each snapshot what was known then.
    Replay,
    /// Checking the data.
    Check,
    /// Looking for what nobody could have known.
    Audit,
    /// Scoring, and testing the scores against what came after.
    Evaluate,
    /// Learning weights, and showing out of time that they hold.
    Fit,
    /// Encoding the result files in memory.
    Encode,
    /// Writing files; only in this stage anything on disk changes.
    Write,
}

impl Stage {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simulate => "simulate",
            Self::Load => "load",
            Self::Replay => "replay",
            Self::Check => "check",
            Self::Audit => "audit",
            Self::Evaluate => "evaluate",
            Self::Fit => "fit",
            Self::Encode => "encode",
            Self::Write => "write",
        }
    }

    /// What happens, for people: `reading the files`.
    pub fn description(self) -> &'static str {
        match self {
            Self::Simulate => "simulating a history",
            Self::Load => "reading the files",
            Self::Replay => "replaying the history at each snapshot",
            Self::Check => "checking the data",
            Self::Audit => "looking for leaks",
            Self::Evaluate => "testing the scores",
            Self::Fit => "learning weights",
            Self::Encode => "preparing the results",
            Self::Write => "writing the results",
        }
    }
}

/// Somebody who watches a run. Libraries have no clock: time and memory are the observer's to measure.
pub trait Observer: Sync {
    /// A stage begins, and the one before it is over.
    fn stage(&self, _stage: Stage) {}

    /// How many parts of the stage's work are done, and of how many; from any thread.
    fn progress(&self, _done: usize, _of: usize) {}

    /// Whether the run should stop; asked between stages, and before files take their names.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// What differs from run to run (times, memory, host), for `environment` of `run.json`.
    fn environment(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}

/// Begin a stage, unless the run should stop.
pub(crate) fn enter(observer: &dyn Observer, stage: Stage) -> Result<(), Error> {
    if observer.is_cancelled() {
        return Err(Error::Cancelled);
    }
    observer.stage(stage);
    Ok(())
}
