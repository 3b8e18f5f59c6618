//! Histograms of the two labels, one above the other, over the same scores.

use super::canvas::{Anchor, Canvas, GRID, Pen, SOFT, TEXT, WIDTH, fitted};
use super::scale::{Scale, round_up};
use super::{Bin, Distribution, Tone};
use crate::wording::{percent, plain, short_percent};

const HEIGHT: f64 = 92.0;
/// Space for the labels of the shares.
const LEFT: f64 = 40.0;
const RIGHT: f64 = WIDTH - 12.0;

pub(super) fn draw(canvas: &mut Canvas, distribution: &Distribution) {
    let shares = distribution.bins.iter().flat_map(|bin| bin.shares).flatten();
    let highest = round_up(shares.fold(0.0, f64::max));
    let scores = Scale { values: (0.0, 100.0), places: (LEFT, RIGHT) };
    for (caption, side) in distribution.captions.iter().zip(0..) {
        let (top, bottom) = (canvas.height + 24.0, canvas.height + 24.0 + HEIGHT);
        canvas.text((LEFT, top - 8.0), Anchor::Start, TEXT, caption);
        let share = Scale { values: (0.0, highest), places: (bottom, top) };
        for tick in [0.0, highest / 2.0, highest] {
            let place = share.at(tick);
            canvas.line((LEFT, place), (RIGHT, place), Pen::solid(GRID, 1.0));
            canvas.text((LEFT - 6.0, place + 4.0), Anchor::End, SOFT, &short_percent(tick));
        }
        for bin in &distribution.bins {
            bar(canvas, bin, (distribution, side), (&scores, &share));
        }
        for (_, from) in distribution.bands.iter().filter(|(_, from)| *from > 0.0) {
            let place = scores.at(*from);
            canvas.line((place, top), (place, bottom), Pen::dashed(TEXT));
        }
        canvas.height = bottom;
    }
    below(canvas, distribution, &scores);
}

fn bar(
    canvas: &mut Canvas,
    bin: &Bin,
    (distribution, side): (&Distribution, usize),
    (scores, share): (&Scale, &Scale),
) {
    let Some(found) = bin.shares.get(side).copied().flatten().filter(|share| *share > 0.0) else {
        return;
    };
    let words = format!("{} to {}: {}", plain(bin.from), plain(bin.to), percent(found));
    let ink = tone(distribution, f64::midpoint(bin.from, bin.to)).ink();
    let (left, right) = (scores.at(bin.from) + 0.5, scores.at(bin.to) - 0.5);
    canvas.explained(&words, |canvas| {
        canvas.rectangle((left, share.at(found)), (right, share.at(0.0)), ink);
    });
}

/// The colour of the band that holds a score.
fn tone(distribution: &Distribution, score: f64) -> Tone {
    let of = distribution.bands.len();
    match distribution.bands.iter().filter(|(_, from)| *from <= score).count() {
        0 => Tone::Main,
        reached => Tone::Band { place: reached - 1, of },
    }
}

/// Scores, and the names of the bands.
fn below(canvas: &mut Canvas, distribution: &Distribution, scores: &Scale) {
    let bottom = canvas.height;
    for tick in scores.ticks() {
        canvas.text((scores.at(tick), bottom + 16.0), Anchor::Middle, SOFT, &plain(tick));
    }
    let ends = distribution.bands.iter().skip(1).map(|(_, from)| *from).chain([100.0]);
    for ((name, from), to) in distribution.bands.iter().zip(ends) {
        let (left, right) = (scores.at(*from), scores.at(to));
        let name = fitted(name, right - left - 4.0);
        canvas.text((f64::midpoint(left, right), bottom + 34.0), Anchor::Middle, TEXT, &name);
    }
    canvas.height = bottom + if distribution.bands.is_empty() { 24.0 } else { 42.0 };
}
