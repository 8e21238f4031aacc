//! `run alpine sh`: the habit of other engines, whose first word is an image.

use spec::catalogue::IMAGE_NAMED;
use spec::error::{Error, NOT_FOUND};
use std::ffi::CString;

/// Distributions whose images people start by their bare names.
const DISTRIBUTIONS: [&str; 15] = [
    "almalinux",
    "alpine",
    "amazonlinux",
    "archlinux",
    "busybox",
    "centos",
    "debian",
    "fedora",
    "hello-world",
    "nixos",
    "opensuse",
    "oraclelinux",
    "rockylinux",
    "ubuntu",
    "wolfi",
];

/// The error of a command `name` that is not there, and looks like an image; `rest` is what followed it.
pub(super) fn error(name: &str, rest: &[CString]) -> Error {
    let command = pasted(rest).unwrap_or_else(|| "sh".to_owned());
    Error::new(IMAGE_NAMED, format!("{name}: command not found in the container, and images do not exist yet"))
        .why("it looks like the name of an image; here the first word is the command itself")
        .fix(format!("containerception run {command}; in a root filesystem that you have: containerception run --rootfs DIR {command}"))
        .status(NOT_FOUND)
}

/// The words as a shell takes them, if there are any, and none needs quotes.
fn pasted(words: &[CString]) -> Option<String> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"/._-+,@%:=".contains(b);
    let is_plain = |word: &CString| !word.is_empty() && word.to_bytes().iter().all(plain);
    let words: Vec<_> =
        words.iter().map(|word| is_plain(word).then(|| word.to_string_lossy())).collect::<Option<_>>()?;
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether `name` is a distribution, or has a tag or a digest, after the grammar of image references (distribution
/// specification, "Pulling manifests").
pub(super) fn is_name(name: &str) -> bool {
    let (path, digest) = name.split_once('@').map_or((name, None), |(path, digest)| (path, Some(digest)));
    let (repository, tag) = match path.rsplit_once(':') {
        // The colon of `registry:5000/image` is that of a port.
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (path, None),
    };
    let last = repository.rsplit('/').next().unwrap_or_default();
    let marked = tag.is_some_and(is_tag) || digest.is_some_and(|digest| digest.starts_with("sha256:"));
    repository.split('/').all(is_component) && (marked || DISTRIBUTIONS.contains(&last))
}

fn is_component(text: &str) -> bool {
    let allowed =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-' | b':');
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.bytes().all(allowed)
}

fn is_tag(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=128).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_and_commands() {
        for image in [
            "alpine",
            "ubuntu:24.04",
            "node:22",
            "docker.io/library/debian",
            "ghcr.io/a/b:v1",
            "localhost:5000/x:y",
            "a@sha256:00",
        ] {
            assert!(is_name(image), "{image}");
        }
        for command in [
            "",
            ":",
            "a:",
            ":b",
            "frobnicate",
            "/bin/alpine",
            "./alpine",
            "../a:b",
            "Alpine:x/",
            "/a:b",
            "localhost:5000/x",
            "a:-b",
            "a@b",
        ] {
            assert!(!is_name(command), "{command}");
        }
    }

    #[test]
    fn the_fix_has_the_command_that_was_given() {
        let fix = |rest: &[&std::ffi::CStr]| {
            error("alpine", &rest.iter().map(|word| CString::from(*word)).collect::<Vec<_>>()).fix.unwrap()
        };
        assert!(fix(&[]).contains("run --rootfs DIR sh"));
        assert!(
            fix(&[c"sh", c"-c", c"a; b"]).starts_with("containerception run sh;"),
            "nothing to be pasted wrongly"
        );
        assert!(fix(&[c"ls", c"-l"]).starts_with("containerception run ls -l;"));
    }
}
