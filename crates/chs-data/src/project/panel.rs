//! The section `[panel]`: a table that holds the snapshots already, in place of a history.

use chs_panel::{Polarity, Span};
use chs_toml::{Located, Table, Value};
use jiff::civil::Date;

use super::backtest::{BacktestPlan, backtest_plan};
use super::convert::{Head, check_column_names, columns_of_label, pass_over, reference, span};
use super::findings::{IgnoredFinding, ignored_findings};
use super::tables::{ORIGINS, file_table, polarity};
use super::{FileTable, Name};

/// Sections that a history is made of; a ready panel has none of them.
const SECTIONS_OF_A_HISTORY: [&str; 7] =
    ["accounts", "sources", "indicators", "snapshots", "outcomes", "labels", "recorded_scores"];

/// Keys that need a day per row.
const KEYS_OF_TIME: [&str; 3] = ["outcome_date", "lead_time", "horizon"];

/// Keys that go with `outcome_date` alone.
const KEYS_OF_DATES: [&str; 2] = ["outcome", "complete_until"];

/// A project over a ready panel: a table with a row per account, or per account and day.
#[derive(Clone, Debug)]
pub struct PanelProject {
    /// Name of the file as the user knows it.
    pub file: String,
    /// Its text, so that later mistakes can point into it.
    pub text: String,
    /// Name of the project; default the empty text.
    pub name: String,
    /// IANA name of the civil time in which everything is compared; default UTC.
    pub time_zone: String,
    /// The files of the panel.
    pub table: FileTable,
    /// Column of the account id.
    pub id: Name,
    /// Columns to score, in the order of the panel.
    pub indicators: Vec<Name>,
    /// The indicator that counts the time since the last activity, for the recency baseline.
    pub recency: Option<String>,
    /// The indicator that counts the time since the start, for the tenure baseline.
    pub tenure: Option<String>,
    /// Columns to report by.
    pub segments: Vec<Name>,
    /// Column of the revenue at stake.
    pub value: Option<Name>,
    /// What is asked.
    pub label: PanelLabel,
    /// What a backtest is told beside the data.
    pub backtest: BacktestPlan,
    /// Findings that are let be.
    pub ignored: Vec<IgnoredFinding>,
}

/// The label of a ready panel.
#[derive(Clone, Debug)]
pub struct PanelLabel {
    /// Its name, also that of its outcome.
    pub name: Name,
    /// Good or bad news.
    pub polarity: Polarity,
    /// Whether rows have a day, and where the answer stands.
    pub time: PanelTime,
}

/// Whether the rows of a ready panel have a day.
#[derive(Clone, Debug)]
pub enum PanelTime {
    /// One row per account, without a day.
    CrossSection(LabelWords),
    /// One row per account and day.
    Snapshots {
        /// Column of the day at whose end a row was taken.
        as_of: Name,
        /// Time between that day and the label window.
        lead_time: Span,
        /// Length of the label window.
        horizon: Span,
        /// Where the answer stands.
        answer: PanelAnswer,
    },
}

/// Where the answer of a row with a day stands.
#[derive(Clone, Debug)]
pub enum PanelAnswer {
    /// In words.
    Words(LabelWords),
    /// In the day of the account's outcome, null where there was none.
    OutcomeDate {
        /// The column.
        column: Name,
        /// Last day up to which outcomes are completely known; default the latest of the column.
        complete_until: Option<Date>,
    },
}

/// A column that holds the answer in words.
#[derive(Clone, Debug)]
pub struct LabelWords {
    /// The column.
    pub column: Name,
    /// Words for label 1.
    pub positive: Vec<String>,
    /// Words for label 0.
    pub negative: Vec<String>,
}

pub(super) fn panel_project(
    root: &Table<'_>,
    section: Value<'_>,
    head: Head,
) -> Option<PanelProject> {
    let Some(table) = section.as_table() else {
        pass_over(root, &SECTIONS_OF_A_HISTORY);
        pass_over(root, &["backtest", "findings"]);
        return None;
    };
    let table = &table;
    refuse_history(root);
    let files = file_table(table, table.require_one(&ORIGINS));
    let id = table.require_text("id");
    let indicators = indicators(table);
    let names: Vec<String> =
        indicators.iter().flatten().map(|indicator| indicator.value.clone()).collect();
    let [recency, tenure] = ["recency", "tenure"].map(|key| rival(table, key, &names));
    let (backtest, ignored) = (backtest_plan(root, &names), ignored_findings(root));
    let segments = table.texts("segments");
    let value = table.text("value");
    let label = label(table);
    let (indicators, label) = (indicators?, label?);
    let columns = segments.iter().map(|name| (name.clone(), true));
    let columns = columns.chain(indicators.iter().map(|name| (name.clone(), false)));
    check_column_names(root, columns.chain(columns_of_label(&label.name)));
    Some(PanelProject {
        file: head.file,
        text: head.text,
        name: head.name,
        time_zone: head.time_zone,
        table: files?,
        id: id?,
        indicators,
        recency,
        tenure,
        segments,
        value,
        label,
        backtest,
        ignored,
    })
}

fn refuse_history(root: &Table<'_>) {
    for key in SECTIONS_OF_A_HISTORY {
        if let Some(section) = root.get(key) {
            let message =
                format!("[{key}] stands beside [panel]; a ready panel is not made from a history");
            section.mistake(message, Some(format!("remove [{key}], or [panel]")));
        }
    }
}

fn indicators(table: &Table<'_>) -> Option<Vec<Name>> {
    let list = table.require("indicators")?;
    let names = list.as_texts()?;
    if names.is_empty() {
        let help = "name the columns to score: `indicators = [\"logins_30d\"]`".to_owned();
        list.mistake("`indicators` is empty; there is nothing to score", Some(help));
    }
    Some(names)
}

/// An indicator that is a trivial rival of the score.
fn rival(table: &Table<'_>, key: &str, names: &[String]) -> Option<String> {
    let value = table.get(key)?;
    let index = reference(value, "indicator", names)?;
    names.get(index).cloned()
}

fn label(table: &Table<'_>) -> Option<PanelLabel> {
    let Some(as_of) = table.text("as_of") else {
        if !table.has("as_of") {
            return cross_section(table);
        }
        pass_over(table, &KEYS_OF_TIME);
        pass_over(table, &KEYS_OF_DATES);
        pass_over(table, &["label", "polarity"]);
        return None;
    };
    let lead_time = table.get("lead_time").map_or(Some(Span::days(0)), span);
    let horizon = horizon(table);
    let Some((key, value)) = table.require_one(&["label", "outcome_date"]) else {
        pass_over(table, &KEYS_OF_DATES);
        pass_over(table, &["polarity"]);
        return None;
    };
    let (name, polarity, answer) = if key == "label" {
        refuse(table, &KEYS_OF_DATES, "goes with `outcome_date`; a label in words has no dates");
        let (name, polarity, words) = words(value)?;
        (name, polarity, PanelAnswer::Words(words))
    } else {
        let churn = || Located { value: "churn".to_owned(), span: value.span() };
        let name = table.text("outcome").unwrap_or_else(churn);
        let polarity = polarity(table, &name.value)?;
        let complete_until = table.date("complete_until").map(|day| day.value);
        let column = value.as_text()?;
        (name, polarity, PanelAnswer::OutcomeDate { column, complete_until })
    };
    let time = PanelTime::Snapshots { as_of, lead_time: lead_time?, horizon: horizon?, answer };
    Some(PanelLabel { name, polarity, time })
}

fn horizon(table: &Table<'_>) -> Option<Span> {
    let value = table.require("horizon")?;
    let horizon = span(value)?;
    if horizon.is_zero() {
        let help = "write `horizon = \"90d\"`".to_owned();
        value.mistake("a label window of no length holds no outcome", Some(help));
    }
    Some(horizon)
}

fn cross_section(table: &Table<'_>) -> Option<PanelLabel> {
    refuse(table, &KEYS_OF_TIME, "needs a day per row, and without `as_of` there is none");
    refuse(table, &KEYS_OF_DATES, "goes with `outcome_date`, which needs `as_of`");
    let (name, polarity, words) = words(table.require("label")?)?;
    Some(PanelLabel { name, polarity, time: PanelTime::CrossSection(words) })
}

fn refuse(table: &Table<'_>, keys: &[&str], why: &str) {
    for key in keys {
        if let Some(value) = table.get(key) {
            let help = format!("remove `{key}`, or name the column of the day as `as_of`");
            let help = if why.starts_with("needs") { help } else { format!("remove `{key}`") };
            value.mistake(format!("`{key}` {why}"), Some(help));
        }
    }
}

/// Name, polarity and column of a label in words; without lists 1 and true against 0 and false.
fn words(value: Value<'_>) -> Option<(Name, Polarity, LabelWords)> {
    let table = value.as_table()?;
    let (name, column) = (table.require_text("name"), table.require_text("column"));
    let stated = [table.has("positive"), table.has("negative")];
    let [positive, negative] = match stated {
        [false, false] => {
            [["1", "true"], ["0", "false"]].map(|words| words.map(str::to_owned).into())
        }
        _ => ["positive", "negative"].map(|key| list(&table, key)),
    };
    if let Some(both) = positive.iter().find(|word| negative.contains(word)) {
        let message = format!("`{both}` is in `positive` and in `negative`");
        table.mistake(message, Some("a word is label 1 or label 0".to_owned()));
    }
    let polarity = polarity(&table, name.as_ref().map_or("", |name| name.value.as_str()));
    Some((name?, polarity?, LabelWords { column: column?, positive, negative }))
}

fn list(table: &Table<'_>, key: &str) -> Vec<String> {
    let words = table.require(key).and_then(|words| words.as_texts());
    words.unwrap_or_default().into_iter().map(|word| word.value).collect()
}
