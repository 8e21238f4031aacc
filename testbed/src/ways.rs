//! Runs that differ in what they make.

/// One of them.
pub struct Way {
    /// The arguments, after `run`.
    pub words: Vec<String>,
    /// Other commands while it runs, to which the container's name is to be added.
    pub meanwhile: Vec<Vec<String>>,
    /// The exit status that it has to have.
    pub status: i32,
}

/// What everybody can run; `root` is a root filesystem of the caller's.
pub fn ways(root: &str) -> Vec<Way> {
    let volume = format!("{root}/tmp:/v");
    vec![
        way(&["true"], 0),
        way(&["--rootfs", root, "true"], 0),
        way(&["--rootfs", root, "--ephemeral", "sh", "-c", "echo > /x; exit 3"], 3),
        way(&["--storage-opt", "medium=disk", "sh", "-c", "echo > /usr/bin/x"], 0),
        way(&["-v", &volume, "sleep", "0.02"], 0),
        way(&["sh", "-c", "sleep 9 & sleep 9 & sleep 0.01"], 0),
        way(&["--no-init", "--pids-limit", "-1", "true"], 0),
        way(&["no-such-command"], 127),
        way(&["--rootfs", root, "-w", "/no/such/directory", "true"], 125),
    ]
}

/// What those can run who can have groups: `place` are the options that say where, `limits` those that a container begins with,
/// `changes` those that it is given while it runs.
pub fn limited_ways(place: &[&str], limits: &[&str], changes: &[&str]) -> Vec<Way> {
    let limited = [place, limits].concat();
    let sleeper = |options: &[&str], meanwhile: &[&[&str]]| Way {
        meanwhile: meanwhile.iter().map(|words| owned(words)).collect(),
        ..way(&[options, &["sleep", "60"]].concat(), 137)
    };
    let update = [&["update"], changes].concat();
    vec![
        way(&[&limited[..], &["true"]].concat(), 0),
        way(&[&limited[..], &["sh", "-c", "sleep 9 & sleep 9 & sleep 0.01"]].concat(), 0),
        sleeper(place, &[&update, &["kill"]]),
        sleeper(place, &[&["pause"], &["resume"], &update, &["pause"], &["kill"]]),
        sleeper(&limited, &[&["pause"], &["kill"]]),
    ]
}

fn way(words: &[&str], status: i32) -> Way {
    Way { words: owned(words), meanwhile: Vec::new(), status }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
