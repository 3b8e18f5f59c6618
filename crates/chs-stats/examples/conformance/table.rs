//! Differences, gathered by quantity and reference.

use std::fmt::Write as _;

use crate::oracle::{Failure, Oracle, defined};

/// Closed forms.
pub(crate) const CLOSED: f64 = 1e-12;
/// Solved by iteration, here or there, and smoothers.
pub(crate) const ITERATED: f64 = 1e-9;

/// Below this size of an expected value a difference is told in units of it, not of the value.
const LEAST_SCALE: f64 = 1e-3;

/// What is compared: one line of the page.
#[derive(Clone)]
pub(crate) struct Line {
    quantity: String,
    reference: String,
    tolerance: f64,
    cases: usize,
    largest: f64,
}

/// The lines in the order in which they were begun.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<Line>,
}

impl Table {
    /// Begins a line. `reference` names what computed the expected values; of `package` the version is
    /// told, where there is one.
    pub(crate) fn line(
        &mut self,
        quantity: &str,
        (reference, package): (&str, &str),
        oracle: &Oracle,
        tolerance: f64,
    ) -> Result<&mut Line, Failure> {
        let reference = match package {
            "" => reference.to_owned(),
            _ => format!("{reference}, {package} {}", oracle.version(package)?),
        };
        let quantity = quantity.to_owned();
        self.lines.push(Line { quantity, reference, tolerance, cases: 0, largest: 0.0 });
        defined(self.lines.last_mut(), "the line just begun")
    }

    /// Lines with a difference beyond their tolerance, for people.
    pub(crate) fn beyond(&self) -> Vec<String> {
        let is_within = |line: &&Line| line.cases > 0 && line.largest <= line.tolerance;
        let lines = self.lines.iter().filter(|line| !is_within(line));
        lines
            .map(|line| {
                format!(
                    "{} ({}): {} cases, largest difference {:e}, tolerance {:e}",
                    line.quantity, line.reference, line.cases, line.largest, line.tolerance
                )
            })
            .collect()
    }

    /// The page.
    pub(crate) fn page(&self) -> String {
        let mut page = INTRODUCTION.to_owned();
        for line in &self.lines {
            let Line { quantity, reference, tolerance, cases, .. } = line;
            // Writing to a string does not fail.
            let _ = writeln!(
                page,
                "| {quantity} | {reference} | {cases} | {} | {tolerance:e} |",
                line.bound()
            );
        }
        page
    }
}

const INTRODUCTION: &str = "\
# Conformance

<!-- Made by `cargo xtask generate`. -->

What `chs-stats` computes, against other people's implementations on fixed inputs. The expected values
and the scripts that made them stand in `tests/oracles/stats`; `cargo xtask oracles` makes them again. The
same program that writes this page is a test that fails when a difference exceeds its tolerance.

A difference is relative to the expected value, or to 0.001 where that is smaller. Closed forms agree to
1e-12, what is solved by iteration and the smoother to 1e-9. \"NumPy\" stands for the definition, written
out in a few lines, where no package computes the figure.

| quantity | reference | values compared | largest difference | tolerance |
| --- | --- | ---: | ---: | ---: |
";

impl Line {
    /// Compares one value.
    pub(crate) fn compare(&mut self, found: f64, expected: f64) {
        let distance = (found - expected).abs() / expected.abs().max(LEAST_SCALE);
        // NaN is no agreement.
        self.largest = if distance <= self.largest { self.largest } else { distance };
        self.cases += 1;
    }

    /// Compares two columns.
    pub(crate) fn compare_all(&mut self, found: &[f64], expected: &[f64]) -> Result<(), Failure> {
        if found.len() != expected.len() {
            return Err(format!(
                "{}: {} values, not {}",
                self.quantity,
                found.len(),
                expected.len()
            ));
        }
        for (found, expected) in found.iter().zip(expected) {
            self.compare(*found, *expected);
        }
        Ok(())
    }

    /// The largest difference as the power of ten above it: the last bits differ between processors.
    fn bound(&self) -> String {
        if self.largest <= 0.0 {
            return "0".to_owned();
        }
        format!("< {:e}", 10.0_f64.powf(self.largest.log10().floor() + 1.0))
    }
}
