//! The names of units, and of the groups that they have. A name goes into paths and messages as it is; so it is
//! held against systemd's grammar first (systemd.unit(5); `unit-name.c` of systemd 252), and templates, whose
//! `@` has systemd fill something in, are refused.

use std::path::{Component, Path};

use super::Failure;

/// With a byte for the NUL in systemd's own buffers.
const LONGEST: usize = 255;

/// The names which a group may not have for a unit, since the kernel or systemd has files of that prefix.
const CONTROLLERS: [&str; 13] = [
    "cpu",
    "cpuacct",
    "cpuset",
    "io",
    "blkio",
    "memory",
    "devices",
    "pids",
    "bpf-firewall",
    "bpf-devices",
    "bpf-foreign",
    "bpf-socket-bind",
    "bpf-restrict-network-interfaces",
];

/// The types of units that have a group, and the D-Bus interface that tells of it.
const TYPES: [(&str, &str); 3] = [
    (".scope", "org.freedesktop.systemd1.Scope"),
    (".slice", "org.freedesktop.systemd1.Slice"),
    (".service", "org.freedesktop.systemd1.Service"),
];

pub(super) fn check_scope(name: &str) -> Result<(), Failure> {
    let is_scope = name.strip_suffix(".scope").is_some_and(is_plain) && name.len() <= LONGEST;
    if is_scope { Ok(()) } else { Err(Failure::Name(format!("{name:?} is not the name of a scope"))) }
}

pub(super) fn check_slice(name: &str) -> Result<(), Failure> {
    if is_slice(name) { Ok(()) } else { Err(Failure::Name(format!("{name:?} is not the name of a slice"))) }
}

/// A controller, or what systemd takes for one: letters, digits, `-` and `_`.
pub(super) fn check_controller(name: &str) -> Result<(), Failure> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    if !name.is_empty() && name.bytes().all(is_word) {
        return Ok(());
    }
    Err(Failure::Name(format!("{name:?} is not the name of a controller")))
}

/// A text of one line: the description of a unit is shown in lists.
pub(super) fn check_description(text: &str) -> Result<(), Failure> {
    if !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Failure::Name(format!("{text:?} is not a description: it has control characters")))
}

/// The interface of the unit `name`, by its type.
pub(super) fn interface(name: &str) -> Result<&'static str, Failure> {
    let found = TYPES.into_iter().find_map(|(suffix, interface)| {
        let is_unit = name.strip_suffix(suffix).is_some_and(is_unit_prefix) && name.len() <= LONGEST;
        is_unit.then_some(interface)
    });
    found.ok_or_else(|| Failure::Name(format!("{name:?} is not the name of a scope, slice or service")))
}

/// A group below that of a unit, in the form that systemd wants: with a slash before it.
pub(super) fn subgroup(path: &str) -> Result<String, Failure> {
    let is_normal = |name: &str| matches!(Path::new(name).components().next(), Some(Component::Normal(_)));
    if path.is_empty() || path.split('/').all(is_normal) && !path.chars().any(char::is_control) {
        return Ok(if path.is_empty() { String::new() } else { format!("/{path}") });
    }
    Err(Failure::Name(format!("{path:?} is not a group below another")))
}

/// The group of a slice, below that of its manager's root slice: `a-b.slice` is in `a.slice`, so this is
/// `a.slice/a-b.slice`. Nothing for the root slice itself, `-.slice`. None if it is not the name of a slice.
///
/// systemd.slice(5)
pub fn slice_path(slice: &str) -> Option<String> {
    if !is_slice(slice) {
        return None;
    }
    let prefix = slice.strip_suffix(".slice").filter(|prefix| *prefix != "-");
    let Some(prefix) = prefix else { return Some(String::new()) };
    let dashes = prefix.match_indices('-').filter_map(|(at, _)| prefix.get(..at));
    let groups: Vec<String> =
        dashes.chain([prefix]).map(|prefix| group(&format!("{prefix}.slice"))).collect();
    Some(groups.join("/"))
}

/// The name of the group of a unit: its own, with a `_` before it where the kernel could have a file of that
/// name, or where there is a `_` already.
fn group(unit: &str) -> String {
    let is_file = unit.starts_with("cgroup.")
        || unit.rsplit_once('.').is_some_and(|(prefix, _)| CONTROLLERS.contains(&prefix));
    let escape = if is_file || unit.starts_with(['_', '.']) { "_" } else { "" };
    format!("{escape}{unit}")
}

/// No dash at either end, and no two together: the dashes are what the way to a slice is made of.
fn is_slice(name: &str) -> bool {
    let Some(prefix) = name.strip_suffix(".slice") else { return false };
    prefix == "-"
        || is_plain(prefix) && prefix.split('-').all(|part| !part.is_empty()) && name.len() <= LONGEST
}

/// The name of a unit without its type, and not of a template.
fn is_plain(prefix: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b":-_.\\".contains(&b);
    !prefix.is_empty() && prefix.bytes().all(is_word)
}

/// As [`is_plain`], or the instance of a template, of which there is something to ask: `user@1000`.
fn is_unit_prefix(prefix: &str) -> bool {
    match prefix.split_once('@') {
        Some((template, instance)) => is_plain(template) && is_plain(instance),
        None => is_plain(prefix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_a_plain_name() {
        for name in ["containerception-7f.scope", "a:b_c\\x2d.d.scope", "1.scope"] {
            assert_eq!(check_scope(name), Ok(()));
        }
        for name in
            ["", ".scope", "a.service", "a", "a@b.scope", "a b.scope", "a/b.scope", "a.scope\n", "ä.scope"]
        {
            assert!(check_scope(name).is_err(), "{name:?}");
        }
        assert_eq!(check_scope(&format!("{}.scope", "a".repeat(249))), Ok(()));
        assert!(check_scope(&format!("{}.scope", "a".repeat(250))).is_err());
    }

    #[test]
    fn the_dashes_of_a_slice_are_the_way_to_it() {
        assert_eq!(slice_path("a.slice").as_deref(), Some("a.slice"));
        assert_eq!(slice_path("a-b.slice").as_deref(), Some("a.slice/a-b.slice"));
        assert_eq!(slice_path("a-b-c.slice").as_deref(), Some("a.slice/a-b.slice/a-b-c.slice"));
        assert_eq!(slice_path("-.slice").as_deref(), Some(""));
    }

    #[test]
    fn what_is_no_slice_has_no_path() {
        for name in
            ["", "a", "a.scope", ".slice", "-a.slice", "a-.slice", "a--b.slice", "a@b.slice", "a/b.slice"]
        {
            assert_eq!(slice_path(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_group_is_not_called_as_a_file_of_the_kernel() {
        assert_eq!(slice_path("memory-a.slice").as_deref(), Some("_memory.slice/memory-a.slice"));
        assert_eq!(slice_path("cgroup.a.slice").as_deref(), Some("_cgroup.a.slice"));
        assert_eq!(slice_path("_a.slice").as_deref(), Some("__a.slice"));
    }

    #[test]
    fn a_unit_is_known_by_its_type() {
        assert_eq!(interface("user@1000.service"), Ok("org.freedesktop.systemd1.Service"));
        assert_eq!(interface("-.slice"), Ok("org.freedesktop.systemd1.Slice"));
        for name in ["a.socket", "@.service", "a@.service", "a@b@c.service", ".slice", "../a.scope"] {
            assert!(interface(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_subgroup_leads_down() {
        assert_eq!(subgroup("").as_deref(), Ok(""));
        assert_eq!(subgroup("a/b c").as_deref(), Ok("/a/b c"));
        for path in ["/a", "a/", "a//b", "..", "a/../b", ".", "a\n", "a\0"] {
            assert!(subgroup(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn a_description_has_one_line_and_a_controller_one_word() {
        assert_eq!(check_description("container 7f of ärger"), Ok(()));
        assert!(check_description("a\nb").is_err() && check_description("a\0").is_err());
        assert_eq!(check_controller("cpuset"), Ok(()));
        assert!(check_controller("").is_err() && check_controller("cpu\0").is_err());
    }
}
