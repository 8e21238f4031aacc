//! Calls of cargo.

use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The cargo that started this program, in the workspace's root.
pub fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root());
    command
}

/// The workspace's root directory.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Builds the one binary of `package` in the release profile, and returns its path. The path is taken from cargo's own
/// messages: configuration and environment may both move the target directory.
///
/// # Errors
/// Those of the compiler, which has told them on stderr by then.
pub fn build(package: &str, options: &[&str]) -> Result<PathBuf, Box<dyn Error>> {
    let mut cargo = command();
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "--message-format=json-render-diagnostics",
        "--package",
        package,
    ]);
    let messages = messages(cargo.args(options))?;
    let path = messages.lines().rev().find_map(executable);
    path.ok_or_else(|| format!("cargo build --package {package} made no program").into())
}

/// Builds containerception so that it can be told to kill itself at a step, or to have one fail, beside the release and not
/// over it.
///
/// # Errors
/// As [`build`].
pub fn build_with_faults() -> Result<PathBuf, Box<dyn Error>> {
    build("containerception", &["--features", "faults", "--target-dir", "target/faults"])
}

/// Builds the test programs of the workspace in the dev profile, as `cargo xtask test` has them, and returns the paths of
/// those of the package in `directory`.
///
/// # Errors
/// As [`build`].
pub fn tests(directory: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut cargo = command();
    cargo.args(["test", "--quiet", "--locked", "--workspace", "--no-run"]);
    let messages = messages(cargo.arg("--message-format=json-render-diagnostics"))?;
    let manifest = format!("/{directory}/Cargo.toml\"");
    Ok(messages.lines().filter(|message| message.contains(&manifest)).filter_map(executable).collect())
}

/// What cargo says to programs: a line of JSON each.
fn messages(cargo: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{}: {}", words(cargo), output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// A command as it could be typed.
fn words(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The value of `"executable"` in one message, a line of JSON. Paths with characters that JSON escapes are not found.
fn executable(message: &str) -> Option<PathBuf> {
    let (_, value) = message.split_once("\"executable\":\"")?;
    value.split_once('"').map(|(path, _)| PathBuf::from(path))
}
