//! One account explained: its score, what it is made of, what changed it, what is due.

use chs_backtest::scorecard_at;
use chs_panel::{IndicatorValues, Panel};
use chs_scorecard::{
    ActionCaller, Driver, DriverSource, HealthScore, Input, OutcomeProbability, Previous,
    Scorecard, Scored, TrendReading,
};
use jiff::civil::Date;
use serde::Serialize;

use crate::Error;
use crate::observer::Observer;
use crate::pipeline::Replayed;
use crate::project_file::Inputs;
use crate::scorecard_files::ScorecardFile;
use crate::scores::{direction_word, driver_name, percentile, reason_sentence};

/// Snapshots back to which an earlier score counts where the scorecard states no window.
const STEPS_BACK: usize = 2;

/// What is explained.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The data.
    pub inputs: &'a Inputs,
    /// The scorecard or model.
    pub score: &'a ScorecardFile,
    /// Id of the account.
    pub account: &'a str,
    /// The snapshot; the account's last one where `None`.
    pub snapshot: Option<Date>,
}

/// One account at one snapshot, and on its way there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The account.
    pub account: String,
    /// The scorecard or model.
    pub scorecard: String,
    /// Its version.
    pub version: String,
    /// Digest of the model, where it is one.
    pub model_digest: Option<String>,
    /// What the probability speaks of, such as `churn within 90d`; none without a model.
    pub outcome: Option<String>,
    /// The score at the snapshot.
    pub now: Point,
    /// Share of the weight that was observed, 0 to 1.
    pub coverage: f64,
    /// `improving`, `stable` or `declining` against the earlier score that the trend looks back to.
    pub trend: Option<String>,
    /// Fall that put the account into a lower band than its score, in points.
    pub fall: Option<f64>,
    /// The hundredth of the scores behind the model in which the score lies, 100 the best; none without a
    /// model, or where too few scores stand behind it to say.
    pub percentile: Option<f64>,
    /// Where the score stands among those of other accounts at the snapshot: among all, then among those
    /// that share a segment. Empty without a score.
    pub standing: Vec<Standing>,
    /// What the score is made of, in declared order.
    pub indicators: Vec<IndicatorRow>,
    /// What changed since the scored snapshot before.
    pub change: Option<Change>,
    /// What is due.
    pub actions: Vec<Due>,
    /// Every snapshot up to this one, ascending.
    pub history: Vec<Point>,
}

/// A score at a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The day at whose end it was taken.
    pub snapshot: Date,
    /// The score, unrounded.
    pub score: Option<f64>,
    /// Its band after the trend rules.
    pub band: Option<String>,
    /// Probability of the outcome, where there is a model.
    pub probability: Option<f64>,
    /// Why there is no score.
    pub reason: Option<String>,
}

/// Where a score stands among others of the same snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Name of the segment whose category the accounts share; none: all accounts.
    pub segment: Option<String>,
    /// The category.
    pub category: Option<String>,
    /// Accounts that have a score, this one included.
    pub accounts: usize,
    /// 1 the highest score; equal ones share the better rank.
    pub rank: usize,
    /// Share of the accounts whose score is not above this one, in hundredths, rounded up: 1 to 100.
    pub percentile: usize,
}

/// What an indicator adds to the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorRow {
    /// Name of its component.
    pub component: String,
    /// Its name.
    pub indicator: String,
    /// Its value, a number or a word; none where missing.
    pub value: serde_json::Value,
    /// Its sub-score, observed or from its missing policy.
    pub sub_score: Option<f64>,
    /// Its weight in percent.
    pub weight: f64,
    /// The sub-score that it is measured against.
    pub reference: f64,
    /// Points that it adds to the score beyond its reference.
    pub contribution: Option<f64>,
}

/// A change of the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The snapshot before.
    pub since: Date,
    /// Points.
    pub points: f64,
    /// What they come from, largest first; they sum to `points`.
    pub drivers: Vec<Points>,
}

/// Points with what they come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Points {
    /// An indicator, or `availability`: indicators that appeared or went missing.
    pub driver: String,
    /// Points.
    pub points: f64,
}

/// An action that is due.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Due {
    /// What to do.
    #[serde(rename = "do")]
    pub what: String,
    /// Who does it; none where no one is responsible.
    pub owner: Option<String>,
    /// Days after which it is overdue.
    pub within_days: Option<u32>,
    /// What called for it: `band at-risk`, `decline of activity`.
    pub called_for_by: String,
    /// The indicator that weighs most in that.
    pub driver: Option<Points>,
}

/// Explain an account: nothing is written.
///
/// The change is against the latest scored snapshot before; the trend looks back as the scorecard says,
/// without a window to the latest scored one of the last two snapshots.
///
/// # Errors
///
/// Any [`Error`] of loading and replaying, [`Error::UnknownAccount`], [`Error::NoRow`].
pub fn explain(question: Question<'_>, observer: &dyn Observer) -> Result<Explanation, Error> {
    let replayed = Replayed::read(question.inputs, std::slice::from_ref(question.score), observer)?;
    explained(question, &replayed.panel)
}

fn explained(question: Question<'_>, panel: &Panel) -> Result<Explanation, Error> {
    let rows = rows_of(panel, question)?;
    let score = question.score;
    let mut views: Vec<View> = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(View::new(score, panel, row, &views));
    }
    let Some((now, before)) = views.split_last() else {
        return Err(Error::UnknownAccount { account: question.account.to_owned() });
    };
    let scorecard = &score.scorecard;
    let before = before.iter().rev().find(|view| view.scored.score.is_some());
    let calibration = score.model.as_ref().map(|model| model.model().calibration());
    let trend = now.trend.and_then(|reading| reading.direction);
    let rule = now.trend.and_then(|reading| scorecard.trend().rules.get(reading.rule?));
    Ok(Explanation {
        account: question.account.to_owned(),
        scorecard: scorecard.name().to_owned(),
        version: scorecard.version().to_owned(),
        model_digest: score.model_digest(),
        outcome: calibration.map(|own| format!("{} within {}", own.outcome, own.horizon)),
        now: now.point(scorecard),
        coverage: now.scored.coverage,
        trend: trend.map(|direction| direction_word(direction).to_owned()),
        fall: rule.map(|rule| rule.fall),
        percentile: score.model.as_ref().and_then(|model| {
            percentile(now.scored.score?.get(), &model.document().reference.score)
        }),
        standing: standings(score, panel, now),
        indicators: indicator_rows(scorecard_of(score, panel, now.row), panel, now),
        change: before.and_then(|before| change(scorecard, before, now)),
        actions: due(scorecard, now, before),
        history: views.iter().map(|view| view.point(scorecard)).collect(),
    })
}

/// The rows of the account up to the snapshot, ascending.
fn rows_of(panel: &Panel, question: Question<'_>) -> Result<Vec<usize>, Error> {
    let unknown = || Error::UnknownAccount { account: question.account.to_owned() };
    let accounts = panel.accounts();
    let found = accounts.binary_search_by(|known| known.as_str().cmp(question.account));
    let index = found.ok().and_then(|index| u32::try_from(index).ok()).ok_or_else(unknown)?;
    let rows: Vec<usize> = (0..panel.len())
        .filter(|row| panel.account().get(*row).is_some_and(|own| *own == index))
        .collect();
    let day = |row: Option<&usize>| row.and_then(|row| panel.snapshot().get(*row)).copied();
    let (Some(first), Some(last)) = (day(rows.first()), day(rows.last())) else {
        return Err(unknown());
    };
    let Some(snapshot) = question.snapshot else { return Ok(rows) };
    let upto: Vec<usize> =
        rows.into_iter().filter(|row| day(Some(row)).is_some_and(|day| day <= snapshot)).collect();
    if day(upto.last()) == Some(snapshot) {
        Ok(upto)
    } else {
        Err(Error::NoRow { account: question.account.to_owned(), snapshot, first, last })
    }
}

/// A row of the account, scored.
struct View {
    row: usize,
    day: Date,
    /// Index of the snapshot in the panel.
    snapshot: usize,
    scored: Scored,
    probability: Option<f64>,
    trend: Option<TrendReading>,
}

impl View {
    fn new(score: &ScorecardFile, panel: &Panel, row: usize, earlier: &[View]) -> Self {
        let day = panel.snapshot().get(row).copied().unwrap_or_default();
        let snapshot = panel.snapshots().partition_point(|own| *own < day);
        let scorecard = &score.scorecard;
        let previous = previous(scorecard, (day, snapshot), earlier);
        let inputs: Vec<Input<'_>> = scorecard
            .indicators()
            .map(|indicator| input(panel.indicator(&indicator.name), row))
            .collect();
        let Some(model) = &score.model else {
            let scored = scorecard_at(panel, scorecard, snapshot).score(&inputs);
            let trend = scored.score.map(|score| scorecard.read_trend(score, previous));
            return Self { row, day, snapshot, scored, probability: None, trend };
        };
        let own = model.model().score(&inputs, segment(score, panel, row), previous);
        let probability = own.probability.map(OutcomeProbability::get);
        Self { row, day, snapshot, scored: own.scored, probability, trend: own.trend }
    }

    fn point(&self, scorecard: &Scorecard) -> Point {
        let band = self.trend.and_then(|reading| scorecard.bands().get(reading.band));
        Point {
            snapshot: self.day,
            score: self.scored.score.map(HealthScore::get),
            band: band.map(|band| band.name.clone()),
            probability: self.probability,
            reason: self.scored.reason.map(|reason| reason_sentence(reason, scorecard)),
        }
    }
}

/// Among all accounts of the snapshot, then within each segment of the account.
fn standings(score: &ScorecardFile, panel: &Panel, now: &View) -> Vec<Standing> {
    let Some(own) = now.scored.score.map(HealthScore::get) else { return Vec::new() };
    let own_score = |row: usize| Some((row, View::new(score, panel, row, &[]).scored.score?.get()));
    let scores: Vec<(usize, f64)> = panel.rows_of(now.snapshot).filter_map(own_score).collect();
    let standing = |segment: Option<(&str, &str)>, is_among: &dyn Fn(usize) -> bool| {
        let others = || scores.iter().filter(|(row, _)| is_among(*row));
        let accounts = others().count();
        let above = others().filter(|(_, other)| *other > own).count();
        Standing {
            segment: segment.map(|(name, _)| name.to_owned()),
            category: segment.map(|(_, category)| category.to_owned()),
            accounts,
            rank: above + 1,
            percentile: (100 * (accounts - above)).div_ceil(accounts.max(1)),
        }
    };
    let within = panel.segments().iter().filter_map(|segment| {
        let category = segment.column.get(now.row)?;
        let is_among = |row: usize| segment.column.get(row) == Some(category);
        Some(standing(Some((&segment.name, category)), &is_among))
    });
    std::iter::once(standing(None, &|_| true)).chain(within).collect()
}

/// The segment of a row, where the model tells segments apart.
fn segment<'a>(score: &ScorecardFile, panel: &'a Panel, row: usize) -> Option<&'a str> {
    let column = score.model.as_ref()?.model().segment_column()?;
    panel.segments().iter().find(|segment| segment.name == column)?.column.get(row)
}

/// The scorecard that a row is measured against.
fn scorecard_of<'a>(score: &'a ScorecardFile, panel: &Panel, row: usize) -> &'a Scorecard {
    let level = segment(score, panel, row);
    let own = score.model.as_ref().and_then(|model| {
        model.model().segments().find(|(known, _)| Some(*known) == level).map(|(_, own)| own)
    });
    own.unwrap_or(&score.scorecard)
}

/// The earlier score that the trend looks back to.
fn previous(
    scorecard: &Scorecard,
    (day, snapshot): (Date, usize),
    earlier: &[View],
) -> Option<Previous> {
    let window = scorecard.trend().window_days;
    earlier.iter().rev().find_map(|view| {
        let score = view.scored.score?;
        let age_days = u32::try_from(view.day.until(day).ok()?.get_days()).ok()?;
        let counts = match window {
            Some(window) => age_days >= window,
            None => snapshot - view.snapshot <= STEPS_BACK,
        };
        counts.then_some(Previous { score, age_days })
    })
}

fn input(values: Option<&IndicatorValues>, row: usize) -> Input<'_> {
    match values {
        Some(IndicatorValues::Numbers(numbers)) => {
            numbers.get(row).map_or(Input::Missing, Input::Number)
        }
        Some(IndicatorValues::Words(words)) => words.get(row).map_or(Input::Missing, Input::Text),
        None => Input::Missing,
    }
}

fn indicator_rows(scorecard: &Scorecard, panel: &Panel, now: &View) -> Vec<IndicatorRow> {
    let components = scorecard.components().iter();
    let named = components.flat_map(|component| {
        component.indicators.iter().map(move |indicator| (&component.name, indicator))
    });
    named
        .enumerate()
        .map(|(index, (component, indicator))| IndicatorRow {
            component: component.clone(),
            indicator: indicator.name.clone(),
            value: match input(panel.indicator(&indicator.name), now.row) {
                Input::Missing => serde_json::Value::Null,
                Input::Number(number) => number.into(),
                Input::Text(word) => word.into(),
            },
            sub_score: now.scored.sub_scores.get(index).copied().flatten(),
            weight: indicator.weight,
            reference: indicator.reference_sub_score,
            contribution: now.scored.contributions.get(index).copied().flatten(),
        })
        .collect()
}

fn points(driver: Driver, scorecard: &Scorecard) -> Points {
    Points { driver: driver_name(driver.source, scorecard), points: driver.points }
}

fn change(scorecard: &Scorecard, before: &View, now: &View) -> Option<Change> {
    let drivers = scorecard.change(&before.scored, &now.scored)?;
    Some(Change {
        since: before.day,
        points: now.scored.score?.get() - before.scored.score?.get(),
        drivers: drivers.into_iter().map(|driver| points(driver, scorecard)).collect(),
    })
}

fn due(scorecard: &Scorecard, now: &View, before: Option<&View>) -> Vec<Due> {
    let band = now.trend.map(|reading| reading.band);
    let due = scorecard.actions_due(&now.scored, band, before.map(|view| &view.scored));
    due.iter()
        .map(|own| Due {
            what: own.action.what.clone(),
            owner: own.action.owner.clone(),
            within_days: own.action.within_days,
            called_for_by: caller(own.caller, scorecard),
            driver: own.driver.map(|driver| points(driver, scorecard)),
        })
        .collect()
}

fn caller(caller: ActionCaller, scorecard: &Scorecard) -> String {
    let component = |index: usize| scorecard.components().get(index);
    let name = |index: usize| component(index).map_or("", |own| own.name.as_str());
    match caller {
        ActionCaller::Band(index) => {
            let band = scorecard.bands().get(index);
            format!("band {}", band.map_or("", |own| own.name.as_str()))
        }
        ActionCaller::ComponentBand { component: index, band } => {
            let band = component(index).and_then(|own| own.bands()?.get(band));
            format!("band {} of {}", band.map_or("", |own| own.name.as_str()), name(index))
        }
        ActionCaller::Component(index) => format!("decline of {}", name(index)),
        ActionCaller::Indicator(index) => {
            format!("decline of {}", driver_name(DriverSource::Indicator(index), scorecard))
        }
    }
}

#[cfg(test)]
mod tests {
    use chs_panel::{Named, NumberColumn, PanelParts, WordColumn};
    use jiff::civil::date;

    use super::*;

    const SCORECARD: &str = r#"
        spec_version = 1
        name = "x"
        version = "1.0.0"
        [components.activity]
        weight = 100
        on_decline = [{ do = "call" }]
        indicators = [{ name = "a", poor = 0, good = 100 }, { name = "b", poor = 0, good = 100 }]
        [[bands]]
        name = "low"
        from = 0
        actions = [{ do = "plan", owner = "csm" }]
        [[bands]]
        name = "high"
        from = 50
        [trend]
        rules = [{ fall = 15, at_best = "low" }]
    "#;

    fn panel(a: &[f64], b: &[f64]) -> Panel {
        let numbers = |values: &[f64]| IndicatorValues::Numbers(NumberColumn::new(values.to_vec()));
        let named = |name: &str, values| Named { name: name.to_owned(), column: numbers(values) };
        Panel::new(PanelParts {
            accounts: vec!["k".into()],
            account: vec![0; a.len()],
            snapshot: (1..).map(|month| date(2024, month, 28)).take(a.len()).collect(),
            indicators: vec![named("a", a), named("b", b)],
            ..PanelParts::default()
        })
        .unwrap()
    }

    fn explained_at(panel: &Panel, account: &str, month: Option<i8>) -> Result<Explanation, Error> {
        let inputs = Inputs {
            project: chs_data::read_project(
                "chs.toml",
                r#"
                    spec_version = 1
                    [accounts]
                    path = "a.csv"
                    id = "id"
                    churned = "churned"
                    [indicators]
                    age = { tenure = "days" }
                "#,
            )
            .unwrap(),
            project_file: "chs.toml".into(),
            project_sha256: String::new(),
            data_dir: ".".into(),
            as_of: None,
        };
        let score = ScorecardFile::of_text("x.toml", SCORECARD);
        let snapshot = month.map(|month| date(2024, month, 28));
        explained(Question { inputs: &inputs, score: &score, account, snapshot }, panel)
    }

    #[test]
    fn a_fall_is_explained_with_what_is_due() {
        let panel = panel(&[90.0, f64::NAN, 60.0], &[90.0, f64::NAN, 80.0]);
        let found = explained_at(&panel, "k", None).unwrap();
        assert_eq!(found.now.score, Some(70.0));
        assert_eq!(found.now.band.as_deref(), Some("low"), "a fall of 20 points in two steps");
        assert_eq!((found.fall, found.trend.as_deref()), (Some(15.0), Some("declining")));
        let change = found.change.unwrap();
        assert_eq!(change.since, date(2024, 1, 28), "the snapshot between has no score");
        let sum: f64 = change.drivers.iter().map(|driver| driver.points).sum();
        assert!((sum - change.points).abs() < 1e-9 && (change.points + 20.0).abs() < 1e-9);
        assert_eq!(change.drivers[0].driver, "a");
        let due: Vec<_> = found.actions.iter().map(|due| due.called_for_by.as_str()).collect();
        assert_eq!(due, ["band low", "decline of activity"]);
        assert_eq!(found.history.len(), 3);
        assert_eq!(found.history[1].reason.as_deref(), Some("nothing observed"));
        let contributions: f64 = found.indicators.iter().filter_map(|own| own.contribution).sum();
        assert!((contributions + 30.0).abs() < 1e-9, "points lost against 100");
    }

    #[test]
    fn a_score_stands_among_those_of_its_snapshot_and_of_its_segment() {
        let numbers = NumberColumn::new(vec![90.0, 10.0, 50.0, 50.0, f64::NAN, 70.0]);
        let plans = ["pro", "pro", "basic", "pro", "pro", "pro"].map(Some);
        let panel = Panel::new(PanelParts {
            accounts: ["i", "j", "k", "l", "m", "n"].map(str::to_owned).into(),
            account: vec![0, 1, 2, 3, 4, 5],
            snapshot: vec![date(2024, 1, 28); 6],
            segments: vec![Named { name: "plan".into(), column: WordColumn::from_words(plans) }],
            indicators: vec![
                Named { name: "a".into(), column: IndicatorValues::Numbers(numbers.clone()) },
                Named { name: "b".into(), column: IndicatorValues::Numbers(numbers) },
            ],
            ..PanelParts::default()
        })
        .unwrap();
        let standing = |account| {
            let found = explained_at(&panel, account, None).unwrap().standing;
            let figures = |own: &Standing| (own.accounts, own.rank, own.percentile);
            found.iter().map(figures).collect::<Vec<_>>()
        };
        assert_eq!(standing("i"), [(5, 1, 100), (4, 1, 100)]);
        assert_eq!(standing("l"), [(5, 3, 60), (4, 3, 50)], "an equal one of another segment");
        assert_eq!(standing("k"), [(5, 3, 60), (1, 1, 100)]);
        assert_eq!(standing("j"), [(5, 5, 20), (4, 4, 25)]);
        assert_eq!(standing("m"), [], "no score");
    }

    #[test]
    fn an_earlier_snapshot_knows_nothing_of_later_ones() {
        let panel = panel(&[90.0, 80.0, 10.0], &[90.0, 80.0, 10.0]);
        let found = explained_at(&panel, "k", Some(2)).unwrap();
        assert_eq!((found.now.score, found.history.len()), (Some(80.0), 2));
        let error = explained_at(&panel, "k", Some(5)).unwrap_err().to_string();
        assert!(error.contains("from 2024-01-28 to 2024-03-28"), "{error}");
        assert!(matches!(explained_at(&panel, "z", None), Err(Error::UnknownAccount { .. })));
    }
}
