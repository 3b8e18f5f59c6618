//! The files that a project starts from.

use std::path::Path;

use chs_simulate::Plan;

use crate::Error;
use crate::demo::SCORECARD;
use crate::observer::Observer;
use crate::output::{OutputFile, check_folder, write_files};
use crate::project_file::{PROJECT_FILE, shown};
use crate::proposal::propose;
use crate::scorecard_files::SCORECARD_FILE;
use crate::simulate::simulate_files;

/// Commented files to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a few words.
    pub description: &'static str,
    /// Its `chs.toml`.
    pub project: &'static str,
    /// Its `scorecard.toml`.
    pub scorecard: &'static str,
}

/// A template whose files stand in the folder of its name.
macro_rules! template {
    ($name:literal, $description:literal) => {
        Template {
            name: $name,
            description: $description,
            project: include_str!(concat!("../templates/", $name, "/chs.toml")),
            scorecard: include_str!(concat!("../templates/", $name, "/scorecard.toml")),
        }
    };
}

/// All templates; the first is the default, the last six are those of a trade.
pub static TEMPLATES: [Template; 13] = [
    template!("starter", "one source, two indicators, explained line by line"),
    Template {
        name: "weighted-7",
        description: "seven weighted components, the classic subscription score",
        project: include_str!("../templates/weighted-7/chs.toml"),
        scorecard: SCORECARD,
    },
    template!("multidimensional", "eight dimensions with bands of their own, and one score"),
    template!("kpi-index", "eight key figures: their weighted sum over their number"),
    template!("percentile", "eight figures, each a rank from 1 to 100"),
    template!("simple-average", "five figures, all equal: the plain mean"),
    template!("first-six", "the six signals to begin with"),
    template!("saas", "software by subscription: use of what is paid for"),
    template!("b2b-services", "agencies, consultancies: relationship, work, delivery"),
    template!("ecommerce", "a shop on the web: orders, visits, complaints"),
    template!("financial-services", "banks, brokers: activity, holdings, payments, advice"),
    template!("insurance", "yearly policies: claims, premiums, contact, loyalty"),
    template!("retail", "shops with a card: purchases, visits, breadth, programme"),
];

/// Accounts of the sample data.
const SAMPLE_ACCOUNTS: u32 = 400;

/// What the folder gets beside the two files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleData {
    /// Nothing.
    #[default]
    Without,
    /// Simulated tables below `data/`, so that the templates run as they are.
    With,
}

/// A template by name.
///
/// # Errors
///
/// [`Error::UnknownTemplate`] with the nearest name.
pub fn template(name: &str) -> Result<&'static Template, Error> {
    let names = TEMPLATES.map(|template| template.name);
    TEMPLATES.iter().find(|template| template.name == name).ok_or_else(|| Error::UnknownTemplate {
        name: name.to_owned(),
        known: names.map(|name| format!("`{name}`")).join(", "),
        nearest: chs_toml::nearest(name, names),
    })
}

/// Write a template's files into a folder, made where needed; returns their paths.
///
/// # Errors
///
/// [`Error::Exists`] where one of the files, or `data/`, is there already; nothing is written then.
pub fn init(
    folder: &Path,
    template: &Template,
    sample_data: SampleData,
    observer: &dyn Observer,
) -> Result<Vec<std::path::PathBuf>, Error> {
    check_folder(folder)?;
    let mut files = vec![
        OutputFile::new(PROJECT_FILE, template.project),
        OutputFile::new(SCORECARD_FILE, template.scorecard),
    ];
    let mut ours = vec![PROJECT_FILE, SCORECARD_FILE];
    if sample_data == SampleData::With {
        ours.push("data");
    }
    if let Some(path) = ours.into_iter().map(|name| folder.join(name)).find(|path| path.exists()) {
        return Err(Error::Exists { path });
    }
    if sample_data == SampleData::With {
        let plan = Plan { accounts: SAMPLE_ACCOUNTS, ..Plan::saas_demo() };
        let (_, tables) = simulate_files(&plan, observer)?;
        let below = |file: OutputFile| OutputFile { name: format!("data/{}", file.name), ..file };
        files.extend(tables.into_iter().map(below));
    }
    write_files(folder, &files, observer)
}

/// Write a `chs.toml` that is proposed from the files of `data`; returns its path.
///
/// Paths in it are relative to `folder` where the data lie below it, else absolute.
///
/// # Errors
///
/// [`Error::Exists`] where there is one already, and what reading `data` gives; nothing is written then.
pub fn init_from(
    folder: &Path,
    data: &Path,
    observer: &dyn Observer,
) -> Result<Vec<std::path::PathBuf>, Error> {
    check_folder(folder)?;
    let path = folder.join(PROJECT_FILE);
    if path.exists() {
        return Err(Error::Exists { path });
    }
    let project = propose(data, &prefix(folder, data))?;
    write_files(folder, &[OutputFile::new(PROJECT_FILE, project)], observer)
}

/// What goes before the paths of the files of `data`.
fn prefix(folder: &Path, data: &Path) -> String {
    let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (folder, data) = (whole(folder), whole(data));
    let shown = shown(data.strip_prefix(&folder).unwrap_or(&data));
    if shown.is_empty() { shown } else { format!("{shown}/") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chs_backtest::score_columns;

    use super::*;
    use crate::Unobserved;
    use crate::pipeline::Replayed;
    use crate::project_file::{InputOptions, Inputs};
    use crate::scorecard_files::read_scorecards;

    /// A small history of the demo below `data/`.
    fn sample(folder: &Path) {
        let plan = Plan { accounts: 60, ..Plan::saas_demo() };
        let (_, tables) = simulate_files(&plan, &Unobserved).unwrap();
        write_files(&folder.join("data"), &tables, &Unobserved).unwrap();
    }

    #[test]
    fn every_template_scores_the_sample_data() {
        let data = tempfile::tempdir().unwrap();
        sample(data.path());
        for template in &TEMPLATES {
            let name = template.name;
            let folder = tempfile::tempdir().unwrap();
            init(folder.path(), template, SampleData::Without, &Unobserved).unwrap();
            let options = InputOptions {
                project: Some(folder.path().join(PROJECT_FILE)),
                data_dir: Some(data.path().to_owned()),
                ..InputOptions::default()
            };
            let inputs = Inputs::read(&options).unwrap();
            let [file] = read_scorecards(&inputs, &[]).unwrap().try_into().unwrap();
            let replayed = Replayed::read(&inputs, &[], &Unobserved).unwrap();
            let scored = score_columns(&replayed.panel, &file.scorecard).unwrap();
            let found: Vec<f64> = scored.score.iter().copied().flatten().collect();
            assert!(found.len() * 10 > scored.score.len() * 9, "{name}: {}", found.len());
            let coverage = scored.coverage.iter().sum::<f64>() / scored.coverage.len() as f64;
            assert!(coverage > 0.6, "{name}: {coverage}");
            let (lowest, highest) = found
                .iter()
                .fold((100.0, 0.0), |(low, high), own| (f64::min(low, *own), f64::max(high, *own)));
            assert!(highest - lowest > 30.0, "{name}: {lowest} to {highest}");
            let bands: BTreeSet<usize> = scored.band.iter().copied().flatten().collect();
            assert!(bands.len() > 1, "{name}");
            for (indicator, column) in file.scorecard.indicators().zip(&scored.sub_scores) {
                assert!(column.iter().any(Option::is_some), "{name}: {}", indicator.name);
            }
        }
    }

    #[test]
    fn every_action_of_a_template_has_an_owner() {
        for template in &TEMPLATES {
            let actions = template.scorecard.lines().filter(|line| line.contains("{ do = "));
            for line in actions {
                assert!(line.contains("owner = \""), "{}: {line}", template.name);
            }
        }
    }

    #[test]
    fn the_sample_data_are_those_that_the_templates_name() {
        let plan = Plan { accounts: 1, ..Plan::saas_demo() };
        let (_, files) = simulate_files(&plan, &Unobserved).unwrap();
        for line in TEMPLATES.iter().flat_map(|template| template.project.lines()) {
            let Some((_, path)) = line.split_once("path = \"data/") else { continue };
            let name = path.split('"').next().unwrap();
            assert!(files.iter().any(|file| file.name == name), "{name}");
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join(SCORECARD_FILE);
        std::fs::write(&own, "mine").unwrap();
        let error =
            init(folder.path(), &TEMPLATES[0], SampleData::Without, &Unobserved).unwrap_err();
        assert!(matches!(&error, Error::Exists { path } if *path == own), "{error}");
        assert_eq!(std::fs::read_to_string(&own).unwrap(), "mine");
        assert!(!folder.path().join(PROJECT_FILE).exists());
    }

    #[test]
    fn a_misspelt_template_is_recognised() {
        let error = template("weigthed-7").unwrap_err();
        let expected =
            "no template is named `weigthed-7`; expected one of `starter`, `weighted-7`, ";
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(
            error.help().as_deref(),
            Some("did you mean `weighted-7`? `chs init --list` says what each is")
        );
    }
}
