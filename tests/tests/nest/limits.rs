//! Limits of inner containers: parts of what the outer one has, which binds all below it.

use end_to_end::{Somebody, err, eventually, out, skip};
use std::process::Output;
use testbed::groups::named;

/// Takes 100 MB at once.
const TAKE: &str = "dd if=/dev/zero of=/dev/null bs=100M count=1 2> /dev/null";

/// Somebody who has groups to share out, and what their files are called in scripts.
struct Sharer {
    somebody: Somebody,
    files: &'static [(&'static str, &'static str)],
}

/// On v1.
const V1: &[(&str, &str)] = &[
    ("MEMORY", "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    ("PEAK", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes"),
    ("PIDS", "/sys/fs/cgroup/pids/pids.max"),
    ("COUNT", "/sys/fs/cgroup/pids/pids.current"),
    ("QUOTA", "/sys/fs/cgroup/*/cpu.cfs_quota_us"),
    ("CPUS", "/sys/fs/cgroup/*/cpuset.cpus"),
    ("HANDED", "/dev/.containerception/groups/memory"),
    ("HIERARCHY", "-t cgroup -o memory"),
    ("LIMIT", "memory.limit_in_bytes"),
];

/// On v2.
const V2: &[(&str, &str)] = &[
    ("MEMORY", "/sys/fs/cgroup/memory.max"),
    ("PEAK", "/sys/fs/cgroup/memory.peak"),
    ("PIDS", "/sys/fs/cgroup/pids.max"),
    ("COUNT", "/sys/fs/cgroup/pids.current"),
    ("QUOTA", "/sys/fs/cgroup/cpu.max"),
    ("CPUS", "/sys/fs/cgroup/cpuset.cpus"),
    ("HANDED", "/dev/.containerception/groups/unified"),
    ("HIERARCHY", "-t cgroup2"),
    ("LIMIT", "memory.max"),
];

impl Sharer {
    /// All who have groups that can be shared out: root, and who has been delegated some.
    fn all(test: &str) -> Vec<Sharer> {
        let sharer = |somebody: Somebody| {
            let output = somebody.run(&["--memory", "64m", "ls", "/dev/.containerception/groups"]);
            let files = match out(&output) {
                groups if groups.contains("memory") => V1,
                groups if groups.contains("unified") => V2,
                _ => {
                    let why = err(&output);
                    skip(test, &format!("{} has no group of memory to share out: {why}", somebody.kind));
                    return None;
                }
            };
            Some(Sharer { somebody, files })
        };
        Somebody::all(test).into_iter().filter_map(sharer).collect()
    }

    fn is_v2(&self) -> bool {
        self.files == V2
    }

    /// Runs `script`, in which $NAME stands for a file of groups.
    fn run(&self, limits: &[&str], script: &str) -> Output {
        let script = self
            .files
            .iter()
            .fold(script.to_owned(), |script, (name, file)| script.replace(&format!("${name}"), file));
        self.somebody.run(&[limits, &["sh", "-c", &script]].concat())
    }

    /// What it prints, with a status of 0.
    fn printed(&self, limits: &[&str], script: &str) -> String {
        let output = self.run(limits, script);
        let kind = self.somebody.kind;
        assert_eq!(output.status.code(), Some(0), "{kind}: {script}: {}{}", out(&output), err(&output));
        out(&output)
    }
}

#[test]
fn a_level_shares_out_what_it_has() {
    for sharer in Sharer::all("budget-parts") {
        let limits = ["--memory", "256m", "--cpus", "1", "--pids-limit", "100"];
        let script = "containerception run --memory 128m --cpus 0.5 --pids-limit 50 containerception run --memory 64m --pids-limit 20 sh -c '
            cat $MEMORY $PIDS'
            containerception run --cpus 0.5 sh -c 'cat $QUOTA'";
        let quota = if sharer.is_v2() { "50000 100000" } else { "50000" };
        assert_eq!(sharer.printed(&limits, script), format!("67108864\n20\n{quota}\n"));
    }
}

#[test]
fn a_level_shares_out_its_cpus() {
    for sharer in Sharer::all("budget-cpus") {
        let script = "containerception run --cpuset-cpus 0 containerception run --cpuset-cpus 0 cat $CPUS";
        let output = sharer.run(&["--cpuset-cpus", "0"], script);
        if sharer.is_v2() && err(&output).contains("cpuset controller cannot be had") {
            skip("budget-cpus", "the cpuset controller is not delegated");
            continue;
        }
        assert_eq!(out(&output), "0\n", "{}: {}", sharer.somebody.kind, err(&output));
    }
}

#[test]
fn what_a_level_does_not_have_it_cannot_give() {
    for sharer in Sharer::all("budget-more") {
        let limits = ["--memory", "256m", "--cpus", "1", "--pids-limit", "100"];
        for (asked, has) in [
            ("--memory 512m", "512 MiB are asked for, and the container around has 256 MiB"),
            ("--pids-limit 101", "101 processes are asked for, and the container around has 100 processes"),
            ("--cpus 1.5", "150000 µs in a period are asked for, and the container around has 100000 µs"),
        ] {
            let output = sharer.run(&limits, &format!("containerception run {asked} true"));
            assert_eq!(output.status.code(), Some(125), "{asked}: {}", err(&output));
            let told = err(&output).contains("CX5003") && err(&output).contains(has);
            assert!(told, "{asked}: {}", err(&output));
            let output = sharer.run(&limits, &format!("containerception run --best-effort {asked} true"));
            assert!(output.status.success() && err(&output).contains(has), "{asked}: {}", err(&output));
        }
        let script = "containerception run --name budget-updated --memory 64m sleep 1000 &
            until containerception exec budget-updated true 2> /dev/null; do sleep 0.02; done
            containerception update --memory 128m budget-updated && containerception update --memory 512m budget-updated
            echo $?; containerception kill budget-updated; wait";
        let output = sharer.run(&limits, script);
        let told = err(&output).contains("512 MiB are asked for, and the container around has 256 MiB");
        assert!(out(&output) == "125\n" && told, "{}{}", out(&output), err(&output));
        // What the outer one has no limit of is not shared out.
        let output = sharer.run(&["--memory", "256m"], "containerception run --cpus 1 true");
        assert!(err(&output).contains("CX5003"), "{}", err(&output));
    }
}

/// Without swap, an inner one has none either: nobody has asked for more.
#[test]
fn what_nobody_asked_for_need_not_be_there() {
    for sharer in Sharer::all("budget-swap") {
        let limits = ["--memory", "256m", "--memory-swap", "256m"];
        let script = "containerception run --memory 200m cat $MEMORY";
        assert_eq!(sharer.printed(&limits, script), "209715200\n");
    }
}

/// Its own limit holds a level, and those around go on.
#[test]
fn who_takes_too_much_at_the_bottom_is_ended_there() {
    for sharer in Sharer::all("budget-hog") {
        let below =
            "containerception run --memory 128m containerception run containerception run --memory 64m";
        let script = format!("containerception run {below} {TAKE} 2> /dev/null; echo $?; {TAKE}; echo $?");
        assert_eq!(sharer.printed(&["--memory", "256m"], &script), "137\n0\n");
    }
}

/// So does the limit of the outermost, whatever the levels below have been given.
#[test]
fn the_sum_is_never_more_than_the_top_allows() {
    for sharer in Sharer::all("budget-sum") {
        let one = "containerception run --memory 150m sh -c 'x=$(head -c 30000000 /dev/zero | tr \\\\0 x); exec dd if=/dev/zero of=/dev/null bs=90M count=200'";
        let script =
            format!("{one} 2> /dev/null & {one} 2> /dev/null & {one} 2> /dev/null & wait; cat $PEAK");
        let output = sharer.run(&["--memory", "160m"], &script);
        let peak: u64 = out(&output).trim().parse().unwrap_or_default();
        assert!((100 << 20..=160 << 20).contains(&peak), "{peak}: {}", err(&output));
    }
}

#[test]
fn a_fork_bomb_at_the_fifth_level_is_held_by_its_own_limit_and_by_the_first() {
    for sharer in Sharer::all("budget-bomb") {
        let bomb = "for i in $(seq 60); do sleep 5 & done 2> /dev/null; cat $COUNT";
        let run_in = |limits: &[&str], last: &str| {
            let inner = "containerception run ".repeat(3);
            let script = format!("{inner} containerception run {last} sh -c '{bomb}'; true");
            out(&sharer.run(limits, &script))
        };
        // At each of five levels there are a runtime and init. Who cannot fork the last command cannot tell either.
        let own = run_in(&["--pids-limit", "100"], "--pids-limit 20");
        assert!(own.is_empty() || own.trim().parse::<u32>().is_ok_and(|held| held <= 20), "{own}");
        let left = "containerception run --pids-limit 40 true; echo $?";
        assert_eq!(sharer.printed(&["--pids-limit", "100"], left), "0\n");
        let first = "containerception run containerception run sh -c 'for i in $(seq 60); do sleep 5 & done' 2> /dev/null & sleep 1; cat $COUNT; true";
        let held = out(&sharer.run(&["--pids-limit", "30"], first));
        assert!(held.is_empty() || held.trim().parse::<u32>().is_ok_and(|held| held <= 30), "{held}");
    }
}

/// Root of an inner level is the user who has made its group: only the mounts keep it from the limits, and who owns the
/// files.
#[test]
fn no_level_raises_its_own_limit() {
    let attacks = "for f in $(find / -xdev -prune -o -name $LIMIT -print 2> /dev/null) \
            $MEMORY $HANDED/$LIMIT $HANDED/../$LIMIT; do echo 100000000 > $f; done
        unshare -Urm mount -o remount,rw,bind /sys/fs/cgroup/memory && echo remounted
        unshare -Urm mount -o remount,rw,bind /sys/fs/cgroup && echo remounted
        unshare -UrmC sh -c 'mount $HIERARCHY none /mnt && echo 100000000 > /mnt/$LIMIT && echo lifted'
        unshare -UrmC sh -c 'mount $HIERARCHY none /mnt && mkdir /mnt/x && echo 100000000 > /mnt/x/../$LIMIT && echo lifted'
        echo $$ > $HANDED/tasks; echo $$ > $HANDED/cgroup.procs
        umount /sys/fs/cgroup/memory && echo unmounted; umount /sys/fs/cgroup && echo unmounted";
    let script = format!("({attacks}) 2> /dev/null; cat $MEMORY; {TAKE}; echo $?");
    for sharer in Sharer::all("budget-raise") {
        for levels in [
            "",
            "containerception run --memory 64m",
            "containerception run --memory 100m containerception run --memory 64m",
        ] {
            let quoted = script.replace('\'', "'\\''");
            let top = if levels.is_empty() { "64m" } else { "200m" };
            let said = out(&sharer.run(&["--memory", top], &format!("{levels} sh -c '{quoted}'")));
            assert_eq!(said, "67108864\n137\n", "{}: {levels}", sharer.somebody.kind);
        }
    }
}

/// The kernel takes 65,535 groups that count memory, for all. v1 has no bound to them but memory.
#[test]
fn no_level_makes_groups_without_end() {
    for sharer in Sharer::all("budget-groups").into_iter().filter(Sharer::is_v2) {
        let attack = "cd $HANDED && mkdir $(seq 1100) 2> /dev/null; ls -d */ | wc -l";
        let made = sharer.printed(&["--memory", "256m"], attack);
        assert!(made.trim().parse::<u32>().is_ok_and(|made| (900..1000).contains(&made)), "{made}");
        // Where nothing is shared out there is no need for any.
        let attack = "unshare -UrmC sh -c 'mount $HIERARCHY none /mnt && mkdir /mnt/x && echo made'; true";
        assert_eq!(sharer.printed(&[], attack), "", "{}", sharer.somebody.kind);
    }
}

/// Another container of the same user has the same ids.
#[test]
fn no_container_reaches_the_groups_of_another() {
    for sharer in Sharer::all("budget-other") {
        let victim = format!("budget-victim-{}", sharer.somebody.kind).replace(' ', "-");
        let arguments = ["--name", &victim, "--memory", "64m", "sh", "-c", "echo up; exec sleep 1000"];
        let mut running = sharer.somebody.start(&arguments);
        running.wait_for("up");
        for limits in [&[][..], &["--pids-limit", "-1"], &["--cpus", "1"]] {
            let attack = "unshare -UrmC sh -c 'mount $HIERARCHY none /mnt
                for group in $(find /mnt -name inside); do
                    mkdir $group/x && echo made; echo 0 > $group/cgroup.procs && echo joined; done
                for limit in $(find /mnt -path \"*budget-victim*\" -name $LIMIT); do
                    echo 100000000 > $limit && echo lifted; done' 2> /dev/null; true";
            assert_eq!(sharer.printed(limits, attack), "", "{}: {limits:?}", sharer.somebody.kind);
        }
        let killed = sharer.somebody.containerception().args(["kill", &victim]).status().expect("kill");
        assert!(killed.success());
        running.finish();
    }
}

/// The groups of a level that was killed are below those of the level around, and go with them.
#[test]
fn nothing_is_left_of_the_groups() {
    for sharer in Sharer::all("budget-left") {
        let script = "containerception run --name budget-inner --memory 64m sleep 1000 & pid=$!
            until containerception ps | grep -q budget-inner; do sleep 0.02; done
            kill -9 $pid; wait $pid; ls $HANDED | grep -c budget-inner";
        let output = sharer.run(&["--name", "budget-top", "--memory", "128m"], script);
        assert_eq!(out(&output), "1\n", "{}", err(&output));
        let left = named("containerception-budget-top");
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Who joins is held as the others are, and by the same limits.
#[test]
fn who_joins_an_inner_level_is_held_by_its_limit() {
    for sharer in Sharer::all("budget-exec") {
        let script = format!(
            "containerception run --name budget-joined --memory 64m sleep 1000 &
            until containerception exec budget-joined true 2> /dev/null; do sleep 0.02; done
            containerception exec budget-joined sh -c 'cat $MEMORY; {TAKE}; echo $?'
            containerception kill budget-joined; wait"
        );
        let said = sharer.printed(&["--name", "budget-joins", "--memory", "128m"], &script);
        assert_eq!(said, "67108864\n137\n", "{}", sharer.somebody.kind);
    }
}

/// What each may use stands beside what it uses.
#[test]
fn the_tree_shows_the_limits_of_each_level() {
    for sharer in Sharer::all("budget-tree") {
        let name = format!("budget-shown-{}", sharer.somebody.kind).replace(' ', "-");
        let script =
            "containerception run --memory 64m --pids-limit 20 sh -c 'echo up; exec sleep 1000'; true";
        let limits = ["--name", &name, "--memory", "128m", "--pids-limit", "100"];
        let mut running = sharer.somebody.start(&[&limits[..], &["sh", "-c", script]].concat());
        running.wait_for("up");
        let look = || -> serde_json::Value {
            let command = &mut sharer.somebody.containerception();
            let output = command.args(["tree", "--format", "json"]).output().expect("tree");
            let all: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let found = all.as_array().and_then(|all| all.iter().find(|level| level["name"] == *name));
            found.cloned().unwrap_or_default()
        };
        // A container is written down while its command begins.
        eventually("it is known", || look()["below"][0].is_object());
        let top = look();
        let limits =
            |level: &serde_json::Value| (level["memory_limit"].as_u64(), level["pids_limit"].as_u64());
        assert_eq!(limits(&top), (Some(128 << 20), Some(100)), "{top:#}");
        assert_eq!(limits(&top["below"][0]), (Some(64 << 20), Some(20)), "{top:#}");
        let killed = sharer.somebody.containerception().args(["kill", &name]).status().expect("kill");
        assert!(killed.success());
        running.finish();
    }
}
