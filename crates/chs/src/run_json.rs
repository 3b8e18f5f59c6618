//! The file `run.json`: what a run read, and under which settings; one module per version.

pub mod v1;
