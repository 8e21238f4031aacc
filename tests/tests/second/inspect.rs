//! `inspect`: what is known of a container.

use crate::{Container, containerception};
use end_to_end::{Somebody, err, out};

#[test]
fn it_tells_what_was_asked_for_what_the_host_was_and_what_was_done() {
    for somebody in Somebody::all("inspect") {
        let container =
            Container::start(&somebody, &["--hostname", "seen", "--pids-limit", "77", "-e", "A=b"]);
        let output = containerception(&somebody, &["inspect", &container.name]);
        let text = out(&output);
        for part in [
            "\"hostname\": \"seen\"",
            "\"pidsLimit\": 77",
            "\"A=b\"",
            "\"status\": \"running\"",
            "\"kernel\": \"",
            "\"title\": \"execute sh -c echo ready; exec sleep 1000\"",
        ] {
            assert!(text.contains(part), "{}: {part}: {text}{}", somebody.kind, err(&output));
        }
        let pid = format!("\"runtime\": {}", container.run.pid());
        assert!(text.contains(&pid), "{}: {pid}: {text}", somebody.kind);
    }
}
