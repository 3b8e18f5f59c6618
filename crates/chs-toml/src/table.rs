//! A table of a file, which keeps count of the keys that were asked for.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::mistake::{Mistake, Mistakes};
use crate::nearest::nearest;
use crate::value::{Located, Value, list};

/// Parse `text` and convert its root table; all mistakes of the file at once.
///
/// `convert` returns `None` only after it reported a mistake (the accessors of [`Table`] and [`Value`]
/// do that by themselves).
///
/// # Errors
///
/// [`Mistakes`], by place in the file: syntax first (then nothing is converted), else everything that
/// the converter reported and every key that it did not ask for.
pub fn read<T>(
    file: &str,
    text: &str,
    convert: impl FnOnce(&Table<'_>) -> Option<T>,
) -> Result<T, Mistakes> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let log = Log::default();
    for error in &errors {
        log.push(
            error.span().unwrap_or(0..0),
            error.message().trim_end().replace('\n', ", "),
            None,
        );
    }
    let converted = if errors.is_empty() {
        let table = Table::new("", root.get_ref(), root.span(), &log);
        convert(&table)
    } else {
        None
    };
    let mut list = log.mistakes.into_inner();
    list.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
    list.dedup();
    match converted {
        Some(value) if list.is_empty() => Ok(value),
        _ => Err(Mistakes::new(file, text, list)),
    }
}

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Log {
    mistakes: RefCell<Vec<Mistake>>,
}

impl Log {
    pub(crate) fn push(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.mistakes.borrow_mut().push(Mistake { span, message: message.into(), help });
    }
}

/// A table; when it is dropped, each key that was never asked for is reported as unknown, with the
/// nearest key that was.
pub struct Table<'d> {
    name: &'d str,
    node: &'d DeTable<'d>,
    span: Range<usize>,
    log: &'d Log,
    asked: RefCell<Vec<String>>,
}

impl<'d> Table<'d> {
    pub(crate) fn new(
        name: &'d str,
        table: &'d DeTable<'d>,
        span: Range<usize>,
        log: &'d Log,
    ) -> Self {
        Self { name, node: table, span, log, asked: RefCell::default() }
    }

    /// The key under which the table stands; empty for the root.
    pub fn name(&self) -> &'d str {
        self.name
    }

    /// Byte range of the table's header or braces.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Report a mistake at the table's header.
    pub fn mistake(&self, message: impl Into<String>, help: Option<String>) {
        self.log.push(self.span(), message, help);
    }

    /// Report a mistake at any place.
    pub fn mistake_at(&self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.log.push(span, message, help);
    }

    /// Whether a key is there, without asking for it.
    pub fn has(&self, key: &str) -> bool {
        self.node.contains_key(key)
    }

    /// The value of a key, if it is there.
    pub fn get(&self, key: &str) -> Option<Value<'d>> {
        self.asked.borrow_mut().push(key.to_owned());
        let (name, value) = self.node.get_key_value(key)?;
        Some(Value { name: name.get_ref(), node: value, log: self.log })
    }

    /// The value of a key; a mistake if it is absent.
    pub fn require(&self, key: &str) -> Option<Value<'d>> {
        let value = self.get(key);
        if value.is_none() {
            let place = if self.name.is_empty() {
                "the file".to_owned()
            } else {
                format!("`{}`", self.name)
            };
            self.mistake(
                format!("{place} lacks the key `{key}`"),
                Some(format!("add `{key} = ...`")),
            );
        }
        value
    }

    /// The one key of `keys` that is there; a mistake if none or several are.
    pub fn require_one(&self, keys: &[&'static str]) -> Option<(&'static str, Value<'d>)> {
        let found: Vec<_> =
            keys.iter().filter_map(|key| self.get(key).map(|value| (*key, value))).collect();
        match found.as_slice() {
            [one] => Some(*one),
            [] => {
                self.mistake(format!("`{}` needs one of {}", self.name, list(keys)), None);
                None
            }
            [_, (second, value), ..] => {
                let names: Vec<&str> = found.iter().map(|(key, _)| *key).collect();
                value.mistake(
                    format!(
                        "{} stand together in `{}`; expected exactly one",
                        list(&names),
                        self.name
                    ),
                    Some(format!("remove `{second}` or the other")),
                );
                None
            }
        }
    }

    /// A text, if the key is there.
    pub fn text(&self, key: &str) -> Option<Located<String>> {
        self.get(key)?.as_text()
    }

    /// A text that has to be there.
    pub fn require_text(&self, key: &str) -> Option<Located<String>> {
        self.require(key)?.as_text()
    }

    /// A number, if the key is there.
    pub fn number(&self, key: &str) -> Option<Located<f64>> {
        self.get(key)?.as_number()
    }

    /// A whole number, if the key is there.
    pub fn integer(&self, key: &str) -> Option<Located<i64>> {
        self.get(key)?.as_integer()
    }

    /// A flag, if the key is there.
    pub fn flag(&self, key: &str) -> Option<Located<bool>> {
        self.get(key)?.as_flag()
    }

    /// A day, if the key is there.
    pub fn date(&self, key: &str) -> Option<Located<jiff::civil::Date>> {
        self.get(key)?.as_date()
    }

    /// A list of texts; empty if the key is absent.
    pub fn texts(&self, key: &str) -> Vec<Located<String>> {
        self.get(key).and_then(|value| value.as_texts()).unwrap_or_default()
    }

    /// A table, if the key is there.
    pub fn table(&self, key: &str) -> Option<Table<'d>> {
        self.get(key)?.as_table()
    }

    /// A table that has to be there.
    pub fn require_table(&self, key: &str) -> Option<Table<'d>> {
        self.require(key)?.as_table()
    }

    /// All entries in the order of the file, for tables whose keys are names that the user chose.
    pub fn entries(&self) -> Vec<(Located<String>, Value<'d>)> {
        let mut entries: Vec<_> = self.node.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        self.asked.borrow_mut().extend(entries.iter().map(|(key, _)| key.get_ref().to_string()));
        entries
            .into_iter()
            .map(|(key, value): (&'d Spanned<_>, &'d Spanned<DeValue<'d>>)| {
                let name: &'d std::borrow::Cow<'d, str> = key.get_ref();
                (
                    Located { value: name.to_string(), span: key.span() },
                    Value { name, node: value, log: self.log },
                )
            })
            .collect()
    }

    /// Named tables below a key (`[sources.NAME]`), in the order of the file.
    pub fn named_tables(&self, key: &str) -> Vec<(Located<String>, Table<'d>)> {
        let Some(table) = self.table(key) else { return Vec::new() };
        let entries = table.entries();
        entries.into_iter().filter_map(|(name, value)| Some((name, value.as_table()?))).collect()
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let asked = self.asked.borrow();
        for key in
            self.node.keys().filter(|key| !asked.iter().any(|known| *known == **key.get_ref()))
        {
            let place =
                if self.name.is_empty() { String::new() } else { format!(" in `{}`", self.name) };
            let meant = nearest(key.get_ref(), asked.iter().map(String::as_str));
            let help = meant
                .map_or_else(|| known_keys(&asked), |known| format!("did you mean `{known}`?"));
            self.log.push(
                key.span(),
                format!("unknown key `{}`{place}", key.get_ref()),
                Some(help),
            );
        }
    }
}

fn known_keys(asked: &[String]) -> String {
    let mut known: Vec<&str> = asked.iter().map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    format!("known here: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::{Mistakes, read};

    fn mistakes(text: &str) -> Mistakes {
        read("a.toml", text, |root| {
            let name = root.require_text("name");
            let size = root.number("size");
            let day = root.date("day");
            for (_, table) in root.named_tables("sources") {
                table.require_one(&["path", "from"]);
            }
            Some((name?, size, day))
        })
        .unwrap_err()
    }

    #[test]
    fn every_mistake_is_reported_in_order_with_its_place() {
        let found = mistakes("name = 3\nsize = \"big\"\nday = 2024-02-30\ncolour = 1\n");
        assert!(found.list.len() == 1 && found.to_string().starts_with("a.toml:3:"), "{found}");
        let found = mistakes(
            "name = 3\nsize = \"big\"\nday = 2024-02-28T00:00:00\nsiez = 1\n[sources.x]\n[sources.y]\npath = 1\nfrom = 2\n",
        );
        let shown = found.to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines,
            [
                "a.toml:1:8: `name` is a number; expected a text in quotes",
                "a.toml:2:8: `size` is a text; expected a number",
                "a.toml:3:7: `day` is a date or time; expected a date such as 2024-01-31",
                "a.toml:4:1: unknown key `siez`; did you mean `size`?",
                "a.toml:5:1: `x` needs one of `path`, `from`",
                "a.toml:8:8: `path`, `from` stand together in `y`; expected exactly one; remove `from` or the other",
            ]
        );
    }

    #[test]
    fn a_missing_key_is_reported_at_its_table() {
        let found = mistakes("size = 1\n");
        assert_eq!(
            found.to_string(),
            "a.toml:1:1: the file lacks the key `name`; add `name = ...`"
        );
    }

    #[test]
    fn words_name_the_nearest() {
        let found = read("a.toml", "kind = \"horse\"\n", |root| {
            root.require("kind")?.as_word(&[("house", 1), ("tree", 2)])
        })
        .unwrap_err();
        assert_eq!(found.list[0].help.as_deref(), Some("did you mean `house`?"));
    }
}
