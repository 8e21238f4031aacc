//! `kill`: a signal from outside.

use crate::{Container, containerception};
use end_to_end::{Somebody, err};

#[test]
fn a_signal_reaches_the_command_and_kill_ends_all() {
    for somebody in Somebody::all("kill") {
        for (arguments, status) in
            [(&["TERM"][..], 143), (&["sigint"], 130), (&["10"], 138), (&[], 137), (&["9"], 137)]
        {
            let container = Container::start(&somebody, &[]);
            let output = containerception(&somebody, &[&["kill", &container.name], arguments].concat());
            assert!(output.status.success(), "{}: {}", somebody.kind, err(&output));
            assert_eq!(
                container.run.finish().status.code(),
                Some(status),
                "{}: {arguments:?}",
                somebody.kind
            );
        }
    }
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let somebody = Somebody::all("kill-bad").remove(0);
    let container = Container::start(&somebody, &[]);
    for signal in ["STOP", "0", "", "-1", "99", "FROB", "CHLD"] {
        let output = containerception(&somebody, &["kill", &container.name, signal]);
        assert!(err(&output).starts_with("error[CX1017]: "), "{signal}: {}", err(&output));
    }
    assert_eq!(container.prints(&["echo", "alive"]), "alive\n");
    let missing = containerception(&somebody, &["kill", "second-nobody", "TERM"]);
    assert!(err(&missing).starts_with("error[CX2013]: "), "{}", err(&missing));
    let mistyped = containerception(&somebody, &["kill", &container.name.replace("second", "secnod")]);
    let meant = format!("did you mean {}?", container.name);
    assert!(err(&mistyped).contains(&meant), "{}", err(&mistyped));
    let mistyped = containerception(&somebody, &["kill", &container.name, "TREM"]);
    assert!(err(&mistyped).contains("did you mean TERM?"), "{}", err(&mistyped));
}
