//! A pipe behind stderr that is full, and that nobody reads.

use crate::{Scene, and_tell};
use end_to_end::{err, out};

/// Makes descriptor 3 the writing end of a full pipe.
const FULL: &str =
    "mkfifo full; exec 3<> full; dd if=/dev/zero of=full bs=4096 oflag=nonblock 2> /dev/null; rm full\n";

#[test]
fn who_says_nothing_does_not_mind() {
    for scene in Scene::all("full-pipe") {
        let output = scene.play("size=1m", &and_tell(&format!("{FULL}run sh -c 'exit 7' 2>&3")));
        assert_eq!(output.status.code(), Some(7), "{}: {}", scene.somebody.kind, err(&output));
        scene.assert_clean(&err(&output));
    }
}

/// As any program it waits for a reader; as any program it can be interrupted, and then leaves nothing. Interrupted it is
/// as soon as it has blocked signals or waits, which it does before for a note to be read; until the shell has reaped it.
#[test]
fn who_has_something_to_say_can_be_interrupted() {
    for scene in Scene::all("full-pipe-term") {
        for run in ["--explain=3 true", "--explain=3 sleep 100", "no-such-command", "-w /nowhere true"] {
            let script = format!(
                "{FULL}\"$0\" run --name {name} {run} 2>&3 & run=$!
                until grep -q '^SigBlk:.*[1-9a-f]' /proc/$run/status || grep -q poll /proc/$run/wchan; do sleep 0.01; done
                while kill -TERM $run 2> /dev/null; do sleep 0.05; done
                wait $run; echo $?",
                name = scene.name
            );
            let output = scene.play("size=1m", &and_tell(&script));
            let status: Option<i32> = out(&output).trim().parse().ok();
            // The signal is passed on as well; a command that does nothing may have ended before it comes.
            let quick = run == "--explain=3 true" && status == Some(0);
            assert!(
                quick || matches!(status, Some(125 | 127 | 143)),
                "{} {run}: {status:?} {}",
                scene.somebody.kind,
                err(&output)
            );
            scene.assert_clean(&err(&output));
        }
    }
}
