//! R19: the terminals inside are the container's own, and nobody types into another's.

use crate::{inside, told, tool};
use end_to_end::Somebody;

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

/// A session of its own: the leader is the command itself, and nobody of the caller's session is in it.
#[test]
fn the_command_leads_a_session_of_its_own() {
    for somebody in Somebody::all("session") {
        // The fields after the name: state, parent, group, session.
        let script = "sed 's/.*) //' /proc/$$/stat | cut -d' ' -f2-4; echo $$";
        assert_eq!(inside(&somebody, &[], script), "1 2 2\n2\n", "{}", somebody.kind);
    }
}
