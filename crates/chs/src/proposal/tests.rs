//! Proposals for small folders, and what is said where there is nothing to propose.

use std::fs;

use tempfile::TempDir;

use super::propose;
use crate::Error;
use crate::project_file::{InputOptions, Inputs, PROJECT_FILE};
use crate::{Unobserved, pipeline::Replayed};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The proposal for some files, once it has loaded them without a mistake.
fn proposed(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let text = propose(folder.path(), "").unwrap();
    let project = folder.path().join(PROJECT_FILE);
    fs::write(&project, &text).unwrap();
    let options = InputOptions { project: Some(project), ..InputOptions::default() };
    let inputs = Inputs::read(&options).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let replayed = Replayed::read(&inputs, &[], &Unobserved);
    if let Err(error) = replayed {
        panic!("{error}\n{text}");
    }
    text
}

fn refused(files: &[(&str, &str)]) -> Error {
    propose(folder(files).path(), "").unwrap_err()
}

const ACCOUNTS: &str = "Account ID,signup_date,plan,arr\n\
    zeta-1,2023-01-05,gold,10\nzeta-2,2023-02-05,blue,20\nzeta-3,2023-02-09,blue,30\n";
const LOGINS: &str = "account_id,seen_at,minutes\n\
    zeta-1,2024-01-05 10:00:00,5\nzeta-1,2024-03-05 10:00:00,7\nzeta-2,2024-06-05 10:00:00,7\n";

#[test]
fn ids_dates_sources_and_outcomes_are_found() {
    let churn = "account_id,kind,ended_on,notice_on\n\
        zeta-3,churn,2024-05-01,2024-04-20\nzeta-1,renewal,2024-05-01,2024-04-20\n";
    let text = proposed(&[
        ("accounts.csv", ACCOUNTS),
        ("logins.csv", LOGINS),
        ("outcomes.csv", churn),
        ("notes.txt", "zeta"),
    ]);
    for expected in [
        "[accounts]\npath = \"accounts.csv\"",
        "id = \"Account ID\"",
        "start = \"signup_date\"",
        "segments = [\"plan\"]",
        "value = \"arr\"",
        "[sources.logins]\npath = \"logins.csv\"\nid = \"account_id\"\nat = \"seen_at\"",
        "logins_30d = { source = \"logins\", count = \"30d\" }",
        "mean = \"minutes\"",
        "[outcomes.churn]\npath = \"outcomes.csv\"",
        "at = \"ended_on\"",
        "known = \"notice_on\"",
        "keep = [\"churn\"]",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    for value in ["zeta", "gold", "2023-", "notes"] {
        assert!(!text.contains(value), "{value}\n{text}");
    }
}

#[test]
fn a_folder_of_like_files_is_one_source_and_silence_an_outcome() {
    let day = "customer_id,when\n2,05.05.2024\n2,06.05.2024\n,25.05.2024\n";
    let text = proposed(&[
        ("orders/a.csv", "customer_id,when\n1.0,05.01.2024\n1.0,06.01.2024\n"),
        ("orders/b.csv", day),
    ]);
    for expected in [
        "from = \"orders\"",
        "path = \"orders/*.csv\"",
        "read = { date_format = \"%d.%m.%Y\" }",
        "max_rejected = 0.25",
        "inactive = { source = \"orders\", within = \"90d\" }",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn terms_tell_of_churn_and_records_lead_to_accounts() {
    let terms = "subscription_id,account_id,start_date,end_date\n\
        s1,zeta-1,2024-01-01,2024-06-30\ns2,zeta-2,2024-01-01,\n";
    let usage = "subscription_id,day\ns1,2024-02-01\ns1,2024-02-02\ns2,2024-02-02\n";
    let text =
        proposed(&[("accounts.csv", ACCOUNTS), ("subscriptions.csv", terms), ("usage.csv", usage)]);
    for expected in [
        "record_id = \"subscription_id\"",
        "at = \"start_date\"",
        "via = { source = \"subscriptions\", on = \"subscription_id\" }",
        "spans = { source = \"subscriptions\", start = \"start_date\", end = \"end_date\"",
        "filled in later",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn one_table_without_dates_is_a_cross_section() {
    let text = proposed(&[(
        "customers.csv",
        "customerID,tenure,Churn\nzeta-1,3,Yes\nzeta-2,5,No\nzeta-3,5,No\n",
    )]);
    let label = "label = { name = \"churn\", column = \"Churn\", positive = [\"Yes\"], negative = [\"No\"] }";
    assert!(text.contains("[panel]\n") && text.contains(label), "{text}");
}

#[test]
fn names_stand_as_they_have_to() {
    let orders =
        "Customer ID,when,Net Value,in,spent\nzeta,2024-01-05,1,2,3\nzeta,2024-02-06,1,2,3\n";
    let text = proposed(&[
        ("acme_orders.csv", orders),
        ("acme_visits.csv", "Customer ID,day,spent,in\nzeta,2024-01-05,1,2\nzeta,2024-02-06,1,2\n"),
    ]);
    for expected in [
        "[sources.orders]",
        "[sources.visits]",
        "orders_net_value_90d = { source = \"orders\", mean = \"\\\"Net Value\\\"\"",
        "mean = \"\\\"in\\\"\"",
        "mean = \"spent\"",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn what_is_missing_is_said() {
    assert!(matches!(refused(&[]), Error::NoTables { .. }));
    assert!(matches!(refused(&[("notes.txt", "x")]), Error::NoTables { .. }));
    let error = refused(&[("a.csv", "name,day\nx,2024-01-01\n")]);
    assert!(matches!(&error, Error::NoAccountIds { tables, .. } if tables == "a.csv"));
    assert!(error.help().is_some_and(|help| help.contains("`account_id`")));
    let error = refused(&[("a.csv", "account_id,x\nb,1\nb,2\n")]);
    assert!(matches!(error, Error::NoHistory { .. }), "{error}");
    let file = folder(&[("a.csv", "x\n1\n")]);
    let error = propose(&file.path().join("a.csv"), "").unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}

#[test]
fn versions_of_a_record_are_told_apart() {
    let subs = |created: &str| {
        format!(
            "account_id,sub_id,start_date,{created},superseded_at,mrr\n\
             zeta-1,s1,2024-01-01,2024-01-01,2024-03-01,10\n\
             zeta-1,s1,2024-01-01,2024-03-01,,20\nzeta-2,s2,2024-02-01,2024-02-01,,30\n"
        )
    };
    let text = proposed(&[("accounts.csv", ACCOUNTS), ("subs.csv", &subs("created_at"))]);
    for expected in ["record_id = \"sub_id\"", "created = \"created_at\"", "superseded = "] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let text = proposed(&[("accounts.csv", ACCOUNTS), ("subs.csv", &subs("loose_on"))]);
    assert!(!text.contains("record_id"), "{text}");
}

#[test]
fn accounts_without_a_start_begin_with_their_first_row() {
    let accounts = "account_id,plan\nzeta-1,gold\nzeta-2,blue\n";
    let text = proposed(&[("accounts.csv", accounts), ("logins.csv", LOGINS)]);
    assert!(text.contains("# start = "), "{text}");
}
