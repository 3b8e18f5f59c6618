//! Estimates and their intervals on a common axis: a line of words, and below it the mark.

use super::canvas::{Anchor, Canvas, GRID, PAPER, Pen, SOFT, TEXT, WIDTH, fitted, width_of};
use super::scale::Scale;
use super::{Axis, Forest, Mark, Tone};

/// Height of a line.
const LINE: f64 = 40.0;
/// Free space at both ends of the axis, for half a mark or tick label.
const MARGIN: f64 = 14.0;

pub(super) fn draw(canvas: &mut Canvas, forest: &Forest) {
    let scale = horizontal(&forest.axis);
    let top = canvas.height + if forest.axis.reference.is_some() { 24.0 } else { 6.0 };
    let bottom = top + LINE * forest.marks.len() as f64;
    axis(canvas, &forest.axis, (top, bottom));
    for (mark, number) in forest.marks.iter().zip(0..) {
        line(canvas, mark, (&scale, top + LINE * f64::from(number)));
    }
    canvas.height = bottom + 24.0;
}

pub(super) fn horizontal(axis: &Axis) -> Scale {
    Scale { values: (axis.from, axis.to), places: (MARGIN, WIDTH - MARGIN) }
}

/// Grid, tick labels below it, and the reference with its label above it.
pub(super) fn axis(canvas: &mut Canvas, axis: &Axis, (top, bottom): (f64, f64)) {
    let scale = horizontal(axis);
    for tick in scale.ticks() {
        let place = scale.at(tick);
        canvas.line((place, top), (place, bottom), Pen::solid(GRID, 1.0));
        centred(canvas, (place, bottom + 16.0), &(axis.write)(tick));
    }
    if let Some(reference) = &axis.reference {
        let place = scale.at(reference.value);
        canvas.line((place, top - 4.0), (place, bottom), Pen::dashed(TEXT));
        centred(canvas, (place, top - 9.0), &reference.label);
    }
}

/// Words below or above a place, moved where they would leave the chart.
fn centred(canvas: &mut Canvas, (place, height): (f64, f64), words: &str) {
    let half = width_of(words) / 2.0;
    let middle = place.clamp(half.min(WIDTH / 2.0), (WIDTH - half).max(WIDTH / 2.0));
    canvas.text((middle, height), Anchor::Middle, SOFT, words);
}

fn line(canvas: &mut Canvas, mark: &Mark, (scale, top): (&Scale, f64)) {
    let words = format!("{}: {}", mark.name, mark.label);
    canvas.explained(&words, |canvas| {
        caption(canvas, top, (&mark.name, &mark.label));
        let (Some(estimate), middle) = (mark.estimate, top + 28.0) else { return };
        let ink = mark.tone.ink();
        if let Tone::Band { .. } = mark.tone {
            let start = scale.at(scale.values.0);
            canvas.rectangle((start, middle - 7.0), (scale.at(estimate), middle + 7.0), ink);
            whisker(canvas, mark, (scale, middle), Pen::solid(PAPER, 5.0));
            whisker(canvas, mark, (scale, middle), Pen::solid(TEXT, 2.0));
        } else {
            whisker(canvas, mark, (scale, middle), Pen::solid(ink, 2.0));
            canvas.dot((scale.at(estimate), middle), 5.0, ink);
        }
    });
}

fn whisker(canvas: &mut Canvas, mark: &Mark, (scale, middle): (&Scale, f64), pen: Pen) {
    let Some((lower, upper)) = mark.bounds else { return };
    let (lower, upper) = (scale.at(lower), scale.at(upper));
    canvas.line((lower, middle), (upper, middle), pen);
    for end in [lower, upper] {
        canvas.line((end, middle - 4.0), (end, middle + 4.0), pen);
    }
}

/// A name on the left, its figures on the right.
pub(super) fn caption(canvas: &mut Canvas, top: f64, (name, label): (&str, &str)) {
    let label = fitted(label, WIDTH * 0.75);
    let name = fitted(name, WIDTH - width_of(&label) - 12.0);
    canvas.text((0.0, top + 14.0), Anchor::Start, TEXT, &name);
    canvas.text((WIDTH, top + 14.0), Anchor::End, TEXT, &label);
}
