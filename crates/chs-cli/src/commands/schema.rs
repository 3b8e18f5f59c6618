//! `chs schema`: JSON Schemas.

use chs::FileKind;

use crate::answer::Answer;
use crate::arguments::{SchemaArguments, SchemaFile};

pub(super) fn run(arguments: &SchemaArguments) -> Answer {
    Answer::json(&chs::schema(match arguments.file {
        SchemaFile::Project => FileKind::Project,
        SchemaFile::Scorecard => FileKind::Scorecard,
        SchemaFile::Backtest => FileKind::Backtest,
        SchemaFile::Fit => FileKind::Fit,
        SchemaFile::Model => FileKind::Model,
        SchemaFile::Compare => FileKind::Compare,
        SchemaFile::Check => FileKind::Check,
        SchemaFile::Run => FileKind::Run,
    }))
}
