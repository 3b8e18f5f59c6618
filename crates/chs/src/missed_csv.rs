//! `missed_accounts.csv`: the lost accounts that were healthy, which no other file of a backtest names.

use chs_backtest::Evaluation;

use crate::Error;
use crate::output::OutputFile;
use crate::simulate::encode;

/// Name of the file.
pub const MISSED_FILE: &str = "missed_accounts.csv";

/// `scorecard,account_id,outcome,score,value`: score and value are those 90 days before the outcome or its
/// notice; the largest value first.
pub(crate) fn missed_file(evaluation: &Evaluation) -> Result<OutputFile, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| encode(MISSED_FILE, &error);
    writer
        .write_record(["scorecard", "account_id", "outcome", "score", "value"])
        .map_err(failed)?;
    for candidate in &evaluation.candidates {
        for missed in candidate.life.misses.iter().flat_map(|misses| &misses.accounts) {
            let value = missed.value.map_or_else(String::new, |value| value.to_string());
            let (outcome, score) = (missed.outcome.to_string(), missed.score.to_string());
            let row = [&candidate.name, &missed.account, &outcome, &score, &value];
            writer.write_record(row).map_err(failed)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| encode(MISSED_FILE, &error))?;
    Ok(OutputFile::new(MISSED_FILE, bytes))
}
