//! The commands, one file each.

mod backtest;
mod check;
mod compare;
mod completions;
mod demo;
mod explain;
mod fit;
mod init;
mod man;
mod panel;
mod report;
mod rule;
mod schema;
mod score;
mod simulate;
mod verify;

use std::path::{Path, PathBuf};

use chs::run_json::v1::Panel;
use chs::{Error, InputOptions, Inputs, Settings};

use crate::answer::Answer;
use crate::arguments::{Command, Format, GlobalOptions};
use crate::interrupt::Interrupt;
use crate::progress::{Progress, Telling};
use crate::style::{Style, thousands};

/// Section of the rules of the leak audit.
const LEAKS: &str = "leaks";

/// What every command shares.
pub(crate) struct Session<'a> {
    pub(crate) options: &'a GlobalOptions,
    pub(crate) progress: Progress,
    /// Style of stdout.
    pub(crate) style: Style,
    /// Style of stderr.
    pub(crate) style_of_errors: Style,
    interrupt: Interrupt,
}

impl<'a> Session<'a> {
    pub(crate) fn new(options: &'a GlobalOptions) -> Self {
        let telling = match (options.quiet, options.verbose) {
            (true, _) => Telling::Nothing,
            (_, true) => Telling::Stages,
            _ => Telling::Spinner,
        };
        let interrupt = Interrupt::default();
        Self {
            options,
            progress: Progress::new(telling, interrupt.clone()),
            style: Style::of(options.color, &std::io::stdout()),
            style_of_errors: Style::of(options.color, &std::io::stderr()),
            interrupt,
        }
    }

    /// Listen for Ctrl-C, and set the number of threads.
    pub(crate) fn prepare(&self) -> Result<(), Error> {
        self.interrupt.listen();
        match self.options.threads {
            Some(threads) => chs::set_threads(threads.get()),
            None => Ok(()),
        }
    }

    /// The project and where its data are.
    fn inputs(&self) -> Result<Inputs, Error> {
        Inputs::read(&InputOptions {
            project: self.options.project.clone(),
            data_dir: self.options.data_dir.clone(),
            as_of: self.options.as_of,
            secrets: Some(|name| std::env::var(name).ok()),
        })
    }

    /// Settings with the seed asked for.
    fn settings(&self) -> Settings {
        let settings = Settings::default();
        Settings { seed: self.options.seed.unwrap_or(settings.seed), ..settings }
    }

    /// Files that were written, as an answer of their own.
    fn written(&self, written: &[PathBuf], next_step: &str) -> Answer {
        let paths: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        match self.options.format.of_results() {
            Format::Table => Answer::text(format!("{}{next_step}", written_paths(written))),
            Format::Json => Answer::json(&serde_json::json!({ "written": paths })),
            Format::Csv => {
                let rows: Vec<Vec<String>> = paths.into_iter().map(|path| vec![path]).collect();
                Answer::csv(&["written"], &rows)
            }
        }
    }
}

/// Do what was asked.
pub(crate) fn run(command: &Command, session: &Session<'_>) -> Result<Answer, Error> {
    match command {
        Command::Init(arguments) => init::run(arguments, session),
        Command::Demo => demo::run(session),
        Command::Check(arguments) => check::run(arguments, session),
        Command::Panel => panel::run(session),
        Command::Backtest(arguments) => backtest::run(arguments, session),
        Command::Fit(arguments) => fit::run(arguments, session),
        Command::Verify(arguments) => verify::run(arguments, session),
        Command::Score(arguments) => score::run(arguments, session),
        Command::Explain(arguments) => explain::run(arguments, session),
        Command::Compare(arguments) => compare::run(arguments, session),
        Command::Report(arguments) => report::run(arguments, session),
        Command::Simulate(arguments) => simulate::run(arguments, session),
        Command::Rule(arguments) => rule::run(arguments, session),
        Command::Schema(arguments) => Ok(schema::run(arguments)),
        Command::Completions(arguments) => Ok(completions::run(arguments)),
        Command::Man(arguments) => Ok(man::run(arguments)),
    }
}

/// The size of a panel in a line.
fn panel_size(panel: &Panel) -> String {
    let days = match (&panel.first_snapshot, &panel.last_snapshot) {
        (Some(first), Some(last)) => format!(" from {first} to {last}"),
        _ => String::new(),
    };
    let [rows, accounts, snapshots] = [panel.rows, panel.accounts, panel.snapshots].map(thousands);
    if panel.snapshots == 0 {
        return format!("Panel: {rows} rows of {accounts} accounts, a cross-section");
    }
    format!("Panel: {rows} rows of {accounts} accounts at {snapshots} snapshots{days}")
}

/// Paths that were written, for people; charts in one line.
fn written_paths(written: &[PathBuf]) -> String {
    let (charts, files): (Vec<&PathBuf>, Vec<&PathBuf>) =
        written.iter().partition(|path| is_chart(path));
    let mut lines = vec!["Written:\n".to_owned()];
    lines.extend(files.iter().map(|path| format!("  {}\n", path.display())));
    if let Some(folder) = charts.first().and_then(|path| path.parent()) {
        lines.push(format!("  {}/ ({} charts)\n", folder.display(), charts.len()));
    }
    lines.concat()
}

fn is_chart(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    folder.is_some_and(|folder| folder == chs::CHARTS_FOLDER)
}
