//! R19: the terminals inside are the container's own, and nobody types into another's.

use crate::{inside, told, tool};
use end_to_end::{Somebody, out};

/// CVE-2017-5226, CVE-2023-28100 and, for the bits that the kernel drops, CVE-2019-7303.
#[test]
fn nothing_can_be_typed_into_a_terminal() {
    for somebody in Somebody::all("typed-into") {
        let Some(tool) = tool(&somebody, "typed-into") else { return };
        let refused = ["EPERM"; 8].join("\n");
        for path in ["/dev/pts/ptmx", "/dev/null"] {
            assert_eq!(told(&somebody, &tool, &[], &["push", path]), refused, "{}: {path}", somebody.kind);
            let all = ["--cap-add", "ALL"];
            assert_eq!(told(&somebody, &tool, &all, &["push", path]), refused, "{}: {path}", somebody.kind);
        }
    }
}

#[test]
fn the_hosts_terminals_are_not_there() {
    for somebody in Somebody::all("foreign-terminals") {
        let script = "ls /dev/pts; ls /dev/tty[0-9]* /dev/console /dev/vcs* /dev/hvc* /dev/ttyS* 2> /dev/null; \
            (: < /dev/tty) 2> /dev/null && echo has a controlling terminal; true";
        assert_eq!(inside(&somebody, &[], script), "ptmx\n", "{}", somebody.kind);
    }
}

/// A process whose session is led by somebody outside of its PID namespace sees 0 as that session's number.
#[test]
fn nobody_inside_is_in_the_callers_session() {
    for somebody in Somebody::all("session") {
        // The fields after the name in brackets: state, parent, group, session.
        let script = "for pid in 1 $$; do sed 's/.*) //' /proc/$pid/stat | cut -d' ' -f3,4; done";
        for options in [&[][..], &["--no-init"]] {
            let printed = out(&somebody.run(&[options, &["sh", "-c", script]].concat()));
            let numbers: Vec<u32> = printed.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            assert!(numbers.len() == 4 && !numbers.contains(&0), "{}: {options:?}: {printed}", somebody.kind);
        }
    }
}
