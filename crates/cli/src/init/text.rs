//! Names in messages.

use std::io;
use std::path::Path;

/// A path as it may be printed: control characters, which could drive the terminal, are escaped.
pub fn shown(path: &Path) -> String {
    let escape = |letter: char| {
        if letter.is_control() { letter.escape_default().collect() } else { letter.to_string() }
    };
    path.to_string_lossy().chars().map(escape).collect()
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

/// What the kernel said, in words: the number behind them helps nobody.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error ").next().unwrap_or_default().to_owned()
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
    fn reasons() {
        let denied = io::Error::from_raw_os_error(rustix::io::Errno::ACCESS.raw_os_error());
        assert_eq!(reason(&denied), "Permission denied");
        assert_eq!(reason(&io::Error::other("of our own")), "of our own");
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
