//! Bands: named intervals of the score, and the actions that they call for.

use crate::fault::Fault;

/// An interval of the score, from its own edge up to the next band's; the top band is closed at 100.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Band {
    /// Its label, unlike every other.
    pub name: String,
    /// Lower edge, which belongs to the band; the first band starts at 0.
    pub from: f64,
    /// Colour to show, as written.
    pub color: Option<String>,
    /// Grade to show, as written.
    pub grade: Option<String>,
    /// What is due for an account in this band.
    pub actions: Vec<Action>,
}

/// Something that somebody does for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Action {
    /// What to do.
    pub what: String,
    /// Who does it; `None` means that no one is responsible.
    pub owner: Option<String>,
    /// Days after which it is overdue.
    pub within_days: Option<u32>,
}

/// One or more bands that cover 0 to 100 without gap or overlap, lowest first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bands(Vec<Band>);

impl Bands {
    /// Checked bands.
    pub(crate) fn new(bands: Vec<Band>) -> Option<Self> {
        let edges: Vec<f64> = bands.iter().map(|band| band.from).collect();
        let names: Vec<&str> = bands.iter().map(|band| band.name.as_str()).collect();
        let sound = Self::check_edges(&edges).is_empty() && Self::check_names(&names).is_empty();
        sound.then_some(Self(bands))
    }

    /// What is wrong with the edges; a fault's index is that of the band.
    pub(crate) fn check_edges(edges: &[f64]) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, from) in edges.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| edges.get(before));
            let message = match before {
                _ if !(0.0..100.0).contains(from) => {
                    format!("band edge {from} is outside 0 to 100; the top band ends at 100")
                }
                None if *from > 0.0 => {
                    format!(
                        "the first band starts at {from}; expected 0, for every score has a band"
                    )
                }
                Some(before) if before >= from => {
                    format!("band edge {from} follows {before}; expected edges to increase")
                }
                _ => continue,
            };
            faults.push(Fault::new(index, message));
        }
        if edges.is_empty() {
            faults.push(Fault::new(0, "no band; expected at least one"));
        }
        faults
    }

    /// Which names stand twice; a fault's index is that of the later band.
    pub(crate) fn check_names(names: &[&str]) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if names.iter().take(index).any(|earlier| earlier == name) {
                faults.push(Fault::new(index, format!("two bands are named `{name}`")));
            }
        }
        faults
    }

    pub(crate) fn as_slice(&self) -> &[Band] {
        &self.0
    }

    /// Index of the band of an unrounded score; an edge belongs to the band above it.
    pub(crate) fn of(&self, score: f64) -> usize {
        self.0.partition_point(|band| band.from <= score).saturating_sub(1)
    }
}

/// At risk below 40, attention below 70, healthy above: where a scorecard names no bands.
impl Default for Bands {
    fn default() -> Self {
        let band = |name: &str, from, color: &str| Band {
            name: name.to_owned(),
            from,
            color: Some(color.to_owned()),
            grade: None,
            actions: Vec::new(),
        };
        Self(vec![
            band("at-risk", 0.0, "red"),
            band("attention", 40.0, "yellow"),
            band("healthy", 70.0, "green"),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::Bands;

    #[test]
    fn an_edge_belongs_to_the_higher_band() {
        let bands = Bands::default();
        assert!(Bands::new(bands.as_slice().to_vec()).is_some());
        let cases = [(0.0, 0), (40.0_f64.next_down(), 0), (40.0, 1), (70.0, 2), (100.0, 2)];
        for (score, band) in cases {
            assert_eq!(bands.of(score), band, "{score}");
        }
    }

    #[test]
    fn edges_and_names_are_checked() {
        let indices = |edges: &[f64]| -> Vec<usize> {
            Bands::check_edges(edges).iter().map(|fault| fault.index).collect()
        };
        assert_eq!(indices(&[0.0, 40.0, 70.0]), Vec::<usize>::new());
        assert_eq!(indices(&[10.0, 5.0, 100.0]), [0, 1, 2]);
        assert_eq!(indices(&[0.0, 40.0, 40.0, f64::NAN]), [2, 3]);
        assert_eq!(indices(&[]), [0]);
        assert_eq!(Bands::check_names(&["a", "b", "a"])[0].index, 2);
        assert!(Bands::new(Vec::new()).is_none());
    }
}
