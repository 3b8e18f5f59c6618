//! Charts as numbers; [`text`] and [`svg`] draw them.

mod bar_strips;
mod canvas;
mod distribution;
mod forest;
mod reliability;
mod scale;
mod strips;
pub(crate) mod svg;
pub(crate) mod text;
mod timeline;
mod weights;

/// A chart, not yet drawn.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// Its name, unlike every other: lower-case letters, digits and hyphens.
    pub(crate) name: String,
    /// What it shows, in a few words.
    pub(crate) title: String,
    /// What it says, for those who do not see it.
    pub(crate) description: String,
    /// What is drawn.
    pub(crate) drawing: Drawing,
}

/// The kinds of charts.
#[derive(Clone, Debug)]
pub(crate) enum Drawing {
    /// Estimates and their intervals on a common axis, one line each.
    Forest(Forest),
    /// An estimate and its interval at each snapshot.
    Timeline(Timeline),
    /// Probabilities against what came.
    Reliability(Reliability),
    /// Shares of rows by score, for the two labels.
    Distribution(Distribution),
    /// Weights before and after.
    Weights(Vec<WeightPair>),
    /// Two shares over the snapshots, for each of several names.
    Strips(Strips),
    /// A strip of bars per name.
    BarStrips(BarStrips),
}

/// Marks on a common axis.
#[derive(Clone, Debug)]
pub(crate) struct Forest {
    pub(crate) marks: Vec<Mark>,
    pub(crate) axis: Axis,
}

/// One line of a forest.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// What it is.
    pub(crate) name: String,
    /// The estimate; `None` leaves the line empty.
    pub(crate) estimate: Option<f64>,
    /// Its interval.
    pub(crate) bounds: Option<(f64, f64)>,
    /// Both in words.
    pub(crate) label: String,
    /// Its colour.
    pub(crate) tone: Tone,
}

/// Ends of an axis, and a value to compare with.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) reference: Option<Reference>,
    /// How its values are written.
    pub(crate) write: fn(f64) -> String,
}

/// A value to compare with.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) value: f64,
    /// What it is, in words.
    pub(crate) label: String,
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// What the report speaks of.
    Main,
    /// What it is compared with.
    Other,
    /// A band by its place among all, from the lowest score on.
    Band { place: usize, of: usize },
}

/// Estimates by day.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    pub(crate) points: Vec<Day>,
    pub(crate) axis: Axis,
}

/// One day of a timeline.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) date: String,
    pub(crate) estimate: Option<f64>,
    pub(crate) bounds: Option<(f64, f64)>,
    pub(crate) label: String,
}

/// Bins of probabilities, and the curve that fits best.
#[derive(Clone, Debug)]
pub(crate) struct Reliability {
    pub(crate) points: Vec<Point>,
    /// Levels of a rising curve: from and to which probability, and the share that came.
    pub(crate) curve: Vec<(f64, f64, f64)>,
}

/// A bin of a reliability curve.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) predicted: f64,
    pub(crate) observed: f64,
    pub(crate) bounds: (f64, f64),
    pub(crate) label: String,
}

/// Histograms of the two labels over the score.
#[derive(Clone, Debug)]
pub(crate) struct Distribution {
    /// Captions of the upper and the lower histogram.
    pub(crate) captions: [String; 2],
    pub(crate) bins: Vec<Bin>,
    /// Names and lower edges of the bands, from the lowest score on; may be empty.
    pub(crate) bands: Vec<(String, f64)>,
}

/// A bin of both histograms.
#[derive(Clone, Debug)]
pub(crate) struct Bin {
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Share of the rows of each label; `None` where there is no row of it.
    pub(crate) shares: [Option<f64>; 2],
}

/// A weight before and after, in percent.
#[derive(Clone, Debug)]
pub(crate) struct WeightPair {
    pub(crate) name: String,
    pub(crate) prior: f64,
    pub(crate) fitted: f64,
    pub(crate) range: Option<(f64, f64)>,
    pub(crate) label: String,
}

/// Two shares over the same days, a strip per name.
#[derive(Clone, Debug)]
pub(crate) struct Strips {
    /// What the area and the line mean.
    pub(crate) legend: [String; 2],
    pub(crate) lines: Vec<Strip>,
    /// The first and the last day.
    pub(crate) ends: [String; 2],
}

/// The shares of one name.
#[derive(Clone, Debug)]
pub(crate) struct Strip {
    pub(crate) name: String,
    pub(crate) label: String,
    /// Area and line per day, 0 to 1; the line may have gaps.
    pub(crate) days: Vec<(f64, Option<f64>)>,
}

impl Forest {
    /// Every line in words.
    pub(crate) fn description(&self) -> String {
        let lines: Vec<String> =
            self.marks.iter().map(|mark| format!("{}: {}", mark.name, mark.label)).collect();
        let reference = self.axis.reference.as_ref();
        let reference = reference.map(|found| format!(". Dashed line: {}", found.label));
        format!("{}{}.", lines.join("; "), reference.unwrap_or_default())
    }
}

/// The name of a chart that each score has: plain for the first.
pub(crate) fn numbered(name: &str, number: usize) -> String {
    if number == 0 { name.to_owned() } else { format!("{name}-{}", number + 1) }
}

/// Strips of bars on one scale.
#[derive(Clone, Debug)]
pub(crate) struct BarStrips {
    pub(crate) rows: Vec<BarStrip>,
    /// What the first and the last bar of a strip stand for.
    pub(crate) ends: [String; 2],
    /// Where bars begin.
    pub(crate) base: f64,
    /// How a value is written.
    pub(crate) write: fn(f64) -> String,
}

/// One strip.
#[derive(Clone, Debug)]
pub(crate) struct BarStrip {
    pub(crate) name: String,
    pub(crate) bars: Vec<Bar>,
}

/// A bar of a strip.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// Its end; `None` leaves a gap.
    pub(crate) value: Option<f64>,
    /// What it is, in words.
    pub(crate) label: String,
}

impl BarStrips {
    /// Every strip in words.
    pub(crate) fn description(&self) -> String {
        let strip = |strip: &BarStrip| {
            let bars: Vec<&str> = strip.bars.iter().map(|bar| bar.label.as_str()).collect();
            format!("{}: {}", strip.name, bars.join(", "))
        };
        self.rows.iter().map(strip).collect::<Vec<_>>().join("; ")
    }
}
