//! The narration cannot lie: what `--explain=2` tells is what `strace` sees, call by call, from the start of
//! containerception to the start of the command.
//!
//! Every call that changes anything belongs to exactly one step, and every step has made at least one; the calls that
//! change nothing are listed in `ignored.rs`. That the comparison is worth something is tried on each trace: it must
//! fail when any one step is left out, and when any one call is missing or is made once more.

mod agree;
mod ignored;
mod matching;
mod scene;
mod told;
mod trace;

use end_to_end::Kind;
use end_to_end::disk::Disk;
use matching::find;
use scene::{Scene, scene};
use told::Step;
use trace::{Call, Who};

/// What is told by no call: it writes to stderr, as nothing else of the runtime does.
const REPORT: &str = "tell the steps so far";

/// What is told by no call, for to open and to read what is there changes nothing.
const OPENS: [&str; 4] = [
    "make sure that the limit holds",
    "hold its namespaces, for commands that join later",
    "make sure that joined runs, and hold its process ",
    "open the control group ",
];

/// Tries one way to start a container.
fn try_one(scene: &Scene, arguments: &[&str]) -> Vec<Call> {
    let (told, calls) = scene.start(arguments);
    let steps = told::steps(&told);
    let numbers: Vec<usize> = steps.iter().map(|step| step.number).collect();
    assert_eq!(numbers, Vec::from_iter(1..=steps.len()), "{arguments:?}: steps are told in order\n{told}");
    // Who is born outside: init, or a joiner.
    let inner = if steps.iter().any(|step| step.actor == "joiner") { "joiner" } else { "init" };
    for actor in ["runtime", inner, "command"] {
        let steps: Vec<&Step> = steps.iter().filter(|step| step.actor == actor).collect();
        let made: Vec<&Call> =
            ignored::leave_out(&calls).into_iter().filter(|call| actor_of(call, inner) == actor).collect();
        if let Err(error) = compare(&steps, &made) {
            panic!("{} {arguments:?}, {actor}: {error}", scene.kind());
        }
    }
    calls
}

fn actor_of(call: &Call, inner: &'static str) -> &'static str {
    match call.who {
        Who::Runtime | Who::Helper => "runtime",
        Who::Init => inner,
        Who::Command => "command",
    }
}

fn compare(steps: &[&Step], made: &[&Call]) -> Result<(), String> {
    let found = find(steps, made)?;
    for (index, step) in steps.iter().enumerate() {
        if step.title == REPORT || OPENS.iter().any(|opens| step.title.starts_with(opens)) {
            continue;
        }
        if !found.iter().any(|found| found.step == index) {
            return Err(format!("step {} ({}) made no call", step.number, step.title));
        }
        if find(&without(steps, index), made).is_ok() {
            return Err(format!("without step {} ({}) nothing is missed", step.number, step.title));
        }
    }
    for (index, call) in made.iter().enumerate().filter(|(index, _)| !found[*index].conditional) {
        let mut twice = made.to_vec();
        twice.insert(index, call);
        if find(steps, &without(made, index)).is_ok() || find(steps, &twice).is_ok() {
            return Err(format!("made or not, or twice, is all the same: {}", call.show()));
        }
    }
    Ok(())
}

fn without<'a, T>(all: &[&'a T], index: usize) -> Vec<&'a T> {
    [&all[..index], &all[index + 1..]].concat()
}

#[test]
fn the_default_start() {
    for kind in [Kind::Root, Kind::Range, Kind::Single] {
        let Some(scene) = scene(kind, "narration-default") else { continue };
        try_one(&scene, &["true"]);
    }
}

#[test]
fn root_filesystems() {
    for kind in [Kind::Root, Kind::Range, Kind::Single] {
        let Some(scene) = scene(kind, "narration-rootfs") else { continue };
        let rootfs = scene.rootfs("rootfs");
        try_one(&scene, &["--rootfs", &rootfs, "true"]);
        try_one(&scene, &["--rootfs", &rootfs, "--ephemeral", "true"]);
        try_one(&scene, &["--storage-opt", "medium=disk", "true"]);
        try_one(&scene, &["--rootfs", &rootfs, "--read-only", "true"]);
    }
}

#[test]
fn a_bound_on_what_is_written_to_disk() {
    for disk in Disk::all("narration-quota") {
        let Some(scene) = scene(Kind::Root, &format!("narration-quota-{}", disk.kind)) else { continue };
        let bounded = ["--storage-opt", "size=16m,medium=disk"];
        let dead = format!(
            "mount -o loop,prjquota {} /var/lib; mkfifo /run/told; {} run {} sh -c 'echo; sleep 100' >/run/told & read line </run/told; kill -KILL $!; wait || :",
            disk.file().display(),
            scene.program(),
            bounded.join(" ")
        );
        let calls = try_one(&scene.below(dead), &[&bounded[..], &["true"]].concat());
        let quotas = calls.iter().filter(|call| call.name == "quotactl_fd" && call.has("Q_SETQUOTA"));
        assert_eq!(quotas.count(), 2, "{}: one is taken back, and one is set", disk.kind);
    }
}

#[test]
fn a_root_filesystem_that_takes_no_id_mapped_mounts() {
    let Some(scene) = scene(Kind::Root, "narration-overlay") else { return };
    let rootfs = scene.rootfs("rootfs");
    let overlay = format!(
        "cd /run; mkdir upper work both; mount -t overlay none -o lowerdir={rootfs},upperdir=upper,workdir=work both"
    );
    let scene = scene.below(overlay);
    try_one(&scene, &["--rootfs", "/run/both", "true"]);
    try_one(&scene, &["--rootfs", "/run/both", "--ephemeral", "true"]);
}

#[test]
fn volumes_users_and_directories() {
    for kind in [Kind::Root, Kind::Range] {
        let Some(scene) = scene(kind, "narration-volumes") else { continue };
        let (file, directory) = scene.volumes();
        let (file, directory) = (format!("{file}:/srv/a/file:ro"), format!("{directory}:/srv/directory"));
        let what = ["-v", &directory, "-v", &file, "--tmpfs", "/srv/new:size=1m", "--read-only"];
        try_one(&scene, &[&what[..], &["-u", "1234:100", "-w", "/srv", "true"]].concat());
    }
    let Some(scene) = scene(Kind::Root, "narration-idmap") else { return };
    let (_, directory) = scene.volumes();
    try_one(&scene, &["-v", &format!("{directory}:/mnt:idmap"), "true"]);
}

#[test]
fn less_isolation() {
    for kind in [Kind::Root, Kind::Range, Kind::Single] {
        let Some(scene) = scene(kind, "narration-less") else { continue };
        try_one(&scene, &["--network", "host", "true"]);
        try_one(&scene, &["--no-init", "true"]);
        try_one(&scene, &["--pids-limit", "-1", "true"]);
        let options = ["no-new-privileges=false", "seccomp=unconfined"];
        try_one(&scene, &["--security-opt", options[0], "--security-opt", options[1], "true"]);
    }
    let Some(scene) = scene(Kind::Root, "narration-userns") else { return };
    try_one(&scene, &["--userns", "host", "--cap-add", "SYS_ADMIN", "--cap-drop", "CHOWN", "true"]);
}

#[test]
fn the_passes_of_the_lesson() {
    for kind in [Kind::Root, Kind::Range, Kind::Single] {
        let Some(scene) = scene(kind, "narration-passes") else { continue };
        for pass in ["1", "2", "3", "4"] {
            try_one(&scene, &["--pass", pass, "true"]);
        }
    }
}

#[test]
fn a_step_that_the_kernel_refuses_and_the_one_instead() {
    let Some(scene) = scene(Kind::Root, "narration-refused") else { return };
    // A fresh sysfs would uncover what is mounted over a part of the outer one.
    let scene = scene.below("mount -t tmpfs none /sys/kernel");
    let (told, _) = scene.start(&["true"]);
    assert!(told.contains("instead of: mount a fresh sysfs on /sys"), "{told}");
    try_one(&scene, &["true"]);
}

#[test]
fn what_a_dead_run_has_left_is_undone_by_a_step() {
    let Some(scene) = scene(Kind::Root, "narration-dead") else { return };
    let dead = format!(
        "mkfifo /run/told; {} run --name dead sh -c 'echo; sleep 100' >/run/told & read line </run/told; kill -KILL $!; wait || :",
        scene.program()
    );
    let calls = try_one(&scene.below(dead), &["true"]);
    let removed =
        |path: &str| calls.iter().any(|call| call.name == "unlinkat" && !call.failed() && call.has(path));
    assert!(
        removed("/containerception-dead-") && removed("/run/containerception/containers/dead\""),
        "it was dead"
    );
}

#[test]
fn a_command_in_a_container_that_runs() {
    let Some(scene) = scene(Kind::Root, "narration-exec") else { return };
    let container = format!(
        "mkfifo /run/told; {} run --name joined sh -c 'echo; exec sleep 5' >/run/told 2>&1 & read line </run/told",
        scene.program()
    );
    let scene = scene.below(container).joining();
    try_one(&scene, &["joined", "true"]);
    // With -u, whose names are in the container's files, a child looks there first: a probe, which no plan has.
    try_one(&scene, &["-w", "/tmp", "-e", "A=b", "joined", "true"]);
}

#[test]
fn a_terminal_and_a_list_of_ignored_calls_that_is_as_short_as_it_can_be() {
    let Some(root) = scene(Kind::Root, "narration-terminal") else { return };
    let mut calls = try_one(&root.on_a_terminal(), &["--read-only", "true"]);
    let Some(range) = scene(Kind::Range, "narration-terminal") else { return };
    calls.extend(try_one(&range.on_a_terminal(), &["true"]));
    assert_eq!(ignored::unneeded(&calls), [""; 0], "nothing is ignored for this reason");
}
