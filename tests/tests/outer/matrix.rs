//! The matrix of docs/inside.md: whose container is around, with which options, for whom.

use crate::engines::{Engine, Engines};
use end_to_end::{err, out, skip};
use std::fs;

/// Engine, its options, and the user there.
const CELLS: &[(Engine, &[&str], u32)] = &[
    (Engine::Docker, &[], 0),
    (Engine::Docker, &["--security-opt", "seccomp=unconfined"], 0),
    (Engine::Docker, &["--security-opt", "seccomp=unconfined"], 1000),
    (Engine::Docker, UNCONFINED, 0),
    (Engine::Docker, UNCONFINED, 1000),
    (Engine::Docker, &["--cap-add", "SYS_ADMIN"], 0),
    (Engine::Docker, &["--privileged"], 0),
    (Engine::Podman, &[], 0),
    (Engine::Podman, &[], 1000),
    (Engine::Podman, &["--security-opt", "seccomp=unconfined"], 0),
    (Engine::Podman, &["--security-opt", "seccomp=unconfined", "--security-opt", "unmask=ALL"], 0),
    (Engine::Podman, &["--security-opt", "seccomp=unconfined", "--security-opt", "unmask=ALL"], 1000),
    (Engine::Podman, &["--cap-add", "SYS_ADMIN"], 0),
    (Engine::Podman, &["--privileged"], 0),
    (Engine::Containerd, &[], 0),
    (Engine::Containerd, &["--seccomp"], 0),
    (Engine::Containerd, &["--privileged"], 0),
    (Engine::Nspawn, &[], 0),
    (Engine::Nspawn, &["--private-users=pick"], 0),
    (Engine::Bubblewrap, &["--unshare-pid", "--proc", "/proc"], 0),
    (Engine::Bubblewrap, &["--bind", "/proc", "/proc", "--ro-bind", "/sys", "/sys"], 0),
    (Engine::Bubblewrap, &["--unshare-all", "--proc", "/proc"], 1000),
    (Engine::Bubblewrap, &["--unshare-all", "--proc", "/proc", "--ro-bind", "/sys", "/sys"], 1000),
    (Engine::Unshare, &["-Urpfmn", "--mount-proc"], 0),
    (Engine::Unshare, &["-Urpfmn", "--mount-proc"], 1000),
];

const UNCONFINED: &[&str] =
    &["--security-opt", "seccomp=unconfined", "--security-opt", "systempaths=unconfined"];

/// What is tried in each. The last part asks how deep bubblewrap goes there with its usual options.
const TRIED: &str = "
said=$(containerception run sh -c 'echo ran; exit 7' 2>&1); echo \"status $?\"; echo \"$said\" | sed 's/^/said /'
containerception nest 40 true 2>&1 | sed -n 's/.* and \\([0-9]*\\) containers are around.*/depth \\1/p'
containerception doctor 2>&1 | sed -n 's/^.... *outer-container *around this process: /world /p'
chain=true; peer=0
while chain=\"bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev $chain\" && test $peer -lt 33 && $chain 2> /dev/null
do peer=$((peer + 1)); done
echo \"peer $peer\"";

/// What was seen in a cell.
struct Seen {
    status: String,
    said: Vec<String>,
    depth: Option<String>,
    world: String,
    peer: String,
}

impl Seen {
    fn of(printed: &str) -> Seen {
        let all = |key: &str| -> Vec<String> {
            printed.lines().filter_map(|line| line.strip_prefix(key)).map(str::to_owned).collect()
        };
        let one = |key: &str| all(key).into_iter().next();
        Seen {
            status: one("status ").unwrap_or_default(),
            said: all("said "),
            depth: one("depth "),
            world: one("world ").unwrap_or_default(),
            peer: one("peer ").unwrap_or_default(),
        }
    }

    fn ran(&self) -> bool {
        self.said.iter().any(|line| line == "ran")
    }

    /// What is lost, in short; or the error.
    fn mode(&self) -> String {
        if let Some(error) = self.said.iter().find(|line| line.starts_with("error[")) {
            return error[6..12].to_owned();
        }
        let lost: Vec<&str> = LOSSES
            .iter()
            .filter(|(words, _)| self.said.iter().any(|line| line.starts_with(&format!("warning: {words}"))))
            .map(|(_, short)| *short)
            .collect();
        if lost.is_empty() { "whole".to_owned() } else { format!("without its own {}", lost.join(", ")) }
    }

    fn fix(&self) -> &str {
        let fix = self.said.iter().find_map(|line| line.trim_start().strip_prefix("fix:"));
        fix.map_or("", str::trim)
    }
}

const LOSSES: [(&str, &str); 5] = [
    ("the host name", "host name"),
    ("the network", "network"),
    ("/proc is", "/proc"),
    ("/sys is that", "/sys"),
    ("/sys is empty", "/sys (empty)"),
];

fn row(engine: Engine, options: &[&str], uid: u32, seen: &Seen) -> String {
    let options = options.join(" ").replace("--security-opt ", "");
    // As on a machine that is in no pid namespace but the first.
    let depth = match seen.depth.as_deref().and_then(|depth| depth.parse::<usize>().ok()) {
        Some(depth) => depth + around(),
        None => usize::from(seen.ran()),
    };
    let fix =
        seen.fix().replace("start the outer one with  ", "").replace("--security-opt ", "").replace('|', "/");
    let user = if uid == 0 { "root" } else { "a user" };
    format!(
        "| {} | `{options}` | {user} | {} | {depth} | {fix} | {} |",
        engine.name(),
        seen.mode(),
        seen.peer
    )
}

/// How many pid namespaces are around that of this test.
fn around() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let pids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
    pids.split_whitespace().count().saturating_sub(1)
}

#[test]
fn each_cell_is_as_the_docs_have_it_and_none_is_silent() {
    let Some(engines) = Engines::new("outer-matrix") else { return };
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/inside.md");
    let docs = fs::read_to_string(docs).unwrap_or_default();
    let mut wrong = String::new();
    for (engine, options, uid) in CELLS {
        if let Err(why) = engines.has(*engine) {
            skip("outer-matrix", &format!("{}: {why}", engine.name()));
            continue;
        }
        let output = engines.run(*engine, options, *uid, TRIED);
        let (printed, cell) = (out(&output), format!("{} {options:?} as {uid}", engine.name()));
        let seen = Seen::of(&printed);
        let all = || format!("{cell}: {printed}{}", err(&output));
        // Run, with its own status; or not run, with an error that has a cause and a fix.
        match seen.status.as_str() {
            "7" => assert!(seen.ran(), "{}", all()),
            "125" => {
                eprintln!("{cell}: {}", seen.said.join(" | "));
                let has = |key: &str| seen.said.iter().any(|line| line.trim_start().starts_with(key));
                assert!(!seen.ran() && has("error[CX") && has("why:") && has("fix:"), "{}", all());
            }
            _ => panic!("{}", all()),
        }
        let row = row(*engine, options, *uid, &seen);
        if !docs.contains(&row) {
            wrong += &format!("{row}\n    {}\n", seen.world);
        }
    }
    assert!(wrong.is_empty(), "these are not in docs/inside.md:\n{wrong}");
}
