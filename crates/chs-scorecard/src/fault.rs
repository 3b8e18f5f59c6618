//! A broken rule, told apart from the file it was found in.

/// What is wrong with one element of a list; whoever reads a file adds the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Index of the element.
    pub(crate) index: usize,
    /// What is wrong and what was expected, a lower-case fragment.
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(index: usize, message: impl Into<String>) -> Self {
        Self { index, message: message.into() }
    }
}
