//! Every error that a person can meet: a stable code, a title, a page.
//!
//! The page of a code is `docs/errors/CXnnnn.md`; it is compiled in, so that `containerception explain CXnnnn` works
//! wherever the binary does. A test holds constants, pages and the index of `docs/errors/README.md` together.

use std::fmt;

/// The stable name of an error. Codes are never reused or renumbered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CX{:04}", self.0)
    }
}

/// One entry of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// What went wrong, as the index shows it.
    pub title: &'static str,
    /// The page, as Markdown.
    pub page: &'static str,
}

macro_rules! catalogue {
    ($($name:ident = $number:literal, $title:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code($number);)*

        /// All entries, ascending by code.
        pub const CATALOGUE: &[Entry] = &[$(Entry {
            code: $name,
            title: $title,
            page: include_str!(concat!("../../../docs/errors/CX", $number, ".md")),
        }),*];
    };
}

// CX10 what was typed · CX20 what the host refuses · CX30 root filesystem and mounts · CX40 users and ids
// CX50 control groups · CX60 the command itself · CX90 a step that failed for a reason of its own
catalogue! {
    UNKNOWN_COMMAND = 1001, "unknown command";
    BAD_USAGE = 1002, "an option is unknown, lacks its value, or does not fit";
    BAD_HOST_NAME = 1003, "not a host name";
    BAD_ENVIRONMENT = 1004, "not an environment entry";
    BAD_SIZE = 1005, "not a size";
    BAD_USER = 1006, "not a user";
    BAD_VOLUME = 1007, "not a volume";
    BAD_TMPFS = 1008, "not a tmpfs";
    UNKNOWN_CAPABILITY = 1009, "unknown capability";
    BAD_SECURITY_OPTION = 1010, "unknown security option";
    LIMIT_NOT_AVAILABLE = 1011, "this limit cannot be set here";
    BAD_NAME = 1012, "not a container name";
    CONFLICT = 1013, "two options contradict each other";
    UNKNOWN_CODE = 1014, "no such error code";
    BAD_WORKDIR = 1015, "not a working directory";
    BAD_PIDS_LIMIT = 1016, "not a number of processes";
    BAD_SIGNAL = 1017, "not a signal that can be sent";
    BAD_TIMEOUT = 1018, "not a time";
    GIVEN_UP = 1019, "the start was given up";
    NO_TERMINAL = 1020, "there is no terminal to ask at";
    BAD_DEVICE = 1021, "not a device or a rule for devices";
    BAD_LIMIT = 1022, "not a limit";
    BAD_ULIMIT = 1023, "not a ulimit";
    BAD_BLOCK_DEVICE = 1024, "not a limit of a block device";
    BAD_CGROUP_PARENT = 1025, "not a place for control groups";
    BAD_CONTROL_FILE = 1026, "not a control file that can be set";
    BAD_RESOURCES = 1027, "not a linux.resources section";

    USER_NAMESPACE_REFUSED = 2001, "the kernel refuses a user namespace";
    NAMESPACE_LIMIT = 2002, "no more namespaces may be made";
    PROC_REFUSED = 2003, "cannot mount a fresh /proc inside this container";
    NAMESPACE_REFUSED = 2004, "the kernel refuses a namespace";
    MOUNT_REFUSED = 2005, "the kernel refuses a mount";
    ID_MAP_HELPER = 2006, "newuidmap or newgidmap failed";
    NO_ID_RANGE = 2007, "no unused range of ids is left";
    STATE_DIRECTORY = 2008, "the state directory cannot be used";
    TOO_MANY_PROCESSES = 2009, "no more processes may be made";
    TOO_MANY_FILES = 2010, "no more files may be opened";
    KERNEL_TOO_OLD = 2011, "this kernel lacks a call that is needed";
    NO_SPACE = 2012, "no space left";
    NO_SUCH_CONTAINER = 2013, "no such container runs";
    JOIN_REFUSED = 2014, "the container cannot be joined";
    OUT_OF_MEMORY = 2015, "no memory left";
    PAUSED = 2016, "the container is paused";

    ROOTFS_MISSING = 3001, "the root filesystem does not exist";
    ROOTFS_NOT_A_DIRECTORY = 3002, "the root filesystem is not a directory";
    ROOTFS_SYMLINK_LOOP = 3003, "the path of the root filesystem is a loop of symbolic links";
    ROOTFS_NO_EXEC = 3004, "the root filesystem is mounted noexec";
    ROOTFS_READ_ONLY = 3005, "the root filesystem is mounted read-only";
    ROOTFS_NOT_PRIVATE = 3006, "other users of the host could reach the root filesystem";
    MOUNT_POINT = 3007, "a mount point inside the container cannot be used";
    VOLUME_SOURCE = 3008, "the source of a volume does not exist";
    VOLUME_LEAVES_ROOT = 3009, "the destination of a volume leaves the root filesystem";
    INIT_REFUSED = 3010, "init does not overwrite what it did not make";
    PROGRAM_NOT_FOUND = 3011, "a program to be copied was not found";
    REMOVE_REFUSED = 3012, "rm removes only what is a root filesystem";
    ROOTFS_UNREADABLE = 3013, "the root filesystem cannot be entered";
    ROOTFS_EMPTY = 3014, "the directory holds no root filesystem";

    UNKNOWN_USER = 4001, "no such user in the container";
    UNKNOWN_GROUP = 4002, "no such group in the container";
    ID_NOT_MAPPED = 4003, "this id does not exist in the container";

    PIDS_LIMIT_REFUSED = 5001, "the limit of processes cannot be set";
    CGROUP_BUSY = 5002, "a control group cannot be removed";
    LIMIT_REFUSED = 5003, "a limit cannot be held here";
    LIMIT_NOT_HELD = 5004, "the kernel does not hold what was asked for";
    CGROUP_REFUSED = 5005, "a control group cannot be made";
    SYSTEMD_REFUSED = 5006, "systemd makes no scope";
    NO_GROUP = 5007, "the container has no such control group";
    FREEZE_REFUSED = 5008, "the container cannot be paused or resumed";

    COMMAND_NOT_FOUND = 6001, "command not found";
    COMMAND_NOT_EXECUTABLE = 6002, "command is not executable";
    WRONG_ARCHITECTURE = 6003, "command is not a program for this machine";
    INTERPRETER_MISSING = 6004, "the interpreter of the command is missing";
    SCRIPT_CRLF = 6005, "the script has Windows line ends";
    WORKDIR_MISSING = 6006, "the working directory does not exist in the container";
    ARGUMENTS_TOO_LONG = 6007, "the argument list is too long";
    IMAGE_NAMED = 6008, "the command looks like an image, and images do not exist yet";
    KILLED_FOR_MEMORY = 6009, "the kernel ended the command for want of memory";

    STEP_FAILED = 9001, "a step of the plan failed";
    ACTOR_DIED = 9002, "a process of the container died while it was being built";
    INTERNAL = 9003, "containerception contradicts itself";
}

/// The entry of `code`, for `explain`.
pub fn entry(code: Code) -> Option<&'static Entry> {
    CATALOGUE.binary_search_by_key(&code, |entry| entry.code).ok().map(|at| &CATALOGUE[at])
}

/// Parses `CX1001`, `cx1001` or `1001`.
pub fn parse(text: &str) -> Option<Code> {
    let digits = text.strip_prefix("CX").or_else(|| text.strip_prefix("cx")).unwrap_or(text);
    (digits.len() == 4).then(|| digits.parse().ok().map(Code)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    fn pages() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors"))
    }

    /// The words in `text` that look like codes.
    fn mentioned(text: &str) -> impl Iterator<Item = Code> + '_ {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| word.starts_with("CX"))
            .filter_map(parse)
    }

    #[test]
    fn codes_ascend() {
        let wrong: Vec<_> = CATALOGUE.windows(2).filter(|pair| pair[0].code >= pair[1].code).collect();
        assert!(wrong.is_empty(), "`entry` searches by halves: {wrong:?}");
    }

    #[test]
    fn a_page_has_the_title_and_its_sections() {
        for Entry { code, title, page } in CATALOGUE {
            assert_eq!(page.lines().next(), Some(format!("# {code}: {title}").as_str()));
            for heading in ["## What happened", "## What to do"] {
                let text = page.lines().skip_while(|line| *line != heading).nth(1);
                assert!(
                    text.is_some_and(|line| !line.is_empty() && !line.starts_with('#')),
                    "{code}: {heading}"
                );
            }
        }
    }

    /// `explain` is read in a terminal, by someone who has an error above it that should stay in sight.
    #[test]
    fn a_page_fits_a_terminal() {
        for entry in CATALOGUE {
            assert!(
                (8..=25).contains(&entry.page.lines().count()),
                "{} has too few or too many lines",
                entry.code
            );
            let wide: Vec<_> = entry.page.lines().filter(|line| line.chars().count() > 100).collect();
            assert!(wide.is_empty(), "{}: {wide:#?}", entry.code);
        }
    }

    #[test]
    fn a_page_sends_readers_to_pages_that_exist() {
        for entry in CATALOGUE {
            let lost: Vec<_> = mentioned(entry.page).filter(|code| super::entry(*code).is_none()).collect();
            assert!(lost.is_empty(), "{}: {lost:?}", entry.code);
        }
    }

    #[test]
    fn every_page_file_has_an_entry() {
        let found: BTreeSet<String> = std::fs::read_dir(pages())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "README.md")
            .collect();
        let expected: BTreeSet<String> = CATALOGUE.iter().map(|entry| format!("{}.md", entry.code)).collect();
        assert_eq!(found, expected);
    }

    /// The index: each code once, in order, with its title, in the section of its group.
    #[test]
    fn the_index_lists_the_catalogue() {
        let index = std::fs::read_to_string(pages().join("README.md")).unwrap();
        let mut group = "";
        let mut listed = Vec::new();
        for line in index.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                group = heading.split(':').next().unwrap();
            } else if let Some(row) = line.strip_prefix("| [") {
                let [link, title, advice] = row.splitn(3, " | ").collect::<Vec<_>>()[..] else {
                    panic!("{line}")
                };
                assert!(link.starts_with(group) && advice.len() > "- |".len(), "{line}");
                listed.push((link, title));
            }
        }
        let links: Vec<String> = CATALOGUE.iter().map(|entry| format!("{0}]({0}.md)", entry.code)).collect();
        let expected: Vec<_> =
            links.iter().map(String::as_str).zip(CATALOGUE.iter().map(|e| e.title)).collect();
        let first_wrong = listed.iter().zip(&expected).find(|(listed, expected)| listed != expected);
        assert_eq!(first_wrong, None, "(as listed, as in the catalogue)");
        assert_eq!(listed.len(), expected.len());
    }

    #[test]
    fn a_code_is_found_by_what_it_prints() {
        for expected in CATALOGUE {
            let text = expected.code.to_string();
            for written in [text.as_str(), &text.to_lowercase(), &text[2..]] {
                let found = parse(written).and_then(entry).unwrap();
                assert_eq!((found.code, found.title), (expected.code, expected.title), "{written}");
            }
        }
    }

    #[test]
    fn what_is_no_code_finds_nothing() {
        for bad in [
            "", "CX", "CX100", "CX10011", "CX0000", "CX9999", "CXCX1001", "Cx1001", "CX 1001", "CX1001 ",
            "CX-001", "+100", "0x3e9", "CX１1", "EPERM", "125",
        ] {
            assert!(parse(bad).and_then(entry).is_none(), "{bad:?}");
        }
    }
}
