//! One strip of bars per name, all on one scale.

use super::canvas::{Anchor, Canvas, GRID, Pen, SOFT, TEXT, WIDTH, fitted};
use super::scale::Scale;
use super::{BarStrip, BarStrips, Tone};

/// Space for the names.
const LEFT: f64 = 150.0;
/// Space for the value at the end.
const RIGHT: f64 = WIDTH - 48.0;
const HEIGHT: f64 = 30.0;
const GAP: f64 = 8.0;

pub(super) fn draw(canvas: &mut Canvas, strips: &BarStrips) {
    canvas.height += 16.0;
    let [first, last] = &strips.ends;
    canvas.text((LEFT, canvas.height), Anchor::Start, SOFT, first);
    canvas.text((RIGHT, canvas.height), Anchor::End, SOFT, last);
    canvas.height += GAP;
    let values = || strips.rows.iter().flat_map(|row| &row.bars).filter_map(|bar| bar.value);
    let (low, high) = values()
        .fold((strips.base, strips.base), |(low, high), value| (low.min(value), high.max(value)));
    for strip in &strips.rows {
        let (top, bottom) = (canvas.height, canvas.height + HEIGHT);
        let scale = Scale { values: (low, high), places: (bottom, top) };
        row(canvas, strip, (strips, &scale));
        canvas.height = bottom + GAP;
    }
}

fn row(canvas: &mut Canvas, strip: &BarStrip, (strips, scale): (&BarStrips, &Scale)) {
    let base = scale.at(strips.base);
    let bottom = canvas.height + HEIGHT;
    canvas.text((0.0, bottom - 8.0), Anchor::Start, TEXT, &fitted(&strip.name, LEFT - 10.0));
    canvas.line((LEFT, base), (RIGHT, base), Pen::solid(GRID, 1.0));
    let width = (RIGHT - LEFT) / strip.bars.len().max(1) as f64;
    for (bar, number) in strip.bars.iter().zip(0_u32..) {
        let Some(value) = bar.value else { continue };
        let left = LEFT + f64::from(number) * width;
        let place = scale.at(value);
        canvas.explained(&format!("{}, {}", strip.name, bar.label), |canvas| {
            let (top, bottom) = (place.min(base), place.max(base).max(place.min(base) + 1.0));
            canvas.rectangle((left + 1.0, top), (left + width - 1.0, bottom), Tone::Main.ink());
        });
    }
    let end = strip.bars.iter().rev().find_map(|bar| bar.value);
    if let Some(value) = end {
        canvas.text((RIGHT + 6.0, bottom - 8.0), Anchor::Start, SOFT, &(strips.write)(value));
    }
}
