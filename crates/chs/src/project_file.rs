//! Finding and reading `chs.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use chs_data::ProjectFile;
use jiff::civil::Date;

use crate::Error;
use crate::ignored_findings::check_codes;
use crate::output::sha256;

/// Name of the project file.
pub const PROJECT_FILE: &str = "chs.toml";

/// What a run reads.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The project.
    pub project: ProjectFile,
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
    /// Looks up the secrets that queries name, most likely in the environment; without it none is found.
    pub secrets: Option<fn(&str) -> Option<String>>,
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
        let mut project = chs_data::read_project(&shown(&project_file), &text)?;
        check_codes(&project)?;
        if let Some(look_up) = options.secrets {
            project.take_secrets(&look_up);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_found_upwards() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        let file = folder.path().join(PROJECT_FILE);
        fs::write(&file, "").unwrap();
        assert_eq!(find_project(&below).unwrap(), fs::canonicalize(&file).unwrap());
        fs::remove_file(&file).unwrap();
        let error = find_project(&below).unwrap_err();
        assert!(error.to_string().contains("no `chs.toml` in "), "{error}");
    }
}
