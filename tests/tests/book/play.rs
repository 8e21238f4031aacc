//! A block is typed: all its commands into one shell, so that `$!` and `wait` mean what they mean to a reader.

use crate::page::{Block, Shown};
use crate::shown::differs;
use end_to_end::{Running, Somebody, out};
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::CommandExt;

/// Stands between the outputs of two commands, with the status of the first.
const MARK: &str = "--8<-- book";

/// Types the block, and compares what comes out with what it shows.
pub fn play(somebody: &Somebody, block: &Block) -> Result<(), String> {
    // As on a terminal, errors come where they happen.
    let typed: String =
        block.commands.iter().map(|shown| format!("{}\necho \"{MARK} $?\"\n", shown.command)).collect();
    let mut shell = somebody.shell(&format!("exec 2>&1\n{typed}"));
    // Whom a line has left in the background goes with the test, should the shell hang. They are its group.
    let running = Running::start(shell.process_group(0));
    let _group = Group(i32::try_from(running.pid()).ok().and_then(Pid::from_raw));
    let text = out(&running.finish());
    let mut rest = text.as_str();
    for (index, shown) in block.commands.iter().enumerate() {
        let end = format!("{MARK} ");
        let Some((output, after)) = rest.split_once(&end) else {
            return Err(format!("$ {}\nthe shell ended: {rest}", shown.command));
        };
        let (status, after) = after.split_once('\n').unwrap_or((after, ""));
        let expected = if index + 1 == block.commands.len() { block.status } else { 0 };
        judge(shown, output, status, expected)?;
        rest = after;
    }
    if rest.is_empty() { Ok(()) } else { Err(format!("after the last command: {rest}")) }
}

fn judge(shown: &Shown, output: &str, status: &str, expected: i32) -> Result<(), String> {
    let command = &shown.command;
    let page: Vec<&str> = shown.output.iter().map(String::as_str).collect();
    let real: Vec<&str> = output.lines().collect();
    if let Some(line) = differs(&page, &real) {
        return Err(format!("$ {command}\nthe page goes on with\n{line}\nand what one sees is\n{output}"));
    }
    // Statuses are only told where they are not 0, of the last command.
    if status != expected.to_string() {
        return Err(format!("$ {command}\nended by {status}, not {expected}:\n{output}"));
    }
    Ok(())
}

/// The group of the shell; killed if the test fails before it has ended.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0.filter(|_| std::thread::panicking()) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
