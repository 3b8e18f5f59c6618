//! Reading scorecards, and holding them against the project and its panel.

use std::path::{Path, PathBuf};

use chs_data::ProjectFile;
use chs_panel::{IndicatorValues, Panel};
use chs_scorecard::{ModelFile, Normalisation, Scorecard};
use chs_toml::{Located, Mistake, Mistakes};

use crate::Error;
use crate::model_files::read_model;
use crate::output::sha256;
use crate::project_file::{Inputs, read_text, shown};

/// Name of the scorecard beside `chs.toml`.
pub const SCORECARD_FILE: &str = "scorecard.toml";

/// A scorecard with its file.
#[derive(Clone, Debug)]
pub struct ScorecardFile {
    /// The scorecard; of a model file that of its model.
    pub scorecard: Scorecard,
    /// The model file, where it comes from one.
    pub model: Option<Box<ModelFile>>,
    /// The file, as the user knows it.
    pub file: String,
    /// Sha256 of the file, in hexadecimal.
    pub sha256: String,
    /// Its text, so that later mistakes can point into it.
    text: String,
}

/// Read the scorecards named, or the `scorecard.toml` beside the project file where none is.
///
/// Without any, a project that records scores is tested on those alone.
///
/// # Errors
///
/// All mistakes of a file; an indicator that the project does not have is one of them.
pub fn read_scorecards(inputs: &Inputs, paths: &[PathBuf]) -> Result<Vec<ScorecardFile>, Error> {
    if !paths.is_empty() {
        return paths.iter().map(|path| read_scorecard(path, &inputs.project)).collect();
    }
    let path = inputs.project_file.with_file_name(SCORECARD_FILE);
    if path.is_file() {
        Ok(vec![read_scorecard(&path, &inputs.project)?])
    } else if inputs.project.history().is_some_and(|project| !project.recorded_scores.is_empty()) {
        Ok(Vec::new())
    } else {
        Err(Error::NoScorecard { path })
    }
}

/// Read scorecards and model files that are tested side by side; what [`read_scorecards`] finds where
/// neither is named.
///
/// Those that share a name are told apart by their version, then by their file.
///
/// # Errors
///
/// What [`read_scorecards`] and [`read_model`] return.
pub fn read_scores(
    inputs: &Inputs,
    scorecards: &[PathBuf],
    models: &[PathBuf],
) -> Result<Vec<ScorecardFile>, Error> {
    let mut files = Vec::new();
    if models.is_empty() || !scorecards.is_empty() {
        files = read_scorecards(inputs, scorecards)?;
    }
    for path in models {
        files.push(read_scored_model(path, &inputs.project)?);
    }
    if !models.is_empty() {
        tell_apart(&mut files);
    }
    Ok(files)
}

/// Read a scorecard, or a model file where the extension is `json`.
///
/// # Errors
///
/// All mistakes of the file.
pub fn read_score(inputs: &Inputs, path: &Path) -> Result<ScorecardFile, Error> {
    let is_model = path.extension().is_some_and(|own| own.eq_ignore_ascii_case("json"));
    if is_model {
        read_scored_model(path, &inputs.project)
    } else {
        read_scorecard(path, &inputs.project)
    }
}

/// Give each score a name of its own: by its version, or by its file where that is shared, too.
pub(crate) fn tell_apart(files: &mut [ScorecardFile]) {
    let named: Vec<(String, String)> = files
        .iter()
        .map(|file| (file.scorecard.name().to_owned(), file.scorecard.version().to_owned()))
        .collect();
    for (file, own) in files.iter_mut().zip(&named) {
        let namesakes = named.iter().filter(|other| other.0 == own.0).count();
        let twins = named.iter().filter(|other| *other == own).count();
        let part = if twins > 1 { &file.file } else { &own.1 };
        if namesakes > 1 {
            let name = format!("{} {part}", own.0);
            file.scorecard = file.scorecard.clone().with_name(name);
        }
    }
}

fn read_scorecard(path: &Path, project: &ProjectFile) -> Result<ScorecardFile, Error> {
    let text = read_text(path, "a scorecard such as `chs init` makes")?;
    let file = shown(path);
    let scorecard = Scorecard::from_toml(&file, &text)?;
    let sha256 = sha256(text.as_bytes());
    let file = ScorecardFile { scorecard, model: None, file, sha256, text };
    file.check_names(project)?;
    Ok(file)
}

fn read_scored_model(path: &Path, project: &ProjectFile) -> Result<ScorecardFile, Error> {
    let (model, bytes) = read_model(path)?;
    let file = ScorecardFile {
        scorecard: model.model().scorecard().clone(),
        model: Some(Box::new(model)),
        file: shown(path),
        sha256: sha256(&bytes),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    };
    file.check_names(project)?;
    Ok(file)
}

impl ScorecardFile {
    #[cfg(test)]
    pub(crate) fn of_text(file: &str, text: &str) -> Self {
        Self {
            scorecard: Scorecard::from_toml(file, text).unwrap(),
            model: None,
            file: file.into(),
            sha256: String::new(),
            text: text.into(),
        }
    }

    /// Digest of its model, where it comes from a model file.
    pub fn model_digest(&self) -> Option<String> {
        self.model.as_ref().map(|model| model.document().digests.model.clone())
    }

    /// Every indicator has to be one of the project.
    fn check_names(&self, project: &ProjectFile) -> Result<(), Mistakes> {
        let known = project.indicators();
        let section = match project {
            ProjectFile::History(_) => "[indicators]",
            ProjectFile::Panel(_) => "`indicators` of [panel]",
        };
        self.check(|indicator| {
            if known.contains(&indicator.name.as_str()) {
                return None;
            }
            let message =
                format!("no indicator is named `{}` in {}", indicator.name, project.file());
            let help = match chs_toml::nearest(&indicator.name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it in {section}; there are {}", known.join(", ")),
            };
            Some((message, help))
        })
    }

    /// A `map` needs words, every other normalisation numbers.
    pub(crate) fn check_values(&self, panel: &Panel) -> Result<(), Mistakes> {
        self.check(|indicator| {
            let name = &indicator.name;
            let is_map = matches!(indicator.normalisation, Normalisation::Map(_));
            match panel.indicator(name)? {
                IndicatorValues::Words(_) if !is_map => Some((
                    format!("the values of indicator `{name}` are words; this normalisation expects numbers"),
                    "give each word its sub-score: `map = { low = 0, high = 100 }`, or let the indicator \
                     in chs.toml read another column"
                        .to_owned(),
                )),
                IndicatorValues::Numbers(numbers) if is_map && numbers.as_slice().iter().any(|value| !value.is_nan()) => Some((
                    format!("the values of indicator `{name}` are numbers; `map` expects words"),
                    "use `poor` and `good`, `knots`, or `edges` and `scores`".to_owned(),
                )),
                _ => None,
            }
        })
    }

    /// All indicators for which `wrong` has a message and a remedy, with their places.
    fn check(
        &self,
        wrong: impl Fn(&chs_scorecard::Indicator) -> Option<(String, String)>,
    ) -> Result<(), Mistakes> {
        let places = match &self.model {
            None => indicator_places(&self.text),
            Some(model) => input_places(&self.text, model.model().scorecard()),
        };
        let mut list: Vec<Mistake> = self
            .scorecard
            .indicators()
            .filter_map(|indicator| {
                let (message, help) = wrong(indicator)?;
                let place = places.iter().find(|place| place.value == indicator.name);
                let span = place.map_or(0..0, |place| place.span.clone());
                Some(Mistake { span, message, help: Some(help) })
            })
            .collect();
        if list.is_empty() {
            return Ok(());
        }
        list.sort_by_key(|mistake| mistake.span.start);
        Err(Mistakes::new(&self.file, &self.text, list))
    }
}

/// Names of the indicators with their places in a sound scorecard.
fn indicator_places(text: &str) -> Vec<Located<String>> {
    let mut places = Vec::new();
    // The file was read before; here only places are looked up, and keys not asked for do not matter.
    drop(chs_toml::read("", text, |root| {
        for (_, component) in root.named_tables("components") {
            for indicator in component.get("indicators")?.as_list()? {
                places.extend(indicator.as_table()?.text("name"));
            }
        }
        Some(())
    }));
    places
}

/// The same in a model file, where each indicator is first named as an input.
fn input_places(text: &str, scorecard: &Scorecard) -> Vec<Located<String>> {
    let place = |indicator: &chs_scorecard::Indicator| {
        let quoted = serde_json::Value::from(indicator.name.as_str()).to_string();
        let key = "\"name\": ";
        let start = text.find(&format!("{key}{quoted}"))? + key.len();
        Some(Located { value: indicator.name.clone(), span: start..start + quoted.len() })
    };
    scorecard.indicators().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{Named, NumberColumn, PanelParts, WordColumn};

    const PROJECT: &str = r#"
spec_version = 1
[accounts]
path = "accounts.csv"
id = "id"
start = "start"
churned = "churned"
[sources.logins]
path = "logins.csv"
id = "id"
at = "at"
[indicators]
logins = { source = "logins", count = "30d" }
mood = { source = "logins", latest = "mood", as = "words" }
"#;

    const SCORECARD: &str = r#"
spec_version = 1
name = "x"
version = "0.1.0"
[components.activity]
weight = 100
indicators = [
  { name = "logins", poor = 0, good = 9 },
  { name = "mood", map = { bad = 0, good = 100 } },
]
"#;

    fn file(text: &str) -> ScorecardFile {
        ScorecardFile::of_text("scorecard.toml", text)
    }

    fn names(text: &str) -> Result<(), String> {
        let project = chs_data::read_project("chs.toml", PROJECT).unwrap();
        file(text).check_names(&project).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn every_indicator_is_one_of_the_project() {
        assert_eq!(names(SCORECARD), Ok(()));
        assert_eq!(
            names(&SCORECARD.replace("\"logins\"", "\"logns\"").replace("\"mood\"", "\"weather\"")),
            Err("scorecard.toml:8:12: no indicator is named `logns` in chs.toml; did you mean `logins`?\n\
                 scorecard.toml:9:12: no indicator is named `weather` in chs.toml; declare it in [indicators]; \
                 there are logins, mood"
                .to_owned())
        );
    }

    #[test]
    fn scores_of_one_name_are_told_apart() {
        let other = SCORECARD.replace("0.1.0", "0.2.0");
        let mut files = vec![file(SCORECARD), file(&other), file(&other)];
        files[2].file = "b.toml".into();
        tell_apart(&mut files);
        let names: Vec<&str> = files.iter().map(|file| file.scorecard.name()).collect();
        assert_eq!(names, ["x 0.1.0", "x scorecard.toml", "x b.toml"]);
    }

    #[test]
    fn inputs_of_a_model_have_their_place() {
        let text = r#"{"name": "x", "inputs": [{"name": "logins"}]}"#;
        let places = input_places(text, &file(SCORECARD).scorecard);
        assert_eq!(places.len(), 1);
        assert_eq!(&text[places[0].span.clone()], "\"logins\"");
    }

    fn panel(logins: IndicatorValues, mood: IndicatorValues) -> Panel {
        Panel::new(PanelParts {
            accounts: vec!["a".into()],
            account: vec![0],
            snapshot: vec![date(2024, 1, 31)],
            indicators: vec![
                Named { name: "logins".into(), column: logins },
                Named { name: "mood".into(), column: mood },
            ],
            ..PanelParts::default()
        })
        .unwrap()
    }

    #[test]
    fn words_and_numbers_are_told_apart() {
        let number = |value| IndicatorValues::Numbers(NumberColumn::new(vec![value]));
        let word = || IndicatorValues::Words(WordColumn::from_words([Some("bad")]));
        let check = |panel: &Panel| {
            let found = file(SCORECARD).check_values(panel).err();
            found.map_or_else(Vec::new, |found| {
                found.list.into_iter().map(|own| own.message).collect()
            })
        };
        assert_eq!(check(&panel(number(1.0), word())), [""; 0]);
        assert_eq!(
            check(&panel(number(1.0), number(f64::NAN))),
            [""; 0],
            "nothing there is no number"
        );
        assert_eq!(
            check(&panel(word(), number(1.0))),
            [
                "the values of indicator `logins` are words; this normalisation expects numbers",
                "the values of indicator `mood` are numbers; `map` expects words"
            ]
        );
    }
}
