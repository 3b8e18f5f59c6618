//! Time and memory: the only clock of the program.

use std::time::{Duration, Instant};

/// Starts now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "the binary alone measures time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Highest memory in use since the last [`reset_peak_memory`], in bytes; `None` where the system does not
/// tell.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    peak_in(&status)
}

/// Start a new measurement, where the system can.
pub(crate) fn reset_peak_memory() {
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}

fn peak_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::peak_in;

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(peak_in("VmPeak:\t 9 kB\nVmHWM:\t   12 kB\n"), Some(12_288));
        assert_eq!(peak_in("VmPeak:\t 9 kB\n"), None);
    }
}
