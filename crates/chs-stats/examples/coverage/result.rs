//! What a simulation found, as JSON and as a page.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

/// Why a result cannot be read.
pub(crate) type Failure = String;

/// What a study holds a procedure to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// An interval of 95 % holds the truth in 95 % of the histories.
    Coverage,
    /// A test at 5 % rejects what is true in 5 % of the histories.
    Rejection,
}

/// One procedure on one kind of history.
pub(crate) struct Study {
    pub(crate) name: String,
    pub(crate) setting: String,
    pub(crate) claim: Claim,
    /// Histories in which the interval held the truth, or the test rejected it.
    pub(crate) hits: usize,
    /// Histories in which the procedure was defined.
    pub(crate) runs: usize,
    /// Why it is not as claimed, where it is not.
    pub(crate) remark: Option<&'static str>,
}

/// Errors from large-sample theory are a little small for few accounts.
const LARGE_SAMPLE: &str = "a large-sample error; as claimed from 400 accounts on";
/// What forty studies show now and then.
const CHANCE: &str =
    "chance: one study in twenty lies beyond two errors; as claimed at 100 accounts";

/// Why some procedures are not as claimed: name, part of the setting, reason.
const REMARKS: [(&str, &str, &str); 3] = [
    ("AUC decline, no decline (one-sided)", "100 accounts", LARGE_SAMPLE),
    ("AUC within snapshots, clustered interval", "400 accounts", CHANCE),
    ("Closed test, a model that holds", "100 accounts", LARGE_SAMPLE),
];

impl Claim {
    fn share(self) -> f64 {
        match self {
            Self::Coverage => 0.95,
            Self::Rejection => 0.05,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Rejection => "rejection",
        }
    }
}

impl Study {
    pub(crate) fn new(
        name: &str,
        setting: &str,
        claim: Claim,
        (hits, runs): (usize, usize),
    ) -> Self {
        let remark = REMARKS
            .iter()
            .find(|(own, part, _)| *own == name && setting.contains(part))
            .map(|(_, _, remark)| *remark);
        Self { name: name.to_owned(), setting: setting.to_owned(), claim, hits, runs, remark }
    }

    pub(crate) fn rate(&self) -> f64 {
        self.hits as f64 / self.runs as f64
    }

    /// Standard error of the rate by the number of histories alone.
    fn monte_carlo_error(&self) -> f64 {
        (self.rate() * (1.0 - self.rate()) / self.runs as f64).sqrt()
    }

    /// Within two Monte Carlo errors of the claim.
    pub(crate) fn is_as_claimed(&self) -> bool {
        (self.rate() - self.claim.share()).abs() <= 2.0 * self.monte_carlo_error()
    }
}

/// The committed form of a result.
pub(crate) fn json(studies: &[Study], runs: u64) -> String {
    let mut text = format!("{{\n\"histories\": {runs},\n\"studies\": [\n");
    for (number, study) in studies.iter().enumerate() {
        let line = json!({
            "name": study.name,
            "setting": study.setting,
            "claim": study.claim.word(),
            "hits": study.hits,
            "runs": study.runs,
        });
        let comma = if number + 1 < studies.len() { "," } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{line}{comma}");
    }
    text.push_str("]\n}\n");
    text
}

/// The committed result.
pub(crate) fn committed() -> Result<Vec<Study>, Failure> {
    let file = "tests/oracles/coverage/result.json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = std::fs::read_to_string(path).map_err(|e| format!("{file}: {e}"))?;
    let value: Value = serde_json::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let studies = value["studies"].as_array().ok_or_else(|| format!("{file}: no studies"))?;
    let count = |study: &Value, key: &str| {
        let number = study[key].as_u64().and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| format!("{file}: a study has no `{key}`"))
    };
    studies
        .iter()
        .map(|study| {
            let text = |key: &str| study[key].as_str().unwrap_or_default();
            let claim = match text("claim") {
                "coverage" => Claim::Coverage,
                _ => Claim::Rejection,
            };
            let found = (count(study, "hits")?, count(study, "runs")?);
            Ok(Study::new(text("name"), text("setting"), claim, found))
        })
        .collect()
}

/// The page.
pub(crate) fn page(studies: &[Study]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for study in studies {
        let percent = |share: f64| 100.0 * share;
        let verdict = match (study.is_as_claimed(), study.remark) {
            (true, _) => "as claimed".to_owned(),
            (false, remark) => {
                let points = percent(study.rate() - study.claim.share());
                format!("{points:+.1} points: {}", remark.unwrap_or("not explained"))
            }
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            page,
            "| {} | {} | {} {:.0} % | {:.2} % | {:.2} | {} | {verdict} |",
            study.name,
            study.setting,
            study.claim.word(),
            percent(study.claim.share()),
            percent(study.rate()),
            percent(study.monte_carlo_error()),
            study.runs,
        );
    }
    page.push_str(CLOSING);
    page
}

const INTRODUCTION: &str = "\
# Do intervals and tests keep their promise?

<!-- Made by `cargo xtask generate`. -->

Simulated histories with known truth: accounts with 1 to 12 rows each, whose outcomes, scores and
probabilities are dependent within an account. A coverage is the share of histories whose 95 % interval
holds the truth; a rejection is the share in which a test at 5 % rejects what is true. The Monte Carlo
error, in percentage points, is what the number of histories leaves open; as claimed means within two of
it. Few accounts make an
interval too narrow and a test too eager unless they are told of it: Student's t at the effective degrees of
freedom of the accounts' pulls, and bootstrap percentiles widened alike, hold from 100 accounts, and from 20
accounts with events on. Where one does not, the last column says so.

| interval or test | histories | claim | found | error | runs | verdict |
| --- | --- | --- | ---: | ---: | ---: | --- |
";

const CLOSING: &str = "
Runs below 5,000 are those in which the procedure was defined. To run it again (a few minutes):

```
cargo xtask coverage
```
";
