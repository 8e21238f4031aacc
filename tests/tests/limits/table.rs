//! The table of docs/limits.md: each limit in each layout, held or refused, as it is found by trying.
//!
//! Where `CONTAINERCEPTION_TABLE` names a copy of the page, the columns of the layouts that can be had here are written into
//! it instead of being compared.

use crate::container::{Container, Place, code, text};
use crate::disk;
use crate::layout::Layout;
use crate::pids::ALONE;
use crate::rows::{self, ROWS, Row};
use end_to_end::{Kind, err, skip};
use std::fs;
use std::path::PathBuf;

const PAGE: &str = include_str!("../../../docs/limits.md");

/// What a refusal says of causes that are no file and no option of the kernel, and how the table has it.
const CAUSES: [(&str, &str); 5] = [
    ("scheduler", "no disk goes by weights"),
    ("is not writable", "the group is not writable"),
    ("from the host's root only", "the host's root only"),
    ("is systemd's", "the group is not delegated"),
    ("CAP_SYS_RESOURCE", "CAP_SYS_RESOURCE"),
];

/// As the table has it, a weight is asked for where a disk goes by weights: root makes one for it.
struct Disk {
    path: PathBuf,
    numbers: String,
    _own: Option<disk::Disk>,
}

impl Disk {
    fn of(place: &Place, row: &Row) -> Disk {
        let is_weight = row.limit.starts_with("--blkio-weight");
        if is_weight && place.somebody.kind == Kind::Root {
            let own = disk::Disk::by_weights(&place.somebody.home()).expect("a disk with the scheduler bfq");
            return Disk { path: own.path().into(), numbers: own.numbers(), _own: Some(own) };
        }
        let (path, numbers) = disk::of_the_host().unwrap_or(("/dev/no-disk".into(), String::new()));
        Disk { path, numbers, _own: None }
    }
}

/// Of a refusal that cites nothing.
const NOTHING: &str = "nothing is cited";

#[test]
fn each_cell_is_what_this_host_does() {
    let _alone = ALONE.lock();
    let page = std::env::var_os("CONTAINERCEPTION_TABLE");
    for place in Place::all("table") {
        let column: Vec<String> = ROWS.iter().map(|row| cell(&place, row)).collect();
        match &page {
            Some(page) => {
                let old = fs::read_to_string(page).expect("a copy of the page");
                fs::write(page, with_column(&old, place.layout, &column))
                    .expect("a page that can be written");
            }
            None => assert_eq!(differing(place.layout, &column), [""; 0], "{}", place.layout),
        }
    }
}

#[test]
fn each_limit_has_a_row_and_each_row_all_cells() {
    let place = Place::any("table-rows");
    let no_limits = ["--best-effort", "--cgroup-parent", "--cgroup-manager", "--resources"];
    for option in rows::options(&place).iter().filter(|option| !no_limits.contains(&&***option)) {
        let has = |row: &Row| row.limit.split(' ').next() == Some(option.as_str());
        assert!(ROWS.iter().any(has), "{option} has no row");
    }
    let known: Vec<&str> = ROWS.iter().map(|row| row.limit).collect();
    let rows = table(PAGE);
    assert_eq!(rows.iter().map(|row| row[0].trim_matches('`')).collect::<Vec<_>>(), known);
    for row in rows {
        assert_eq!(row.len(), 1 + Layout::ALL.len(), "{row:?}");
        let known = |cell: &&str| {
            let kinds = ["held", "refused (CX5", "not in this kernel (CONFIG_"];
            kinds.iter().any(|kind| cell.starts_with(kind)) && !cell.contains(NOTHING)
        };
        assert!(row[1..].iter().all(known), "{row:?}");
    }
}

/// Tries a limit. A weight that no disk goes by cannot be tried: it is told, and taken as the page has it.
fn cell(place: &Place, row: &Row) -> String {
    let has_disk = || place.somebody.kind == Kind::Root || disk::one_goes_by_weights();
    if row.limit.starts_with("--blkio-weight") && place.layout.has_groups() && !has_disk() {
        skip("table-weights", "no disk has the scheduler bfq");
        return in_page(place.layout, row.limit).unwrap_or_default().to_owned();
    }
    let disk = Disk::of(place, row);
    let file = place.somebody.home().join("resources");
    fs::write(&file, row.resources).expect("a file");
    place.somebody.give(&file);
    let fill = |option: &&str| option.replace("DISK", text(&disk.path)).replace("FILE", text(&file));
    let mut options: Vec<String> = row.options.iter().map(fill).collect();
    // Only there do rules decide what root inside may open: elsewhere the kernel's own do before.
    if row.limit.starts_with("--device-cgroup") && place.somebody.kind == Kind::Root {
        options.extend(["--userns", "host"].map(str::to_owned));
    }
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let mut container = Container::tried(place, &options);
    if !container.is_up() {
        let output = container.finish();
        return refused(&code(&output), &err(&output));
    }
    let shown = row.shown.iter().find(|shown| shown.is_so(&container, &disk.numbers));
    let cell = match shown {
        Some(rows::Shown::Limit("Max processes", _)) => "held by RLIMIT_NPROC",
        Some(_) => "held",
        None => "ignored",
    };
    container.end();
    cell.to_owned()
}

/// What a refusal cites: options of the kernel, a file, or another cause.
fn refused(code: &str, said: &str) -> String {
    let words = || said.split(|c: char| !(c.is_ascii_alphanumeric() || "_./".contains(c)));
    let mut options: Vec<&str> = words().filter(|word| word.starts_with("CONFIG_")).collect();
    options.sort_unstable();
    options.dedup();
    if !options.is_empty() {
        return format!("not in this kernel ({})", options.join(", "));
    }
    let cause = CAUSES.iter().find(|(phrase, _)| said.contains(phrase)).map(|(_, cause)| (*cause).to_owned());
    let file = || {
        words()
            .filter_map(|word| word.rsplit('/').next())
            .find(|word| is_control_file(word))
            .map(|file| format!("`{file}`"))
    };
    let cited = cause.or_else(file).unwrap_or_else(|| NOTHING.to_owned());
    format!("refused ({code}: {cited})")
}

/// `memory.high`, `cgroup.controllers`.
fn is_control_file(word: &str) -> bool {
    let kinds = ["memory", "cpu", "cpuset", "blkio", "io", "pids", "hugetlb", "rdma", "misc", "cgroup"];
    word.split_once('.').is_some_and(|(kind, name)| {
        kinds.contains(&kind) && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
    })
}

/// The head of the part of the page that has the table.
const HEAD: &str = "\n## What is held where\n";

/// The rows of the table of a page, each with its cells.
fn table(page: &str) -> Vec<Vec<&str>> {
    let (_, part) = page.split_once(HEAD).expect("the part of the page that has the table");
    let rows = part.lines().filter(|line| line.starts_with("| `--"));
    rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The place of a layout's column.
fn place_of(layout: Layout) -> usize {
    1 + Layout::ALL.iter().position(|known| *known == layout).expect("all are there")
}

/// What the page has.
fn in_page(layout: Layout, limit: &str) -> Option<&'static str> {
    let row = table(PAGE).into_iter().find(|row| row[0].trim_matches('`') == limit)?;
    row.get(place_of(layout)).copied()
}

/// What was found and the page does not have, row by row.
fn differing(layout: Layout, column: &[String]) -> Vec<String> {
    let compared = ROWS.iter().zip(column).map(|(row, found)| (row.limit, in_page(layout, row.limit), found));
    compared
        .filter(|(_, page, found)| *page != Some(found.as_str()))
        .map(|(limit, page, found)| format!("{limit}: {found}, and the page has {page:?}"))
        .collect()
}

/// The page with another column.
fn with_column(page: &str, layout: Layout, column: &[String]) -> String {
    let old = table(page);
    let heads: Vec<String> = Layout::ALL.iter().map(Layout::to_string).collect();
    let mut rows =
        vec![format!("| limit | {} |", heads.join(" | ")), format!("|{}", "---|".repeat(1 + heads.len()))];
    for (row, new) in ROWS.iter().zip(column) {
        let known = old.iter().find(|cells| cells[0].trim_matches('`') == row.limit);
        let cell = |place: usize| known.and_then(|cells| cells.get(place)).copied().unwrap_or("?");
        let cells = (1..=heads.len()).map(|place| if place == place_of(layout) { new } else { cell(place) });
        rows.push(format!("| `{}` | {} |", row.limit, cells.collect::<Vec<_>>().join(" | ")));
    }
    replaced(page, &rows)
}

/// The page with these lines in place of its table.
fn replaced(page: &str, rows: &[String]) -> String {
    let (first, part) = page.split_once(HEAD).expect("the part of the page that has the table");
    let is_row = |line: &&str| line.starts_with('|');
    let before = part.lines().take_while(|line| !is_row(line));
    let after = part.lines().skip_while(|line| !is_row(line)).skip_while(is_row);
    let lines = before.chain(rows.iter().map(String::as_str)).chain(after);
    let part: String = lines.map(|line| format!("{line}\n")).collect();
    format!("{first}{HEAD}{part}")
}
