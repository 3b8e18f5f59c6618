//! Probabilities against what came.

use super::canvas::{Anchor, Canvas, GRID, Pen, SOFT, TEXT, WIDTH};
use super::scale::{Scale, round_up};
use super::{Point, Reliability, Tone};
use crate::wording::short_percent;

const HEIGHT: f64 = 260.0;
/// Space for the labels of the values.
const LEFT: f64 = 44.0;

pub(super) fn draw(canvas: &mut Canvas, found: &Reliability) {
    let Reliability { points, curve } = found;
    let highest = |points: &[Point]| {
        let ends = points.iter().flat_map(|point| [point.predicted, point.bounds.1]);
        round_up(ends.fold(0.0, f64::max)).min(1.0)
    };
    let (top, bottom) = (canvas.height + 26.0, canvas.height + 26.0 + HEIGHT);
    let ends = (0.0, highest(points));
    let came = Scale { values: ends, places: (bottom, top) };
    let predicted = Scale { values: ends, places: (LEFT, WIDTH - 18.0) };
    canvas.text((0.0, top - 10.0), Anchor::Start, SOFT, "share that came");
    for tick in came.ticks() {
        let (across, up) = (predicted.at(tick), came.at(tick));
        canvas.line((LEFT, up), (WIDTH - 18.0, up), Pen::solid(GRID, 1.0));
        canvas.text((LEFT - 6.0, up + 4.0), Anchor::End, SOFT, &short_percent(tick));
        canvas.line((across, top), (across, bottom), Pen::solid(GRID, 1.0));
        canvas.text((across, bottom + 16.0), Anchor::Middle, SOFT, &short_percent(tick));
    }
    canvas.text((WIDTH - 18.0, bottom + 34.0), Anchor::End, SOFT, "probability that was given");
    canvas.line((LEFT, bottom), (WIDTH - 18.0, top), Pen::dashed(TEXT));
    canvas.text((WIDTH - 84.0, top + 14.0), Anchor::End, SOFT, "as it should be");
    rising(canvas, curve, (&predicted, &came));
    for point in points {
        mark(canvas, point, (&predicted, &came));
    }
    canvas.height = bottom + 42.0;
}

/// The levels of the curve, joined by steps.
fn rising(canvas: &mut Canvas, curve: &[(f64, f64, f64)], (predicted, came): (&Scale, &Scale)) {
    let pen = Pen::solid(Tone::Other.ink(), 1.5);
    for (from, to, rate) in curve {
        let height = came.at(*rate);
        canvas.line((predicted.at(*from), height), (predicted.at(*to), height), pen);
    }
    for pair in curve.windows(2) {
        if let [(_, end, before), (start, _, after)] = pair {
            let (from, to) = (predicted.at(*end), predicted.at(*start));
            canvas.line((from, came.at(*before)), (to, came.at(*after)), pen);
        }
    }
}

fn mark(canvas: &mut Canvas, point: &Point, (predicted, came): (&Scale, &Scale)) {
    let (place, ink) = (predicted.at(point.predicted), Tone::Main.ink());
    canvas.explained(&point.label, |canvas| {
        let (lower, upper) = (came.at(point.bounds.0), came.at(point.bounds.1));
        canvas.line((place, lower), (place, upper), Pen::solid(ink, 2.0));
        canvas.dot((place, came.at(point.observed)), 4.5, ink);
    });
}
