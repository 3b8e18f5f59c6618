//! Estimates and their intervals as marks on a common axis, in plain text.

/// Characters of the axis.
const WIDTH: usize = 48;

/// One line of a chart.
pub(crate) struct Mark {
    /// What it is.
    pub(crate) name: String,
    /// The estimate; `None` leaves the line empty.
    pub(crate) estimate: Option<f64>,
    /// Its interval.
    pub(crate) bounds: Option<(f64, f64)>,
}

/// Ends of the axis, and a value to compare with.
pub(crate) struct Axis {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) reference: Option<f64>,
    /// How the ends are written.
    pub(crate) write: fn(f64) -> String,
}

impl Axis {
    /// Where a value stands; outside values stand at the ends.
    fn place(&self, value: f64) -> usize {
        let share = (value - self.from) / (self.to - self.from);
        let place = (share.clamp(0.0, 1.0) * (WIDTH - 1) as f64).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the width; NaN, from an axis without length, becomes 0"
        )]
        let place = place as usize;
        place
    }

    fn line(&self, mark: &Mark) -> String {
        let mut line = [' '; WIDTH];
        let mut draw = |place: usize, character| {
            if let Some(cell) = line.get_mut(place) {
                *cell = character;
            }
        };
        if let Some(reference) = self.reference {
            draw(self.place(reference), '┊');
        }
        if let (Some(_), Some((lower, upper))) = (mark.estimate, mark.bounds) {
            let (lower, upper) = (self.place(lower), self.place(upper));
            (lower..=upper).for_each(|place| draw(place, '─'));
            draw(lower, '├');
            draw(upper, '┤');
        }
        if let Some(estimate) = mark.estimate {
            draw(self.place(estimate), '●');
        }
        line.into_iter().collect()
    }
}

/// One line per mark, below them the ends of the axis.
pub(crate) fn chart(marks: &[Mark], axis: &Axis) -> String {
    let widest = marks.iter().map(|mark| mark.name.chars().count()).max().unwrap_or(0);
    let mut lines: Vec<String> = marks
        .iter()
        .map(|mark| {
            let name: String = mark
                .name
                .chars()
                .map(|c| if c.is_control() || c == '`' { ' ' } else { c })
                .collect();
            let line = if mark.estimate.is_some() { axis.line(mark) } else { "none".to_owned() };
            format!("{name:<widest$}  {line}").trim_end().to_owned()
        })
        .collect();
    let (from, to) = ((axis.write)(axis.from), (axis.write)(axis.to));
    let gap = WIDTH.saturating_sub(from.chars().count());
    lines.push(format!("{:<widest$}  {from}{to:>gap$}", ""));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Axis, Mark, chart};

    fn axis() -> Axis {
        Axis { from: 0.0, to: 47.0, reference: Some(5.0), write: |value| value.to_string() }
    }

    fn mark(name: &str, estimate: Option<f64>, bounds: Option<(f64, f64)>) -> Mark {
        Mark { name: name.into(), estimate, bounds }
    }

    #[test]
    fn marks_stand_on_a_common_axis() {
        let marks = [
            mark("at-risk", Some(4.0), Some((2.0, 7.0))),
            mark("fine", Some(99.0), None),
            mark("empty", None, None),
        ];
        let drawn = chart(&marks, &axis());
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[0], "at-risk    ├─●──┤");
        assert_eq!(lines[1], format!("fine          ┊{}●", " ".repeat(41)));
        assert_eq!(lines[2], "empty    none");
        assert_eq!(lines[3], format!("         0{}47", " ".repeat(45)));
    }

    #[test]
    fn an_axis_without_length_does_not_panic() {
        let axis = Axis { to: 0.0, ..axis() };
        assert!(chart(&[mark("a", Some(0.0), Some((0.0, 0.0)))], &axis).contains('●'));
    }
}
