//! Two shares over the snapshots, a strip per name: an area, and a line over it.

use super::canvas::{Anchor, Canvas, GRID, Pen, SOFT, TEXT, WIDTH};
use super::forest::caption;
use super::scale::Scale;
use super::{Strip, Strips, Tone};

/// Height of a strip with its caption.
const LINE: f64 = 62.0;
/// Height of the strip alone.
const STRIP: f64 = 36.0;

pub(super) fn draw(canvas: &mut Canvas, strips: &Strips) {
    let top = canvas.height + 24.0;
    legend(canvas, top, &strips.legend);
    for (strip, number) in strips.lines.iter().zip(0..) {
        let top = top + LINE * f64::from(number);
        canvas.explained(&format!("{}: {}", strip.name, strip.label), |canvas| {
            caption(canvas, top, (&strip.name, &strip.label));
            shares(canvas, strip, top + LINE - STRIP - 4.0);
        });
    }
    let bottom = top + LINE * strips.lines.len() as f64;
    canvas.text((0.0, bottom + 14.0), Anchor::Start, SOFT, &strips.ends[0]);
    canvas.text((WIDTH, bottom + 14.0), Anchor::End, SOFT, &strips.ends[1]);
    canvas.height = bottom + 22.0;
}

fn legend(canvas: &mut Canvas, top: f64, [area, line]: &[String; 2]) {
    let middle = top - 12.0;
    canvas.rectangle((0.0, middle - 5.0), (14.0, middle + 5.0), Tone::Main.ink());
    canvas.text((20.0, middle + 4.0), Anchor::Start, SOFT, area);
    let next = 40.0 + super::canvas::width_of(area);
    canvas.line((next, middle), (next + 14.0, middle), Pen::solid(TEXT, 2.0));
    canvas.text((next + 20.0, middle + 4.0), Anchor::Start, SOFT, line);
}

/// Steps of the area, one per snapshot, and the line through the middles of the steps.
fn shares(canvas: &mut Canvas, strip: &Strip, top: f64) {
    let bottom = top + STRIP;
    let heights = Scale { values: (0.0, 1.0), places: (bottom, top) };
    let days = Scale { values: (0.0, strip.days.len().max(1) as f64), places: (0.0, WIDTH) };
    let mut steps = vec![(0.0, bottom)];
    let mut lines: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for ((filled, changed), day) in strip.days.iter().zip(0_u32..) {
        let (from, to) = (days.at(f64::from(day)), days.at(f64::from(day) + 1.0));
        steps.extend([(from, heights.at(*filled)), (to, heights.at(*filled))]);
        match (changed, lines.last_mut()) {
            (Some(changed), Some(line)) => {
                line.push((f64::midpoint(from, to), heights.at(*changed)));
            }
            _ => lines.push(Vec::new()),
        }
    }
    steps.push((WIDTH, bottom));
    canvas.area(&steps, Tone::Main.ink());
    canvas.line((0.0, top), (WIDTH, top), Pen::solid(GRID, 1.0));
    canvas.line((0.0, bottom), (WIDTH, bottom), Pen::solid(GRID, 1.0));
    for line in lines.iter().filter(|line| !line.is_empty()) {
        canvas.polyline(line, Pen::solid(TEXT, 1.5));
    }
}
