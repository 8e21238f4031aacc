//! R18: system calls that no container needs are refused, by whatever entry they are made.

use crate::{told, tool, with_tool};
use end_to_end::{Kind, Somebody};
use std::os::unix::process::ExitStatusExt;

/// bpf, userfaultfd, io_uring_setup, perf_event_open, open_by_handle_at, keyctl, add_key, request_key, kexec_load,
/// init_module, finit_module, delete_module, reboot, swapon, settimeofday, syslog, acct, mbind, quotactl,
/// fanotify_init: numbers of x86_64's own table.
#[cfg(target_arch = "x86_64")]
const REFUSED: &[&str] = &[
    "321", "323", "425", "298", "304", "250", "248", "249", "246", "175", "313", "176", "169", "167", "164",
    "103", "163", "237", "179", "300",
];
/// The same of the table that later architectures share.
#[cfg(not(target_arch = "x86_64"))]
const REFUSED: &[&str] = &[
    "280", "282", "425", "241", "265", "219", "217", "218", "104", "105", "273", "106", "142", "224", "170",
    "116", "89", "235", "60", "262",
];

/// CVE-2022-0185, CVE-2023-2598 and many more: parts of the kernel with a record of holes. The «shocker» of 2014:
/// open_by_handle_at.
#[test]
fn dangerous_calls_are_refused_and_unknown_ones_do_not_exist() {
    for somebody in Somebody::all("calls") {
        let Some(tool) = tool(&somebody, "calls") else { return };
        let all = ["--cap-add", "ALL"];
        for options in [&[][..], &all] {
            for number in REFUSED {
                assert_eq!(
                    told(&somebody, &tool, options, &["call", number]),
                    "EPERM",
                    "{}: {number}",
                    somebody.kind
                );
            }
            for number in ["500", "1000", "0x3fffffff"] {
                assert_eq!(
                    told(&somebody, &tool, options, &["call", number]),
                    "ENOSYS",
                    "{}: {number}",
                    somebody.kind
                );
            }
        }
    }
}

/// Where root inside is the host's root, they are refused all the same.
#[test]
fn dangerous_calls_are_refused_to_the_hosts_root() {
    let Some(somebody) = Somebody::only(Kind::Root, "host-calls") else { return };
    let Some(tool) = tool(&somebody, "host-calls") else { return };
    for number in REFUSED {
        let options = ["--userns", "host", "--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE"];
        assert_eq!(told(&somebody, &tool, &options, &["call", number]), "EPERM", "{number}");
    }
}

/// CVE-2021-41133 in kind: another table of numbers, for which the filter was not written.
#[test]
#[cfg(target_arch = "x86_64")]
fn other_tables_of_numbers_are_closed() {
    for somebody in Somebody::all("foreign-calls") {
        let Some(tool) = tool(&somebody, "foreign-calls") else { return };
        let output = with_tool(&somebody, &tool, &[], &["foreign"]);
        assert_eq!(
            (output.status.code(), output.status.signal()),
            (Some(159), None),
            "SIGSYS: {}",
            somebody.kind
        );
        assert!(output.stdout.is_empty(), "{}", somebody.kind);
        // x32's getpid, open, execve and ptrace; and the number by which a tracer cancels a call.
        for number in ["0x40000027", "0x40000002", "0x40000208", "0x40000209", "0xffffffff"] {
            assert_eq!(
                told(&somebody, &tool, &[], &["call", number]),
                "ENOSYS",
                "{}: {number}",
                somebody.kind
            );
        }
    }
}

/// The filter binds what is started by it, and PID 1 as well; nobody takes it off.
#[test]
fn the_filter_is_on_everything_inside() {
    for somebody in Somebody::all("filtered") {
        let script = "sed -n 's/^Seccomp:[[:space:]]*//p' /proc/1/status /proc/self/status; unshare -Ur sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status";
        assert_eq!(crate::inside(&somebody, &[], script), "2\n2\n2\n", "{}", somebody.kind);
    }
}
