//! Whoever joins is looked for while it does.

use super::{ALL, Victim, faulty};
use crate::{text, tool};
use end_to_end::{Kind, Somebody, err, out};
use std::fs;
use std::path::Path;

/// What root inside gets hold of, while many commands are executed: `exec` with the caller's directory at 7.
fn hunted(somebody: &Somebody, tool: &Path, options: &[&str], program: &Path, without: &str) -> String {
    let volume = format!("{}:/tool:ro", text(tool));
    let victim = Victim::start(somebody, &[options, &["-v", &volume]].concat(), &["/tool", "hunt"]);
    let before = "cd host; exec 7< .; export CX_SECRET=of-the-host";
    for _ in 0..12 {
        victim.typed(program, without, before, "NAME true");
    }
    let stop = victim.typed(program, without, before, "NAME touch /tmp/stop");
    assert!(stop.status.success(), "{}", err(&stop));
    out(&victim.run.finish()).lines().last().unwrap_or_default().to_owned()
}

/// CVE-2016-9962: between joining and executing, the process of the runtime has the host's descriptors, environment and
/// program, and is among the processes of the container.
#[test]
fn nothing_of_whoever_joins_can_be_opened_or_traced() {
    for somebody in Somebody::all("exec-hunted") {
        let Some(tool) = tool(&somebody, "exec-hunted") else { return };
        let host = somebody.home().join("host");
        fs::create_dir(&host).expect("a directory");
        fs::write(host.join("marker"), "").expect("a file");
        somebody.give(&host);
        for options in [&[][..], &ALL] {
            let found = hunted(&somebody, &tool, options, &somebody.program(), "");
            assert_eq!(found, "caught some:", "{}: {options:?}", somebody.kind);
        }
        let Some(faulty) = faulty(&somebody, "exec-hunted") else { return };
        let found = hunted(&somebody, &tool, &ALL, &faulty, "dumpable");
        // Root becomes another user when it joins, upon which the kernel itself does the same where fs.suid_dumpable is
        // 0, its default.
        let doors = ["exe", "environ", "secret", "descriptor", "taken", "traced"];
        let open = doors.into_iter().filter(|door| found.contains(door)).count();
        assert_eq!(
            open,
            if somebody.kind == Kind::Root { 0 } else { doors.len() },
            "{}: {found}",
            somebody.kind
        );
    }
}
