//! An estimate and its interval at each snapshot.

use super::canvas::{Anchor, Canvas, GRID, Pen, SOFT, TEXT, WIDTH};
use super::scale::Scale;
use super::{Day, Timeline, Tone};

const HEIGHT: f64 = 190.0;
/// Space for the labels of the values.
const LEFT: f64 = 34.0;
/// Days that are named below the axis.
const NAMED: usize = 3;

pub(super) fn draw(canvas: &mut Canvas, timeline: &Timeline) {
    let (top, bottom) = (canvas.height + 10.0, canvas.height + 10.0 + HEIGHT);
    let axis = &timeline.axis;
    let values = Scale { values: (axis.from, axis.to), places: (bottom, top) };
    for tick in values.ticks() {
        let place = values.at(tick);
        canvas.line((LEFT, place), (WIDTH, place), Pen::solid(GRID, 1.0));
        canvas.text((LEFT - 6.0, place + 4.0), Anchor::End, SOFT, &(axis.write)(tick));
    }
    if let Some(reference) = &axis.reference {
        let place = values.at(reference.value);
        canvas.line((LEFT, place), (WIDTH, place), Pen::dashed(TEXT));
        canvas.text((LEFT + 4.0, place - 5.0), Anchor::Start, SOFT, &reference.label);
    }
    let last = timeline.points.len().saturating_sub(1);
    let days = Scale { values: (0.0, last.max(1) as f64), places: (LEFT + 16.0, WIDTH - 16.0) };
    joined(canvas, timeline, (&days, &values));
    for (point, number) in timeline.points.iter().zip(0_u32..) {
        mark(canvas, point, (days.at(f64::from(number)), &values));
    }
    for number in named(last) {
        if let Some(point) = timeline.points.get(number) {
            let (place, anchor) = match number {
                0 => (LEFT, Anchor::Start),
                number if number == last => (WIDTH, Anchor::End),
                number => (days.at(number as f64), Anchor::Middle),
            };
            canvas.text((place, bottom + 17.0), anchor, SOFT, &point.date);
        }
    }
    canvas.height = bottom + 24.0;
}

/// Neighbours that both have an estimate.
fn joined(canvas: &mut Canvas, timeline: &Timeline, (days, values): (&Scale, &Scale)) {
    for (pair, number) in timeline.points.windows(2).zip(0_u32..) {
        if let [Day { estimate: Some(from), .. }, Day { estimate: Some(to), .. }] = pair {
            let from = (days.at(f64::from(number)), values.at(*from));
            let to = (days.at(f64::from(number + 1)), values.at(*to));
            canvas.line(from, to, Pen::solid(Tone::Main.ink(), 1.0));
        }
    }
}

fn mark(canvas: &mut Canvas, point: &Day, (place, values): (f64, &Scale)) {
    let Some(estimate) = point.estimate else { return };
    let ink = Tone::Main.ink();
    canvas.explained(&format!("{}: {}", point.date, point.label), |canvas| {
        if let Some((lower, upper)) = point.bounds {
            let (lower, upper) = (values.at(lower), values.at(upper));
            canvas.line((place, lower), (place, upper), Pen::solid(ink, 2.0));
        }
        canvas.dot((place, values.at(estimate)), 4.0, ink);
    });
}

/// Places of the days that are named, from the first to the last.
fn named(last: usize) -> Vec<usize> {
    let steps = (NAMED - 1).min(last);
    let mut named: Vec<usize> = (0..=steps).map(|step| step * last / steps.max(1)).collect();
    named.dedup();
    named
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn the_first_and_the_last_day_are_named() {
        assert_eq!([named(0), named(1), named(2)], [vec![0], vec![0, 1], vec![0, 1, 2]]);
        assert_eq!(named(17), [0, 8, 17]);
    }
}
