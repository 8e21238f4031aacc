//! Where the control groups of a container are made: `--cgroup-parent`.

use crate::catalogue::BAD_CGROUP_PARENT;
use crate::error::{Error, Result};
use std::ffi::CString;

/// The group below which a container's own is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CgroupParent {
    /// A path of groups, the same in each hierarchy: from its root if it begins with `/`, else below the caller's own
    /// group. One slash between the parts, and none of them is empty, `.` or `..`.
    Path(CString),
    /// A slice of systemd, by its name: `machine.slice` (`systemd.slice(5)`).
    Slice(String),
}

/// The longest path: leaves room for where hierarchies are mounted, and the container's name, below PATH_MAX.
const LONGEST_PATH: usize = 2048;
/// The longest name of a group or unit (`NAME_MAX`; `systemd.unit(5)`).
const LONGEST_NAME: usize = 255;

impl CgroupParent {
    /// Parses a name that ends in `.slice` as a slice, anything else as a path.
    ///
    /// # Errors
    /// `BAD_CGROUP_PARENT`.
    pub fn parse(text: &str) -> Result<Self> {
        if !text.contains('/') && text.ends_with(".slice") {
            check_slice(text).map_err(|why| bad(text, text, why))?;
            return Ok(CgroupParent::Slice(text.to_owned()));
        }
        path(text).map(CgroupParent::Path)
    }
}

fn path(text: &str) -> Result<CString> {
    let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let root = if text.starts_with('/') { "/" } else { "" };
    if root.is_empty() && parts.is_empty() {
        return Err(bad(text, text, "it names no group"));
    }
    if text.len() > LONGEST_PATH {
        return Err(bad(text, text, "it is longer than 2,048 bytes"));
    }
    for part in &parts {
        check_part(part).map_err(|why| bad(text, part, why))?;
    }
    CString::new(format!("{root}{}", parts.join("/"))).map_err(|_| bad(text, text, "it contains a NUL byte"))
}

/// A group above the caller's own is named from the root, where one sees where that is. The kernel refuses a newline,
/// which would make `/proc/PID/cgroup` ambiguous (`cgroup_mkdir`, `kernel/cgroup/cgroup.c`).
fn check_part(part: &str) -> std::result::Result<(), &'static str> {
    match part {
        ".." => Err("it contains .."),
        _ if part.len() > LONGEST_NAME => Err("a part is longer than 255 bytes"),
        _ if part.contains(char::is_control) => Err("a part has a control character"),
        _ => Ok(()),
    }
}

/// A name of a slice: `a-b.slice` is the slice b in the slice a, and `-.slice` is the root of them all
/// (`systemd.slice(5)`; the letters are those of `systemd.unit(5)`, without `@`, since slices have no templates).
fn check_slice(text: &str) -> std::result::Result<(), &'static str> {
    let name = text.strip_suffix(".slice").unwrap_or_default();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\".contains(&byte);
    if text.len() > LONGEST_NAME {
        return Err("it is longer than 255 bytes");
    }
    if !name.bytes().all(letter) {
        return Err("a slice's name has letters, digits and : - _ . \\");
    }
    if name != "-" && name.split('-').any(str::is_empty) {
        return Err("between the hyphens of a slice's name stand the names of the slices around it");
    }
    Ok(())
}

fn bad(whole: &str, part: &str, why: &str) -> Error {
    Error::new(BAD_CGROUP_PARENT, format!("{whole:?} is not a place for control groups: {why}"))
        .at(whole, part)
        .fix("write a path such as /jobs or jobs/a, without .., or a slice of systemd such as jobs.slice")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised() {
        for (text, path) in [
            ("/", "/"),
            ("/jobs", "/jobs"),
            ("//jobs/./a//", "/jobs/a"),
            ("jobs/a", "jobs/a"),
            ("./jobs", "jobs"),
            ("/user.slice/a b", "/user.slice/a b"),
            ("/a..b", "/a..b"),
            ("jobs.slice/", "jobs.slice"),
        ] {
            let parent = CgroupParent::parse(text).unwrap();
            assert_eq!(parent, CgroupParent::Path(CString::new(path).unwrap()), "{text}");
        }
    }

    #[test]
    fn slices_are_named() {
        for name in
            ["jobs.slice", "a-b-c.slice", "-.slice", r"a\x2db.slice", "user-1000.slice", "a.slice.slice"]
        {
            assert_eq!(CgroupParent::parse(name).unwrap(), CgroupParent::Slice(name.to_owned()));
        }
    }

    #[test]
    fn what_is_no_place_is_pointed_at() {
        for (text, guilty) in [
            ("", 0..0),
            (".", 0..1),
            ("./", 0..2),
            ("..", 0..2),
            ("/jobs/../../x", 6..8),
            ("/a\nb", 1..4),
            ("/a\0b", 1..4),
            (".slice", 0..6),
            ("-a.slice", 0..8),
            ("a-.slice", 0..8),
            ("a--b.slice", 0..10),
            ("a@b.slice", 0..9),
            ("a b.slice", 0..9),
            ("ä.slice", 0..8),
        ] {
            let error = CgroupParent::parse(text).unwrap_err();
            assert_eq!((error.code, error.at.unwrap().range), (BAD_CGROUP_PARENT, guilty), "{text:?}");
        }
        assert!(CgroupParent::parse(&format!("/{}", "x".repeat(256))).is_err());
        assert!(CgroupParent::parse(&"/x".repeat(1025)).is_err());
        assert!(CgroupParent::parse(&format!("{}.slice", "x".repeat(250))).is_err());
    }
}
