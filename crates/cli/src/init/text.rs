//! Names in messages.

use spec::excerpt::printable;
use std::path::Path;

/// A path as it may be printed.
pub fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// A path as it may be pasted into a shell.
pub fn quoted(path: &Path) -> String {
    let text = shown(path);
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+,@%:=~".contains(letter);
    if !text.is_empty() && !text.starts_with('~') && text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Bytes in the unit that suits them, powers of 1000.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// A count and its noun: `1 program`, `2 programs`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_do_not_drive_the_terminal() {
        assert_eq!(shown(Path::new("a\x1b[2Jb\n")), r"a\u{1b}[2Jb\n");
    }

    #[test]
    fn paths_can_be_pasted() {
        assert_eq!(quoted(Path::new("./root-fs_1")), "./root-fs_1");
        assert_eq!(quoted(Path::new("my root")), "'my root'");
        assert_eq!(quoted(Path::new("it's")), r"'it'\''s'");
        assert_eq!(quoted(Path::new("~")), "'~'");
        assert_eq!(quoted(Path::new("$(reboot)")), "'$(reboot)'");
    }

    #[test]
    fn numbers() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(38_400_000), "38 MB");
        assert_eq!(size(1_250_000_000), "1.2 GB");
        assert_eq!(count(1, "library", "libraries"), "1 library");
        assert_eq!(count(0, "library", "libraries"), "0 libraries");
    }
}
