//! What a command answers: one text for stdout, and an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

/// The answer of a command.
pub(crate) struct Answer {
    text: String,
    code: u8,
}

impl Answer {
    /// A text, with the exit code 0.
    pub(crate) fn text(text: String) -> Self {
        Self { text, code: 0 }
    }

    /// One JSON document, indented.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        // Values that were made here have text keys and finite numbers; nothing can fail.
        let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
        text.push('\n');
        Self::text(text)
    }

    /// A table as CSV.
    pub(crate) fn csv(header: &[&str], rows: &[Vec<String>]) -> Self {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory cannot fail, and every row is as long as the header.
        let written = writer
            .write_record(header)
            .and_then(|()| rows.iter().try_for_each(|row| writer.write_record(row)));
        let bytes = written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default();
        Self::text(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The same answer with a text before and one after it.
    pub(crate) fn surrounded(self, before: &str, after: &str) -> Self {
        Self { text: format!("{before}{}{after}", self.text), ..self }
    }

    /// Another text with the exit code of this answer.
    pub(crate) fn with_document(self, document: Self) -> Self {
        document.with_code(self.code)
    }

    /// The same answer with another exit code.
    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// Print it; a reader that has gone away is no failure.
    pub(crate) fn print(self) -> ExitCode {
        let mut out = io::stdout().lock();
        match out.write_all(self.text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(2),
            _ => ExitCode::from(self.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn csv_quotes_where_it_must() {
        let answer = Answer::csv(&["a", "b"], &[vec!["1,5".into(), "x".into()]]);
        assert_eq!(answer.text, "a,b\n\"1,5\",x\n");
    }
}
