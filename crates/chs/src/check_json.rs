//! The file `check.json`: what `chs check` concludes; one module per version.

pub mod v1;
