//! Signals to `containerception run`, which are meant for the command.

use end_to_end::{Running, Somebody, err, eventually, lacks, out};
use rustix::process::Signal;
use std::fs::File;
use std::time::{Duration, Instant};
use testbed::processes::descendants;

/// A command that sleeps, as soon as it does.
fn sleeper(somebody: &Somebody) -> Running {
    let mut running = somebody.start(&["sh", "-c", "echo asleep; exec sleep 100"]);
    running.wait_for("asleep");
    running
}

#[test]
fn interrupt_and_terminate_end_a_command_that_has_no_handler_at_once() {
    for somebody in Somebody::all("signals-end") {
        for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::QUIT, 131)] {
            let running = sleeper(&somebody);
            running.signal(signal);
            let sent = Instant::now();
            let output = running.finish();
            assert_eq!(output.status.code(), Some(status), "{}: {}", somebody.kind, err(&output));
            assert!(sent.elapsed() < Duration::from_secs(5), "{}: {:?}", somebody.kind, sent.elapsed());
        }
    }
}

#[test]
fn it_does_so_with_stdout_in_a_file_as_well() {
    for somebody in Somebody::all("signals-redirected") {
        for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let file = somebody.home().join("output");
            let stdout = File::create(&file).expect("a file");
            let mut child = somebody.containerception();
            let child = child.args(["run", "sh", "-c", "echo asleep; exec sleep 100"]).stdout(stdout);
            let mut child = child.spawn().expect("it starts");
            eventually("the command runs", || std::fs::read(&file).is_ok_and(|text| text == b"asleep\n"));
            let pid = rustix::process::Pid::from_child(&child);
            rustix::process::kill_process(pid, signal).expect("a signal");
            assert_eq!(child.wait().expect("an end").code(), Some(status), "{}", somebody.kind);
        }
    }
}

#[test]
fn other_signals_reach_a_handler_and_the_command_goes_on() {
    let script = "trap 'echo got HUP' HUP; trap 'echo got USR1' USR1; trap 'echo got USR2' USR2
        trap 'echo got WINCH' WINCH; trap 'echo got TERM; exit 3' TERM
        echo ready; while :; do sleep 0.01; done";
    for somebody in Somebody::all("signals-handler") {
        let mut running = somebody.start(&["sh", "-c", script]);
        running.wait_for("ready");
        let signals = [
            (Signal::HUP, "got HUP"),
            (Signal::USR1, "got USR1"),
            (Signal::USR2, "got USR2"),
            (Signal::WINCH, "got WINCH"),
        ];
        for (signal, answer) in signals {
            running.signal(signal);
            running.wait_for(answer);
        }
        running.signal(Signal::TERM);
        let output = running.finish();
        assert_eq!(output.status.code(), Some(3), "{}: {}", somebody.kind, err(&output));
        assert!(out(&output).ends_with("got TERM\n"), "{}", out(&output));
    }
}

#[test]
fn a_killed_run_takes_along_even_those_who_cleared_their_death_signal() {
    if lacks("signals-lifeline", &["setpriv", "setsid"]) {
        return;
    }
    let script = "setpriv --pdeathsig clear setsid sleep 100 & setpriv --pdeathsig clear sleep 100 &
        echo asleep; exec setpriv --pdeathsig clear sleep 100";
    for somebody in Somebody::all("signals-lifeline") {
        let mut running = somebody.start(&["sh", "-c", script]);
        running.wait_for("asleep");
        let count = || descendants(running.pid()).iter().filter(|process| process.name == "sleep").count();
        eventually("three are asleep", || count() == 3);
        let inside = descendants(running.pid());
        assert_eq!(inside.len(), 4, "init and three sleepers");
        running.signal(Signal::KILL);
        eventually("all are gone", || inside.iter().all(|process| !process.is_alive()));
    }
}

#[test]
fn what_nohup_has_ignored_is_not_passed_on() {
    if lacks("signals-nohup", &["nohup"]) {
        return;
    }
    for somebody in Somebody::all("signals-nohup") {
        let line = "exec nohup containerception run sh -c 'echo ready; read line; echo goes on'";
        let mut running = somebody.shell(line);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut running = Running::start(running.stdin(reader));
        running.wait_for("ready");
        running.signal(Signal::HUP);
        drop(writer);
        let output = running.finish();
        assert!(out(&output).ends_with("goes on\n"), "{}: {:?}", somebody.kind, output);
    }
}

#[test]
fn a_job_in_the_background_of_a_script_can_be_waited_for_and_interrupted() {
    // The shell has it ignore INT, so that Ctrl-C does not end it; whoever says kill means it.
    let line = "containerception run sh -c 'echo asleep; exec sleep 100' > job & job=$!
        while ! grep -q asleep job; do sleep 0.01; done
        kill -INT $job; wait $job; echo $?";
    for somebody in Somebody::all("signals-background") {
        let output = Running::start(&mut somebody.shell(line)).finish();
        assert_eq!(out(&output), "130\n", "{}: {}", somebody.kind, err(&output));
    }
}

#[test]
fn a_signal_in_the_middle_of_a_start_is_not_lost() {
    use std::os::unix::process::ExitStatusExt;
    for somebody in Somebody::all("signals-start") {
        for step in 0..60 {
            let running = somebody.start(&["sleep", "100"]);
            let program = format!("/proc/{}/exe", running.pid());
            eventually("the program starts", || {
                std::fs::read_link(&program).is_ok_and(|path| path == somebody.program())
            });
            std::thread::sleep(Duration::from_micros(100 * step));
            running.signal(Signal::TERM);
            let output = running.finish();
            // Before it is ready to pass signals on, it just ends; nothing was made then.
            let ended = (output.status.code(), output.status.signal());
            let expected = matches!(ended, (Some(143), None) | (None, Some(15)));
            assert!(expected, "{}: after {step}00 µs: {ended:?} {}", somebody.kind, err(&output));
        }
    }
}
