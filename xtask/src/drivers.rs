//! Drivers of databases, for the tests of queries: libraries from the package registries.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Failure;
use crate::scratch::Scratch;
use crate::step::{root, run};

/// A library and how it is fetched: from `PyPI` by pip, or from npm.
struct Library {
    file: &'static str,
    package: &'static str,
    /// Where the library lies in the package.
    inside: &'static str,
    fetch: fn(&str, &Path) -> Result<(), Failure>,
}

const LIBRARIES: [Library; 3] = [
    Library {
        file: "libadbc_driver_sqlite.so",
        package: "adbc-driver-sqlite==1.13.0",
        inside: "adbc_driver_sqlite/libadbc_driver_sqlite.so",
        fetch: by_pip,
    },
    Library {
        file: "libadbc_driver_postgresql.so",
        package: "adbc-driver-postgresql==1.13.0",
        inside: "adbc_driver_postgresql/libadbc_driver_postgresql.so",
        fetch: by_pip,
    },
    // The library inside of DuckDB's wheel loads in Python alone; that of its package for Node stands by
    // itself.
    Library {
        file: "libduckdb.so",
        package: if cfg!(target_arch = "aarch64") {
            "@duckdb/node-bindings-linux-arm64@1.5.6-r.1"
        } else {
            "@duckdb/node-bindings-linux-x64@1.5.6-r.1"
        },
        inside: "package/libduckdb.so",
        fetch: by_npm,
    },
];

/// Fetch what is not there yet into `target/adbc`; what cannot be had is said, and its tests skip.
pub(crate) fn drivers() -> Result<(), Failure> {
    let folder = root().join("target/adbc");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for library in &LIBRARIES {
        let path = folder.join(library.file);
        if path.is_file() {
            continue;
        }
        match fetched(library, &path) {
            Ok(()) => println!("fetched {} from {}", library.file, library.package),
            Err(failure) => println!("skipped: {} ({failure}); its tests skip", library.file),
        }
    }
    Ok(())
}

fn fetched(library: &Library, path: &Path) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    (library.fetch)(library.package, scratch.path())?;
    // Another name first, so that half a library never stands under its own.
    let part = path.with_extension("part");
    std::fs::copy(scratch.path().join(library.inside), &part)
        .and_then(|_| std::fs::rename(&part, path))
        .map_err(|error| format!("{}: {error}", library.inside))
}

fn by_pip(package: &str, folder: &Path) -> Result<(), Failure> {
    let arguments = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", "."];
    run(Command::new("python3").args(arguments).arg(package).current_dir(folder))
}

fn by_npm(package: &str, folder: &Path) -> Result<(), Failure> {
    let packed = Command::new("npm")
        .args(["pack", "--silent", package])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("npm pack {package}: {error}"))?;
    let archive = String::from_utf8_lossy(&packed.stdout).trim().to_owned();
    if archive.is_empty() {
        return Err(format!("npm pack {package} failed: {}", packed.status));
    }
    run(Command::new("tar").args(["xzf", &archive]).current_dir(folder))
}
