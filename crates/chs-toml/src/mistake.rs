//! What is wrong in a file, where, and what to do about it.

use std::fmt;
use std::ops::Range;

use crate::cover::cover;

/// One mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Byte range of the file that the mistake is about.
    pub span: Range<usize>,
    /// What is wrong and what was expected, a lower-case fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// All mistakes of one file, in the order of the file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes {
    /// Name of the file as the user knows it.
    pub file: String,
    /// Its whole text, for showing the lines concerned; what may be a secret is covered.
    pub text: String,
    /// The mistakes, by place.
    pub list: Vec<Mistake>,
}

impl Mistakes {
    /// Mistakes of a file; ways to databases in its text and in the messages, which may hold a password,
    /// are covered with stars.
    pub fn new(file: &str, text: &str, mut list: Vec<Mistake>) -> Self {
        for mistake in &mut list {
            mistake.message = cover(&mistake.message);
            mistake.help = mistake.help.as_deref().map(cover);
        }
        Self { file: file.to_owned(), text: cover(text), list }
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        (line, column)
    }
}

/// One line per mistake: `file:line:column: message; help`.
impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.list.iter().enumerate() {
            let (line, column) = self.position(mistake.span.start);
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{}:{line}:{column}: {}", self.file, mistake.message)?;
            if let Some(help) = &mistake.help {
                write!(formatter, "; {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
