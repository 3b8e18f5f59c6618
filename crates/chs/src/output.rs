//! The files of a run: all of them are written, or none.
//!
//! Everything is computed and encoded before the first byte reaches the disk. Each file is then written
//! under a temporary name in its own folder and synced; only when all are there, they take their names,
//! one after the other, `run.json` last. Whatever goes wrong before that leaves earlier results as they
//! were; what is not ours is never touched.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile};

use crate::Error;
use crate::observer::{Observer, Stage, enter};

/// A result, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Path below the out folder, with `/`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl OutputFile {
    /// A file under a name.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }

    /// Sha256 of its bytes, in hexadecimal.
    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }
}

/// Sha256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
    Sha256::digest(bytes).iter().flat_map(digits).flatten().collect()
}

/// Check early, before the long work, that a folder can be written to; it is not made yet.
///
/// # Errors
///
/// [`Error::OutFolder`]: it, or the folder that it would be made in, refuses a file.
pub fn check_folder(folder: &Path) -> Result<(), Error> {
    let refused = |source| Error::OutFolder { folder: folder.to_owned(), source };
    let existing = folder.ancestors().find(|path| path.as_os_str().is_empty() || path.exists());
    let existing = existing.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !existing.is_dir() {
        return Err(refused(io::Error::new(
            io::ErrorKind::NotADirectory,
            format!("{} is no folder", existing.display()),
        )));
    }
    temporary(existing).map(drop).map_err(refused)
}

/// Write all files below a folder, or none; returns their paths in the order given.
///
/// Folders are made where needed. The last file takes its name last.
///
/// # Errors
///
/// [`Error::OutFolder`], [`Error::Write`] or [`Error::Cancelled`]; no file has changed then.
pub fn write_files(
    folder: &Path,
    files: &[OutputFile],
    observer: &dyn Observer,
) -> Result<Vec<PathBuf>, Error> {
    enter(observer, Stage::Write)?;
    let mut made = MadeFolders::default();
    let mut written = Vec::with_capacity(files.len());
    for file in files {
        let path = folder.join(&file.name);
        let parent = path.parent().unwrap_or(folder);
        made.make(parent)
            .map_err(|source| Error::OutFolder { folder: parent.to_owned(), source })?;
        let temporary = write_one(parent, &path, &file.bytes)
            .map_err(|source| Error::Write { path: path.clone(), source })?;
        written.push((temporary, path));
        if observer.is_cancelled() {
            return Err(Error::Cancelled);
        }
    }
    made.keep();
    let mut paths = Vec::with_capacity(written.len());
    for (temporary, path) in written {
        temporary
            .persist(&path)
            .map_err(|refused| Error::Write { path: path.clone(), source: refused.error })?;
        paths.push(path);
    }
    sync_folder(folder);
    Ok(paths)
}

fn write_one(parent: &Path, path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "a folder has that name"));
    }
    let mut file = temporary(parent)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A file under a temporary name, removed when it is dropped; readable as the user's umask says.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".chs-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // The error of the crate names the temporary file, which nobody has to know of.
    builder.tempfile_in(folder).map_err(|error| match error.kind() {
        io::ErrorKind::Other => error,
        kind => kind.into(),
    })
}

/// A name in a folder is safe only once the folder is synced. Not every file system can do that; the
/// files themselves are whole in any case.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
}

/// Folders that were made for files; removed again while empty unless the files are kept.
#[derive(Default)]
struct MadeFolders {
    list: Vec<PathBuf>,
}

impl MadeFolders {
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let mut new: Vec<PathBuf> =
            folder.ancestors().take_while(missing).map(Path::to_owned).collect();
        fs::create_dir_all(folder)?;
        new.reverse();
        self.list.extend(new);
        Ok(())
    }

    fn keep(&mut self) {
        self.list.clear();
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for folder in self.list.iter().rev() {
            // Fails where somebody has put something into it meanwhile, and then it stays.
            drop(fs::remove_dir(folder));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::Unobserved;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn all_files_are_written_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a/b");
        let files = [OutputFile::new("x/one.txt", "1"), OutputFile::new("two.txt", "2")];
        let paths = write_files(&out, &files, &Unobserved).unwrap();
        assert_eq!(paths, [out.join("x/one.txt"), out.join("two.txt")]);
        assert_eq!(names(&out), ["two.txt", "x"]);
        assert_eq!(fs::read_to_string(&paths[0]).unwrap(), "1");
        assert_eq!(
            files[0].sha256(),
            "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
        );
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_what_the_umask_lets_them() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let ours = write_files(folder.path(), &[OutputFile::new("ours", "")], &Unobserved).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours[0]), mode(&plain));
    }

    #[test]
    fn one_refusal_leaves_every_earlier_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("one.txt"), "old").unwrap();
        fs::create_dir(folder.path().join("two.txt")).unwrap();
        let files = [
            OutputFile::new("new/three.txt", "3"),
            OutputFile::new("one.txt", "new"),
            OutputFile::new("two.txt", "2"),
        ];
        let error = write_files(folder.path(), &files, &Unobserved).unwrap_err();
        assert!(
            matches!(&error, Error::Write { path, .. } if path.ends_with("two.txt")),
            "{error}"
        );
        assert_eq!(names(folder.path()), ["one.txt", "two.txt"]);
        assert_eq!(fs::read_to_string(folder.path().join("one.txt")).unwrap(), "old");
    }

    /// Asks to stop from a given question on.
    struct StopsAt(AtomicUsize);

    impl Observer for StopsAt {
        fn is_cancelled(&self) -> bool {
            self.0.fetch_sub(1, Ordering::Relaxed) == 1
        }
    }

    #[test]
    fn an_interruption_leaves_nothing_behind() {
        for question in 1..=3 {
            let folder = tempfile::tempdir().unwrap();
            let files = [OutputFile::new("x/one.txt", "1"), OutputFile::new("two.txt", "2")];
            let observer = StopsAt(AtomicUsize::new(question));
            let error = write_files(folder.path(), &files, &observer).unwrap_err();
            assert!(matches!(error, Error::Cancelled), "{error}");
            assert_eq!(names(folder.path()), [""; 0]);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_told_early() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for out in [file.clone(), file.join("below")] {
            let error = check_folder(&out).unwrap_err();
            assert!(error.to_string().contains("is no folder"), "{error}");
        }
        check_folder(&folder.path().join("a/b")).unwrap();
        check_folder(Path::new("not-there-yet")).unwrap();
        assert_eq!(names(folder.path()), ["file"]);
    }
}
