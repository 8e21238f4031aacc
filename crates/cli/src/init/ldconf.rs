//! `/etc/ld.so.conf`: the directories that the administrator added to the loader's search (ldconfig(8)).
//!
//! The text and not `/etc/ld.so.cache`: the cache is a snapshot of the same directories in a binary format of three
//! generations, it may be stale, and musl, NixOS and images without ldconfig have none.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes of one file that are read.
const MAX_SIZE: u64 = 1 << 20;
/// Files that are read: ldconfig has no limit, and dies of a file that includes itself.
const MAX_FILES: usize = 256;
/// Directories in all.
const MAX_DIRECTORIES: usize = 1024;

/// The directories that `conf` and what it includes name, in their order. Files that are not there add nothing.
pub fn directories(conf: &Path) -> Vec<PathBuf> {
    let mut reader = Reader::default();
    reader.read(conf);
    reader.found.truncate(MAX_DIRECTORIES);
    reader.found
}

#[derive(Default)]
struct Reader {
    seen: BTreeSet<PathBuf>,
    found: Vec<PathBuf>,
}

impl Reader {
    fn read(&mut self, conf: &Path) {
        let Ok(real) = conf.canonicalize() else { return };
        let mut text = String::new();
        let full = self.seen.len() >= MAX_FILES || self.found.len() >= MAX_DIRECTORIES;
        if !full && self.seen.insert(real) && read_text(conf, &mut text).is_ok() {
            text.lines().for_each(|line| self.line(conf, line));
        }
    }

    fn line(&mut self, conf: &Path, line: &str) {
        let line = line.split('#').next().unwrap_or_default().trim();
        let mut words = line.split_whitespace();
        match words.next() {
            Some("include") => {
                words.flat_map(|pattern| matches(conf, pattern)).for_each(|file| self.read(&file))
            }
            // `hwcap` lines chose directories for processors before glibc 2.33; the ordinary ones hold the same.
            Some("hwcap") | None => {}
            Some(_) => self.found.extend(line.split(separates).filter_map(directory)),
        }
    }
}

fn read_text(path: &Path, text: &mut String) -> io::Result<usize> {
    if !path.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    File::open(path)?.take(MAX_SIZE).read_to_string(text)
}

fn separates(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, ':' | ',')
}

/// One entry; `=libc5` and the like told ldconfig a type that no longer exists.
fn directory(word: &str) -> Option<PathBuf> {
    let path = Path::new(word.split('=').next()?);
    path.is_absolute().then(|| path.to_path_buf())
}

/// The files that `pattern` means, sorted as glob(3) sorts. Wildcards count in the last component, where everybody
/// has them.
fn matches(conf: &Path, pattern: &str) -> Vec<PathBuf> {
    let pattern = conf.parent().unwrap_or(Path::new("/")).join(pattern);
    let (Some(parent), Some(name)) = (pattern.parent(), pattern.file_name().and_then(|name| name.to_str()))
    else {
        return Vec::new();
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    names.retain(|found| found.to_str().is_some_and(|found| is_match(name.as_bytes(), found.as_bytes())));
    names.sort();
    names.into_iter().map(|found| parent.join(found)).collect()
}

/// `*` and `?` as in glob(7). On a mismatch the last `*` takes one byte more, so that the work is bounded by the
/// product of the lengths.
fn is_match(pattern: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && pattern.first() != Some(&b'.') {
        return false;
    }
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(letter) if *letter == b'?' || *letter == name[n] => (p, n) = (p + 1, n + 1),
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                (p, n) = (at + 1, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::tests::Scratch;

    #[test]
    fn wildcards() {
        for (pattern, name, expected) in [
            ("*.conf", "libc.conf", true),
            ("*.conf", ".conf", false),
            ("*.conf", "libc.conf~", false),
            ("*", "anything", true),
            ("a?c*", "abcd", true),
            ("a?c", "ac", false),
            ("**a*b", "xxaxxab", true),
            ("", "", true),
            ("", "x", false),
            ("x", "", false),
        ] {
            assert_eq!(is_match(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
        let (many, long) = ("*a".repeat(50), "a".repeat(5000) + "b");
        assert!(!is_match(many.as_bytes(), long.as_bytes()), "and soon, not in exponential time");
    }

    #[test]
    fn comments_includes_separators_and_cycles() {
        let scratch = Scratch::new("ldconf");
        let conf = scratch.file(
            "ld.so.conf",
            "# all of it\ninclude conf.d/*.conf\n/last # the last\nhwcap 1 nosegneg\nrelative/dir\n\ninclude ld.so.conf\n",
        );
        scratch.file("conf.d/b.conf", "/b1:/b2,/b3 /b4=libc5\r\n");
        scratch.file("conf.d/a.conf", "  /a\t\n");
        scratch.file("conf.d/ignored.txt", "/ignored\n");
        let expected = ["/a", "/b1", "/b2", "/b3", "/b4", "/last"].map(PathBuf::from);
        assert_eq!(directories(&conf), expected, "and a file that includes itself is read once");
    }

    #[test]
    fn what_is_not_there_or_no_text_adds_nothing() {
        let scratch = Scratch::new("ldconf-none");
        assert!(directories(&scratch.0.join("none")).is_empty());
        assert!(directories(&scratch.0).is_empty(), "a directory");
        let binary = scratch.0.join("binary");
        fs::write(&binary, [0xff, 0xfe, b'/', 0]).unwrap();
        assert!(directories(&binary).is_empty());
    }
}
