//! Whether a model is tested on the rows that taught it.

use chs_backtest::{Evaluation, rule};
use chs_panel::{Finding, Level, Panel};
use chs_scorecard::ModelFile;
use chs_scorecard::model_file::v1::WeightOrigin;

use crate::scorecard_files::ScorecardFile;

/// A warning per model with learned weights that the evaluation tested on snapshots of its training.
///
/// Only the days are compared: another history of the same days is warned of, too.
pub(crate) fn training_overlap(
    files: &[ScorecardFile],
    panel: &Panel,
    evaluation: &Evaluation,
) -> Vec<Finding> {
    let name = &evaluation.label.name;
    let label = panel.labels().iter().find(|label| label.definition.name == *name);
    let Some(label) = label else { return Vec::new() };
    let days = panel.snapshot().iter().enumerate();
    let labelled: Vec<String> = days
        .filter(|(row, _)| label.value(*row).is_some())
        .map(|(_, day)| day.to_string())
        .collect();
    files.iter().filter_map(|file| overlap(file, &labelled)).collect()
}

fn overlap(file: &ScorecardFile, labelled: &[String]) -> Option<Finding> {
    let provenance = &file.model.as_deref().map(ModelFile::document)?.provenance;
    if provenance.weights != WeightOrigin::Learned {
        return None;
    }
    let window = provenance.window.as_ref();
    let is_training =
        |day: &&String| window.is_none_or(|window| (&window.from..=&window.to).contains(day));
    let found = labelled.iter().filter(is_training).count();
    if found == 0 {
        return None;
    }
    let name = file.scorecard.name();
    let training = window.map_or_else(
        || "days that the file does not name".to_owned(),
        |window| format!("{} to {}", window.from, window.to),
    );
    let sentence = format!(
        "{found} of {} labelled rows lie in the days that `{name}` was trained on ({training}): its \
         figures here flatter it; those under `validation` in its file are out of time",
        labelled.len()
    );
    let finding = rule("CHS215")?.finding(Level::Warning, name, sentence);
    Some(finding.with_figure("rows", found as f64).with_figure("labelled", labelled.len() as f64))
}
