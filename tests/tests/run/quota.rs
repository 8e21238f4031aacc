//! `--storage-opt size=SIZE,medium=disk`: a quota on a project of its own bounds the container's directory, where the file
//! system holds such.

use end_to_end::disk::Disk;
use end_to_end::{Kind, Running, Somebody, err, faults_binary, lacks, out, skip};

/// What scripts say. `limits` shows the projects of ours that have a limit, and what is left of containers.
const WORDS: &str = r#"
run() { "$CONTAINERCEPTION" run "$@"; }
limits() { repquota -P -n /var/lib | awk '/^#8/ && $5 + $8 > 0'; find /var/lib/containerception -mindepth 2; }
"#;

/// Fills FILE until there is no room, and says how many MiB went in.
const FILL: &str =
    "dd if=/dev/zero of=FILE bs=1M count=100 2>&1 | grep -v records >&2; echo $(($(stat -c %s FILE) >> 20))";

/// Plays a script on the disk, as root.
fn play(disk: &Disk, options: &str, script: &str) -> (Option<i32>, String, String) {
    let root = Somebody::new(
        Kind::Root,
        &format!("quota-{}-{}", disk.kind, disk.directory().display()).replace('/', "-"),
    );
    let mut command = disk.enter(options, &format!("{WORDS}{script}"));
    command.env("CONTAINERCEPTION", root.program());
    let output = Running::start(&mut command).finish();
    (output.status.code(), out(&output), err(&output))
}

/// What a script prints that succeeds.
fn printed(disk: &Disk, script: &str) -> (String, String) {
    let (status, printed, said) = play(disk, "prjquota", script);
    assert_eq!(status, Some(0), "{}: {printed}{said}", disk.kind);
    (printed, said)
}

/// ext4 answers EDQUOT, xfs ENOSPC (`xfs_trans_dqresv()` in the kernel).
fn is_full(disk: &Disk, said: &str) -> bool {
    said.contains(if disk.kind == "ext4" { "Disk quota exceeded" } else { "No space left on device" })
}

#[test]
fn the_directory_holds_what_it_was_given_and_no_more() {
    if lacks("quota-bound", &["repquota"]) {
        return;
    }
    for disk in Disk::all("quota-bound") {
        for file in ["/tmp/x", "/usr/bin/x", "/etc/x"] {
            let fill = FILL.replace("FILE", file);
            let script = format!("run --storage-opt size=16m,medium=disk sh -c '{fill}'; echo left; limits");
            let (printed, said) = printed(&disk, &script);
            assert!(
                ["15\nleft\n", "16\nleft\n"].contains(&printed.as_str()),
                "{}: {file}: {printed}",
                disk.kind
            );
            assert!(is_full(&disk, &said), "{}: {file}: {said}", disk.kind);
        }
    }
}

#[test]
fn another_container_and_the_disk_itself_have_what_they_had() {
    if lacks("quota-others", &["repquota"]) {
        return;
    }
    let (full, small) = (FILL.replace("FILE", "/tmp/x"), FILL.replace("FILE", "/var/tmp/x"));
    let script = format!(
        r#"mkfifo /run/up /run/down
        run --storage-opt size=16m,medium=disk sh -c '{full}; echo up; read line' > /run/up < /run/down &
        exec 4< /run/up 3> /run/down; read first <&4; read up <&4
        limits | grep -c ^#
        run --storage-opt size=32m,medium=disk sh -c '{small}'
        run --storage-opt medium=disk sh -c 'head -c 48m /dev/zero > /tmp/x && echo unbounded'
        head -c 48m /dev/zero > /var/lib/x && echo outside
        echo >&3; wait; echo $first; limits"#
    );
    for disk in Disk::all("quota-others") {
        let (printed, said) = printed(&disk, &script);
        let lines: Vec<&str> = printed.lines().collect();
        let [one, second, "unbounded", "outside", first] = lines[..] else {
            panic!("{}: {printed}{said}", disk.kind)
        };
        assert_eq!(one, "1", "{}: one has a limit\n{printed}", disk.kind);
        assert!(["15", "16"].contains(&first) && ["31", "32"].contains(&second), "{}: {printed}", disk.kind);
    }
}

#[test]
fn it_shows_as_the_size_of_the_root_and_in_what_is_known_of_it() {
    let script = r#"mkfifo /run/up /run/down
        run --name known --storage-opt size=16m,medium=disk sh -c 'df -k --output=size / /usr; read line' > /run/up < /run/down &
        exec 4< /run/up 3> /run/down; read head <&4; read root <&4; read usr <&4; echo $root $usr
        "$CONTAINERCEPTION" inspect known | tr -d ' \n' | grep -o '"storage":{[^}]*}\|"projects":"[a-z]*"'
        echo >&3; wait"#;
    for disk in Disk::all("quota-shown") {
        let (printed, said) = printed(&disk, script);
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.first(), Some(&"16384 16384"), "{}: {printed}{said}", disk.kind);
        assert!(
            printed.contains(r#""medium":"disk""#) && printed.contains(r#""size":16777216"#),
            "{printed}"
        );
        assert!(printed.contains(r#""projects":"held""#), "{printed}");
    }
}

#[test]
fn empty_files_are_bounded_as_well() {
    let script = "run --storage-opt size=4m,medium=disk bash -c 'i=0; while : > /tmp/$i; do i=$((i + 1)); done; echo $i'";
    for disk in Disk::all("quota-files") {
        let (printed, said) = printed(&disk, script);
        let files: u32 = printed.trim().parse().expect("a number");
        assert!((500..1024).contains(&files) && is_full(&disk, &said), "{}: {files}: {said}", disk.kind);
    }
}

/// In the initial user namespace, who owns a file may give it to another project.
#[test]
fn no_file_leaves_its_project() {
    if lacks("quota-leave", &["chattr", "lsattr"]) {
        return;
    }
    let script = format!(
        "run --storage-opt size=16m,medium=disk sh -c 'cd /tmp; touch x; chattr -p 7 x; chattr -P .; chattr -p 0 .; lsattr -p x; {}'",
        FILL.replace("FILE", "x")
    );
    for disk in Disk::all("quota-leave") {
        let (printed, said) = printed(&disk, &script);
        let (attributes, mebibytes) = printed.trim().split_once('\n').expect("two lines");
        assert!(
            attributes.trim().starts_with('8') && attributes.ends_with('x'),
            "{}: {printed}{said}",
            disk.kind
        );
        assert!(["15", "16"].contains(&mebibytes), "{}: {printed}{said}", disk.kind);
        assert_eq!(said.matches("chattr: ").count(), 3, "{}: {said}", disk.kind);
    }
}

#[test]
fn what_a_killed_run_or_a_former_boot_has_left_is_taken_back() {
    if lacks("quota-killed", &["repquota"]) {
        return;
    }
    let script = |between: &str| {
        format!(
            r#"mkfifo /run/up
            "$CONTAINERCEPTION" run --storage-opt size=16m,medium=disk sh -c 'echo up; sleep 60' > /run/up &
            read up < /run/up; kill -KILL $!; wait; limits | grep -c ^#
            {between}
            "$CONTAINERCEPTION" gc; echo left; limits"#
        )
    };
    let boot = r#"mv /var/lib/containerception/* /var/lib/containerception/0123456789abcdef"#;
    for disk in Disk::all("quota-killed") {
        for between in [":", boot] {
            let (printed, said) = printed(&disk, &script(between));
            assert_eq!(printed, "1\nleft\n", "{}: {between}: {said}", disk.kind);
        }
    }
}

#[test]
fn a_run_that_is_killed_at_any_step_leaves_no_limit() {
    let Some(faults) = faults_binary().filter(|_| !lacks("quota-crash", &["repquota"])) else {
        return skip("quota-crash", "the build that can be told to kill itself is missing");
    };
    let script = format!(
        r#"for step in 4 5 6 7 8 10 20 30; do
            CONTAINERCEPTION_CRASH=runtime@$step {} run --storage-opt size=16m,medium=disk true
            [ $? = 137 ] || echo "step $step: it was not killed"
        done
        limits | grep -c ^#; "$CONTAINERCEPTION" gc; limits"#,
        faults.display()
    );
    for disk in Disk::all("quota-crash") {
        let (printed, said) = printed(&disk, &script);
        // Each undoes what the one before has left.
        assert_eq!(printed, "1\n", "{}: {said}", disk.kind);
    }
}

#[test]
fn what_a_file_system_lacks_is_told_and_helps() {
    if lacks("quota-lacks", &["quotaon", "tune2fs"]) {
        return;
    }
    let run = "run --storage-opt size=16m,medium=disk echo ran";
    for disk in Disk::all("quota-lacks") {
        let (status, _, said) = play(&disk, "defaults", run);
        assert_eq!(status, Some(125), "{}: {said}", disk.kind);
        assert!(said.starts_with("error[CX1011]: ") && said.contains("prjquota"), "{}: {said}", disk.kind);
        let (option, fix) = if disk.kind == "ext4" {
            ("defaults", "quotaon -P /var/lib")
        } else {
            ("pqnoenforce", "quotaon -P /var/lib")
        };
        let (_, _, said) = play(&disk, option, run);
        assert!(said.contains(fix), "{}: {said}", disk.kind);
        let (status, printed, said) = play(&disk, option, &format!("{fix} && {run}"));
        assert_eq!((status, printed.as_str()), (Some(0), "ran\n"), "{}: {said}", disk.kind);
    }
    let Some(plain) =
        Disk::with_quotas("ext4", "quota-feature").and_then(|_| Disk::make("ext4", &[], "quota-plain"))
    else {
        return;
    };
    let (_, _, said) = play(&plain, "defaults", run);
    assert!(
        said.contains("feature project") && said.contains("tune2fs -O project,quota -Q prjquota"),
        "{said}"
    );
    let tune = ["-O", "project,quota", "-Q", "prjquota"];
    let tuned = std::process::Command::new("/sbin/tune2fs").args(tune).arg(plain.file()).output();
    assert!(tuned.is_ok_and(|output| output.status.success()));
    assert_eq!(printed(&plain, run).0, "ran\n");
}
