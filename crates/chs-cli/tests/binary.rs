//! That the binary starts; a test beside it is also what makes Cargo build it for the tests of the
//! workspace.

use std::process::Command;

#[test]
fn the_binary_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_chs")).arg("--version").output().unwrap();
    assert!(output.status.success());
    let version = concat!("chs ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), version);
}
