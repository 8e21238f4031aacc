//! Writes the man pages into a directory: `cargo xtask man DIR`.
//!
//! An example, so that neither the binary nor xtask has to know how a man page is written.

#[allow(dead_code, reason = "the pages need what can be typed, not what is done with it")]
#[path = "../src/narrate/form.rs"]
mod form;
#[allow(dead_code, reason = "as above")]
#[path = "../src/options.rs"]
mod options;

/// Where the options look for it.
mod narrate {
    pub use crate::form::Form;
}

use clap::{Arg, Command};
use clap_mangen::Man;
use std::fs;
use std::io::{self, Error};
use std::path::Path;
use std::process;

/// What the options do not know of themselves.
const MORE: &str = include_str!("man/more.roff");

fn main() -> io::Result<()> {
    let directory = std::env::args_os().nth(1).ok_or_else(|| Error::other("usage: man DIR"))?;
    let directory = Path::new(&directory);
    fs::create_dir_all(directory)?;
    let whole = options::shown()
        .subcommand_required(true)
        .subcommand_value_name("COMMAND")
        .subcommand_help_heading("COMMANDS");
    for command in whole.get_subcommands() {
        write_command(directory, command, &["containerception"])?;
    }
    write(directory, whole, MORE)
}

/// A command of `above`, and what there is below it.
fn write_command(directory: &Path, command: &Command, above: &[&str]) -> io::Result<()> {
    let words = [above, &[command.get_name()]].concat();
    let name: &str = words.join("-").leak();
    let page = command.clone().name(name).bin_name(words.join(" ")).display_name(name);
    write(directory, page, ".SH SEE ALSO\n.BR containerception (1)\n")?;
    command.get_subcommands().try_for_each(|below| write_command(directory, below, &words))
}

fn write(directory: &Path, command: Command, more: &str) -> io::Result<()> {
    // The texts name the values themselves, which roff would set apart with too many breaks.
    let command = command.disable_help_flag(true).mut_args(without_values);
    let path = directory.join(format!("{}.1", command.get_name()));
    let title = command.get_name().to_uppercase();
    let mut page = Vec::new();
    Man::new(command).title(title).date(today()?).manual("containerception").render(&mut page)?;
    page.extend_from_slice(more.as_bytes());
    fs::write(path, page)
}

fn without_values(argument: Arg) -> Arg {
    let takes_value = argument.get_action().takes_values();
    argument.hide_possible_values(takes_value)
}

/// The date of the pages; SOURCE_DATE_EPOCH (reproducible-builds.org) makes it the same for everybody.
fn today() -> io::Result<String> {
    let time = std::env::var("SOURCE_DATE_EPOCH").map_or("now".to_owned(), |seconds| format!("@{seconds}"));
    let output = process::Command::new("date").args(["--utc", "--date", &time, "+%F"]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
