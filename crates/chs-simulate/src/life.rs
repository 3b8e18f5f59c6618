//! One account's life: what it is, how its health wanders, and when it ends.

use crate::calendar::Calendar;
use crate::draws::{Draws, Topic, logistic, whole};
use crate::plan::{Component, Plan};

/// The plan an account pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Starter,
    Pro,
    Enterprise,
}

impl Tier {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }
}

/// Where an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Region {
    Emea,
    Amer,
    Apac,
}

impl Region {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Emea => "emea",
            Self::Amer => "amer",
            Self::Apac => "apac",
        }
    }
}

/// What does not change about an account. Days count from the history's first.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) number: u32,
    pub(crate) id: String,
    pub(crate) signup: i64,
    pub(crate) tier: Tier,
    pub(crate) region: Region,
    pub(crate) seats: i64,
    pub(crate) arr: i64,
}

impl Account {
    fn draw(plan: &Plan, calendar: &Calendar, number: u32) -> Self {
        let mut draws = Draws::new(plan.seed, number, Topic::Account);
        let signup = draws.between(calendar.day(plan.first_signup), calendar.day(plan.last_signup));
        let (tier, fewest, most, price) = match draws.unit() {
            share if share < 0.5 => (Tier::Starter, 3, 15, 240),
            share if share < 0.85 => (Tier::Pro, 10, 60, 420),
            _ => (Tier::Enterprise, 40, 300, 540),
        };
        let region = match draws.unit() {
            share if share < 0.45 => Region::Emea,
            share if share < 0.8 => Region::Amer,
            _ => Region::Apac,
        };
        let seats = draws.between(fewest, most);
        let discount = draws.between(70, 100);
        let arr = seats * price * discount / 100;
        Self { number, id: format!("A{number:04}"), signup, tier, region, seats, arr }
    }
}

/// An account's latent state in one month.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) components: [f64; 7],
    pub(crate) health: f64,
    pub(crate) hazard: f64,
}

impl State {
    pub(crate) fn of(&self, component: Component) -> f64 {
        self.components[component as usize]
    }
}

/// How an account ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// Day of the notice.
    pub(crate) notice: i64,
    /// First day after the account, 0 to 60 days after the notice.
    pub(crate) at: i64,
    pub(crate) acausal: bool,
}

/// One account from the history's start, or its sign-up, to its end or the history's.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) account: Account,
    pub(crate) first_month: usize,
    /// One state per month from `first_month` on.
    pub(crate) states: Vec<State>,
    pub(crate) end: Option<End>,
    /// First and last day plus one on which the account may leave rows.
    pub(crate) days: std::ops::Range<i64>,
}

impl Life {
    pub(crate) fn draw(plan: &Plan, calendar: &Calendar, law: &ChurnLaw, number: u32) -> Self {
        let account = Account::draw(plan, calendar, number);
        let start = account.signup.max(0);
        let first_month = calendar.month_of(start);
        let mut draws = Draws::new(plan.seed, number, Topic::Life);
        let mut latent = Latent::draw(&mut draws);
        let mut states = Vec::new();
        let mut end: Option<End> = None;
        for month in first_month..calendar.months() {
            let days = calendar.month(month);
            if end.is_some_and(|end| end.at <= days.start) {
                break;
            }
            let state = law.state(latent.components(plan.shared));
            states.push(state);
            latent.step(plan.persistence, &mut draws);
            // The month of the sign-up is not at risk: nobody gives notice on arrival.
            let at_risk = end.is_none() && days.start >= account.signup;
            let ended = at_risk.then(|| law.end(&state, days, &mut draws)).flatten();
            end = end.or(ended);
        }
        let last = end.map_or(calendar.days(), |end| end.at.min(calendar.days()));
        Self { account, first_month, states, end, days: start..last }
    }

    /// The state in a month; `None` before the first and after the last.
    pub(crate) fn state(&self, month: usize) -> Option<&State> {
        self.states.get(month.checked_sub(self.first_month)?)
    }

    /// The months of the life, each with its state and the days of it that the account lives.
    pub(crate) fn months<'a>(
        &'a self,
        calendar: &'a Calendar,
    ) -> impl Iterator<Item = (&'a State, std::ops::Range<i64>)> {
        let lived = |(position, state)| {
            let days = calendar.month(self.first_month + position);
            (state, days.start.max(self.days.start)..days.end.min(self.days.end))
        };
        // An account may end on the first day of a month; it leaves no rows there.
        self.states.iter().enumerate().map(lived).filter(|(_, days)| !days.is_empty())
    }

    /// Whether notice has been given by that day.
    pub(crate) fn leaving(&self, day: i64) -> bool {
        self.end.is_some_and(|end| end.notice <= day)
    }

    /// The day of the end, if it lies in the history.
    pub(crate) fn ended(&self, calendar: &Calendar) -> Option<End> {
        self.end.filter(|end| end.at < calendar.days())
    }
}

/// The common factor and the components' own parts, each a stationary standard normal process.
struct Latent {
    common: f64,
    own: [f64; 7],
}

impl Latent {
    fn draw(draws: &mut Draws) -> Self {
        Self { common: draws.normal(), own: std::array::from_fn(|_| draws.normal()) }
    }

    /// One month on: x' = r x + sqrt(1 - r^2) e keeps the variance at 1.
    fn step(&mut self, persistence: f64, draws: &mut Draws) {
        let fresh = (1.0 - persistence * persistence).max(0.0).sqrt();
        for part in std::iter::once(&mut self.common).chain(&mut self.own) {
            *part = persistence * *part + fresh * draws.normal();
        }
    }

    fn components(&self, shared: f64) -> [f64; 7] {
        self.own.map(|own| shared.sqrt() * self.common + (1.0 - shared).max(0.0).sqrt() * own)
    }
}

/// How health becomes a hazard. With h the weighted mean of the components, an account gives notice
/// within a month with probability q + (1 - q) / (1 + exp(-(intercept - strength h))), q being the
/// acausal hazard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChurnLaw {
    weights: [f64; 7],
    pub(crate) strength: f64,
    pub(crate) intercept: f64,
    pub(crate) acausal: f64,
}

impl ChurnLaw {
    pub(crate) fn new(plan: &Plan) -> Self {
        let weights = plan.weights.map(|percent| percent / 100.0);
        let total: f64 = weights.iter().sum();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        let spread = (plan.shared * total * total + (1.0 - plan.shared) * squares).sqrt();
        let acausal = plan.acausal_share * plan.monthly_churn;
        let causal = (plan.monthly_churn - acausal) / (1.0 - acausal);
        let intercept = intercept_for(causal, plan.strength * spread);
        Self { weights, strength: plan.strength, intercept, acausal }
    }

    pub(crate) fn state(&self, components: [f64; 7]) -> State {
        let terms = self.weights.iter().zip(&components).map(|(weight, value)| weight * value);
        let health = terms.sum();
        State { components, health, hazard: self.hazard(health) }
    }

    pub(crate) fn hazard(&self, health: f64) -> f64 {
        self.acausal + (1.0 - self.acausal) * logistic(self.intercept - self.strength * health)
    }

    /// Draws whether notice is given in a month, on which day, and when the account then ends.
    fn end(&self, state: &State, days: std::ops::Range<i64>, draws: &mut Draws) -> Option<End> {
        let luck = draws.unit();
        let notice = draws.between(days.start, days.end - 1);
        let at = notice + whole((61.0 * draws.unit() * draws.unit()).floor());
        (luck < state.hazard).then_some(End { notice, at, acausal: luck < self.acausal })
    }
}

/// The a for which the mean of 1 / (1 + exp(-(a - x))) is `mean`, x normal with that spread. By
/// bisection over the mean on an even grid of 97 points within 6 standard deviations.
fn intercept_for(mean: f64, spread: f64) -> f64 {
    let grid: Vec<(f64, f64)> = (-48..=48)
        .map(|point| f64::from(point) / 8.0)
        .map(|z| (z * spread, (-0.5 * z * z).exp()))
        .collect();
    let mass: f64 = grid.iter().map(|(_, density)| density).sum();
    let mean_at = |intercept: f64| {
        grid.iter().map(|(x, density)| density * logistic(intercept - x)).sum::<f64>() / mass
    };
    // No churn at all is asked for by a mean of 0: the lower end is as good as never.
    let (mut low, mut high) = (-700.0, 700.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if mean_at(middle) < mean { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_intercept_meets_the_mean() {
        let alone = intercept_for(0.02, 0.0);
        assert!((logistic(alone) - 0.02).abs() < 1e-12, "{alone}");
        let law = ChurnLaw::new(&Plan::saas_demo());
        let mut draws = Draws::new(1, 1, Topic::Life);
        let hazards = (0..200_000).map(|_| {
            law.state(Latent::draw(&mut draws).components(Plan::saas_demo().shared)).hazard
        });
        let mean = hazards.sum::<f64>() / 200_000.0;
        assert!((mean - 0.035).abs() < 0.0005, "{mean}");
    }

    #[test]
    fn components_keep_variance_and_persistence() {
        let mut draws = Draws::new(3, 1, Topic::Life);
        let (mut square, mut lagged, mut cross) = (0.0, 0.0, 0.0);
        for _ in 0..40_000 {
            let mut latent = Latent::draw(&mut draws);
            let before = latent.components(0.3);
            latent.step(0.9, &mut draws);
            let after = latent.components(0.3);
            square += after[0] * after[0];
            lagged += before[0] * after[0];
            cross += after[0] * after[1];
        }
        let means = [square, lagged, cross].map(|sum| sum / 40_000.0);
        for (mean, truth) in means.iter().zip([1.0, 0.9, 0.3]) {
            assert!((mean - truth).abs() < 0.03, "{means:?}");
        }
    }
}
