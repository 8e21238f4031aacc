//! ENOMEM, by RLIMIT_AS.

use crate::{Scene, and_tell};
use end_to_end::{err, lacks};
use std::os::unix::process::ExitStatusExt;
use std::process::Output;

/// Of what happens before `main` nothing can be told by us: the kernel ends a program whose image does not fit (SIGSEGV,
/// `execve(2)`), and so does the C library, without a word or with "Fatal glibc error", where it cannot make its first
/// thread; Rust's runtime panics where it cannot make the stack of its handler for stack overflows.
fn was_before_main(output: &Output) -> bool {
    let said = err(output);
    let segmentation = output.status.signal() == Some(11) || output.status.code() == Some(139);
    (segmentation && said.is_empty())
        || said.contains("Segmentation fault")
        || said.starts_with("Fatal glibc error: ")
        || said.contains("failed to allocate an alternative stack")
}

/// The command has as little memory, too; that its dynamic loader has not enough is its own failure.
fn is_the_commands(output: &Output) -> bool {
    err(output).contains("error while loading shared libraries")
}

/// Runs with each limit in KiB, which `LIMIT` is in `run`. The last suffices, and what suffices once always does. Returns
/// how often an error was told.
fn tells_each_limit(scene: &Scene, limits: impl Iterator<Item = u32>, run: &str) -> u32 {
    let (mut told, mut enough) = (0, None);
    for limit in limits {
        // Where the allocator has nothing, nothing can be undone at once: the next command does that.
        let run = run.replace("LIMIT", &limit.to_string());
        let script = format!("({run}); status=$?; \"$0\" gc; (exit $status)");
        let output = scene.play("size=1m", &and_tell(&script));
        if output.status.success() {
            scene.assert_clean(&err(&output));
            enough = enough.or(Some(limit));
            continue;
        }
        assert_eq!(enough, None, "{limit} KiB: {}", err(&output));
        if err(&output).starts_with("error[CX2006]: ") {
            // newuidmap has as little memory, and says so itself.
            scene.assert_told(&output, "CX2006");
        } else if !was_before_main(&output) && !is_the_commands(&output) {
            scene.assert_told(&output, "CX2015");
            told += 1;
        }
    }
    assert!(enough.is_some(), "{}", scene.somebody.kind);
    told
}

/// The program alone takes some 2,400 KiB; the last few pages before the limit are those that a start takes.
#[test]
fn with_little_memory_a_start_says_so_or_works() {
    for scene in Scene::all("little-memory") {
        let limits = (1024..2304).step_by(256).chain((2304..2900).step_by(12)).chain([4096, 8192]);
        tells_each_limit(&scene, limits, "ulimit -v LIMIT; run true");
    }
}

/// The shell makes the arguments; it would itself have too little memory for them.
#[test]
fn with_little_memory_for_a_megabyte_of_arguments_a_start_says_so_or_works() {
    if lacks("memory-for-arguments", &["prlimit"]) {
        return;
    }
    for scene in Scene::all("memory-for-arguments") {
        let run = format!("prlimit --as=LIMIT000 \"$0\" run --name {} true", scene.name);
        let run = format!("x=$(head -c 100000 /dev/zero | tr '\\0' x); {run} {}", "$x ".repeat(10));
        let told = tells_each_limit(&scene, (3000..12_000).step_by(300), &run);
        assert!(told > 3, "{}: the allocator's own end was met {told} times", scene.somebody.kind);
    }
}
