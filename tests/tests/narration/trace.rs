//! What `strace -f -y --pidns-translation` saw, from the start of containerception to the start of the command.

use crate::agree::Seen;
use std::collections::HashMap;

/// Who made a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// containerception itself.
    Runtime,
    /// A child that the runtime is about to make newuidmap or newgidmap of.
    Helper,
    /// Its clone inside.
    Init,
    /// The child of that one.
    Command,
}

/// A system call that returned.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who made it.
    pub who: Who,
    /// Whether that process becomes the command.
    pub becomes_command: bool,
    /// Its name.
    pub name: String,
    /// Its arguments, as strace shows them.
    pub arguments: String,
    /// What it returned.
    pub result: String,
    /// Both, read.
    pub seen: Seen,
}

impl Call {
    /// The whole line.
    pub fn show(&self) -> String {
        format!("{}({}) = {}", self.name, self.arguments, self.result)
    }

    /// Whether it did nothing, as its result says.
    pub fn failed(&self) -> bool {
        self.result.starts_with('-') || self.result.starts_with('?')
    }

    /// Whether its arguments contain `text`.
    pub fn has(&self, text: &str) -> bool {
        self.arguments.contains(text)
    }
}

/// A call of some process.
struct Line {
    pid: u32,
    name: String,
    arguments: String,
    result: String,
}

impl Line {
    fn executes(&self, ending: &str) -> bool {
        let program = self.arguments.split('"').nth(1).unwrap_or_default();
        self.name == "execve" && self.result == "0" && program.ends_with(ending)
    }

    /// The new process, as a tracer outside sees it: `2 /* 3355 in strace's PID NS */`.
    fn born(&self) -> Option<u32> {
        let outside = self.result.split("/* ").nth(1).unwrap_or(&self.result);
        (self.name == "clone3" || self.name == "clone")
            .then(|| outside.split(' ').next()?.parse().ok())
            .flatten()
    }
}

/// The calls of a start, in the order in which they began: those of the runtime, its clone, and what becomes the
/// command. Who comes before in the same processes, such as a shell, and what the programs do that are executed later,
/// is left out.
///
/// # Panics
/// The trace is none of a start that reached its end.
pub fn of_start(text: &str) -> Vec<Call> {
    let lines = lines(text);
    let first = lines.iter().rposition(|line| line.executes("/containerception")).expect("a start");
    let mut family = HashMap::from([(lines[first].pid, Who::Runtime)]);
    let mut calls = Vec::new();
    for line in &lines[first + 1..] {
        let Some(&who) = family.get(&line.pid) else { continue };
        if let Some(child) = line.born() {
            family.insert(child, kind_of_child(who, &line.arguments));
        }
        let (name, arguments, result) = (line.name.clone(), line.arguments.clone(), line.result.clone());
        let seen = Seen::read(&arguments, &result);
        calls.push(Call { who, becomes_command: false, name, arguments, result, seen });
        match (who, line.executes("")) {
            (Who::Init | Who::Command, true) => {
                calls.iter_mut().for_each(|call| call.becomes_command = call.who == who);
                return calls;
            }
            // What the program does then is its own affair; the kernel holds it to what the caller may map.
            (Who::Helper, true) => drop(family.remove(&line.pid)),
            _ => {}
        }
    }
    let last: Vec<String> = calls.iter().rev().take(9).map(Call::show).collect();
    panic!("no command was executed; the last calls: {last:#?}");
}

fn kind_of_child(parent: Who, arguments: &str) -> Who {
    match parent {
        Who::Runtime if arguments.contains("CLONE_VFORK") => Who::Helper,
        Who::Runtime | Who::Helper => Who::Init,
        Who::Init | Who::Command => Who::Command,
    }
}

/// The lines of a trace; a call that was interrupted by another process's lines is put together again.
fn lines(text: &str) -> Vec<Line> {
    let mut unfinished: HashMap<u32, (usize, String)> = HashMap::new();
    let mut wholes: Vec<(u32, String)> = Vec::new();
    for line in text.lines() {
        let Some((pid, rest)) = line.split_once(' ') else { continue };
        let Ok(pid) = pid.parse() else { continue };
        let rest = rest.trim_start();
        if let Some(begin) = rest.strip_suffix(" <unfinished ...>") {
            unfinished.insert(pid, (wholes.len(), begin.to_owned()));
            wholes.push((pid, String::new()));
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            let end = resumed.split_once(" resumed>").map_or("", |(_, end)| end);
            if let Some((index, begin)) = unfinished.remove(&pid) {
                wholes[index].1 = begin + end;
            }
        } else {
            wholes.push((pid, rest.to_owned()));
        }
    }
    wholes.iter().filter_map(|(pid, whole)| line(*pid, whole)).collect()
}

/// `name(arguments) = result`. Signals, ends and calls that never returned are none.
fn line(pid: u32, whole: &str) -> Option<Line> {
    let (call, result) = whole.rsplit_once(" = ")?;
    let (name, arguments) = call.trim_end().strip_suffix(')')?.split_once('(')?;
    let (name, arguments, result) = (name.to_owned(), arguments.to_owned(), result.to_owned());
    Some(Line { pid, name, arguments, result })
}
