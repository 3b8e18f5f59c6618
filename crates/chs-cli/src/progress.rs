//! What happens, on stderr: a spinner on a terminal, a line per stage with `--verbose`; and the account of
//! time and memory for `run.json`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chs::{Observer, Stage};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::interrupt::Interrupt;
use crate::measure::{Stopwatch, peak_memory, reset_peak_memory};

/// How much is said on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// Nothing.
    Nothing,
    /// A spinner on a terminal.
    Spinner,
    /// The spinner, and a line per stage.
    Stages,
}

/// Watches a run.
pub(crate) struct Progress {
    telling: Telling,
    bar: ProgressBar,
    interrupt: Interrupt,
    stages: Mutex<Stages>,
}

#[derive(Default)]
struct Stages {
    running: Option<(Stage, Stopwatch)>,
    done: Vec<Finished>,
}

#[derive(Clone, Copy)]
struct Finished {
    stage: Stage,
    time: Duration,
    peak_memory: Option<u64>,
}

impl Progress {
    pub(crate) fn new(telling: Telling, interrupt: Interrupt) -> Self {
        let bar = ProgressBar::new_spinner();
        if telling == Telling::Nothing {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        Self { telling, bar, interrupt, stages: Mutex::default() }
    }

    /// The run is over.
    pub(crate) fn finish(&self) {
        let mut stages = self.lock();
        self.close(&mut stages);
        self.bar.finish_and_clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Stages> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// End the stage that runs, and say so.
    fn close(&self, stages: &mut Stages) {
        let Some((stage, watch)) = stages.running.take() else { return };
        let finished = Finished { stage, time: watch.elapsed(), peak_memory: peak_memory() };
        stages.done.push(finished);
        if self.telling == Telling::Stages {
            self.say(&finished.line());
        }
    }

    #[expect(clippy::print_stderr, reason = "asked for with --verbose")]
    fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }
}

/// `, 40 %, about 2 min left`, nothing before a tenth is done: what took so long says what is to come.
fn left(elapsed: Duration, done: usize, of: usize) -> String {
    if done == 0 || 10 * done < of {
        return String::new();
    }
    let share = done as f64 / of.max(done) as f64;
    let left = elapsed.as_secs_f64() * (1.0 - share) / share;
    let time = if left < 1.0 {
        "less than a second".to_owned()
    } else if left < 90.0 {
        format!("about {left:.0} s")
    } else {
        format!("about {:.0} min", left / 60.0)
    };
    format!(", {:.0} %, {time} left", 100.0 * share)
}

impl Finished {
    fn line(self) -> String {
        let seconds = self.time.as_secs_f64();
        let memory = self
            .peak_memory
            .map_or_else(String::new, |bytes| format!(", {:.0} MB at most", bytes as f64 / 1e6));
        format!("{}: {seconds:.2} s{memory}", self.stage.description())
    }

    fn json(self) -> Value {
        json!({
            "stage": self.stage.as_str(),
            "seconds": self.time.as_secs_f64(),
            "peak_memory_bytes": self.peak_memory,
        })
    }
}

impl Observer for Progress {
    fn stage(&self, stage: Stage) {
        self.interrupt.set_writing(stage == Stage::Write);
        let mut stages = self.lock();
        self.close(&mut stages);
        reset_peak_memory();
        stages.running = Some((stage, Stopwatch::start()));
        self.bar.set_message(stage.description());
        self.bar.reset_elapsed();
        if self.telling != Telling::Nothing {
            self.bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    fn progress(&self, done: usize, of: usize) {
        let stages = self.lock();
        let Some((stage, watch)) = stages.running else { return };
        self.bar.set_message(format!("{}{}", stage.description(), left(watch.elapsed(), done, of)));
    }

    fn is_cancelled(&self) -> bool {
        self.interrupt.is_asked()
    }

    fn environment(&self) -> Value {
        let stages = self.lock();
        let mut list: Vec<Value> = stages.done.iter().map(|stage| stage.json()).collect();
        if let Some((stage, watch)) = stages.running {
            let now = Finished { stage, time: watch.elapsed(), peak_memory: peak_memory() };
            list.push(now.json());
        }
        let arguments: Vec<String> =
            std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
        json!({
            "command_line": arguments,
            "stages": list,
            "processors": std::thread::available_parallelism().map_or(1, usize::from),
            "operating_system": std::env::consts::OS,
            "architecture": std::env::consts::ARCH,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::left;

    #[test]
    fn the_time_left_follows_the_time_taken() {
        let after = |seconds, done| left(Duration::from_secs(seconds), done, 200);
        assert_eq!(after(30, 0), "");
        assert_eq!(after(30, 19), "");
        assert_eq!(after(30, 50), ", 25 %, about 2 min left");
        assert_eq!(after(30, 100), ", 50 %, about 30 s left");
        assert_eq!(after(30, 199), ", 100 %, less than a second left");
        assert_eq!(left(Duration::from_secs(9), 3, 2), ", 100 %, less than a second left");
    }
}
