//! Runs that differ in what they make.

/// The arguments of each, after `run`, and the exit status that it has to have; `root` is a root filesystem of the
/// caller's.
pub fn ways(root: &str) -> Vec<(Vec<String>, i32)> {
    let volume = format!("{root}/tmp:/v");
    let ways: &[(&[&str], i32)] = &[
        (&["true"], 0),
        (&["--rootfs", root, "true"], 0),
        (&["--rootfs", root, "--ephemeral", "sh", "-c", "echo > /x; exit 3"], 3),
        (&["--storage-opt", "medium=disk", "sh", "-c", "echo > /usr/bin/x"], 0),
        (&["-v", &volume, "sleep", "0.02"], 0),
        (&["sh", "-c", "sleep 9 & sleep 9 & sleep 0.01"], 0),
        (&["--no-init", "--pids-limit", "-1", "true"], 0),
        (&["no-such-command"], 127),
        (&["--rootfs", root, "-w", "/no/such/directory", "true"], 125),
    ];
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    ways.iter().map(|(words, status)| (owned(words), *status)).collect()
}
