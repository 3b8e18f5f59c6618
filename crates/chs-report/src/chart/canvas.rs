//! Shapes of an SVG.

use std::fmt::Write as _;

use super::Tone;
use crate::escape::xml;

/// Width of every chart, in the unit of its text: narrow enough for a telephone.
pub(super) const WIDTH: f64 = 420.0;
/// Mean width of a character of a chart's text, in one of the wider fonts.
const CHARACTER: f64 = 8.2;
/// Width of bold text over that of plain text.
const BOLD: f64 = 1.12;

/// A class of the style sheet, and the colour that holds without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink {
    class: &'static str,
    color: &'static str,
}

/// Text and what is as important.
pub(super) const TEXT: Ink = Ink { class: "ink", color: "#1f2328" };
/// Text that explains.
pub(super) const SOFT: Ink = Ink { class: "soft", color: "#59636e" };
/// What lies behind everything.
pub(super) const PAPER: Ink = Ink { class: "paper", color: "#fff" };
/// Lines behind the marks.
pub(super) const GRID: Ink = Ink { class: "grid", color: "#d1d9e0" };
const MAIN: Ink = Ink { class: "main", color: "#0072b2" };
const OTHER: Ink = Ink { class: "other", color: "#6e7781" };
/// From the band of the lowest scores to that of the highest; told apart without red and green.
const BANDS: [Ink; 5] = [
    Ink { class: "band-1", color: "#b83a00" },
    Ink { class: "band-2", color: "#c96f00" },
    Ink { class: "band-3", color: "#9a7b00" },
    Ink { class: "band-4", color: "#2f8a84" },
    Ink { class: "band-5", color: "#0072b2" },
];

impl Tone {
    pub(super) fn ink(self) -> Ink {
        match self {
            Self::Main => MAIN,
            Self::Other => OTHER,
            Self::Band { place, of } => {
                let steps = of.saturating_sub(1).max(1);
                let nearest = (2 * place * (BANDS.len() - 1) + steps) / (2 * steps);
                BANDS.get(nearest).copied().unwrap_or(MAIN)
            }
        }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub(super) ink: Ink,
    pub(super) width: f64,
    pub(super) is_dashed: bool,
}

impl Pen {
    pub(super) fn solid(ink: Ink, width: f64) -> Self {
        Self { ink, width, is_dashed: false }
    }

    pub(super) fn dashed(ink: Ink) -> Self {
        Self { ink, width: 1.5, is_dashed: true }
    }
}

/// Where a text starts, is centred, or ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Shapes under construction, and how far down they reach.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    pub(super) shapes: String,
    pub(super) height: f64,
}

impl Canvas {
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), pen: Pen) {
        let dashes = if pen.is_dashed { " stroke-dasharray=\"4 3\"" } else { "" };
        let shape = format!(
            "<path {} stroke=\"currentColor\" stroke-width=\"{}\"{dashes} d=\"M{} {}L{} {}\"/>",
            ink(pen.ink),
            number(pen.width),
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1)
        );
        self.push(&shape);
    }

    /// Lines from each point to the next.
    pub(super) fn polyline(&mut self, points: &[(f64, f64)], pen: Pen) {
        let shape = format!(
            "<path {} fill=\"none\" stroke=\"currentColor\" stroke-width=\"{}\" d=\"{}\"/>",
            ink(pen.ink),
            number(pen.width),
            path(points)
        );
        self.push(&shape);
    }

    /// What lies between points, filled thinly, so that lines over it are seen.
    pub(super) fn area(&mut self, points: &[(f64, f64)], filled: Ink) {
        let shape = format!(
            "<path {} fill=\"currentColor\" fill-opacity=\"0.45\" d=\"{}Z\"/>",
            ink(filled),
            path(points)
        );
        self.push(&shape);
    }

    pub(super) fn rectangle(&mut self, from: (f64, f64), to: (f64, f64), filled: Ink) {
        let shape = format!(
            "<rect {} fill=\"currentColor\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            ink(filled),
            number(from.0),
            number(from.1),
            number((to.0 - from.0).max(0.0)),
            number((to.1 - from.1).max(0.0))
        );
        self.push(&shape);
    }

    /// A filled circle.
    pub(super) fn dot(&mut self, center: (f64, f64), radius: f64, filled: Ink) {
        let shape =
            format!("<circle {} fill=\"currentColor\" {}/>", ink(filled), circle(center, radius));
        self.push(&shape);
    }

    /// A circle that is hollow.
    pub(super) fn ring(&mut self, center: (f64, f64), radius: f64, drawn: Ink) {
        let shape = format!(
            "<circle {} fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" {}/>",
            ink(drawn),
            circle(center, radius)
        );
        self.push(&shape);
    }

    pub(super) fn text(&mut self, at: (f64, f64), anchor: Anchor, filled: Ink, words: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let shape = format!(
            "<text {} fill=\"currentColor\" x=\"{}\" y=\"{}\"{anchor}>{}</text>",
            ink(filled),
            number(at.0),
            number(at.1),
            xml(words)
        );
        self.push(&shape);
    }

    /// The title, in as many lines as it needs.
    pub(super) fn title(&mut self, words: &str) {
        for line in lines(words) {
            self.height += 18.0;
            let _ = write!(
                self.shapes,
                "<text {} fill=\"currentColor\" font-weight=\"600\" x=\"0\" y=\"{}\">{}</text>",
                ink(TEXT),
                number(self.height - 4.0),
                xml(&line)
            );
        }
    }

    /// Shapes that say more where a pointer rests on them.
    pub(super) fn explained(&mut self, words: &str, draw: impl FnOnce(&mut Self)) {
        let _ = write!(self.shapes, "<g><title>{}</title>", xml(words));
        draw(self);
        self.push("</g>");
    }

    fn push(&mut self, shape: &str) {
        self.shapes.push_str(shape);
    }
}

fn ink(ink: Ink) -> String {
    format!("class=\"{}\" color=\"{}\"", ink.class, ink.color)
}

fn circle(center: (f64, f64), radius: f64) -> String {
    format!("cx=\"{}\" cy=\"{}\" r=\"{}\"", number(center.0), number(center.1), number(radius))
}

fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        let step = if place == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{step}{} {}", number(*x), number(*y));
    }
    path
}

/// A place with one decimal at most.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// A name cut to what fits into a width.
pub(super) fn fitted(name: &str, width: f64) -> String {
    let fits = |count: usize| count as f64 * CHARACTER <= width;
    if fits(name.chars().count()) {
        return name.to_owned();
    }
    let mut kept = String::new();
    for (count, character) in name.chars().enumerate() {
        if !fits(count + 2) {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// About how wide a text is.
pub(super) fn width_of(text: &str) -> f64 {
    text.chars().count() as f64 * CHARACTER
}

fn lines(words: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if (width_of(line) + width_of(word) + CHARACTER) * BOLD < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fitted(word, WIDTH / BOLD)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{BANDS, Tone, fitted, lines, number};

    #[test]
    fn bands_take_the_ends_of_the_palette() {
        let inks = |of: usize| -> Vec<usize> {
            let ink = |place| Tone::Band { place, of }.ink();
            (0..of).filter_map(|place| BANDS.iter().position(|band| *band == ink(place))).collect()
        };
        assert_eq!([inks(1), inks(2), inks(3)], [vec![0], vec![0, 4], vec![0, 2, 4]]);
        assert_eq!(inks(4), [0, 1, 3, 4]);
        assert_eq!(inks(7).last(), Some(&4));
    }

    #[test]
    fn names_are_cut_where_they_do_not_fit() {
        assert_eq!(fitted("at-risk", 100.0), "at-risk");
        assert_eq!(fitted("a name that is too long", 60.0), "a name…");
        assert_eq!(fitted("ab", 0.0), "…");
        assert_eq!(lines(&"word ".repeat(30)).len(), 4);
    }

    #[test]
    fn places_are_short() {
        assert_eq!([3.0, 3.25, -0.04].map(number), ["3", "3.2", "-0"]);
    }
}
