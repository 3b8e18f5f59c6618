//! `rejects.csv`: every row that breaks the contract, with its place and its value.

use chs_data::Reject;

use crate::Error;
use crate::output::OutputFile;
use crate::simulate::encode;

/// Name of the file.
pub const REJECTS_FILE: &str = "rejects.csv";

/// The rejected rows in their order: `table,file,line,column,value,reason`.
pub(crate) fn rejects_file(rejects: &[Reject]) -> Result<OutputFile, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| encode(REJECTS_FILE, &error);
    writer.write_record(["table", "file", "line", "column", "value", "reason"]).map_err(failed)?;
    for reject in rejects {
        let line = reject.line.to_string();
        let row = [
            reject.table.as_str(),
            &reject.file,
            &line,
            &reject.column,
            &reject.value,
            reject.reason.as_str(),
        ];
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| encode(REJECTS_FILE, &error))?;
    Ok(OutputFile::new(REJECTS_FILE, bytes))
}

#[cfg(test)]
mod tests {
    use chs_data::{Reason, Reject};

    use super::rejects_file;

    #[test]
    fn a_row_says_where_and_what() {
        let reject = Reject {
            table: "tickets".into(),
            file: "data/tickets.csv".into(),
            line: 7,
            column: "opened_at".into(),
            value: "30 February, perhaps".into(),
            reason: Reason::BadDate,
        };
        let file = rejects_file(&[reject]).unwrap();
        assert_eq!(
            String::from_utf8(file.bytes).unwrap(),
            "table,file,line,column,value,reason\n\
             tickets,data/tickets.csv,7,opened_at,\"30 February, perhaps\",bad_date\n"
        );
    }
}
