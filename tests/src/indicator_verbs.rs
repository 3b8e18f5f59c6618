//! The verbs of indicators from files to the panel, with cells computed by hand.

use std::path::Path;

use chs_data::{History, LoadReport, Project, load, read_project, replay};
use chs_panel::{IndicatorValues, Panel};
use jiff::civil::{Date, date};

use crate::replay_oracle::Value;

const ACCOUNTS: &str = "id,start\na,2024-01-01\nb,2024-01-01\n";

/// A project with one source `rows` (id, at, n, ended, due), monthly from January to April 2024.
struct Files {
    accounts_keys: &'static str,
    accounts: &'static str,
    source_keys: &'static str,
    rows: &'static str,
    indicators: &'static str,
}

impl Files {
    fn text(&self) -> String {
        format!(
            "spec_version = 1\n[accounts]\npath = \"accounts.csv\"\nid = \"id\"\nstart = \"start\"\n{}\n\
             [sources.rows]\npath = \"rows.csv\"\nid = \"id\"\nat = \"at\"\n{}\n[indicators]\n{}\n\
             [snapshots]\nfrom = 2024-01-31\nto = 2024-04-30\n\
             [outcomes.churn]\npath = \"churn.csv\"\nid = \"id\"\nat = \"at\"\n",
            self.accounts_keys, self.source_keys, self.indicators
        )
    }

    fn load(&self) -> (Project, History, LoadReport) {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("accounts.csv", self.accounts);
        write("rows.csv", self.rows);
        write("churn.csv", "id,at\nb,2024-12-31\n");
        load_in(folder.path(), &self.text())
    }

    fn panel(&self) -> Panel {
        let (project, history, _) = self.load();
        replay(&project, &history).unwrap()
    }
}

fn load_in(folder: &Path, text: &str) -> (Project, History, LoadReport) {
    let file = read_project("chs.toml", text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let project = file.history().unwrap().clone();
    let (history, report) = load(&project, folder, None).unwrap();
    (project, history, report)
}

/// The cells of an indicator of account `a`, snapshot by snapshot.
fn cells(panel: &Panel, name: &str) -> Vec<Value> {
    let indicator = panel.indicators().iter().find(|indicator| indicator.name == name).unwrap();
    let rows = (0..panel.len()).filter(|row| panel.account_id(*row) == "a");
    rows.map(|row| match &indicator.column {
        IndicatorValues::Numbers(numbers) => Value::number(numbers.get(row)),
        IndicatorValues::Words(words) => Value::word(words.get(row)),
    })
    .collect()
}

fn numbers(numbers: [f64; 4]) -> Vec<Value> {
    numbers.map(|number| Value::number((!number.is_nan()).then_some(number))).to_vec()
}

const NONE: f64 = f64::NAN;

#[test]
fn statistics_of_a_window() {
    let files = Files {
        accounts_keys: "",
        accounts: ACCOUNTS,
        source_keys: "",
        rows: "id,at,n\na,2024-02-01,1\na,2024-02-10,2.5\na,2024-02-29,4\na,2024-02-20,\na,2024-04-30,-7\nb,2024-02-05,100\n",
        indicators: "least = { source = \"rows\", min = \"n\", over = \"1mo\" }\n\
                     most = { source = \"rows\", max = \"n\", over = \"1mo\", empty = \"zero\" }\n\
                     spread = { source = \"rows\", std = \"n\", over = \"1mo\" }\n\
                     doubled = { source = \"rows\", max = \"n * 2\", over = \"1mo\", where = \"n < 3\" }\n",
    };
    let panel = files.panel();
    assert_eq!(cells(&panel, "least"), numbers([NONE, 1.0, NONE, -7.0]));
    assert_eq!(cells(&panel, "most"), numbers([0.0, 4.0, 0.0, -7.0]));
    // 1, 2.5 and 4 lie 1.5 about their mean; one value has no spread.
    assert_eq!(cells(&panel, "spread"), numbers([NONE, 1.5, NONE, NONE]));
    assert_eq!(cells(&panel, "doubled"), numbers([NONE, 5.0, NONE, -14.0]));
}

#[test]
fn trends_over_buckets() {
    // Sums of the four weeks that end on 31 March: 2, 4, 6, 8; of those that end on 30 April: nothing but 5.
    let files = Files {
        accounts_keys: "",
        accounts: ACCOUNTS,
        source_keys: "",
        rows: "id,at,n\na,2024-03-10,2\na,2024-03-17,4\na,2024-03-18,5\na,2024-03-24,1\na,2024-03-31,8\na,2024-04-14,5\n",
        indicators: "slope = { source = \"rows\", trend = \"n\", over = \"28d\", buckets = 4 }\n\
                     change = { source = \"rows\", trend = \"n\", over = \"28d\", buckets = 4, method = \"change\" }\n\
                     middle_left_out = { source = \"rows\", trend = \"n\", over = \"21d\", buckets = 3, method = \"change\" }\n",
    };
    let panel = files.panel();
    // The slope of 0, 5, 0, 0 against 0, 1, 2, 3 is -2.5 / 5.
    assert_eq!(cells(&panel, "slope"), numbers([NONE, NONE, 2.0, -0.5]));
    // (6 + 8 - 2 - 4) / 6, then (0 - 5) / 5.
    assert_eq!(cells(&panel, "change"), numbers([NONE, NONE, 8.0 / 6.0, -1.0]));
    // (8 - 4) / 4; then a first bucket with all there is.
    assert_eq!(cells(&panel, "middle_left_out"), numbers([NONE, NONE, 1.0, -1.0]));
}

/// Paid to the last of a month and renewed on the first of the next.
const TERMS: &str = "id,at,ended,mrr\na,2024-01-01,2024-02-29,100\na,2024-03-01,2024-03-31,120\na,2024-04-01,,130\nb,2024-01-01,,1\n";

#[test]
fn the_last_day_of_a_term_is_inside_where_that_is_said() {
    let mut files = Files {
        accounts_keys: "",
        accounts: ACCOUNTS,
        source_keys: "ended = \"ended\"\nended_inclusive = true",
        rows: TERMS,
        indicators: "mrr = { source = \"rows\", open = \"sum\", column = \"mrr\" }\n\
                     terms = { source = \"rows\", open = \"count\", empty = \"null\" }\n",
    };
    let panel = files.panel();
    assert_eq!(cells(&panel, "mrr"), numbers([100.0, 100.0, 120.0, 130.0]));
    assert_eq!(cells(&panel, "terms"), numbers([1.0, 1.0, 1.0, 1.0]));
    files.source_keys = "ended = \"ended\"";
    let panel = files.panel();
    assert_eq!(cells(&panel, "mrr"), numbers([100.0, 0.0, 0.0, 130.0]));
    assert_eq!(cells(&panel, "terms"), numbers([1.0, NONE, NONE, 1.0]));
    // With a blind spot neither the start nor the end of a term is known at once.
    files.source_keys = "ended = \"ended\"\nblind_spot = \"1d\"";
    assert_eq!(cells(&files.panel(), "mrr"), numbers([100.0, 100.0, 120.0, 130.0]));
}

#[test]
fn the_days_to_the_next_date() {
    let files = Files {
        accounts_keys: "",
        accounts: ACCOUNTS,
        source_keys: "created = \"created\"",
        rows: "id,at,created,due\n\
               a,2024-06-01,2024-01-15,2024-02-29\n\
               a,2024-01-01,2024-01-01,2024-03-01\n\
               a,2024-01-01,2024-03-31,2024-04-02 12:00:00\n\
               a,2024-01-01,2024-05-15,2024-05-01\n",
        indicators: "due = { source = \"rows\", until = \"due\" }",
    };
    // 29 days to the end of February, though that row's event is still to come; then tomorrow; then a
    // day and a half; then nothing that is known.
    assert_eq!(cells(&files.panel(), "due"), numbers([29.0, 1.0, 1.0, NONE]));
}

/// Rows of one account in no order; its first row has no date.
const CHANGES: &str = "id,start,changed,seats,tier,plan,arr\n\
    a,2024-01-01,2024-04-01,40,gold,enterprise,400\n\
    b,2024-01-01,,1,basic,basic,1\n\
    a,2024-01-01,,10,basic,basic,100\n\
    a,2024-01-01,2024-02-10 00:00:00,20,silver,basic,\n\
    a,2024-01-01,2024-02-29,25,gold,,250\n";

#[test]
fn attributes_are_those_of_their_time() {
    let mut files = Files {
        accounts_keys: "segments = [\"plan\"]\nvalue = \"arr\"\nvalid_from = \"changed\"",
        accounts: CHANGES,
        source_keys: "",
        rows: "id,at\na,2024-01-05\n",
        indicators: "seats = { attribute = \"seats\" }\n\
                     tier = { attribute = \"tier\", as = \"words\" }\n\
                     rank = { attribute = \"tier\", map = { basic = 1, gold = 3 } }\n",
    };
    let (project, history, report) = files.load();
    let panel = replay(&project, &history).unwrap();
    assert_eq!(cells(&panel, "seats"), numbers([10.0, 25.0, 25.0, 40.0]));
    let words = ["basic", "gold", "gold", "gold"].map(|word| Value::word(Some(word)));
    assert_eq!(cells(&panel, "tier"), words);
    assert_eq!(cells(&panel, "rank"), numbers([1.0, 3.0, 3.0, 3.0]));
    assert_eq!(report.tables[0].unmapped, 1, "silver");
    let own = (0..panel.len()).filter(|row| panel.account_id(*row) == "a");
    let plans: Vec<_> = own.clone().map(|row| panel.segments()[0].column.get(row)).collect();
    assert_eq!(plans, [Some("basic"), None, None, Some("enterprise")]);
    let values: Vec<_> = own.map(|row| panel.value().unwrap().get(row)).collect();
    assert_eq!(values, [100.0, 250.0, 250.0, 400.0].map(Some));
    assert_eq!(history.accounts.starts[0].len(), 1, "one start, though it stands in each row");
    // The order of the rows does not show.
    let mut lines: Vec<&str> = CHANGES.lines().collect();
    lines[1..].reverse();
    files.accounts = lines.join("\n").leak();
    assert_eq!(files.panel(), panel);
}

#[test]
fn a_later_word_does_not_turn_earlier_numbers_into_words() {
    let mut files = Files {
        accounts_keys: "",
        accounts: ACCOUNTS,
        source_keys: "max_rejected = 1",
        rows: "id,at,mood\na,2024-01-05,7\na,2024-02-05, 8.50 \n",
        indicators: "mood = { source = \"rows\", latest = \"mood\" }\n",
    };
    let before = files.panel();
    assert_eq!(cells(&before, "mood"), numbers([7.0, 8.5, 8.5, 8.5]));
    files.rows = "id,at,mood\na,2024-01-05,7\na,2024-02-05, 8.50 \na,2024-05-05,happy\n";
    assert_eq!(files.panel(), before);
    files.indicators = "mood = { source = \"rows\", latest = \"mood\", as = \"words\" }\n";
    assert_eq!(cells(&files.panel(), "mood")[0], Value::word(Some("7")));
    files.indicators =
        "mood = { source = \"rows\", latest = \"mood\", map = { 7 = 70, happy = 1 } }\n";
    // No number for 8.50: it is no observation, and counted.
    assert_eq!(cells(&files.panel(), "mood"), numbers([70.0, 70.0, 70.0, 70.0]));
    let unmapped: Vec<u64> = files.load().2.tables.iter().map(|table| table.unmapped).collect();
    assert_eq!(unmapped, [0, 1, 0]);
}

#[test]
fn a_source_without_rows_leaves_its_label_empty_and_the_others_standing() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("accounts.csv", ACCOUNTS);
    write("rows.csv", "id,at\n");
    write("churn.csv", "id,at\nb,2024-12-31\n");
    let files = Files {
        accounts_keys: "",
        accounts: "",
        source_keys: "",
        rows: "",
        indicators: "rows = { source = \"rows\", count = \"30d\" }",
    };
    let labels = "[labels.churn_90d]\noutcome = \"churn\"\n[labels.quiet]\ninactive = { source = \"rows\", within = \"90d\" }\n";
    let (project, history, _) = load_in(folder.path(), &format!("{}{labels}", files.text()));
    let panel = replay(&project, &history).unwrap();
    let [churn, quiet] = panel.labels() else { panic!("two labels") };
    assert!(churn.states.iter().all(Option::is_some));
    assert!(quiet.states.iter().all(Option::is_none));
}

#[test]
fn a_year_of_days_in_months_of_different_length() {
    // Thirty-one, twenty-nine, thirty-one: three buckets of a quarter are calendar months.
    let files = Files {
        accounts_keys: "",
        accounts: ACCOUNTS,
        source_keys: "",
        rows: "id,at,n\na,2024-01-31,1\na,2024-02-29,2\na,2024-03-01 00:00:00,3\na,2024-03-31,1\n",
        indicators: "slope = { source = \"rows\", trend = \"n\", over = \"1q\", buckets = 3 }\n",
    };
    let (project, history, _) = files.load();
    assert_eq!(history.as_of, None::<Date>);
    let panel = replay(&project, &history).unwrap();
    assert_eq!(*panel.snapshots().last().unwrap(), date(2024, 4, 30));
    // 1; 1, 2; 1, 2, 4; 2, 4, 0: each against 0, 1, 2.
    assert_eq!(cells(&panel, "slope"), numbers([0.5, 1.0, 1.5, -1.0]));
}
