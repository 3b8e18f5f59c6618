//! The command line: commands, options, and what `--help` says of them.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::findings::FindingsFormat;

/// Does your customer health score mean anything?
///
/// chs replays a customer history as it was known at each month end, scores it, and tests the scores
/// against what came after: churn, renewal, silence. It runs in a folder with a `chs.toml` (or below one).
#[derive(Debug, Parser)]
#[command(
    name = "chs",
    version,
    propagate_version = false,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 a check or verification failed; 2 wrong input, usage or environment; 3 \
                  refused by a gate or for want of data; 130 interrupted.\nNew here? `chs demo` shows all of it in one table; `chs init` \
                  writes the files to start from."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct GlobalOptions {
    /// The project file; default: `chs.toml` in this folder or the nearest above it
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) project: Option<PathBuf>,
    /// Base of the data paths; default: the folder of the project file
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where results are written; made where needed, never cleaned
    #[arg(long, value_name = "DIR", default_value = "chs-out", global = true)]
    pub(crate) out: PathBuf,
    /// Form of the results on stdout, which is that one document; `sarif`, `junit` and `github` are for the
    /// findings of `check` and `backtest`
    #[arg(long, value_enum, default_value_t = Output::Table, global = true)]
    pub(crate) format: Output,
    /// Threads that work; results do not depend on it
    #[arg(long, value_name = "N", global = true)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Seed of every random draw; the same seed gives the same results
    #[arg(long, value_name = "N", global = true)]
    pub(crate) seed: Option<u64>,
    /// Read nothing that became known at the end of this day or later (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", value_parser = day, global = true)]
    pub(crate) as_of: Option<Date>,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Colours and progress: on a terminal, always, or never; `NO_COLOR` is honoured
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub(crate) color: Color,
    /// Say on stderr what is done, with time and memory per stage
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

fn day(text: &str) -> Result<Date, String> {
    let parsed = text.parse().ok().filter(|_| text.len() == 10);
    parsed.ok_or_else(|| "expected a day such as 2026-01-31".to_owned())
}

/// What stands on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people, 80 columns wide.
    Table,
    /// One JSON document.
    Json,
    /// The main table as CSV.
    Csv,
    /// Findings as SARIF 2.1.0.
    Sarif,
    /// Findings as `JUnit` XML, a test case per rule.
    Junit,
    /// Findings as annotations of GitHub Actions.
    Github,
}

impl Output {
    /// The format, where it is one of findings alone.
    pub(crate) fn of_findings(self) -> Option<FindingsFormat> {
        match self {
            Self::Table | Self::Json | Self::Csv => None,
            Self::Sarif => Some(FindingsFormat::Sarif),
            Self::Junit => Some(FindingsFormat::Junit),
            Self::Github => Some(FindingsFormat::Github),
        }
    }

    /// The form of results, where findings are not asked for alone.
    pub(crate) fn of_results(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Csv => Format::Csv,
            _ => Format::Table,
        }
    }
}

/// Form of the results on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON document.
    Json,
    /// The main table as CSV.
    Csv,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented chs.toml and scorecard.toml to start from
    Init(InitArguments),
    /// The whole way once on a simulated history: what chs does, in one table
    Demo,
    /// Load the data and check them: contract, coverage, survivorship, enough events?
    ///
    /// Writes check.json, rejects.csv and run.json. Exit code 1 where a finding is an error.
    Check(CheckArguments),
    /// Replay the data into one row per account and snapshot, as they were known
    ///
    /// Writes panel.parquet, rejects.csv and run.json.
    Panel,
    /// Test scorecards and recorded scores against what came after
    ///
    /// Writes backtest.json, predictions.parquet, missed_accounts.csv (lost accounts that were healthy 90 days
    /// before), check.json, rejects.csv and run.json. Exit code 3 where
    /// the history is too short to tell.
    Backtest(BacktestArguments),
    /// Learn weights, probability and bands, show out of time that they hold, or refuse
    ///
    /// Writes fit.json, rejects.csv and fit-run.json; and model.chs.json where every gate is open. Exit
    /// code 3 where one is closed, or where the history teaches nothing; an earlier model stays.
    Fit(FitArguments),
    /// Check a model file: schema, rules, digests, golden records
    ///
    /// Exit code 1 with the first difference.
    Verify(VerifyArguments),
    /// Score records by a model file, as a production scorer does
    ///
    /// Writes a row per record to stdout: CSV, or one JSON document with `--format json`. Beside the score
    /// stand its band, color and grade; its percentile, 1 to 100, among the scores behind the model; and its
    /// rank among the records, within the segment where the model tells segments apart.
    Score(ScoreArguments),
    /// One account: its score, drivers, change since the snapshot before, actions due, history
    ///
    /// Writes nothing.
    Explain(ExplainArguments),
    /// Two scorecards or models on the same history: who ranks better, who changes band, and why
    ///
    /// Writes compare.json and compare-run.json.
    Compare(CompareArguments),
    /// Word a backtest, and a fit beside it, for people: report.html, report.md and charts
    Report(ReportArguments),
    /// Write a history with known truth, table by table
    Simulate(SimulateArguments),
    /// What the code of a finding means: how it is found, why it matters, what to do
    Rule(RuleArguments),
    /// The JSON Schema of a file, for editors and programs
    Schema(SchemaArguments),
    /// Completions for a shell
    Completions(CompletionsArguments),
    /// The manual page, in roff
    Man(ManArguments),
}

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The folder; made where needed
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// What to start from; `--list` tells what there is
    #[arg(long, value_name = "NAME", default_value = "starter")]
    pub(crate) template: String,
    /// Propose a chs.toml from the files in a folder instead: ids, dates, sources; guesses are marked
    #[arg(long, value_name = "DATA", conflicts_with_all = ["template", "sample_data", "list"])]
    pub(crate) from: Option<PathBuf>,
    /// List the templates, and write nothing
    #[arg(long)]
    pub(crate) list: bool,
    /// Simulated tables below `data/`, so that the project runs as it is
    #[arg(long)]
    pub(crate) sample_data: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ScorecardArguments {
    /// A scorecard; may stand several times. Default: `scorecard.toml` beside `chs.toml`
    #[arg(long = "scorecard", value_name = "FILE")]
    pub(crate) scorecards: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) scorecards: ScorecardArguments,
    /// Also look for what nobody could have known: rebuild the panel with another future and by event time
    /// alone, and list suspects with their evidence
    #[arg(long)]
    pub(crate) leaks: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BacktestArguments {
    #[command(flatten)]
    pub(crate) scorecards: ScorecardArguments,
    /// A model file; may stand several times, also beside scorecards
    #[arg(long = "model", value_name = "FILE")]
    pub(crate) models: Vec<PathBuf>,
    /// Label to test against; default: the first of the project
    #[arg(long, value_name = "NAME")]
    pub(crate) label: Option<String>,
    /// Bootstrap replicates per interval
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) replicates: usize,
}

#[derive(Debug, Args)]
pub(crate) struct FitArguments {
    /// The scorecard (.toml) or model file (.json) to start from. Default: `scorecard.toml` beside
    /// `chs.toml`
    #[arg(long, value_name = "FILE")]
    pub(crate) prior: Option<PathBuf>,
    /// Where weights come from: the history, or the prior as it is
    #[arg(long, value_enum, default_value_t = WeightsFrom::Learned)]
    pub(crate) weights: WeightsFrom,
    /// What learns them: under signs, shares and prior, or without any, as a reference
    #[arg(long, value_enum, default_value_t = EstimatorKind::Constrained)]
    pub(crate) estimator: EstimatorKind,
    /// Version of the model; default: that of the prior
    #[arg(long, value_name = "X.Y.Z")]
    pub(crate) version: Option<String>,
    /// Role that answers for the model, for its model card
    #[arg(long, value_name = "ROLE")]
    pub(crate) owner: Option<String>,
    /// Label to learn; default: the first of the project
    #[arg(long, value_name = "NAME")]
    pub(crate) label: Option<String>,
    /// Bootstrap replicates per interval of the evidence
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) replicates: usize,
    /// Account resamples for the range of each weight and edge
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) resamples: usize,
    /// Say what would be learned from what, and how it would be tested; write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Where weights come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WeightsFrom {
    /// Learned from the history, drawn to the prior's.
    Learned,
    /// The prior's as they are: probability and evidence come from the history.
    Prior,
}

/// What learns weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EstimatorKind {
    /// Signs and shares kept, drawn to the prior.
    Constrained,
    /// Unconstrained logistic regression: the reference.
    Logistic,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The model file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArguments {
    /// The model file
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// csv, tsv or ndjson (also with .gz or .zst), parquet, arrow, xlsx, or `-` for stdin
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// What stdin holds
    #[arg(long, value_enum, default_value_t = InputFormat::Csv)]
    pub(crate) input_format: InputFormat,
    /// A column to repeat beside the score; may stand several times. Default: `account_id`, else the
    /// number of the record
    #[arg(long = "id", value_name = "COLUMN")]
    pub(crate) ids: Vec<String>,
    /// Write a file instead, by its extension: .csv, .ndjson or .parquet
    #[arg(long, value_name = "FILE")]
    pub(crate) out_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Id of the account
    #[arg(long, value_name = "ID")]
    pub(crate) account: String,
    /// The model file
    #[arg(long, value_name = "FILE", conflicts_with = "scorecard")]
    pub(crate) model: Option<PathBuf>,
    /// A scorecard instead; default: `scorecard.toml` beside `chs.toml`
    #[arg(long, value_name = "FILE")]
    pub(crate) scorecard: Option<PathBuf>,
    /// The snapshot (YYYY-MM-DD); default: the account's last one
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) snapshot: Option<Date>,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The one there is: a scorecard (.toml) or a model file (.json)
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// The one that might follow it
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// Label to test against; default: the first of the project
    #[arg(long, value_name = "NAME")]
    pub(crate) label: Option<String>,
    /// Bootstrap replicates per interval
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) replicates: usize,
}

/// What stdin holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    /// CSV with a header.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Folder of the results; default: that of `--out`
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArguments {
    /// Accounts, 1 to 1,000,000
    #[arg(long, value_name = "N")]
    pub(crate) accounts: Option<u32>,
    /// Length of the history in months from 2024-01-01, 1 to 240
    #[arg(long, value_name = "N")]
    pub(crate) months: Option<u16>,
    /// Probability of notice per month before churn selects, 0 to 0.5
    #[arg(long, value_name = "SHARE")]
    pub(crate) monthly_churn: Option<f64>,
    /// Also truth.parquet: what each account really was, month by month
    #[arg(long)]
    pub(crate) truth: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RuleArguments {
    /// A code such as CHS204; without one, all are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// The file
    #[arg(value_enum)]
    pub(crate) file: SchemaFile,
}

/// Files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFile {
    /// chs.toml
    Project,
    /// scorecard.toml
    Scorecard,
    /// backtest.json
    Backtest,
    /// fit.json
    Fit,
    /// model.chs.json
    Model,
    /// compare.json
    Compare,
    /// check.json
    Check,
    /// run.json
    Run,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

impl Command {
    /// Whether findings are among its results.
    pub(crate) fn has_findings(&self) -> bool {
        matches!(self, Self::Check(_) | Self::Backtest(_))
    }
}

/// Names of the commands.
const COMMANDS: [&str; 16] = [
    "init",
    "demo",
    "check",
    "panel",
    "backtest",
    "fit",
    "verify",
    "score",
    "explain",
    "compare",
    "report",
    "simulate",
    "rule",
    "schema",
    "completions",
    "man",
];

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// A command; without one, the page of `chs` itself
    #[arg(value_name = "COMMAND", value_parser = COMMANDS)]
    pub(crate) command: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Arguments, COMMANDS};

    #[test]
    fn the_command_line_is_sound() {
        let command = Arguments::command();
        assert!(command.get_subcommands().map(clap::Command::get_name).eq(COMMANDS));
        command.debug_assert();
    }
}
