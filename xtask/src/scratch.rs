//! A folder for a while.

use std::path::{Path, PathBuf};

use crate::Failure;

/// A folder that is gone when this is dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("chs-xtask-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in the system's folder for such things harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
