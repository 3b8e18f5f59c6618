//! The history: its tables, and the truth behind them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::calendar::Calendar;
use crate::life::{ChurnLaw, Life};
use crate::plan::{Plan, PlanError};
use crate::sources;
use crate::table::Table;

/// What [`simulate`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The tables, accounts first.
    pub tables: Vec<Table>,
    /// Planted dirty rows over all tables: reason of rejection -> rows. Each table has its own.
    pub planted: BTreeMap<&'static str, u64>,
    /// What the tables were made from.
    pub truth: Truth,
    /// Last day of the history: everything up to its end was exported, outcomes are complete to it.
    pub last_day: Date,
}

/// The law that the accounts lived by, and what became of each.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Weights of the health in percent, in the order of [`Component::ALL`](crate::Component::ALL).
    pub weights: [f64; 7],
    /// Fall of the log odds of health-driven notice per unit of health.
    pub strength: f64,
    /// Log odds of health-driven notice within a month at health 0.
    pub intercept: f64,
    /// Probability per month of notice that has nothing to do with health.
    pub acausal_hazard: f64,
    /// The accounts, in the order of their ids.
    pub accounts: Vec<AccountTruth>,
}

/// What became of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountTruth {
    /// Its id.
    pub account_id: String,
    /// Its states, one per month that it lived in the history.
    pub months: Vec<MonthTruth>,
    /// Its end, if it gave notice in the history; the end itself may lie after the last day.
    pub ending: Option<Ending>,
}

/// The latent state of an account in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthTruth {
    /// First day of the month.
    pub month: Date,
    /// The components, in the order of [`Component::ALL`](crate::Component::ALL).
    pub components: [f64; 7],
    /// Their weighted mean; higher is healthier.
    pub health: f64,
    /// Probability of notice within the month, if none was given yet.
    pub hazard: f64,
}

/// The end of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Day on which notice was given: from then on the end is known.
    pub notice_on: Date,
    /// Day of the churn; the account is silent from this day on.
    pub at: Date,
    /// Whether the end had nothing to do with health.
    pub acausal: bool,
}

/// What the tables are rendered from.
#[derive(Debug)]
pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) calendar: Calendar,
    pub(crate) lives: Vec<Life>,
}

/// Lives all accounts of a plan.
///
/// # Errors
///
/// [`PlanError`] if the plan cannot be lived.
pub fn simulate(plan: &Plan) -> Result<History, PlanError> {
    plan.check()?;
    let calendar = Calendar::new(plan.from, plan.months);
    let law = ChurnLaw::new(plan);
    let lives: Vec<Life> =
        (1..=plan.accounts).map(|number| Life::draw(plan, &calendar, &law, number)).collect();
    let world = World { plan, calendar, lives };
    let tables = sources::tables(&world);
    let mut planted = BTreeMap::new();
    for (reason, rows) in tables.iter().flat_map(|table| &table.planted) {
        *planted.entry(*reason).or_insert(0) += rows;
    }
    let truth = Truth {
        weights: plan.weights,
        strength: law.strength,
        intercept: law.intercept,
        acausal_hazard: law.acausal,
        accounts: world.lives.iter().map(|life| account_truth(life, &world.calendar)).collect(),
    };
    Ok(History { tables, planted, truth, last_day: world.calendar.last() })
}

fn account_truth(life: &Life, calendar: &Calendar) -> AccountTruth {
    let month = |(position, state): (usize, &crate::life::State)| MonthTruth {
        month: calendar.date(calendar.month(life.first_month + position).start),
        components: state.components,
        health: state.health,
        hazard: state.hazard,
    };
    AccountTruth {
        account_id: life.account.id.clone(),
        months: life.states.iter().enumerate().map(month).collect(),
        ending: life.end.map(|end| Ending {
            notice_on: calendar.date(end.notice),
            at: calendar.date(end.at),
            acausal: end.acausal,
        }),
    }
}
