//! The network is the container's own: nothing of the host's can be reached, and nothing reaches in.

use crate::inside;
use end_to_end::{Somebody, lacks};
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

#[test]
fn a_service_on_the_hosts_loopback_cannot_be_reached() {
    if lacks("loopback-service", &["bash"]) {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    for somebody in Somebody::all("loopback-service") {
        let script =
            format!("bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' 2> /dev/null && echo reached; echo tried");
        assert_eq!(inside(&somebody, &[], &script), "tried\n", "{}", somebody.kind);
    }
}

/// CVE-2020-15257: a socket without a file, in the host's network namespace.
#[test]
fn abstract_sockets_of_the_host_are_not_there() {
    let name = format!("containerception-canary-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let _listener = UnixListener::bind_addr(&address).expect("a socket");
    for somebody in Somebody::all("abstract-socket") {
        let script = format!("grep -c {name} /proc/net/unix; true");
        assert_eq!(inside(&somebody, &[], &script), "0\n", "{}", somebody.kind);
    }
}
