//! A page of the book: its `console` blocks, and what the comment before one says about it.
//!
//! ```text
//! <!-- as: user -->           typed by an ordinary user with subordinate ids, instead of root
//! <!-- status: 125 -->        how the last command ends, where it is not by 0
//! <!-- needs: strace -->      not typed where that program is missing; cgroup-v1 is no program
//! <!-- skip: reason -->       not typed at all
//! ```

use std::fs;
use std::path::{Path, PathBuf};

/// A page with its blocks.
pub struct Page {
    /// Its path below the book's directory.
    pub name: String,
    pub blocks: Vec<Block>,
}

/// A block of what somebody types and then sees.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of the page where it begins.
    pub line: usize,
    pub by_user: bool,
    pub status: i32,
    pub needs: Option<String>,
    pub skip: Option<String>,
    pub commands: Vec<Shown>,
}

/// A command, and what the page shows of its output.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    pub command: String,
    pub output: Vec<String>,
}

/// All pages below `directory`, in the order of their names.
pub fn pages(directory: &Path) -> Vec<Page> {
    let mut paths = markdown_below(directory);
    paths.sort();
    let page = |path: PathBuf| {
        let name = path.strip_prefix(directory).expect("below").display().to_string();
        let text = fs::read_to_string(&path).expect("a page");
        Page { blocks: blocks(&text).unwrap_or_else(|wrong| panic!("{name}: {wrong}")), name }
    };
    paths.into_iter().map(page).collect()
}

fn markdown_below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let below = |path: PathBuf| if path.is_dir() { markdown_below(&path) } else { vec![path] };
    entries.flat_map(below).filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

/// The console blocks of a page.
fn blocks(text: &str) -> Result<Vec<Block>, String> {
    let (mut all, mut next, mut open) = (Vec::new(), Block::default(), false);
    let mut comment = Ok(());
    for (number, line) in text.lines().enumerate() {
        match (open, line) {
            (false, "```console") => {
                std::mem::replace(&mut comment, Ok(()))?;
                (open, next.line) = (true, number + 1);
            }
            (true, "```") => {
                open = false;
                all.push(std::mem::take(&mut next));
            }
            (true, _) => shown(&mut next, line),
            (false, _) if line.starts_with("<!-- ") => comment = comment.and(directive(&mut next, line)),
            // A comment is about the block that follows directly, or else about none.
            (false, _) => (next, comment) = (Block::default(), Ok(())),
        }
    }
    Ok(all)
}

/// A line of a block: a command, its next line, or output.
fn shown(block: &mut Block, line: &str) {
    if let Some(command) = line.strip_prefix("$ ") {
        block.commands.push(Shown { command: command.to_owned(), output: Vec::new() });
    } else if let Some(last) = block.commands.last_mut() {
        match line.strip_prefix("> ").filter(|_| last.output.is_empty()) {
            Some(more) => last.command = format!("{}\n{more}", last.command),
            None => last.output.push(line.to_owned()),
        }
    }
}

fn directive(block: &mut Block, line: &str) -> Result<(), String> {
    let inner = line.trim_start_matches("<!-- ").trim_end_matches(" -->");
    match inner.split_once(": ") {
        Some(("as", "user")) => block.by_user = true,
        Some(("as", "root")) => {}
        Some(("status", status)) => {
            block.status = status.parse().map_err(|_| format!("not a status: {line}"))?
        }
        Some(("needs", program)) => block.needs = Some(program.to_owned()),
        Some(("skip", reason)) => block.skip = Some(reason.to_owned()),
        _ => return Err(format!("unknown directive: {line}")),
    }
    Ok(())
}

#[test]
fn a_page_is_read() {
    let page = "<!-- status: 3 -->\n\ntext\n<!-- as: user -->\n<!-- status: 2 -->\n```console\n$ for n in 1\n> do ls\n> done\na\n\nb\n$ x\n```\n```sh\n$ y\n```\n";
    let shown = |command: &str, output: &[&str]| Shown {
        command: command.to_owned(),
        output: output.iter().map(|line| (*line).to_owned()).collect(),
    };
    let expected = Block {
        line: 6,
        by_user: true,
        status: 2,
        needs: None,
        skip: None,
        commands: vec![shown("for n in 1\ndo ls\ndone", &["a", "", "b"]), shown("x", &[])],
    };
    assert_eq!(blocks(page), Ok(vec![expected]));
    assert!(blocks("<!-- as: somebody -->\n```console\n").is_err());
    assert_eq!(blocks("<!-- A remark. -->\n\n"), Ok(vec![]));
}
