//! How many threads work.

use crate::Error;

/// Set the number of threads for the whole process, once and before any work; results do not depend on it.
///
/// # Errors
///
/// [`Error::Threads`] where it was set before.
pub fn set_threads(threads: usize) -> Result<(), Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build_global().map_err(|error| Error::Threads { detail: error.to_string() })
}
