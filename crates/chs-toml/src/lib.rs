//! Reading of TOML files that people write: every value knows its place, every mistake is collected.
//!
//! [`read`] parses a file and hands its root [`Table`] to a converter. The converter asks for keys; a
//! wrong type, a missing key and a key that nobody asked for each become a [`Mistake`] with a span and
//! a remedy. A file with seven mistakes therefore yields seven, in the order of the file.
//!
//! ```
//! let mistakes = chs_toml::read("model.toml", "nmae = \"x\"\n", |root| root.require_text("name")).unwrap_err();
//! assert_eq!(mistakes.list.len(), 2);
//! assert_eq!(mistakes.list[1].help.as_deref(), Some("did you mean `name`?"));
//! ```

mod cover;
mod mistake;
mod nearest;
mod schema;
mod table;
mod value;

pub use mistake::{Mistake, Mistakes};
pub use nearest::nearest;
pub use schema::schema_of;
pub use table::{Table, read};
pub use value::{Located, Value};
