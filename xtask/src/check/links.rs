//! Links in pages to other files of the project.

use super::sources::{Source, ending_with};
use super::{Verdict, unless_any};
use crate::cargo;
use std::io;
use std::path::Path;

/// Every relative link of every page leads to a file or a directory.
pub fn lead_somewhere() -> io::Result<Verdict> {
    Ok(unless_any(ending_with(".md")?.iter().flat_map(broken).collect()))
}

fn broken(page: &Source) -> Vec<String> {
    let directory = Path::new(&page.path).parent().unwrap_or(Path::new(""));
    let lost = targets(&page.text).filter(|target| !cargo::root().join(directory).join(target).exists());
    lost.map(|target| format!("{}: {target} does not exist", page.path)).collect()
}

/// What stands in the round brackets of `[text](target)`, without `#section`; other schemes are left out.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = links.filter_map(|link| link.split(['#', ' ']).next());
    files.filter(|file| !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_files_that_links_name() {
        let text = "[a](b.md) ![c](d/e.png \"title\") [f](#g) [h](https://i.example/j) [k](l.md#m)";
        assert_eq!(targets(text).collect::<Vec<_>>(), ["b.md", "d/e.png", "l.md"]);
    }
}
