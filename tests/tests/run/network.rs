//! The network: loopback and nothing else, or the caller's.

use crate::printed;
use end_to_end::{Kind, Running, Somebody, lacks, out};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};

/// The names of the interfaces in a `/proc/net/dev` (`proc_pid_net(5)`): a line each, after two of titles.
fn interfaces(table: &str) -> BTreeSet<String> {
    table.lines().skip(2).filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned())).collect()
}

#[test]
fn there_is_a_loopback_and_nothing_else() {
    for somebody in Somebody::all("network-none") {
        let table = printed(&somebody, &["cat", "/proc/net/dev"]);
        assert_eq!(interfaces(&table), BTreeSet::from(["lo".to_owned()]), "{}", somebody.kind);
        assert_eq!(printed(&somebody, &["ls", "/sys/class/net"]), "lo\n", "{}", somebody.kind);
    }
}

#[test]
fn the_loopback_carries_packets() {
    if lacks("network-loopback", &["busybox"]) {
        return;
    }
    let script = "echo over the loopback > /tmp/index.html; busybox httpd -p 127.0.0.1:80 -h /tmp
        busybox wget -q -O - http://127.0.0.1/";
    for somebody in Somebody::all("network-loopback") {
        assert_eq!(printed(&somebody, &["sh", "-c", script]), "over the loopback\n", "{}", somebody.kind);
        let answer = printed(&somebody, &["busybox", "ping", "-c", "1", "-W", "5", "127.0.0.1"]);
        assert!(answer.contains(" 1 packets received"), "{}: {answer}", somebody.kind);
    }
}

#[test]
fn ping_needs_no_right() {
    // icmp(7): the groups that may open an ICMP socket; "1 0" in a new network namespace, which is nobody.
    for somebody in Somebody::all("network-ping") {
        let range = printed(&somebody, &["cat", "/proc/sys/net/ipv4/ping_group_range"]);
        let last = match somebody.kind {
            Kind::Root => "65535",
            // The own id, and 65,536 subordinate ones.
            Kind::Range => "65536",
            Kind::Single => "0",
        };
        assert_eq!(range.split_ascii_whitespace().collect::<Vec<_>>(), ["0", last], "{}", somebody.kind);
    }
}

#[test]
fn what_listens_on_the_host_cannot_be_reached() {
    if lacks("network-apart", &["busybox"]) {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    for somebody in Somebody::all("network-apart") {
        let output = somebody.run(&["busybox", "nc", "-w", "1", "127.0.0.1", &port]);
        assert!(!output.status.success(), "{}", somebody.kind);
    }
}

#[test]
fn the_hosts_network_is_there_when_it_is_asked_for() {
    if lacks("network-host", &["busybox"]) {
        return;
    }
    let outside = interfaces(&fs::read_to_string("/proc/net/dev").expect("a table"));
    for somebody in Somebody::all("network-host") {
        let table = printed(&somebody, &["--network", "host", "cat", "/proc/net/dev"]);
        assert_eq!(interfaces(&table), outside, "{}", somebody.kind);
        let listed = printed(&somebody, &["--network", "host", "ls", "/sys/class/net"]);
        assert!(outside.iter().all(|name| listed.contains(name.as_str())), "{}: {listed}", somebody.kind);
        assert_eq!(received_from(&somebody), "from outside\n", "{}", somebody.kind);
    }
}

/// What a container with the host's network hears from a listener of this test.
fn received_from(somebody: &Somebody) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let mut command = somebody.containerception();
    command.args(["run", "--network", "host", "busybox", "nc", "-w", "5", "127.0.0.1", &port]);
    let client = Running::start(&mut command);
    listener.set_nonblocking(true).expect("a socket");
    let mut accepted: Option<TcpStream> = None;
    end_to_end::eventually("the container connects", || {
        accepted = listener.accept().ok().map(|(stream, _)| stream);
        accepted.is_some()
    });
    accepted.into_iter().for_each(|mut stream| stream.write_all(b"from outside\n").expect("a reader"));
    out(&client.finish())
}

#[test]
fn raw_sockets_are_not_for_the_hosts_network() {
    for somebody in Somebody::all("network-raw") {
        let script = "grep ^CapBnd: /proc/self/status";
        let line = printed(&somebody, &["--network", "host", "sh", "-c", script]);
        let bounding = line.split_ascii_whitespace().nth(1).and_then(|set| u64::from_str_radix(set, 16).ok());
        // CAP_NET_RAW is 13.
        assert_eq!(bounding.map(|set| set >> 13 & 1), Some(0), "{}: {line}", somebody.kind);
    }
}
