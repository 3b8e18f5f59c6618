//! The plan of a history: what is simulated, and the truth that it is simulated from.

use jiff::civil::{Date, date};

/// A latent part of an account's health. Standard normal over the accounts; higher is healthier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// Seen in survey answers and ticket ratings.
    Satisfaction,
    /// Seen in active days, logins and minutes.
    Activity,
    /// Seen in the number of features used and the length of sessions.
    Adoption,
    /// Seen in the number, priority and duration of tickets.
    Service,
    /// Seen in invoices paid late.
    Financial,
    /// Seen in the sentiment of comments.
    Feedback,
    /// Seen in meetings.
    Relationship,
}

impl Component {
    /// All components, in the order of every array of seven in this crate.
    pub const ALL: [Self; 7] = [
        Self::Satisfaction,
        Self::Activity,
        Self::Adoption,
        Self::Service,
        Self::Financial,
        Self::Feedback,
        Self::Relationship,
    ];

    /// The component's name, lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Satisfaction => "satisfaction",
            Self::Activity => "activity",
            Self::Adoption => "adoption",
            Self::Service => "service",
            Self::Financial => "financial",
            Self::Feedback => "feedback",
            Self::Relationship => "relationship",
        }
    }
}

/// What to simulate. Start from [`Plan::saas_demo`] and change what differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Seed of all draws.
    pub seed: u64,
    /// Number of accounts, 1 to 1,000,000.
    pub accounts: u32,
    /// First day of the history; the first of a month in the years 1950 to 2150.
    pub from: Date,
    /// Length of the history in months, 1 to 240. Outcomes are complete to its last day.
    pub months: u16,
    /// First day on which an account may sign up. Accounts that ended before `from` are not drawn.
    pub first_signup: Date,
    /// Last day on which an account may sign up, inside the history or before it.
    pub last_signup: Date,
    /// True weights of the health in percent, in the order of [`Component::ALL`]; they sum to 100.
    pub weights: [f64; 7],
    /// Fall of the log odds of notice per unit of health (health = weighted mean of the components).
    pub strength: f64,
    /// Share of a component's variance that all components have in common, 0 to 1.
    pub shared: f64,
    /// Correlation of a component with itself one month earlier, 0 to 1.
    pub persistence: f64,
    /// Multiplier of the noise between components and what the tables show; 0 is none.
    pub noise: f64,
    /// Probability of notice per month in a portfolio that churn has not yet selected, 0 to 0.5.
    /// What is observed is a little lower, since the unhealthy leave first.
    pub monthly_churn: f64,
    /// Share of that churn which has nothing to do with health (sold, closed, merged), 0 to 1.
    pub acausal_share: f64,
}

impl Plan {
    /// The history of `datasets/saas-demo`: 2,000 accounts of a software vendor over 2024 and 2025.
    pub const fn saas_demo() -> Self {
        Self {
            seed: 20_240_101,
            accounts: 2_000,
            from: date(2024, 1, 1),
            months: 24,
            first_signup: date(2022, 7, 1),
            last_signup: date(2025, 10, 31),
            weights: [20.0, 25.0, 20.0, 12.0, 8.0, 10.0, 5.0],
            strength: 5.0,
            shared: 0.4,
            persistence: 0.95,
            noise: 1.0,
            monthly_churn: 0.035,
            acausal_share: 0.1,
        }
    }

    /// Checks that the plan can be lived.
    pub(crate) fn check(&self) -> Result<(), PlanError> {
        if !(1..=1_000_000).contains(&self.accounts) {
            return Err(PlanError::Accounts { given: self.accounts });
        }
        if !(1..=240).contains(&self.months) {
            return Err(PlanError::Months { given: self.months });
        }
        if self.from.day() != 1 || !(1950..=2150).contains(&self.from.year()) {
            return Err(PlanError::From { given: self.from });
        }
        let last = crate::calendar::Calendar::new(self.from, self.months).last();
        let order = self.first_signup <= self.last_signup && self.last_signup <= last;
        if !order || self.first_signup.year() < 1900 {
            return Err(PlanError::Signups {
                first: self.first_signup,
                last: self.last_signup,
                end: last,
            });
        }
        self.check_numbers()
    }

    fn check_numbers(&self) -> Result<(), PlanError> {
        let sum: f64 = self.weights.iter().sum();
        let negative = self.weights.iter().any(|&weight| weight < 0.0);
        if negative || !sum.is_finite() || (sum - 100.0).abs() > 1e-9 {
            return Err(PlanError::Weights { sum });
        }
        let ranges = [
            ("strength", self.strength, 0.0, 50.0),
            ("shared", self.shared, 0.0, 1.0),
            ("persistence", self.persistence, 0.0, 1.0),
            ("noise", self.noise, 0.0, 100.0),
            ("monthly_churn", self.monthly_churn, 0.0, 0.5),
            ("acausal_share", self.acausal_share, 0.0, 1.0),
        ];
        for (key, given, low, high) in ranges {
            if !(low..=high).contains(&given) {
                return Err(PlanError::Range { key, given, low, high });
            }
        }
        Ok(())
    }
}

/// Why a plan cannot be simulated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The number of accounts is out of range.
    #[error("plan: `accounts` is {given}; give 1 to 1,000,000")]
    Accounts {
        /// The number given.
        given: u32,
    },
    /// The number of months is out of range.
    #[error("plan: `months` is {given}; give 1 to 240")]
    Months {
        /// The number given.
        given: u16,
    },
    /// The history does not start on a month's first day, or far from today.
    #[error("plan: `from` is {given}; give the first of a month in 1950 to 2150")]
    From {
        /// The date given.
        given: Date,
    },
    /// The sign-up dates are out of order or after the end.
    #[error(
        "plan: sign-ups from {first} to {last} in a history that ends {end}; \
         `first_signup` <= `last_signup` <= the end, none before 1900"
    )]
    Signups {
        /// First sign-up given.
        first: Date,
        /// Last sign-up given.
        last: Date,
        /// Last day of the history.
        end: Date,
    },
    /// The weights do not share out 100 percent.
    #[error("plan: `weights` sum to {sum}; give seven percentages of 0 or more that sum to 100")]
    Weights {
        /// Their sum.
        sum: f64,
    },
    /// A number is out of its range.
    #[error("plan: `{key}` is {given}; give {low} to {high}")]
    Range {
        /// Name of the field.
        key: &'static str,
        /// The value given.
        given: f64,
        /// Smallest possible value.
        low: f64,
        /// Greatest possible value.
        high: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Plan)) -> PlanError {
        let mut plan = Plan::saas_demo();
        change(&mut plan);
        plan.check().unwrap_err()
    }

    #[test]
    fn the_demo_can_be_lived() {
        assert_eq!(Plan::saas_demo().check(), Ok(()));
    }

    #[test]
    fn each_mistake_is_refused_by_name() {
        assert_eq!(refused(|plan| plan.accounts = 0), PlanError::Accounts { given: 0 });
        assert_eq!(refused(|plan| plan.months = 241), PlanError::Months { given: 241 });
        let second = date(2024, 1, 2);
        assert_eq!(refused(|plan| plan.from = second), PlanError::From { given: second });
        let late = refused(|plan| plan.last_signup = date(2026, 1, 1));
        assert!(late.to_string().contains("ends 2025-12-31"), "{late}");
        let early = refused(|plan| plan.first_signup = date(1899, 12, 31));
        assert!(matches!(early, PlanError::Signups { .. }));
        let swapped = refused(|plan| plan.first_signup = date(2025, 12, 1));
        assert!(matches!(swapped, PlanError::Signups { .. }));
        let short = refused(|plan| plan.weights[0] = 19.0);
        assert_eq!(short, PlanError::Weights { sum: 99.0 });
        let negative = refused(|plan| plan.weights = [-10.0, 55.0, 20.0, 12.0, 8.0, 10.0, 5.0]);
        assert!(matches!(negative, PlanError::Weights { .. }));
        let missing = refused(|plan| plan.weights[1] = f64::NAN);
        assert!(matches!(missing, PlanError::Weights { .. }));
    }

    #[test]
    fn numbers_keep_to_their_ranges() {
        let key = |error: PlanError| match error {
            PlanError::Range { key, .. } => key,
            other => panic!("{other}"),
        };
        assert_eq!(key(refused(|plan| plan.strength = -1.0)), "strength");
        assert_eq!(key(refused(|plan| plan.shared = 1.1)), "shared");
        assert_eq!(key(refused(|plan| plan.persistence = 2.0)), "persistence");
        assert_eq!(key(refused(|plan| plan.noise = f64::NAN)), "noise");
        assert_eq!(key(refused(|plan| plan.monthly_churn = 0.6)), "monthly_churn");
        assert_eq!(key(refused(|plan| plan.acausal_share = -0.1)), "acausal_share");
    }
}
