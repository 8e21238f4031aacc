//! What everybody types first.

use end_to_end::{Somebody, err, out};

#[test]
fn ps_shows_the_init_the_command_and_nothing_else() {
    for somebody in Somebody::all("ps") {
        let output = somebody.run(&["ps", "-e", "-o", "pid=,args="]);
        let text = out(&output);
        let pids: Vec<&str> = text.lines().filter_map(|line| line.split_ascii_whitespace().next()).collect();
        assert_eq!(pids, ["1", "2"], "{}: {text}{}", somebody.kind, err(&output));
    }
}
