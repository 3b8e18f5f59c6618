//! Actions that are due for an account, with the driver that called for each.

use crate::band::Action;
use crate::drivers::{Driver, DriverSource};
use crate::score::Scored;
use crate::scorecard::Scorecard;

/// An action that is due.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ActionDue<'a> {
    /// What to do.
    pub action: &'a Action,
    /// What called for it.
    pub caller: ActionCaller,
    /// The indicator that weighs most in what called for it: against the reference for a band, against
    /// the earlier score for a decline. None where nothing weighs against the account.
    pub driver: Option<Driver>,
}

/// What calls for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionCaller {
    /// The band of the score, by index.
    Band(usize),
    /// A component's own band.
    ComponentBand {
        /// Index of the component.
        component: usize,
        /// Index of the band among the component's.
        band: usize,
    },
    /// A component whose sub-score fell, by index.
    Component(usize),
    /// An indicator whose sub-score fell, by index.
    Indicator(usize),
}

impl Scorecard {
    /// The actions due for an account: those of `band` (the band after the trend rules), of the bands of
    /// its components, and of what declined since `before`, in this order.
    ///
    /// A sub-score declined that fell by the trend's threshold or more; without `before` none did.
    /// Without a score nothing is due.
    pub fn actions_due<'a>(
        &'a self,
        now: &Scored,
        band: Option<usize>,
        before: Option<&Scored>,
    ) -> Vec<ActionDue<'a>> {
        let mut due = Vec::new();
        let Some(index) = band.filter(|_| now.score.is_some()) else { return due };
        let drivers = now.drivers();
        let mut call = |actions: &'a [Action], caller, driver| {
            due.extend(actions.iter().map(|action| ActionDue { action, caller, driver }));
        };
        if let Some(band) = self.bands().get(index) {
            call(&band.actions, ActionCaller::Band(index), worst(&drivers, |_| true));
        }
        let changes = before.and_then(|before| self.change(before, now)).unwrap_or_default();
        let fell = |earlier: Option<f64>, later: Option<f64>| {
            earlier
                .zip(later)
                .is_some_and(|(earlier, later)| earlier - later >= self.trend().threshold)
        };
        let mut first = 0;
        for (index, component) in self.components().iter().enumerate() {
            let inside = first..first + component.indicators.len();
            first = inside.end;
            let score = now.components.get(index).copied().flatten();
            let own = score.zip(component.bands.as_ref()).and_then(|(score, bands)| {
                let band = bands.of(score);
                Some((band, bands.as_slice().get(band)?))
            });
            if let Some((band, own)) = own {
                let caller = ActionCaller::ComponentBand { component: index, band };
                call(
                    &own.actions,
                    caller,
                    worst(&drivers, |indicator| inside.contains(&indicator)),
                );
            }
            let earlier = before.and_then(|before| before.components.get(index).copied().flatten());
            if fell(earlier, score) {
                let driver = worst(&changes, |indicator| inside.contains(&indicator));
                call(&component.on_decline, ActionCaller::Component(index), driver);
            }
        }
        for (index, indicator) in self.indicators().enumerate() {
            let earlier = before.and_then(|before| before.sub_scores.get(index).copied().flatten());
            if fell(earlier, now.sub_scores.get(index).copied().flatten()) {
                let driver = worst(&changes, |other| other == index);
                call(&indicator.on_decline, ActionCaller::Indicator(index), driver);
            }
        }
        due
    }
}

/// The lowest driver below 0 among some indicators; of equals the first.
fn worst(drivers: &[Driver], among: impl Fn(usize) -> bool) -> Option<Driver> {
    (drivers.iter().copied())
        .filter(|driver| match driver.source {
            DriverSource::Indicator(index) => among(index) && driver.points < 0.0,
            DriverSource::Availability => false,
        })
        .min_by(|left, right| left.points.total_cmp(&right.points))
}

#[cfg(test)]
mod tests {
    use super::ActionCaller;
    use crate::{DriverSource, Input, Scorecard};

    const TEXT: &str = r#"
        spec_version = 1
        name = "x"
        version = "1.0.0"
        [components.a]
        weight = 50
        on_decline = [{ do = "ask" }]
        indicators = [{ name = "a", poor = 0, good = 100, on_decline = [{ do = "call" }] }]
        [[components.a.bands]]
        name = "quiet"
        from = 0
        actions = [{ do = "train" }]
        [[components.a.bands]]
        name = "lively"
        from = 50
        [components.b]
        weight = 50
        indicators = [{ name = "b", poor = 0, good = 100, on_decline = [{ do = "visit" }] }]
        [[bands]]
        name = "low"
        from = 0
        actions = [{ do = "plan" }]
        [[bands]]
        name = "high"
        from = 60
    "#;

    #[test]
    fn bands_and_declines_call_for_actions_with_their_driver() {
        let scorecard = Scorecard::from_toml("scorecard.toml", TEXT).unwrap();
        let at = |a: f64, b: f64| scorecard.score(&[Input::Number(a), Input::Number(b)]);
        let (before, now) = (at(45.0, 90.0), at(40.0, 86.0));
        let due = scorecard.actions_due(&now, now.band, Some(&before));
        let shown: Vec<(&str, ActionCaller)> =
            due.iter().map(|due| (due.action.what.as_str(), due.caller)).collect();
        assert_eq!(
            shown,
            [("train", ActionCaller::ComponentBand { component: 0, band: 0 })]
                .into_iter()
                .chain([("ask", ActionCaller::Component(0)), ("call", ActionCaller::Indicator(0))])
                .collect::<Vec<_>>()
        );
        let points: Vec<f64> = due.iter().map(|due| due.driver.unwrap().points).collect();
        assert_eq!(points, [-30.0, -2.5, -2.5]);
        assert!(due.iter().all(|due| due.driver.unwrap().source == DriverSource::Indicator(0)));

        let low = at(90.0, 20.0);
        let due = scorecard.actions_due(&low, low.band, None);
        assert_eq!(due.len(), 1);
        assert_eq!((due[0].action.what.as_str(), due[0].caller), ("plan", ActionCaller::Band(0)));
        assert_eq!(due[0].driver.unwrap().source, DriverSource::Indicator(1));
        let unscored = scorecard.score(&[]);
        assert!(scorecard.actions_due(&unscored, unscored.band, Some(&before)).is_empty());
    }
}
