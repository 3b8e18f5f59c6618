//! Finding and reading `chs.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use chs_data::Project;
use chs_toml::{Mistake, Mistakes};
use jiff::civil::Date;

use crate::Error;
use crate::output::sha256;

/// Name of the project file.
pub const PROJECT_FILE: &str = "chs.toml";

/// What a run reads.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The project.
    pub project: Project,
    /// Its file.
    pub project_file: PathBuf,
    /// Sha256 of that file, in hexadecimal.
    pub project_sha256: String,
    /// Base of the data paths.
    pub data_dir: PathBuf,
    /// Nothing known at the end of this day or later is read.
    pub as_of: Option<Date>,
}

/// Where the inputs are.
#[derive(Clone, Debug, Default)]
pub struct InputOptions {
    /// The project file; searched upwards from the current folder where absent.
    pub project: Option<PathBuf>,
    /// Base of the data paths; the folder of the project file where absent.
    pub data_dir: Option<PathBuf>,
    /// Nothing known at the end of this day or later is read.
    pub as_of: Option<Date>,
}

impl Inputs {
    /// Find and read the project file.
    ///
    /// # Errors
    ///
    /// [`Error::NoProject`], [`Error::Unreadable`] or all [`Error::Mistakes`] of the file.
    pub fn read(options: &InputOptions) -> Result<Self, Error> {
        let project_file = match &options.project {
            Some(file) => file.clone(),
            None => find_project(Path::new("."))?,
        };
        let text = read_text(&project_file, "a project file such as `chs init` makes")?;
        let project = chs_data::read_project(&shown(&project_file), &text)?;
        check_column_names(&project)?;
        let folder = project_file.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self {
            project,
            project_sha256: sha256(text.as_bytes()),
            data_dir: options.data_dir.clone().unwrap_or(folder),
            project_file,
            as_of: options.as_of,
        })
    }
}

/// The nearest `chs.toml`, in a folder or one above it.
///
/// # Errors
///
/// [`Error::NoProject`].
pub fn find_project(folder: &Path) -> Result<PathBuf, Error> {
    let here = folder.join(PROJECT_FILE);
    if here.is_file() {
        return Ok(here.strip_prefix(".").map(Path::to_owned).unwrap_or(here));
    }
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let above = whole.ancestors().skip(1).map(|folder| folder.join(PROJECT_FILE));
    above.into_iter().find(|file| file.is_file()).ok_or(Error::NoProject { folder: whole })
}

/// A file of the user as text.
pub(crate) fn read_text(path: &Path, expected: &'static str) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Unreadable {
        path: path.to_owned(),
        expected,
        source,
    })
}

/// A path as people write it.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Columns of the panel that are not the user's to name.
const PANEL_COLUMNS: [&str; 3] = ["account_id", "snapshot", "value"];

/// Columns of the predictions that are not the user's to name.
const PREDICTION_COLUMNS: [&str; 6] =
    ["scorecard", "score", "coverage", "band", "probability", "fold"];

/// Segments, indicators and labels become columns of one file: no two may share a name.
fn check_column_names(project: &Project) -> Result<(), Mistakes> {
    let segments = project.accounts.segments.iter().map(|name| (name, true));
    let indicators = project.indicators.iter().map(|indicator| (&indicator.name, false));
    let labels = project.labels.iter().map(|label| (&label.name, true));
    let mut seen: Vec<&str> = Vec::new();
    let mut mistakes = project.mistake(0..0, "", None);
    mistakes.list.clear();
    for (name, in_predictions) in segments.chain(indicators).chain(labels) {
        let word = name.value.as_str();
        let reserved =
            PANEL_COLUMNS.contains(&word) || (in_predictions && PREDICTION_COLUMNS.contains(&word));
        let message = if reserved {
            format!("`{word}` is a column that every result has")
        } else if seen.contains(&word) {
            format!("two columns of the panel would be named `{word}`")
        } else {
            seen.push(word);
            continue;
        };
        let help = "segments, indicators and labels share one table: give it another name";
        mistakes.list.push(Mistake {
            span: name.span.clone(),
            message,
            help: Some(help.to_owned()),
        });
    }
    if mistakes.list.is_empty() { Ok(()) } else { Err(mistakes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
spec_version = 1
[accounts]
path = "accounts.csv"
id = "id"
start = "start"
churned = "churned"
segments = ["plan", "score"]
[sources.logins]
path = "logins.csv"
id = "id"
at = "at"
[indicators]
logins = { source = "logins", count = "30d" }
score = { source = "logins", count = "60d" }
snapshot = { source = "logins", count = "90d" }
"#;

    fn mistakes(text: &str) -> Vec<String> {
        let project = chs_data::read_project("chs.toml", text).unwrap();
        let found = check_column_names(&project).err();
        found.map_or_else(Vec::new, |found| found.list.into_iter().map(|own| own.message).collect())
    }

    #[test]
    fn columns_of_the_results_have_names_of_their_own() {
        assert_eq!(
            mistakes(TEXT),
            [
                "`score` is a column that every result has",
                "`snapshot` is a column that every result has"
            ]
        );
        let twice = TEXT.replace("\"score\"]", "\"logins\"]").replace("snapshot =", "visits =");
        assert_eq!(mistakes(&twice), ["two columns of the panel would be named `logins`"]);
        let sound = TEXT.replace(", \"score\"]", "]").replace("snapshot =", "visits =");
        assert_eq!(mistakes(&sound), [""; 0]);
    }

    #[test]
    fn the_project_is_found_upwards() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        let file = folder.path().join(PROJECT_FILE);
        fs::write(&file, TEXT).unwrap();
        assert_eq!(find_project(&below).unwrap(), fs::canonicalize(&file).unwrap());
        fs::remove_file(&file).unwrap();
        let error = find_project(&below).unwrap_err();
        assert!(error.to_string().contains("no `chs.toml` in "), "{error}");
    }
}
