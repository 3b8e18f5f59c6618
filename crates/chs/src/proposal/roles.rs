//! What the tables of a folder are taken for: accounts, sources, outcomes, recorded scores.

use crate::survey::{SurveyedColumn, SurveyedTable, plain};

/// Names of the column that says whose row it is, as small letters, best first.
const IDS: [&str; 14] = [
    "accountid",
    "customerid",
    "clientid",
    "companyid",
    "tenantid",
    "subscriberid",
    "memberid",
    "organizationid",
    "organisationid",
    "orgid",
    "userid",
    "account",
    "customer",
    "client",
];
const ACCOUNTS: [&str; 8] =
    ["account", "customer", "client", "compan", "user", "subscriber", "tenant", "member"];
pub(super) const CHURN: [&str; 6] =
    ["churn", "outcome", "cancel", "attrition", "terminat", "exited"];
/// Dates that are not when a row happened.
const NOT_THE_EVENT: [&str; 14] = [
    "end", "clos", "expir", "resolv", "paid", "finish", "due", "updat", "modif", "supersed",
    "notice", "birth", "ingest", "next",
];

/// A table that takes part, with what was found in it.
pub(super) struct Part<'a> {
    pub(super) table: &'a SurveyedTable,
    pub(super) id: &'a SurveyedColumn,
    pub(super) at: &'a SurveyedColumn,
}

/// What the tables are taken for.
pub(super) struct Roles<'a> {
    pub(super) accounts: Option<(&'a SurveyedTable, &'a SurveyedColumn)>,
    pub(super) sources: Vec<Part<'a>>,
    /// Sources that find their accounts through another one: table, date, the other's name, the column.
    pub(super) linked: Vec<(&'a SurveyedTable, &'a SurveyedColumn, &'a str, &'a str)>,
    pub(super) outcomes: Option<Part<'a>>,
    pub(super) scores: Vec<(Part<'a>, &'a SurveyedColumn)>,
    pub(super) left_out: Vec<(&'a str, &'static str)>,
}

/// The name of the account id: the one that most tables have.
pub(super) fn key(tables: &[SurveyedTable]) -> Option<&'static str> {
    let tables_with = |id: &str| {
        let has = |table: &&SurveyedTable| table.columns.iter().any(|own| own.plain() == id);
        tables.iter().filter(has).count()
    };
    let best = IDS.into_iter().rev().max_by_key(|id| tables_with(id))?;
    (tables_with(best) > 0).then_some(best)
}

pub(super) fn roles<'a>(tables: &'a [SurveyedTable], key: &str) -> Roles<'a> {
    let id_of =
        |table: &'a SurveyedTable| table.columns.iter().find(|column| column.plain() == key);
    let is_named = |table: &SurveyedTable, words: &[&str]| {
        words.iter().any(|word| plain(&table.name).contains(word))
    };
    let one_row_each = tables.iter().filter_map(|table| {
        let id = id_of(table)?;
        let is_it = id.is_unique(table.rows) && (tables.len() == 1 || !is_named(table, &CHURN));
        is_it.then_some((table, id))
    });
    let accounts = one_row_each.max_by_key(|(table, _)| (is_named(table, &ACCOUNTS), table.rows));
    let mut roles = Roles {
        accounts,
        sources: Vec::new(),
        linked: Vec::new(),
        outcomes: None,
        scores: Vec::new(),
        left_out: Vec::new(),
    };
    let others =
        tables.iter().filter(|table| accounts.is_none_or(|(own, _)| own.path != table.path));
    let mut without_id = Vec::new();
    for table in others {
        let Some(id) = id_of(table) else {
            without_id.push(table);
            continue;
        };
        let Some(at) = event_date(table) else {
            roles.left_out.push((&table.path, "has no column of dates"));
            continue;
        };
        let part = Part { table, id, at };
        let score =
            table.columns.iter().find(|own| own.is_number() && own.names(&["score", "health"]));
        if is_named(table, &CHURN) && roles.outcomes.is_none() {
            roles.outcomes = Some(part);
        } else if let Some(score) = score.filter(|_| is_named(table, &["score", "health"])) {
            roles.scores.push((part, score));
        } else {
            roles.sources.push(part);
        }
    }
    for table in without_id {
        let through = roles.sources.iter().find_map(|part| {
            let record = record_id(part.table, part.id)?;
            let on = table.columns.iter().find(|own| own.name == record.name)?;
            Some((part.table.name.as_str(), on.name.as_str()))
        });
        match (through, event_date(table)) {
            (Some((source, on)), Some(at)) => roles.linked.push((table, at, source, on)),
            _ => roles.left_out.push((&table.path, "has no account id, or no date")),
        }
    }
    roles
}

/// The column that most likely says when a row happened.
fn event_date(table: &SurveyedTable) -> Option<&SurveyedColumn> {
    let dates = table.columns.iter().filter(|column| column.date_format().is_some());
    dates.min_by_key(|column| {
        let plain = column.plain();
        let is_plain = ["at", "date", "day", "time", "timestamp"].contains(&plain.as_str());
        let is_partial = column.filled * 100 < table.rows * 99;
        (column.names(&NOT_THE_EVENT), is_partial, !is_plain)
    })
}

/// The column that names a record, where it is unique or its versions are told apart.
pub(super) fn record_id<'a>(
    table: &'a SurveyedTable,
    id: &SurveyedColumn,
) -> Option<&'a SurveyedColumn> {
    let versions = table.columns.iter().any(|column| column.names(&["supersed"]));
    table.columns.iter().find(|column| {
        column.name != id.name
            && column.plain().ends_with("id")
            && (column.is_unique(table.rows) || versions && column.filled == table.rows)
    })
}
