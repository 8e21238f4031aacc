//! Files that programs open beside their libraries.

use super::manifest::Manifest;
use super::names::{COMPANIONS, TERMINALS, TERMINFO};
use std::path::{Path, PathBuf};

/// Adds what this machine has of them: the usual terminals and the caller's own, and what single programs ask for.
pub fn add(manifest: &mut Manifest) {
    let own = std::env::var("TERM").ok();
    for terminal in TERMINALS.iter().copied().chain(own.as_deref()) {
        for entry in TERMINFO.iter().filter_map(|directory| terminfo(directory, terminal)) {
            manifest.add_optional(&entry);
        }
    }
    for companion in COMPANIONS {
        manifest.add_optional(Path::new(companion));
    }
}

/// The file of a terminal, by the first letter of its name (terminfo(5)). TERM may hold anything.
fn terminfo(directory: &str, terminal: &str) -> Option<PathBuf> {
    let first = terminal.get(..1).filter(|_| !terminal.contains('/') && !terminal.starts_with('.'))?;
    Some(Path::new(directory).join(first).join(terminal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_names_do_not_leave_their_directory() {
        assert_eq!(terminfo("/lib/terminfo", "xterm"), Some(PathBuf::from("/lib/terminfo/x/xterm")));
        for name in ["", "/etc/passwd", "../x", ".", "\u{e9}"] {
            assert_eq!(terminfo("/lib/terminfo", name), None, "{name:?}");
        }
    }
}
