//! What the kernel would do with a file that it is asked to execute (execve(2)).

use super::elf::Elf;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// `BINPRM_BUF_SIZE`: how much of a script's first line the kernel reads (since Linux 5.1).
const FIRST_LINE: u64 = 256;

/// What a program is, so far as it needs other files.
#[derive(PartialEq, Eq, Debug)]
pub enum Executable {
    /// A program or library for some machine.
    Elf(Elf),
    /// A script that begins with `#!`.
    Script(Interpreter),
    /// Something else: the shell runs it, or nothing does.
    Other,
}

/// The first line of a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interpreter {
    /// The program behind `#!`.
    pub path: PathBuf,
    /// The program that `env` is to find in PATH, for `#!/usr/bin/env NAME`.
    pub by_env: Option<OsString>,
}

impl Executable {
    /// Reads what the kernel and the loader read of a regular file.
    ///
    /// # Errors
    /// `InvalidInput` for something other than a regular file, `InvalidData` for a damaged one, and what `open(2)` and
    /// `read(2)` report.
    pub fn read(path: &Path) -> io::Result<Self> {
        if !path.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = File::open(path)?;
        if let Some(elf) = Elf::read(&file)? {
            return Ok(Executable::Elf(elf));
        }
        let mut head = Vec::new();
        file.take(FIRST_LINE).read_to_end(&mut head)?;
        Ok(Interpreter::parse(&head).map_or(Executable::Other, Executable::Script))
    }
}

impl Interpreter {
    /// The interpreter of a file that begins with `head`, or None where it has no usable `#!` line.
    fn parse(head: &[u8]) -> Option<Self> {
        let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
        let mut words = line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
        let path = Path::new(OsStr::from_bytes(words.next()?));
        let by_env = (path.file_name() == Some(OsStr::new("env"))).then(|| words.next()).flatten();
        let is_name = |word: &&[u8]| !word.starts_with(b"-") && !word.contains(&b'=') && !word.contains(&0);
        path.is_absolute().then(|| Interpreter {
            path: path.to_path_buf(),
            by_env: by_env.filter(is_name).map(|word| OsStr::from_bytes(word).to_os_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(head: &str) -> Option<(String, Option<String>)> {
        let text = |path: &OsStr| path.to_string_lossy().into_owned();
        Interpreter::parse(head.as_bytes())
            .map(|found| (text(found.path.as_os_str()), found.by_env.as_deref().map(text)))
    }

    #[test]
    fn first_lines_of_scripts() {
        let found = |path: &str, name: Option<&str>| Some((path.to_owned(), name.map(str::to_owned)));
        assert_eq!(parse("#!/bin/sh\necho"), found("/bin/sh", None));
        assert_eq!(parse("#! \t/bin/sh -e"), found("/bin/sh", None));
        assert_eq!(parse("#!/usr/bin/env bash\n"), found("/usr/bin/env", Some("bash")));
        assert_eq!(parse("#!/usr/bin/env -S bash -e\n"), found("/usr/bin/env", None));
        assert_eq!(parse("#!/usr/bin/env A=1 bash\n"), found("/usr/bin/env", None));
        assert_eq!(
            parse("#!sh\n"),
            None,
            "the kernel takes it from the working directory, which is not ours"
        );
        for nothing in ["", "#", "#!", "#!\n/bin/sh", "#!   \n", "echo hi"] {
            assert_eq!(parse(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn only_regular_files_are_read() {
        let refused = |path: &str| Executable::read(Path::new(path)).unwrap_err().kind();
        assert_eq!(refused("/"), io::ErrorKind::InvalidInput);
        assert_eq!(refused("/dev/null"), io::ErrorKind::InvalidInput);
        assert_eq!(refused("/no/such/file"), io::ErrorKind::NotFound);
    }
}
