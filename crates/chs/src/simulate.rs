//! Simulated histories as files.

use chs_data::{OutputColumn, write_parquet};
use chs_simulate::{
    Ending, Format, History, MonthTruth, Plan, Table, Truth, Values, write_csv, write_ndjson,
};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use jiff::civil::Date;

use crate::Error;
use crate::observer::{Observer, Stage, enter};
use crate::output::OutputFile;

/// Simulate a plan and encode its tables, each under its file name; the same plan gives the same bytes.
///
/// # Errors
///
/// [`Error::Plan`] where the plan cannot be lived.
pub fn simulate_files(
    plan: &Plan,
    observer: &dyn Observer,
) -> Result<(History, Vec<OutputFile>), Error> {
    enter(observer, Stage::Simulate)?;
    let history = chs_simulate::simulate(plan)?;
    let files = history_files(&history)?;
    Ok((history, files))
}

/// The tables of a history, encoded, each under its file name.
///
/// # Errors
///
/// [`Error::Encode`] where a table cannot be encoded: a bug.
pub fn history_files(history: &History) -> Result<Vec<OutputFile>, Error> {
    history.tables.iter().map(table_file).collect()
}

/// What a history was made from, as `truth.parquet`: a row per account and month.
///
/// # Errors
///
/// [`Error::Encode`] where it cannot be encoded: a bug.
pub fn truth_file(truth: &Truth) -> Result<OutputFile, Error> {
    let months = || {
        let accounts = truth.accounts.iter();
        accounts.flat_map(|account| account.months.iter().map(move |month| (account, month)))
    };
    let number = |value: fn(&MonthTruth) -> f64| {
        OutputColumn::Number(months().map(|(_, month)| value(month)).collect())
    };
    let day = |value: fn(&Ending) -> Date| {
        let endings = months().map(|(account, _)| account.ending.as_ref().map(value));
        OutputColumn::Date(endings.collect())
    };
    let ids = months().map(|(account, _)| Some(account.account_id.as_str()));
    let mut columns = vec![
        ("account_id".to_owned(), OutputColumn::Text(ids.collect())),
        (
            "month".to_owned(),
            OutputColumn::Date(months().map(|(_, month)| Some(month.month)).collect()),
        ),
    ];
    for (index, component) in chs_simulate::Component::ALL.into_iter().enumerate() {
        let values =
            months().map(|(_, month)| month.components.get(index).copied().unwrap_or(f64::NAN));
        columns.push((component.name().to_owned(), OutputColumn::Number(values.collect())));
    }
    let acausal = months().map(|(account, _)| account.ending.map(|end| i8::from(end.acausal)));
    columns.extend([
        ("health".to_owned(), number(|month| month.health)),
        ("hazard".to_owned(), number(|month| month.hazard)),
        ("notice_on".to_owned(), day(|end| end.notice_on)),
        ("ended_on".to_owned(), day(|end| end.at)),
        ("acausal".to_owned(), OutputColumn::Small(acausal.collect())),
    ]);
    parquet_file("truth.parquet", columns)
}

/// Columns as a Parquet file.
pub(crate) fn parquet_file(
    name: &str,
    columns: Vec<(String, OutputColumn<'_>)>,
) -> Result<OutputFile, Error> {
    let mut bytes = Vec::new();
    write_parquet(columns, &mut bytes).map_err(|error| encode(name, &error))?;
    Ok(OutputFile::new(name, bytes))
}

/// An encoder that writes to memory fails only by a bug.
pub(crate) fn encode(file: &str, error: &dyn std::fmt::Display) -> Error {
    Error::Encode { file: file.to_owned(), detail: error.to_string() }
}

fn table_file(table: &Table) -> Result<OutputFile, Error> {
    let failed = |error: std::io::Error| encode(table.file_name, &error);
    let mut bytes = Vec::new();
    match table.format {
        Format::Csv(style) => write_csv(table, style, &mut bytes).map_err(failed)?,
        Format::CsvGzip(style) => {
            gzip(&mut bytes, |target| write_csv(table, style, target)).map_err(failed)?;
        }
        Format::NdjsonGzip => {
            gzip(&mut bytes, |target| write_ndjson(table, target)).map_err(failed)?;
        }
        Format::ParquetZstd => {
            let columns = table.columns.iter();
            let columns =
                columns.map(|own| (own.name.to_owned(), output_column(&own.values))).collect();
            return parquet_file(table.file_name, columns);
        }
    }
    Ok(OutputFile::new(table.file_name, bytes))
}

/// No name and no time in the header: the bytes follow the content alone.
fn gzip(
    bytes: &mut Vec<u8>,
    write: impl FnOnce(&mut GzEncoder<&mut Vec<u8>>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut encoder = GzBuilder::new().mtime(0).write(bytes, Compression::best());
    write(&mut encoder)?;
    encoder.finish()?;
    Ok(())
}

fn output_column(values: &Values) -> OutputColumn<'_> {
    match values {
        Values::Text(cells) => OutputColumn::Text(cells.iter().map(Option::as_deref).collect()),
        Values::Integer(cells) => OutputColumn::Integer(cells.clone()),
        Values::Decimal { values, .. } => {
            OutputColumn::Number(values.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect())
        }
        Values::Date(cells) => OutputColumn::Date(cells.clone()),
        Values::DateTime(cells) => OutputColumn::DateTime(cells.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::Unobserved;

    #[test]
    fn a_plan_gives_a_file_per_table_and_the_same_bytes_again() {
        let plan = Plan { accounts: 10, ..Plan::saas_demo() };
        let (history, files) = simulate_files(&plan, &Unobserved).unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let tables: Vec<&str> = history.tables.iter().map(|table| table.file_name).collect();
        assert_eq!(names, tables);
        assert_eq!(simulate_files(&plan, &Unobserved).unwrap().1, files);
        let surveys = files.iter().find(|file| file.name == "surveys.ndjson.gz").unwrap();
        assert_eq!(surveys.bytes[3..8], [0; 5], "no name, no time");
        let mut json = String::new();
        flate2::read::GzDecoder::new(surveys.bytes.as_slice()).read_to_string(&mut json).unwrap();
        assert!(json.starts_with("{\"response_id\""), "{json}");
        let usage = files.iter().find(|file| file.name == "usage.parquet").unwrap();
        assert!(usage.bytes.starts_with(b"PAR1"));
        assert!(truth_file(&history.truth).unwrap().bytes.starts_with(b"PAR1"));
    }
}
