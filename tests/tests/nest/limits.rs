//! Limits of inner containers: parts of what the outer one has, which binds all below it.

use end_to_end::{Kind, Somebody, err, out, skip};
use std::process::Output;
use testbed::groups::named;

/// Takes 100 MB at once.
const TAKE: &str = "dd if=/dev/zero of=/dev/null bs=100M count=1 2> /dev/null";

/// Root, where there are groups of v1 to share out. Those of v2 are not shared out yet.
fn somebody(test: &str) -> Option<Somebody> {
    let somebody = Somebody::all(test).into_iter().find(|somebody| somebody.kind == Kind::Root);
    let Some(somebody) = somebody else {
        skip(test, "only root has control groups here");
        return None;
    };
    let output = somebody.run(&["--memory", "64m", "ls", "/dev/.containerception"]);
    if out(&output).contains("groups") {
        return Some(somebody);
    }
    skip(test, &format!("the memory controller is in no hierarchy of v1 here: {}", err(&output)));
    None
}

fn run(somebody: &Somebody, limits: &[&str], script: &str) -> Output {
    somebody.run(&[limits, &["sh", "-c", script]].concat())
}

/// What it prints, with a status of 0.
fn printed(somebody: &Somebody, limits: &[&str], script: &str) -> String {
    let output = run(somebody, limits, script);
    assert_eq!(output.status.code(), Some(0), "{script}: {}{}", out(&output), err(&output));
    out(&output)
}

#[test]
fn a_level_shares_out_what_it_has() {
    let Some(somebody) = somebody("budget-parts") else { return };
    let limits = ["--memory", "256m", "--cpus", "1", "--pids-limit", "100", "--cpuset-cpus", "0"];
    let script = "containerception run --memory 128m --cpus 0.5 --pids-limit 50 containerception run --memory 64m --pids-limit 20 sh -c '
        cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max'
        containerception run --cpus 0.5 --cpuset-cpus 0 sh -c '
        cd /sys/fs/cgroup; cat */cpu.cfs_quota_us */cpuset.cpus'";
    assert_eq!(printed(&somebody, &limits, script), "67108864\n20\n50000\n0\n");
}

#[test]
fn what_a_level_does_not_have_it_cannot_give() {
    let Some(somebody) = somebody("budget-more") else { return };
    let limits = ["--memory", "256m", "--cpus", "1", "--pids-limit", "100"];
    for (asked, has) in [
        ("--memory 512m", "512 MiB are asked for, and the container around has 256 MiB"),
        ("--pids-limit 101", "101 processes are asked for, and the container around has 100 processes"),
        ("--cpus 1.5", "150000 µs in a period are asked for, and the container around has 100000 µs"),
    ] {
        let output = run(&somebody, &limits, &format!("containerception run {asked} true"));
        assert_eq!(output.status.code(), Some(125), "{asked}: {}", err(&output));
        assert!(err(&output).contains("CX5003") && err(&output).contains(has), "{asked}: {}", err(&output));
        let output = run(&somebody, &limits, &format!("containerception run --best-effort {asked} true"));
        assert!(output.status.success() && err(&output).contains(has), "{asked}: {}", err(&output));
    }
    // What the outer one has no limit of is not shared out.
    let output = run(&somebody, &["--memory", "256m"], "containerception run --cpus 1 true");
    assert!(err(&output).contains("CX5003"), "{}", err(&output));
}

/// Its own limit holds a level, and those around go on.
#[test]
fn who_takes_too_much_at_the_bottom_is_ended_there() {
    let Some(somebody) = somebody("budget-hog") else { return };
    let below = "containerception run --memory 128m containerception run containerception run --memory 64m";
    let script = format!("containerception run {below} {TAKE} 2> /dev/null; echo $?; {TAKE}; echo $?");
    assert_eq!(printed(&somebody, &["--memory", "256m"], &script), "137\n0\n");
}

/// So does the limit of the outermost, whatever the levels below have been given.
#[test]
fn the_sum_is_never_more_than_the_top_allows() {
    let Some(somebody) = somebody("budget-sum") else { return };
    let one = "containerception run --memory 150m sh -c 'x=$(head -c 30000000 /dev/zero | tr \\\\0 x); exec dd if=/dev/zero of=/dev/null bs=90M count=200'";
    let script = format!(
        "{one} 2> /dev/null & {one} 2> /dev/null & {one} 2> /dev/null & wait; cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes"
    );
    let output = run(&somebody, &["--memory", "160m"], &script);
    let peak: u64 = out(&output).trim().parse().unwrap_or_default();
    assert!((100 << 20..=160 << 20).contains(&peak), "{peak}: {}", err(&output));
    // Without containers inside, none of it would have ended.
    assert!(peak > 100 << 20);
}

#[test]
fn a_fork_bomb_at_the_fifth_level_is_held_by_its_own_limit_and_by_the_first() {
    let Some(somebody) = somebody("budget-bomb") else { return };
    let bomb = "for i in $(seq 60); do sleep 5 & done 2> /dev/null; cat /sys/fs/cgroup/pids/pids.current";
    let run_in = |limits: &[&str], last: &str| {
        let inner = "containerception run ".repeat(3);
        let script = format!("{inner} containerception run {last} sh -c '{bomb}'; true");
        out(&run(&somebody, limits, &script))
    };
    // At each of five levels there are a runtime and init. Who cannot fork the last command cannot tell either.
    let own = run_in(&["--pids-limit", "100"], "--pids-limit 20");
    assert!(own.is_empty() || own.trim().parse::<u32>().is_ok_and(|held| held <= 20), "{own}");
    let left = "containerception run --pids-limit 40 true; echo $?";
    assert_eq!(printed(&somebody, &["--pids-limit", "100"], left), "0\n");
    let first = "containerception run containerception run sh -c 'for i in $(seq 60); do sleep 5 & done' 2> /dev/null & sleep 1; cat /sys/fs/cgroup/pids/pids.current; true";
    let held = out(&run(&somebody, &["--pids-limit", "30"], first));
    assert!(held.is_empty() || held.trim().parse::<u32>().is_ok_and(|held| held <= 30), "{held}");
}

/// Root of an inner level is the user who has made its group: only the mounts keep it from the limits.
#[test]
fn no_level_raises_its_own_limit() {
    let Some(somebody) = somebody("budget-raise") else { return };
    let attacks = "for f in $(find / -xdev -prune -o -name memory.limit_in_bytes -print 2> /dev/null) \
            /sys/fs/cgroup/memory/memory.limit_in_bytes /dev/.containerception/groups/memory/memory.limit_in_bytes \
            /dev/.containerception/groups/memory/../memory.limit_in_bytes; do echo 100000000 > $f; done
        unshare -Urm mount -o remount,rw,bind /sys/fs/cgroup/memory && echo remounted
        unshare -UrmC sh -c 'mount -t cgroup -o memory none /mnt && echo 100000000 > /mnt/memory.limit_in_bytes && echo lifted'
        echo $$ > /dev/.containerception/groups/memory/tasks
        umount /sys/fs/cgroup/memory && echo unmounted";
    let script =
        format!("({attacks}) 2> /dev/null; cat /sys/fs/cgroup/memory/memory.limit_in_bytes; {TAKE}; echo $?");
    for levels in [
        "",
        "containerception run --memory 64m",
        "containerception run --memory 100m containerception run --memory 64m",
    ] {
        let quoted = script.replace('\'', "'\\''");
        let top = if levels.is_empty() { "64m" } else { "200m" };
        let said = out(&run(&somebody, &["--memory", top], &format!("{levels} sh -c '{quoted}'")));
        assert_eq!(said, "67108864\n137\n", "{levels}");
    }
}

/// The groups of a level that was killed are below those of the level around, and go with them.
#[test]
fn nothing_is_left_of_the_groups() {
    let Some(somebody) = somebody("budget-left") else { return };
    let script = "containerception run --name budget-inner --memory 64m sleep 1000 & pid=$!
        until containerception ps | grep -q budget-inner; do sleep 0.02; done
        kill -9 $pid; wait $pid; ls /dev/.containerception/groups/memory | grep -c budget-inner";
    let output = run(&somebody, &["--name", "budget-top", "--memory", "128m"], script);
    assert_eq!(out(&output), "1\n", "{}", err(&output));
    let left = named("containerception-budget-top");
    assert!(left.is_empty(), "{left:?}");
}

/// What each may use stands beside what it uses.
#[test]
fn the_tree_shows_the_limits_of_each_level() {
    let Some(somebody) = somebody("budget-tree") else { return };
    let script = "containerception run --memory 64m --pids-limit 20 sh -c 'echo up; exec sleep 1000'; true";
    let limits = ["--name", "budget-shown", "--memory", "128m", "--pids-limit", "100"];
    let mut running = somebody.start(&[&limits[..], &["sh", "-c", script]].concat());
    running.wait_for("up");
    let output = somebody.containerception().args(["tree", "--format", "json"]).output().expect("tree");
    let all: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let top = all.as_array().and_then(|all| all.iter().find(|level| level["name"] == "budget-shown"));
    let top = top.unwrap_or_else(|| panic!("{all:#}"));
    let limits = |level: &serde_json::Value| (level["memory_limit"].as_u64(), level["pids_limit"].as_u64());
    assert_eq!(limits(top), (Some(128 << 20), Some(100)), "{top:#}");
    assert_eq!(limits(&top["below"][0]), (Some(64 << 20), Some(20)), "{top:#}");
    assert!(somebody.containerception().args(["kill", "budget-shown"]).status().expect("kill").success());
    running.finish();
}
