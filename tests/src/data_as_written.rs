//! Files as systems write them: days that never come, one column under two readings, points and commas,
//! dates in another form, and runs as of a day before the data end.

use chs_data::{
    Check, History, LoadError, LoadReport, Project, Reason, ReplayError, check, load, read_project,
    replay,
};
use chs_panel::{IndicatorValues, LabelState, Level, Panel};
use jiff::civil::{Date, date};

const ACCOUNTS: &str = "id,start\na,2023-01-01\nb,2023-01-01\n";

/// Files of one folder, of which `chs.toml` is the project.
struct Files<'a>(&'a [(&'a str, &'a str)]);

impl Files<'_> {
    fn load(&self, as_of: Option<Date>) -> Result<(Project, History, LoadReport), LoadError> {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("accounts.csv", ACCOUNTS);
        self.0.iter().for_each(|(name, text)| write(name, text));
        let text = std::fs::read_to_string(folder.path().join("chs.toml")).unwrap();
        let file = read_project("chs.toml", &text)?;
        let project = file.history().unwrap().clone();
        let (history, report) = load(&project, folder.path(), as_of)?;
        Ok((project, history, report))
    }

    fn panel(&self, as_of: Option<Date>) -> Panel {
        let (project, history, _) = self.load(as_of).unwrap();
        replay(&project, &history).unwrap()
    }

    fn check(&self) -> Check {
        let (project, history, report) = self.load(None).unwrap();
        let panel = replay(&project, &history).unwrap();
        check(&project, &history, &report, &panel)
    }
}

/// The cell of an indicator of account `a` at the last snapshot, as text.
fn last(panel: &Panel, name: &str) -> String {
    let indicator = panel.indicators().iter().find(|indicator| indicator.name == name).unwrap();
    let row = (0..panel.len()).rfind(|row| panel.account_id(*row) == "a").unwrap();
    match &indicator.column {
        IndicatorValues::Numbers(numbers) => numbers.get(row).unwrap_or(f64::NAN).to_string(),
        IndicatorValues::Words(words) => words.get(row).unwrap_or_default().to_owned(),
    }
}

/// A project with a source `rows` of `rows.csv`, and churn of `churn.csv`.
fn project(source: &str, indicators: &str) -> String {
    format!(
        "spec_version = 1\n[accounts]\npath = \"accounts.csv\"\nid = \"id\"\nstart = \"start\"\n\
         [sources.rows]\npath = \"rows.csv\"\nid = \"id\"\nat = \"at\"\n{source}\n\
         [indicators]\n{indicators}\n[snapshots]\nfrom = 2023-01-31\nto = 2023-06-30\n\
         [outcomes.churn]\npath = \"churn.csv\"\nid = \"id\"\nat = \"at\"\n\
         complete_until = 2023-12-31\n"
    )
}

const CHURN: (&str, &str) = ("churn.csv", "id,at\nb,2023-12-01\n");

/// Spans with versions; what `CURRENT` stands for is the end of a version that has not ended.
const SPANS: &str = "id,at,until,created,superseded,term\n\
    a,2023-01-01,2023-03-31,2023-01-01,CURRENT,CURRENT\n\
    b,2023-01-01,2023-04-30,2023-01-01,2023-03-01,2023-04-30\n\
    b,2023-01-01,CURRENT,2023-03-01,CURRENT,CURRENT\n";

fn spans_project() -> String {
    "spec_version = 1\n[accounts]\npath = \"accounts.csv\"\nid = \"id\"\nstart = \"start\"\n\
     [sources.rows]\npath = \"rows.csv\"\nid = \"id\"\nat = \"at\"\ncreated = \"created\"\n\
     superseded = \"superseded\"\nended = \"until\"\n\
     [indicators]\nopen = { source = \"rows\", open = \"count\" }\n\
     [snapshots]\nfrom = 2023-01-31\nto = 2023-06-30\n\
     [outcomes.churn]\nspans = { source = \"rows\", start = \"at\", end = \"until\" }\n\
     complete_until = 2023-12-31\n"
        .to_owned()
}

#[test]
fn a_day_that_never_comes_ends_nothing() {
    let text = spans_project();
    let states = |current: &str| {
        let spans = SPANS.replace("CURRENT", current);
        let panel = Files(&[("chs.toml", &text), ("rows.csv", &spans)]).panel(None);
        let label = &panel.labels()[0];
        let of = |state: LabelState| label.count(state);
        (of(LabelState::Positive), of(LabelState::Negative), last(&panel, "open"))
    };
    let empty = states("");
    assert_eq!(empty.0, 2, "a ends on 31 March, seen from January and February: {empty:?}");
    for never in ["9999-12-31", "9999-12-31 23:59:59", "9999-12-30", "2099-01-01"] {
        assert_eq!(states(never), empty, "{never}");
    }
}

#[test]
fn a_correction_after_the_day_has_not_happened() {
    let text = spans_project();
    let spans = SPANS.replace("CURRENT", "");
    let files = [("chs.toml", text.as_str()), ("rows.csv", spans.as_str())];
    let (_, history, _) = Files(&files).load(Some(date(2023, 2, 28))).unwrap();
    assert!(
        (0..history.sources[0].len())
            .all(|row| history.sources[0].superseded(row) == chs_data::NEVER)
    );
    let (_, history, _) = Files(&files).load(Some(date(2023, 3, 1))).unwrap();
    assert_eq!(
        history.sources[0].superseded.iter().filter(|end| **end != chs_data::NEVER).count(),
        1
    );
}

#[test]
fn one_indicator_does_not_change_another() {
    let rows = "id,at,code,end\na,2023-01-05,007,\na,2023-01-06,7,\na,2023-01-07,7.0,\n";
    let own = "kinds = { source = \"rows\", distinct = \"code\", over = \"1y\" }\n\
        word = { source = \"rows\", latest = \"code\", as = \"words\" }\n\
        mapped = { source = \"rows\", latest = \"code\", map = { \"7.0\" = 5 } }\n\
        same = { source = \"rows\", count = \"1y\", where = \"code = '007'\" }\n";
    let with = |more: &str| {
        let text = project("ended = \"end\"", &format!("{own}{more}"));
        let panel = Files(&[("chs.toml", &text), ("rows.csv", rows), CHURN]).panel(None);
        ["kinds", "word", "mapped", "same"].map(|name| last(&panel, name))
    };
    let alone = with("");
    assert_eq!(alone, ["3", "7.0", "5", "1"]);
    assert_eq!(with("sum = { source = \"rows\", sum = \"code\", over = \"1y\" }"), alone);
    assert_eq!(with("open = { source = \"rows\", open = \"sum\", column = \"code\" }"), alone);
    let text =
        project("", &format!("{own}sum = {{ source = \"rows\", sum = \"code\", over = \"1y\" }}"));
    let panel = Files(&[("chs.toml", &text), ("rows.csv", rows), CHURN]).panel(None);
    assert_eq!(last(&panel, "sum"), "21");
}

#[test]
fn a_point_that_parts_no_thousands_is_no_number_beside_a_comma() {
    let text = project(
        "read = { delimiter = \";\", decimal = \",\" }\nmax_rejected = 0.5",
        "sum = { source = \"rows\", sum = \"amount\", over = \"1y\" }\n\
         kinds = { source = \"rows\", distinct = \"code\", over = \"1y\" }",
    );
    let rows =
        "id;at;amount;code\na;2023-01-05;1.000,5;007\na;2023-01-06;1.5;7\na;2023-01-07;2;7\n";
    let files = [("chs.toml", text.as_str()), ("rows.csv", rows), CHURN];
    let (project, history, report) = Files(&files).load(None).unwrap();
    assert_eq!(report.rejects[0].reason, Reason::NotANumber);
    let panel = replay(&project, &history).unwrap();
    assert_eq!((last(&panel, "sum"), last(&panel, "kinds")), ("1002.5".into(), "2".into()));
}

#[test]
fn dates_of_another_form_are_compared_as_dates() {
    let keys = "read = { date_format = \"%d.%m.%Y\" }";
    let late = "late = { source = \"rows\", count = \"1y\", where = \"paid > due\" }";
    let rows = "id,at,due,paid\na,05.01.2023,31.01.2023,01.02.2023\n\
        a,06.01.2023,28.02.2023,27.02.2023\na,07.01.2023,09.12.2022,10.01.2023\n";
    let text = project(keys, late);
    let churn = ("churn.csv", "id,at\nb,2023-12-01\n");
    let panel = Files(&[("chs.toml", &text), ("rows.csv", rows), churn]).panel(None);
    assert_eq!(last(&panel, "late"), "2");
    let word = "due = { source = \"rows\", latest = \"due\", as = \"words\" }";
    let text = project(keys, &format!("{late}\n{word}"));
    let error = Files(&[("chs.toml", &text), ("rows.csv", rows), churn]).load(None).unwrap_err();
    let told = "`due` is compared with another column, as a date, and read as a text elsewhere";
    assert!(error.to_string().contains(told), "{error}");
}

const LATER: &str = "spec_version = 1\n[accounts]\npath = \"accounts.csv\"\nid = \"id\"\nstart = \"start\"\n\
    [sources.subscriptions]\npath = \"subscriptions.csv\"\nid = \"id\"\nat = \"at\"\n\
    [sources.usage]\npath = \"usage.csv\"\nvia = { source = \"subscriptions\", on = \"key\" }\nat = \"at\"\n\
    [indicators]\nused = { source = \"usage\", count = \"30d\" }\n\
    [snapshots]\nfrom = 2023-01-31\n\
    [outcomes.churn]\npath = \"churn.csv\"\nid = \"id\"\nat = \"at\"\n";

const LATER_FILES: [(&str, &str); 5] = [
    ("chs.toml", LATER),
    ("accounts.csv", "id,start\na,2023-01-01\nb,2023-01-01\nc,2023-05-01\n"),
    (
        "subscriptions.csv",
        "id,key,at\na,s1,2023-01-01\nc,s3,2023-03-30\na,s2,2023-06-01\nnobody,s9,2023-06-02\n",
    ),
    (
        "usage.csv",
        "key,at\ns1,2023-02-01\ns3,2023-03-31\ns2,2023-03-31\ns2,2023-06-01\ns9,2023-06-02\n",
    ),
    ("churn.csv", "id,at\nb,2023-03-05\nc,2023-07-01\n"),
];

#[test]
fn rows_of_accounts_that_start_later_break_nothing() {
    let (_, _, report) = Files(&LATER_FILES).load(Some(date(2023, 3, 31))).unwrap();
    assert!(report.rejects.is_empty(), "{:?}", report.rejects);
    let later = |table: &str| {
        let account = report.tables.iter().find(|account| account.table == table).unwrap();
        (account.used, account.rejected.get(&Reason::AfterAsOf).copied().unwrap_or(0))
    };
    assert_eq!(later("accounts"), (2, 1));
    assert_eq!(later("subscriptions"), (1, 3));
    assert_eq!(later("usage"), (1, 4));
    assert_eq!(later("churn"), (1, 1));
}

#[test]
fn a_day_before_all_that_is_known_is_named() {
    let (project, history, _) = Files(&LATER_FILES).load(Some(date(2023, 2, 28))).unwrap();
    let error = replay(&project, &history).unwrap_err();
    assert!(
        error.to_string().contains("no outcome has a date and was known by 2023-02-28"),
        "{error}"
    );
    assert!(error.help().contains("name a later day as `--as-of`"), "{}", error.help());
    let error = Files(&LATER_FILES).load(Some(date(2022, 1, 1))).unwrap_err();
    assert!(
        error.to_string().contains("no row in accounts.csv was known by 2022-01-01"),
        "{error}"
    );
    assert_eq!(error.help().as_deref(), Some("name a later day as `--as-of`"));
}

#[test]
fn a_source_without_rows_is_named() {
    let text = project("", "rows = { source = \"rows\", count = \"30d\" }")
        .replace("[snapshots]\nfrom = 2023-01-31\nto = 2023-06-30\n", "");
    let files = [("chs.toml", text.as_str()), ("rows.csv", "id,at\n"), CHURN];
    let (project, history, _) = Files(&files).load(None).unwrap();
    let error = replay(&project, &history).unwrap_err();
    assert!(matches!(&error, ReplayError::NoRows { sources } if sources == &["rows"]), "{error}");
}

#[test]
fn an_account_without_a_start_begins_with_its_first_row() {
    let text = project("", "rows = { source = \"rows\", count = \"30d\" }")
        .replace("start = \"start\"\n", "");
    let rows = "id,at\na,2023-02-05\na,2023-03-05\n";
    let panel = Files(&[("chs.toml", &text), ("rows.csv", rows), CHURN]).panel(None);
    let days: Vec<Date> = panel.snapshot().to_vec();
    assert_eq!(days.first(), Some(&date(2023, 2, 28)));
    assert_eq!(panel.accounts(), ["a"]);
}

fn level(check: &Check, code: &str, subject: &str) -> Option<Level> {
    let is_it = |finding: &&chs_panel::Finding| finding.code == code && finding.subject == subject;
    check.findings.iter().find(is_it).map(|finding| finding.level)
}

#[test]
fn an_outcome_before_its_account_is_told() {
    let text = project("", "rows = { source = \"rows\", count = \"30d\" }");
    let with = |churn: &str| {
        let rows = "id,at\na,2023-02-05\nb,2023-03-05\n";
        Files(&[("chs.toml", &text), ("rows.csv", rows), ("churn.csv", churn)]).check()
    };
    let early = with("id,at\nb,2023-12-01\na,2022-09-15\n");
    assert_eq!(level(&early, "CHS122", "churn"), Some(Level::Warning));
    assert_eq!(level(&with("id,at\nb,2023-12-01\n"), "CHS122", "churn"), None);
}

#[test]
fn scores_beyond_the_scale_are_told() {
    let own = project("", "rows = { source = \"rows\", count = \"30d\" }");
    let with = |scores: &str| {
        let text = format!(
            "{own}[recorded_scores.vendor]\npath = \"vendor.csv\"\nid = \"id\"\nat = \"at\"\nscore = \"score\"\n"
        );
        let rows = "id,at\na,2023-02-05\nb,2023-03-05\n";
        Files(&[("chs.toml", &text), ("rows.csv", rows), ("vendor.csv", scores), CHURN]).check()
    };
    let beyond = with("id,at,score\na,2023-02-01,150\nb,2023-02-01,-5\na,2023-03-01,50\n");
    assert_eq!(level(&beyond, "CHS123", "vendor"), Some(Level::Warning));
    assert_eq!(level(&with("id,at,score\na,2023-02-01,100\n"), "CHS123", "vendor"), None);
}

#[test]
fn rows_far_from_the_rest_make_no_snapshots() {
    let text = project("", "rows = { source = \"rows\", count = \"30d\" }")
        .replace("[snapshots]\nfrom = 2023-01-31\nto = 2023-06-30\n", "");
    let days = |more: &str| {
        let mut rows = String::from("id,at\n");
        for day in 1..=28 {
            for month in 1..=6 {
                rows.extend(["a,2023-", &format!("{month:02}-{day:02}"), "\n"]);
            }
        }
        rows += more;
        let files = [("chs.toml", text.as_str()), ("rows.csv", rows.as_str()), CHURN];
        let (project, history, report) = Files(&files).load(None).unwrap();
        let panel = replay(&project, &history).unwrap();
        let check = check(&project, &history, &report, &panel);
        (panel.snapshots().last().copied(), level(&check, "CHS124", "rows"))
    };
    assert_eq!(days("a,2203-05-01\n"), (Some(date(2023, 5, 31)), Some(Level::Warning)));
    assert_eq!(days(""), (Some(date(2023, 5, 31)), None));
}
