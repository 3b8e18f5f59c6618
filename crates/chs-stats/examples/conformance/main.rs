//! Every figure of `chs-stats` against the reference implementation that its documentation names.
//!
//! Prints `docs/conformance.md` from the committed expected values in `tests/oracles/stats`; the test
//! fails when a difference exceeds its tolerance.
//!
//! ```text
//! cargo run --release --example conformance
//! ```
#![expect(clippy::print_stdout, reason = "the page goes to stdout")]

mod calibration;
mod discrimination;
mod oracle;
mod regression;
mod samples;
mod table;

use oracle::Failure;
use table::Table;

fn main() -> Result<(), Failure> {
    let table = compared()?;
    print!("{}", table.page());
    let beyond = table.beyond();
    if beyond.is_empty() { Ok(()) } else { Err(beyond.join("; ")) }
}

/// Everything that is compared, in the order of the page.
fn compared() -> Result<Table, Failure> {
    let mut table = Table::default();
    discrimination::compare(&mut table)?;
    calibration::compare(&mut table)?;
    regression::compare(&mut table)?;
    samples::compare(&mut table)?;
    Ok(table)
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_difference_exceeds_its_tolerance() {
        let table = super::compared().unwrap();
        let beyond = table.beyond();
        assert!(beyond.is_empty(), "{}", beyond.join("\n"));
        assert!(table.page().lines().count() > 30);
    }
}
