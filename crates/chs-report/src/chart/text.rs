//! Estimates and their intervals as marks on a common axis, in plain text.

use super::{Axis, Forest, Mark};

/// Characters of the axis.
const WIDTH: usize = 48;

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
        if let Some(reference) = &self.reference {
            draw(self.place(reference.value), '┊');
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
pub(crate) fn text(forest: &Forest) -> String {
    let Forest { marks, axis } = forest;
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
    use super::text;
    use crate::chart::{Axis, Forest, Mark, Reference, Tone};

    fn axis() -> Axis {
        let reference = Some(Reference { value: 5.0, label: "five".into() });
        Axis { from: 0.0, to: 47.0, reference, write: |value| value.to_string() }
    }

    fn mark(name: &str, estimate: Option<f64>, bounds: Option<(f64, f64)>) -> Mark {
        Mark { name: name.into(), estimate, bounds, label: String::new(), tone: Tone::Main }
    }

    #[test]
    fn marks_stand_on_a_common_axis() {
        let marks = vec![
            mark("at-risk", Some(4.0), Some((2.0, 7.0))),
            mark("fine", Some(99.0), None),
            mark("empty", None, None),
        ];
        let drawn = text(&Forest { marks, axis: axis() });
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[0], "at-risk    ├─●──┤");
        assert_eq!(lines[1], format!("fine          ┊{}●", " ".repeat(41)));
        assert_eq!(lines[2], "empty    none");
        assert_eq!(lines[3], format!("         0{}47", " ".repeat(45)));
    }

    #[test]
    fn an_axis_without_length_does_not_panic() {
        let axis = Axis { to: 0.0, ..axis() };
        let marks = vec![mark("a", Some(0.0), Some((0.0, 0.0)))];
        assert!(text(&Forest { marks, axis }).contains('●'));
    }
}
