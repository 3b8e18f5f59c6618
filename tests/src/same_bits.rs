//! The same history gives the same bits: with one thread and two, and with the rows of every file shuffled.

use chs::{OutputFile, Plan, Unobserved};
use chs_simulate::{Column, History, Table, Values, simulate};
use serde_json::Value;

use crate::cli_project::Project;

/// A history as small as a fit takes whose gates are eased.
const PLAN: Plan = Plan { accounts: 800, seed: 1, ..Plan::saas_demo() };

const GATES: &str =
    "\n[gates]\nevent_accounts = 20\nlift_at_risk = 1.0\ncalibration_slope = [0.1, 9]\n";

/// What a run makes of a history.
const FILES: [&str; 5] =
    ["panel.parquet", "predictions.parquet", "backtest.json", "fit.json", "model.chs.json"];

/// A number that looks drawn, from a row and a table.
fn key(row: usize, table: usize) -> u64 {
    let mut state = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (table as u64) << 7;
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn in_order<T: Clone>(cells: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|row| cells[*row].clone()).collect()
}

fn column_in_order(column: &Column, order: &[usize]) -> Column {
    let values = match &column.values {
        Values::Text(cells) => Values::Text(in_order(cells, order)),
        Values::Integer(cells) => Values::Integer(in_order(cells, order)),
        Values::Decimal { values, places } => {
            Values::Decimal { values: in_order(values, order), places: *places }
        }
        Values::Date(cells) => Values::Date(in_order(cells, order)),
        Values::DateTime(cells) => Values::DateTime(in_order(cells, order)),
    };
    Column { name: column.name, values }
}

fn shuffled(history: &History) -> History {
    let table = |(number, table): (usize, &Table)| {
        let mut order: Vec<usize> = (0..table.rows()).collect();
        order.sort_by_key(|row| key(*row, number));
        let columns = table.columns.iter().map(|own| column_in_order(own, &order)).collect();
        Table { columns, ..table.clone() }
    };
    History { tables: history.tables.iter().enumerate().map(table).collect(), ..history.clone() }
}

fn project(history: &History) -> Project {
    let project = Project::empty();
    let tables: Vec<OutputFile> = chs::history_files(history).unwrap();
    chs::write_files(&project.path("data"), &tables, &Unobserved).unwrap();
    project.write("chs.toml", chs::demo::PROJECT);
    project.write("scorecard.toml", &format!("{}{GATES}", chs::demo::SCORECARD));
    project
}

/// The bytes of [`FILES`], by a number of threads.
fn results(project: &Project, threads: &str) -> Vec<Vec<u8>> {
    let shared = ["--as-of", "2026-01-01", "--threads", threads, "--out", threads];
    let quick = ["--replicates", "100"];
    project.expect(0, &[&["panel"][..], &shared].concat());
    project.expect(0, &[&["backtest"][..], &quick, &shared].concat());
    project.expect(0, &[&["fit", "--resamples", "10"][..], &quick, &shared].concat());
    let mut files = project.files(threads);
    FILES.map(|name| files.remove(name).unwrap()).into()
}

/// A model file without the digests of the files that it was made from, and what follows from them.
fn without_inputs(model: &[u8]) -> Value {
    let mut model: Value = serde_json::from_slice(model).unwrap();
    for table in model["provenance"]["data"].as_array_mut().unwrap() {
        assert!(table.as_object_mut().unwrap().remove("digest").is_some());
    }
    assert!(model["digests"].as_object_mut().unwrap().remove("document").is_some());
    model
}

#[test]
fn neither_threads_nor_the_order_of_rows_show_in_any_result() {
    let history = simulate(&PLAN).unwrap();
    let ordered = project(&history);
    let one = results(&ordered, "1");
    for (name, (one, two)) in FILES.iter().zip(one.iter().zip(results(&ordered, "2"))) {
        assert!(*one == two, "{name} by two threads");
    }
    let shuffled = shuffled(&history);
    assert!(shuffled.tables.iter().zip(&history.tables).all(|(a, b)| a.columns != b.columns));
    let other = results(&project(&shuffled), "2");
    for (name, (one, other)) in FILES.iter().zip(one.iter().zip(&other)).take(4) {
        assert!(one == other, "{name} of shuffled rows");
    }
    // The model names the files that it was made from, and those are other files.
    assert_eq!(without_inputs(&one[4]), without_inputs(&other[4]));
}
