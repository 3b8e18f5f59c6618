//! From a path or a glob to files.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{ReadError, ReadProblem};

/// The files that `pattern`, a path or a glob relative to `base`, stands for, sorted by their bytes.
///
/// A file whose name is the pattern itself is that file, whatever signs its name holds. In a glob,
/// `*` keeps within one folder and passes over hidden files; folders do not count.
///
/// # Errors
///
/// No such file, no file that matches, a folder, or a pattern that is not valid.
pub(crate) fn find_files(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, ReadError> {
    let path = base.join(pattern);
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => Err(ReadError::new(&path, ReadProblem::Folder)),
        Ok(_) => Ok(vec![path]),
        Err(_) if pattern.contains(['*', '?', '[']) => matches(base, pattern),
        Err(error) => Err(ReadError::io(&path, &error)),
    }
}

fn matches(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, ReadError> {
    let whole = base.join(pattern);
    let absolute = Path::new(pattern).is_absolute();
    // Signs in the folder of the project file are no part of the pattern.
    let escaped = if absolute || base.as_os_str().is_empty() {
        pattern.to_owned()
    } else {
        format!("{}/{pattern}", glob::Pattern::escape(&base.to_string_lossy()))
    };
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let found = glob::glob_with(&escaped, options).map_err(|error| {
        ReadError::new(&whole, ReadProblem::Pattern { detail: error.msg.to_owned() })
    })?;
    let mut files = Vec::new();
    for entry in found {
        let path = entry.map_err(|error| ReadError::io(error.path(), error.error()))?;
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    if files.is_empty() {
        return Err(no_match(&whole));
    }
    Ok(files)
}

fn no_match(whole: &Path) -> ReadError {
    let plain =
        |part: &std::path::Component| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let folder: PathBuf = whole.components().take_while(plain).collect();
    let pattern: PathBuf = whole.components().skip_while(plain).collect();
    let problem = ReadProblem::NoMatch {
        pattern: pattern.to_string_lossy().into_owned(),
        files: files_in(&folder),
        folder,
    };
    ReadError::new(whole, problem)
}

/// Names of the files in the folder that `path` lies in.
pub(super) fn files_beside(path: &Path) -> Vec<String> {
    path.parent().map(files_in).unwrap_or_default()
}

/// Sorted; none if the folder cannot be read, as this only serves to help.
fn files_in(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "a\n").unwrap();
        }
        folder
    }

    fn names(folder: &Path, pattern: &str) -> Vec<String> {
        let relative = |path: PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
        find_files(folder, pattern).unwrap().into_iter().map(relative).collect()
    }

    #[test]
    fn globs_are_sorted_by_bytes_and_keep_within_their_folder() {
        let folder = folder(&["x/b.csv", "x/B.csv", "x/a.csv", "x/.a.csv", "x/y/c.csv", "x/d.txt"]);
        fs::create_dir(folder.path().join("x/folder.csv")).unwrap();
        assert_eq!(names(folder.path(), "x/*.csv"), ["x/B.csv", "x/a.csv", "x/b.csv"]);
        assert_eq!(names(folder.path(), "x/**/c.csv"), ["x/y/c.csv"]);
        assert_eq!(names(folder.path(), "x/[ab].csv"), ["x/a.csv", "x/b.csv"]);
    }

    #[test]
    fn signs_in_names_are_taken_as_they_are() {
        let folder = folder(&["[1]/a [2024].csv"]);
        assert_eq!(names(folder.path(), "[1]/a [2024].csv"), ["[1]/a [2024].csv"]);
        let inner = folder.path().join("[1]");
        assert_eq!(find_files(&inner, "*.csv").unwrap().len(), 1);
        let absolute = folder.path().join("*/*.csv");
        assert_eq!(find_files(&inner, absolute.to_str().unwrap()).unwrap().len(), 1);
    }

    #[test]
    fn a_missing_file_names_its_neighbours() {
        let folder = folder(&["accounts.csv", "churn.csv"]);
        let error = find_files(folder.path(), "acounts.csv").unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("acounts.csv: no such file; beside it: `accounts.csv`, `churn.csv`")
        );
        assert_eq!(error.remedy(), "did you mean `accounts.csv`?");
    }

    #[test]
    fn a_glob_without_files_names_pattern_folder_and_files() {
        let folder = folder(&["x/a.parquet"]);
        let error = find_files(folder.path(), "x/*.csv").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("x/*.csv: the pattern matches no file in "), "{text}");
        assert!(text.ends_with("/x; beside it: `a.parquet`"), "{text}");
        assert!(error.remedy().contains("correct the pattern"));
        let ReadProblem::NoMatch { pattern, .. } = error.problem else { panic!("{text}") };
        assert_eq!(pattern, "*.csv");
    }

    #[test]
    fn folders_and_broken_patterns_are_refused() {
        let folder = folder(&["x/a.csv"]);
        let error = find_files(folder.path(), "x").unwrap_err();
        assert!(matches!(error.problem, ReadProblem::Folder));
        let error = find_files(folder.path(), "x/[a.csv").unwrap_err();
        assert!(matches!(error.problem, ReadProblem::Pattern { .. }), "{error}");
        assert!(error.remedy().contains("`*`"));
    }
}
