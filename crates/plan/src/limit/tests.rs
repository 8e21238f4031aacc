use super::*;
use spec::resources::{BlockDevice, Cpu, HugePages, Io, IoDevice, Memory, Set};

fn all_limits() -> Resources {
    let at = |number| Some(Bound::At(number));
    let device = IoDevice {
        device: BlockDevice::Number { major: 8, minor: 0 },
        weight: Some(100),
        read_bps: at(1 << 20),
        write_bps: Some(Bound::Unlimited),
        read_iops: at(100),
        write_iops: None,
    };
    Resources {
        memory: Memory {
            max: at(64 << 20),
            high: at(48 << 20),
            low: at(32 << 20),
            with_swap: at(128 << 20),
            swappiness: Some(10),
            oom_group: Some(true),
            no_oom_kill: Some(false),
        },
        cpu: Cpu {
            quota: at(50_000),
            period: Some(100_000),
            burst: Some(1000),
            shares: Some(1024),
            idle: Some(false),
            realtime_runtime: Some(1000),
            realtime_period: Some(100_000),
            cpus: Some(Set(vec![(0, 1)])),
            mems: Some(Set(vec![(0, 0)])),
        },
        io: Io { weight: Some(500), devices: vec![device] },
        pids: at(20),
        hugetlb: vec![HugePages { size: "2MB".to_owned(), limit: Bound::At(4 << 20) }],
        rdma: vec![spec::resources::Rdma { device: "mlx".to_owned(), handles: at(2), objects: None }],
        devices: Vec::new(),
        unified: vec![("memory.min".to_owned(), "0".to_owned())],
    }
}

/// The disk that is limited goes by weights, of which v2 has two.
fn disks() -> Disks {
    Disks { limited: vec![(8, 0)], by_bfq: vec![(8, 0)], by_cost: vec![(8, 0)] }
}

/// Each limit as a line: what is written, or why not.
fn told(version: Version, disks: &Disks) -> String {
    let hierarchies = Hierarchies { version: &|_| Ok(version), disks };
    let line = |wanted| match wanted {
        Ok(Setting { option, words, file, value, .. }) => {
            format!("{option}: {words}\n    {file} = {value}\n")
        }
        Err(Refused { option, why, fix }) => format!("{option}: refused: {why}\n    {fix}\n"),
    };
    settings(&all_limits(), &hierarchies).into_iter().map(line).collect()
}

#[test]
fn on_v1() {
    insta::assert_snapshot!(told(Version::V1, &disks()));
}

#[test]
fn on_v2() {
    insta::assert_snapshot!(told(Version::V2, &disks()));
}

/// The file of each weight, or why it is refused.
fn weights(version: Version, disks: &Disks) -> Vec<String> {
    let weights =
        |line: &&str| line.starts_with("    ") && line.contains("weight") || line.contains("refused");
    told(version, disks).lines().filter(weights).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn a_weight_is_set_where_a_disk_goes_by_it_and_refused_elsewhere() {
    let by_bfq = Disks { by_cost: Vec::new(), ..disks() };
    let found = weights(Version::V2, &by_bfq);
    assert!(found.contains(&"io.bfq.weight = default 500".to_owned()), "{found:#?}");
    let other = Disks { by_bfq: vec![(8, 16)], ..by_bfq };
    for (version, file) in
        [(Version::V1, "blkio.bfq.weight = 500"), (Version::V2, "io.bfq.weight = default 500")]
    {
        let found = weights(version, &other);
        assert!(found.iter().any(|line| line == file), "{found:#?}");
        assert!(found.iter().any(|line| line.contains("8:0 does not go by weights")), "{found:#?}");
        let none = weights(version, &Disks { by_bfq: Vec::new(), ..other.clone() });
        assert!(none.iter().any(|line| line.contains("no disk here goes by weights")), "{none:#?}");
        assert!(!none.iter().any(|line| line.contains("bfq.weight =")), "{none:#?}");
    }
}

#[test]
fn a_controller_that_cannot_be_had_refuses_its_limits_alone() {
    let version = |controller| match controller {
        Controller::Memory => Err("/sys/fs/cgroup/x has processes".to_owned()),
        _ => Ok(Version::V2),
    };
    let wanted = settings(&all_limits(), &Hierarchies { version: &version, disks: &disks() });
    let refused: Vec<_> = wanted.iter().filter_map(|wanted| wanted.as_ref().err()).collect();
    let of_memory = refused.iter().filter(|refused| refused.why.contains("memory controller")).count();
    assert_eq!(of_memory, 8, "{refused:#?}");
    assert!(wanted.iter().flatten().any(|setting| setting.file == "pids.max"));
}

#[test]
fn what_is_asked_for_needs_its_controllers_and_no_others() {
    assert_eq!(controllers(&Resources::default()), []);
    let pids = Resources { pids: Some(Bound::Unlimited), ..Resources::default() };
    assert_eq!(controllers(&pids), [Controller::Pids]);
    let cpus = Cpu { cpus: Some(Set(vec![(0, 0)])), ..Cpu::default() };
    assert_eq!(controllers(&Resources { cpu: cpus, ..Resources::default() }), [Controller::Cpuset]);
    let unified = vec![("misc.max".to_owned(), "sev 1".to_owned())];
    assert_eq!(controllers(&Resources { unified, ..Resources::default() }), [Controller::Misc]);
}

#[test]
fn what_is_shown_is_what_was_written() {
    for (written, found) in [
        ("20", "20\n"),
        ("max", "max\n"),
        ("67108865", "67108864\n"),
        ("-1", "9223372036854771712\n"),
        ("50000", "50000 100000\n"),
        ("50000 100000", "50000 100000\n"),
        ("1", "oom_kill_disable 1\nunder_oom 0\noom_kill 0\n"),
        ("8:0 rbps=1048576", "8:16 rbps=1\n8:0 rbps=1048576 wbps=max riops=max wiops=max\n"),
        ("8:0 wbps=max", ""),
        ("8:0 1048576", "7:0 5\n8:0 1048576\n"),
        ("8:0 0", ""),
        ("default 5000", "default 5000\n8:0 10\n"),
        ("mlx hca_handle=2", "mlx hca_handle=2 hca_object=max\n"),
    ] {
        assert!(is_held(written, found), "{written:?} {found:?}");
    }
}

#[test]
fn what_is_shown_is_something_else() {
    for (written, found) in [
        ("20", "21\n"),
        ("20", "max\n"),
        ("max", "20\n"),
        ("4096", "8192\n"),
        ("50000", "5000 100000\n"),
        ("5000", "50000 100000\n"),
        ("8:0 rbps=1048576", "8:0 rbps=1048577 wbps=max\n"),
        ("8:0 rbps=1048576", ""),
        ("8:0 1048576", "8:0 5\n"),
        ("1", "oom_kill_disable 0\nunder_oom 1\n"),
        ("0-1", "0\n"),
        ("", "0\n"),
    ] {
        assert!(!is_held(written, found), "{written:?} {found:?}");
    }
}

#[test]
fn sizes_are_told_in_the_largest_unit_that_fits() {
    assert_eq!(
        [size(64 << 20), size(1536 << 20), size(1000), size(0)],
        ["64 MiB", "1536 MiB", "1000 bytes", "0 bytes"]
    );
}
