//! Weights before and after a fit.

use super::canvas::{Anchor, Canvas, Pen, SOFT};
use super::forest::{axis, caption, horizontal};
use super::scale::round_up;
use super::{Axis, Tone, WeightPair};
use crate::wording::plain;

const LINE: f64 = 40.0;

pub(super) fn draw(canvas: &mut Canvas, weights: &[WeightPair]) {
    let ends = weights.iter().flat_map(|pair| {
        let upper = pair.range.map_or(0.0, |(_, upper)| upper);
        [pair.prior, pair.fitted, upper]
    });
    let to = round_up(ends.fold(0.0, f64::max));
    let values =
        Axis { from: 0.0, to, reference: None, write: |value| format!("{} %", plain(value)) };
    let top = canvas.height + 24.0;
    let (other, main) = (Tone::Other.ink(), Tone::Main.ink());
    canvas.ring((6.0, top - 12.0), 5.0, other);
    canvas.text((16.0, top - 8.0), Anchor::Start, SOFT, "before");
    canvas.dot((76.0, top - 12.0), 5.0, main);
    canvas.text((86.0, top - 8.0), Anchor::Start, SOFT, "fitted, with its range");
    let bottom = top + LINE * weights.len() as f64;
    axis(canvas, &values, (top, bottom));
    let scale = horizontal(&values);
    for (pair, number) in weights.iter().zip(0..) {
        let top = top + LINE * f64::from(number);
        let middle = top + 28.0;
        canvas.explained(&format!("{}: {}", pair.name, pair.label), |canvas| {
            caption(canvas, top, (&pair.name, &pair.label));
            if let Some((lower, upper)) = pair.range {
                let ends = (scale.at(lower), scale.at(upper));
                canvas.line((ends.0, middle), (ends.1, middle), Pen::solid(main, 2.0));
            }
            canvas.dot((scale.at(pair.fitted), middle), 5.0, main);
            canvas.ring((scale.at(pair.prior), middle), 5.0, other);
        });
    }
    canvas.height = bottom + 24.0;
}
