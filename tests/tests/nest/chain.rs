//! Chains: each level is a whole container.

use crate::{chain, printed};
use end_to_end::{Somebody, err, lacks};

/// What has to work at the bottom; `ps` sees init, the shell and itself.
const WHOLE: &str = "set -e
    ps -eo pid= > /tmp/all; wc -l < /tmp/all
    hostname; containerception run --hostname deep hostname 2> /dev/null || echo deep; hostname
    touch /x /usr/bin/x /tmp/x; ls /x
    id -u
    mount | grep -c ' on / '
    awk '/^Pid:/ { print $2 }' /proc/self/status
    ls /sys/class/net";

fn whole(somebody: &Somebody, levels: usize) {
    let said = printed(somebody, levels, &["sh", "-c", WHOLE]);
    let mut lines: Vec<&str> = said.lines().collect();
    let pid: u32 = lines.remove(7).parse().expect("a process id");
    let expected = ["3", "containerception", "deep", "containerception", "/x", "0", "1", "lo"];
    assert_eq!(lines, expected, "{}, {levels} levels", somebody.kind);
    assert!(pid < 20, "{}, {levels} levels: {pid}", somebody.kind);
}

/// How many levels this user can have: a level is a user namespace and a pid namespace at least, of which the kernel has 32
/// below the first, and who runs this may be in some.
fn deepest(somebody: &Somebody) -> usize {
    let fits = |levels: &usize| chain(somebody, *levels, &["true"]).status.success();
    (1..=33).rev().find(fits).expect("one level at least")
}

#[test]
fn each_of_three_levels_is_a_whole_container() {
    for somebody in Somebody::all("nest-3") {
        for levels in 1..=3 {
            whole(&somebody, levels);
        }
    }
}

#[test]
fn eight_and_sixteen_levels_are() {
    for somebody in Somebody::all("nest-16") {
        whole(&somebody, 8);
        whole(&somebody, 16);
    }
}

/// As many as the kernel has; and one more is told by name.
#[test]
fn as_many_as_the_kernel_allows_are_and_no_more() {
    for somebody in Somebody::all("nest-31") {
        let levels = deepest(&somebody);
        assert!((1..=32).contains(&levels), "{}: {levels}", somebody.kind);
        whole(&somebody, levels);
        let output = chain(&somebody, levels + 1, &["true"]);
        let said = err(&output);
        assert_eq!(output.status.code(), Some(125), "{}: {said}", somebody.kind);
        assert!(said.contains("CX2002") && said.contains("32"), "{}: {said}", somebody.kind);
    }
}

/// Each level sees itself and what is below, and no other.
#[test]
fn each_level_sees_what_is_below_and_nothing_above() {
    let script = r#"sleep 1001 & above=$!
        containerception run sh -c '
            ps -eo args | grep -cx "sleep 1001"
            sleep 1002 & above=$!
            containerception run sh -c "ps -eo args | grep -cx \"sleep 100[12]\"; exec sleep 1003" & below=$!
            until ps -eo args | grep -qx "sleep 1003"; do sleep 0.02; done
            ps -eo args | grep -cx "sleep 100[123]"
            kill $below $above; wait'
        ps -eo args | grep -cx "sleep 1001"; kill $above"#;
    for somebody in Somebody::all("nest-sees") {
        let said = printed_anyhow(&somebody, &["sh", "-c", script]);
        assert_eq!(said, "0\n0\n2\n1\n", "{}", somebody.kind);
    }
}

/// Without the status.
fn printed_anyhow(somebody: &Somebody, command: &[&str]) -> String {
    end_to_end::out(&chain(somebody, 1, command))
}

/// What a level writes is its own: that above does not have it, and one beside starts without.
#[test]
fn each_level_writes_to_its_own_root() {
    let script = "set -e
        echo above > /x; echo above > /usr/bin/x
        containerception run sh -c 'test ! -e /x && echo below > /x && test ! -e /usr/bin/x && echo below > /usr/bin/x'
        cat /x /usr/bin/x
        containerception run sh -c 'test ! -e /x && test ! -e /usr/bin/x'
        containerception run ls /var/tmp";
    for somebody in Somebody::all("nest-writes") {
        assert_eq!(printed(&somebody, 2, &["sh", "-c", script]), "above\nabove\n", "{}", somebody.kind);
    }
}

/// Each has its state to itself: its containers are those that it has started.
#[test]
fn each_level_has_a_state_of_its_own() {
    let script = "containerception run --name inner sleep 1000 &
        until containerception ps | grep -q inner; do sleep 0.02; done
        containerception exec inner sh -c 'containerception ps | wc -l'
        containerception ps | wc -l
        containerception kill inner; wait; containerception ps | wc -l; true";
    for somebody in Somebody::all("nest-state") {
        let output = chain(&somebody, 2, &["sh", "-c", script]);
        assert_eq!(end_to_end::out(&output), "1\n2\n1\n", "{}: {}", somebody.kind, err(&output));
    }
}

/// A tree of them, as many at once as one likes.
#[test]
fn several_are_beside_each_other() {
    let script = "for i in 1 2 3 4; do containerception run containerception run echo $i & done; wait";
    for somebody in Somebody::all("nest-beside") {
        let said = printed(&somebody, 2, &["sh", "-c", script]);
        let mut lines: Vec<&str> = said.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["1", "2", "3", "4"], "{}", somebody.kind);
    }
}

#[test]
fn the_network_of_each_is_its_loopback() {
    if lacks("nest-network", &["ip"]) {
        return;
    }
    for somebody in Somebody::all("nest-network") {
        let said = printed(&somebody, 3, &["containerception", "run", "ip", "-o", "addr"]);
        assert!(
            said.lines().all(|line| line.contains(" lo ")) && !said.is_empty(),
            "{}: {said}",
            somebody.kind
        );
        let own = "readlink /proc/self/ns/net";
        let script =
            format!("{own}; containerception run {own}; containerception run --network parent {own}");
        let said = printed(&somebody, 2, &["sh", "-c", &script]);
        let [here, below, shared] = said.lines().collect::<Vec<_>>()[..] else {
            panic!("{}: {said}", somebody.kind);
        };
        assert!(here != below && here == shared, "{}: {said}", somebody.kind);
    }
}
