//! The files that a project starts from.

use std::path::Path;

use chs_scorecard::templates;
use chs_simulate::Plan;

use crate::Error;
use crate::observer::Observer;
use crate::output::{OutputFile, check_folder, write_files};
use crate::project_file::PROJECT_FILE;
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

/// All templates; the first is the default.
pub static TEMPLATES: [Template; 2] = [
    Template {
        name: "starter",
        description: "one source, two indicators, explained line by line",
        project: include_str!("../templates/starter/chs.toml"),
        scorecard: include_str!("../templates/starter/scorecard.toml"),
    },
    Template {
        name: "weighted-7",
        description: "seven weighted components over the classic signals of a subscription business",
        project: include_str!("../templates/weighted-7/chs.toml"),
        scorecard: templates::WEIGHTED_7,
    },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project_file::{InputOptions, Inputs};
    use crate::scorecard_files::read_scorecards;
    use crate::{Scorecard, Unobserved};

    #[test]
    fn every_template_is_sound_and_fits_its_project() {
        for template in &TEMPLATES {
            let folder = tempfile::tempdir().unwrap();
            init(folder.path(), template, SampleData::Without, &Unobserved).unwrap();
            let project = Some(folder.path().join(PROJECT_FILE));
            let inputs =
                Inputs::read(&InputOptions { project, ..InputOptions::default() }).unwrap();
            let scorecards = read_scorecards(&inputs, &[]).unwrap();
            assert_eq!(scorecards.len(), 1, "{}", template.name);
        }
        assert!(Scorecard::from_toml("demo", crate::demo::SCORECARD).is_ok());
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
        assert_eq!(
            error.to_string(),
            "no template is named `weigthed-7`; expected one of `starter`, `weighted-7`"
        );
        assert_eq!(error.help().as_deref(), Some("did you mean `weighted-7`?"));
    }
}
