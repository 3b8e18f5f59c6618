//! How often intervals hold the truth, and how often tests reject what is true, on simulated rows of
//! accounts that occur many times.
//!
//! ```text
//! cargo run --release --example coverage -- run      the 5,000 histories of each study, as JSON
//! cargo run --release --example coverage -- page     docs/coverage.md from the committed result
//! ```
#![expect(clippy::print_stdout, reason = "results go to stdout")]

mod draws;
mod histories;
mod result;
mod studies;

use result::Failure;

/// Histories per study.
const RUNS: u64 = 5_000;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("run") => print!("{}", result::json(&studies::studies(RUNS), RUNS)),
        Some("page") => print!("{}", result::page(&result::committed()?)),
        _ => return Err("say `run` or `page`".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::result::committed;
    use super::studies::studies;

    /// A short run says what the long one said, within four of its own Monte Carlo errors; the long
    /// one kept its promises, or says that it did not.
    #[test]
    fn a_short_run_agrees_with_the_committed_one() {
        let committed = committed().unwrap();
        let short = studies(60);
        assert_eq!(short.len(), committed.len());
        for (short, long) in short.iter().zip(&committed) {
            assert_eq!(short.name, long.name);
            let long_rate = long.rate();
            let error = (long_rate * (1.0 - long_rate) / short.runs as f64).sqrt();
            let distance = (short.rate() - long_rate).abs();
            assert!(distance <= 4.0 * error + 1e-12, "{}: {} hits", short.name, short.hits);
            assert!(long.is_as_claimed() || long.remark.is_some(), "{}: say why", long.name);
        }
    }
}
