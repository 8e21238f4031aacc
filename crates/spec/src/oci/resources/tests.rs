//! What each field becomes, and what is refused.

use super::*;
use crate::catalogue::CONFLICT;
use crate::device::{Access, Kind, Rule};
use crate::resources::{BlockDevice, Bound, Cpu, HugePages, Io, IoDevice, Memory, Rdma, Set};
use Bound::{At, Unlimited};
use proptest::prelude::*;

fn read(json: &str) -> Resources {
    parse(json.as_bytes()).unwrap_or_else(|error| panic!("{json}\n{error}"))
}

/// What `json` is refused for: the code, and what it points at.
fn refused(json: &str) -> (crate::catalogue::Code, String) {
    let error = parse(json.as_bytes()).expect_err(json);
    let at = error.at.map(|at| at.text[at.range].to_owned()).unwrap_or_default();
    (error.code, at)
}

/// Each of these is refused, pointing at the second word.
fn all_refused(cases: &[(&str, &str)]) {
    for (json, guilty) in cases {
        assert_eq!(refused(json), (BAD_RESOURCES, (*guilty).to_owned()), "{json}");
    }
}

#[test]
fn nothing_asked_for_is_nothing() {
    for json in [
        "{}",
        r#"{"memory":{},"cpu":{},"blockIO":{},"pids":{},"network":{},"rdma":{},"unified":{},"devices":[],"hugepageLimits":[]}"#,
        r#"{"memory":null,"cpu":null,"blockIO":null,"pids":null,"network":null,"rdma":null,"unified":null,"devices":null,"hugepageLimits":null}"#,
        r#"{"memory":{"limit":null,"reservation":-1,"kernel":-1,"kernelTCP":0,"useHierarchy":true,"checkBeforeUpdate":false}}"#,
        r#"{"cpu":{"shares":0,"quota":0,"period":0,"realtimeRuntime":0,"realtimePeriod":0,"cpus":"","mems":""}}"#,
        r#"{"blockIO":{"weight":0,"leafWeight":0,"throttleReadBpsDevice":[]}}"#,
    ] {
        assert_eq!(read(json), Resources::default(), "{json}");
    }
}

#[test]
fn memory() {
    let json = r#"{"memory":{"limit":536870912,"reservation":268435456,"swap":1073741824,"swappiness":60,
        "disableOOMKiller":true}}"#;
    let memory = Memory {
        max: Some(At(536_870_912)),
        low: Some(At(268_435_456)),
        with_swap: Some(At(1_073_741_824)),
        swappiness: Some(60),
        no_oom_kill: Some(true),
        ..Memory::default()
    };
    assert_eq!(read(json), Resources { memory, ..Resources::default() });
    let memory = Memory { max: Some(Unlimited), with_swap: Some(Unlimited), ..Memory::default() };
    assert_eq!(read(r#"{"memory":{"limit":-1,"swap":-1}}"#).memory, memory);
    assert_eq!(read(r#"{"memory":{"reservation":0}}"#).memory.low, Some(At(0)));
    assert_eq!(read(r#"{"memory":{"disableOOMKiller":false}}"#).memory.no_oom_kill, Some(false));
}

#[test]
fn memory_that_cannot_be_had() {
    all_refused(&[
        (r#"{"memory":{"limit":0}}"#, "0"),
        (r#"{"memory":{"limit":4095}}"#, "4095"),
        (r#"{"memory":{"limit":-2}}"#, "-2"),
        (r#"{"memory":{"limit":9223372036854775808}}"#, "9223372036854775808"),
        (r#"{"memory":{"limit":1e9}}"#, "1e9"),
        (r#"{"memory":{"limit":"512m"}}"#, r#""512m""#),
        (r#"{"memory":{"limit":4096,"swap":0}}"#, "0"),
        (r#"{"memory":{"reservation":-2}}"#, "-2"),
        (r#"{"memory":{"kernel":1048576}}"#, "1048576"),
        (r#"{"memory":{"kernelTCP":4096}}"#, "4096"),
        (r#"{"memory":{"swappiness":101}}"#, "101"),
        (r#"{"memory":{"swappiness":-1}}"#, "-1"),
        (r#"{"memory":{"useHierarchy":false}}"#, "false"),
        (r#"{"memory":{"checkBeforeUpdate":true}}"#, "true"),
        (r#"{"memory":{"kernelTcp":0}}"#, r#""kernelTcp""#),
    ]);
    for json in [
        r#"{"memory":{"swap":8192}}"#,
        r#"{"memory":{"limit":8192,"swap":4096}}"#,
        r#"{"memory":{"limit":-1,"swap":4096}}"#,
        r#"{"memory":{"limit":4096,"reservation":8192}}"#,
        r#"{"memory":{"disableOOMKiller":true}}"#,
        r#"{"memory":{"limit":8192},"unified":{"memory.max":"4096"}}"#,
    ] {
        assert_eq!(refused(json).0, CONFLICT, "{json}");
    }
}

#[test]
fn cpu() {
    let json = r#"{"cpu":{"shares":1024,"quota":1000000,"burst":1000000,"period":500000,"realtimeRuntime":950000,
        "realtimePeriod":1000000,"cpus":"2-3","mems":"0-7","idle":0}}"#;
    let cpu = Cpu {
        quota: Some(At(1_000_000)),
        period: Some(500_000),
        burst: Some(1_000_000),
        shares: Some(1024),
        idle: Some(false),
        realtime_runtime: Some(950_000),
        realtime_period: Some(1_000_000),
        cpus: Some(Set(vec![(2, 3)])),
        mems: Some(Set(vec![(0, 7)])),
    };
    assert_eq!(read(json), Resources { cpu, ..Resources::default() });
    let cpu = Cpu { quota: Some(Unlimited), burst: Some(0), idle: Some(true), ..Cpu::default() };
    assert_eq!(read(r#"{"cpu":{"quota":-1,"burst":0,"idle":1}}"#).cpu, cpu);
    assert_eq!(read(r#"{"cpu":{"realtimeRuntime":-1}}"#).cpu.realtime_runtime, Some(-1));
}

#[test]
fn cpu_time_that_cannot_be_had() {
    all_refused(&[
        (r#"{"cpu":{"shares":1}}"#, "1"),
        (r#"{"cpu":{"shares":262145}}"#, "262145"),
        (r#"{"cpu":{"shares":-1}}"#, "-1"),
        (r#"{"cpu":{"quota":999}}"#, "999"),
        (r#"{"cpu":{"quota":-2}}"#, "-2"),
        (r#"{"cpu":{"quota":17592186044416}}"#, "17592186044416"),
        (r#"{"cpu":{"period":999}}"#, "999"),
        (r#"{"cpu":{"period":1000001}}"#, "1000001"),
        (r#"{"cpu":{"burst":17592186044416}}"#, "17592186044416"),
        (r#"{"cpu":{"realtimeRuntime":-2}}"#, "-2"),
        (r#"{"cpu":{"realtimePeriod":17592186045}}"#, "17592186045"),
        (r#"{"cpu":{"cpus":"3-2"}}"#, r#""3-2""#),
        (r#"{"cpu":{"mems":"all"}}"#, r#""all""#),
        (r#"{"cpu":{"idle":2}}"#, "2"),
        (r#"{"cpu":{"idle":true}}"#, "true"),
    ]);
    for json in [r#"{"cpu":{"quota":1000,"burst":1001}}"#, r#"{"cpu":{"idle":1,"shares":2}}"#] {
        assert_eq!(refused(json).0, CONFLICT, "{json}");
    }
}

#[test]
fn block_devices() {
    let json = r#"{"blockIO":{"weight":10,"weightDevice":[{"major":8,"minor":0,"weight":500,"leafWeight":0}],
        "throttleReadBpsDevice":[{"major":8,"minor":0,"rate":600}],
        "throttleWriteBpsDevice":[{"major":8,"minor":16,"rate":0}],
        "throttleReadIOPSDevice":[{"major":4095,"minor":1048575,"rate":1}],
        "throttleWriteIOPSDevice":[{"major":8,"minor":16,"rate":300}]}}"#;
    let device = |major, minor| IoDevice::new(BlockDevice::Number { major, minor });
    let devices = vec![
        IoDevice { weight: Some(500), read_bps: Some(At(600)), ..device(8, 0) },
        IoDevice { write_bps: Some(Unlimited), write_iops: Some(At(300)), ..device(8, 16) },
        IoDevice { read_iops: Some(At(1)), ..device(4095, 1_048_575) },
    ];
    assert_eq!(read(json), Resources { io: Io { weight: Some(10), devices }, ..Resources::default() });
    all_refused(&[
        (r#"{"blockIO":{"weight":9}}"#, "9"),
        (r#"{"blockIO":{"weight":65546}}"#, "65546"),
        (r#"{"blockIO":{"leafWeight":10}}"#, "10"),
        (r#"{"blockIO":{"weightDevice":[{"major":8,"minor":0}]}}"#, "}"),
        (r#"{"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":1,"leafWeight":0}]}}"#, "1"),
        (r#"{"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":500,"leafWeight":300}]}}"#, "300"),
        (r#"{"blockIO":{"throttleReadBpsDevice":[{"major":-1,"minor":0,"rate":1}]}}"#, "-1"),
        (r#"{"blockIO":{"throttleReadBpsDevice":[{"major":4096,"minor":0,"rate":1}]}}"#, "4096"),
        (r#"{"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":1048576,"rate":1}]}}"#, "1048576"),
        (r#"{"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":0}]}}"#, "}"),
        (r#"{"blockIO":{"throttleReadIOPSDevice":[{"major":8,"minor":0,"rate":4294967295}]}}"#, "4294967295"),
        (r#"{"blockIO":{"throttleReadIopsDevice":[]}}"#, r#""throttleReadIopsDevice""#),
    ]);
}

#[test]
fn devices() {
    let json = r#"{"devices":[{"allow":false,"access":"rwm"},
        {"allow":true,"type":"c","major":10,"minor":229,"access":"rw"},
        {"allow":true,"type":"b","major":8,"minor":-1,"access":"m"},
        {"allow":false,"type":"a","major":null,"access":"r"}]}"#;
    let all = Access { read: true, write: true, make: true };
    let none = Access { read: false, write: false, make: false };
    let rule = Rule { allow: true, kind: Kind::All, major: None, minor: None, access: all };
    assert_eq!(
        read(json).devices,
        [
            Rule { allow: false, ..rule },
            Rule {
                kind: Kind::Character,
                major: Some(10),
                minor: Some(229),
                access: Access { make: false, ..all },
                ..rule
            },
            Rule { kind: Kind::Block, major: Some(8), access: Access { make: true, ..none }, ..rule },
            Rule { allow: false, access: Access { read: true, ..none }, ..rule },
        ]
    );
    all_refused(&[
        (r#"{"devices":[{"access":"rwm"}]}"#, "}"),
        (r#"{"devices":[{"allow":true}]}"#, "}"),
        (r#"{"devices":[{"allow":true,"access":""}]}"#, r#""""#),
        (r#"{"devices":[{"allow":true,"access":"rx"}]}"#, r#""rx""#),
        (r#"{"devices":[{"allow":true,"access":"r","type":"p"}]}"#, r#""p""#),
        (r#"{"devices":[{"allow":true,"access":"r","major":-2}]}"#, "-2"),
        (r#"{"devices":[{"allow":true,"access":"r","path":"/dev/null"}]}"#, r#""path""#),
        (r#"{"devices":[[true,"c",1,3,"r"]]}"#, "["),
    ]);
}

#[test]
fn processes_pages_and_rdma() {
    for (json, limit) in [("-1", Unlimited), ("0", At(0)), ("32771", At(32_771)), ("4194304", At(4_194_304))]
    {
        assert_eq!(read(&format!(r#"{{"pids":{{"limit":{json}}}}}"#)).pids, Some(limit));
    }
    let json = r#"{"hugepageLimits":[{"pageSize":"2MB","limit":209715200},{"pageSize":"64KB","limit":0}]}"#;
    let pages = |size: &str, limit| HugePages { size: size.to_owned(), limit: At(limit) };
    assert_eq!(read(json).hugetlb, [pages("2MB", 209_715_200), pages("64KB", 0)]);
    let json = r#"{"rdma":{"mlx5_1":{"hcaHandles":3,"hcaObjects":10000},"ab":{"hcaObjects":0}}}"#;
    let rdma = |device: &str, handles, objects| Rdma { device: device.to_owned(), handles, objects };
    let expected = [rdma("mlx5_1", Some(At(3)), Some(At(10_000))), rdma("ab", None, Some(At(0)))];
    assert_eq!(read(json).rdma, expected);
    all_refused(&[
        (r#"{"pids":{"limit":-2}}"#, "-2"),
        (r#"{"pids":{"limit":4194305}}"#, "4194305"),
        (r#"{"hugepageLimits":[{"pageSize":"2MB"}]}"#, "}"),
        (r#"{"hugepageLimits":[{"pageSize":"2M","limit":1}]}"#, r#""2M""#),
        (r#"{"hugepageLimits":[{"pageSize":"02MB","limit":1}]}"#, r#""02MB""#),
        (r#"{"hugepageLimits":[{"pageSize":"../2MB","limit":1}]}"#, r#""../2MB""#),
        (r#"{"hugepageLimits":[{"pageSize":"2MB","limit":-1}]}"#, "-1"),
        (r#"{"hugepageLimits":[{"pageSize":"2MB","limit":1},{"pageSize":"2MB","limit":2}]}"#, "}"),
        (r#"{"rdma":{"mlx5_1":{}}}"#, "}"),
        (r#"{"rdma":{"a b":{"hcaObjects":1}}}"#, r#""a b""#),
        (r#"{"rdma":{"a":{"hcaObjects":4294967296}}}"#, "4294967296"),
        (r#"{"rdma":{"a":{"hcaObjects":1},"a":{"hcaObjects":2}}}"#, r#""a""#),
    ]);
}

#[test]
fn control_files_take_a_line_at_a_time() {
    let json = r#"{"unified":{"io.max":"259:0 rbps=2097152 wiops=120\n253:0 rbps=2097152 wiops=120\n","hugetlb.1GB.max":"1073741824"}}"#;
    let lines = [
        ("io.max", "259:0 rbps=2097152 wiops=120"),
        ("io.max", "253:0 rbps=2097152 wiops=120"),
        ("hugetlb.1GB.max", "1073741824"),
    ];
    assert_eq!(read(json).unified, lines.map(|(file, line)| (file.to_owned(), line.to_owned())));
    all_refused(&[
        (r#"{"unified":{"cgroup.procs":"0"}}"#, r#""cgroup.procs""#),
        (r#"{"unified":{"../memory.high":"0"}}"#, r#""../memory.high""#),
        (r#"{"unified":{"memory.high":""}}"#, r#""""#),
        (r#"{"unified":{"memory.high":"1\n\n2"}}"#, r#""1\n\n2""#),
        (r#"{"unified":{"memory.high":1}}"#, "1"),
        (r#"{"unified":{"memory.high":"1","memory.high":"2"}}"#, r#""memory.high""#),
    ]);
}

#[test]
fn what_is_no_such_section() {
    all_refused(&[
        ("", ""),
        ("null", "null"),
        ("[]", "]"),
        ("{", "{"),
        (r#"{} {}"#, "{"),
        (r#"{"memory":[536870912]}"#, "["),
        (r#"{"memory":{"limit":4096},"memory":{"limit":8192}}"#, r#""memory""#),
        (r#"{"memory":{"limit":4096,"limit":8192}}"#, r#""limit""#),
        (r#"{"memroy":{}}"#, r#""memroy""#),
        (r#"{"Memory":{}}"#, r#""Memory""#),
        (r#"{"network":{"classID":1048577}}"#, "1048577"),
        (r#"{"network":{"priorities":[{"name":"eth0","priority":500}]}}"#, "}"),
        ("{\"memory\":\n  {\"limit\":\n4096,\n \"swap\": -5}}", "-5"),
        ("{\"größe\":1}", "\"größe\""),
    ]);
    let error = parse(&vec![b' '; LONGEST + 1]).unwrap_err();
    assert_eq!((error.code, error.at), (BAD_RESOURCES, None));
    assert_eq!(refused(&"[".repeat(LONGEST)).0, BAD_RESOURCES);
    assert_eq!(refused(&format!("{{\"unified\":{}", "{\"a\":".repeat(10_000))).0, BAD_RESOURCES);
}

#[test]
fn an_error_says_what_and_where() {
    let error = parse(br#"{"cpu": {"shares": 1}}"#).unwrap_err().to_string();
    let expected = r#"error[CX1027]: the section linux.resources has a mistake: 1 is not a number of CPU shares, which is from 2 to 262144
  at:   {"cpu": {"shares": 1}}
                           ^
"#;
    assert!(error.starts_with(expected), "{error}");
}

/// A section with every field, to be damaged.
const WHOLE: &str = r#"{"devices":[{"allow":false,"type":"c","major":1,"minor":3,"access":"rwm"}],"memory":{"limit":8192,"swap":8192,
"swappiness":0,"kernel":-1},"cpu":{"shares":1024,"quota":5000,"period":1000,"cpus":"0-1,4","idle":0},"pids":{"limit":5},
"blockIO":{"weight":10,"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":600}]},"hugepageLimits":[{"pageSize":"2MB",
"limit":1}],"network":{},"rdma":{"a":{"hcaHandles":3}},"unified":{"memory.high":"1\n2"}}"#;

proptest! {
    #[test]
    fn damage_never_panics(at in 0..WHOLE.len(), length in 0..40_usize, with in ".{0,8}|[-0-9eE.]{1,20}|[\\[\\]{}\",:]{1,4}") {
        let end = (at + length).min(WHOLE.len());
        let text = [&WHOLE.as_bytes()[..at], with.as_bytes(), &WHOLE.as_bytes()[end..]].concat();
        if let Err(error) = parse(&text) {
            prop_assert!(error.fix.is_some() && !error.to_string().is_empty());
        }
    }

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        prop_assert!(parse(&bytes).is_err() || serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
    }
}

#[test]
fn the_whole_section_is_one() {
    assert!(!read(WHOLE).devices.is_empty());
}
