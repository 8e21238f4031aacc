//! `plan diff`.

use crate::told;
use end_to_end::{Somebody, err, out};
use std::fs;

fn diff(somebody: &Somebody, before: &str, after: &str) -> String {
    let output = told(somebody, &["plan", "diff", before, after]);
    assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{}", somebody.kind);
    out(&output)
}

#[test]
fn passes_and_options_are_compared_on_this_host() {
    for somebody in Somebody::all("diff") {
        let passes = diff(&somebody, "2", "--pass 3 true");
        assert!(passes.starts_with("steps: "), "{passes}");
        assert!(passes.contains("make this the root and let go of the old one\n"), "{passes}");
        assert!(!passes.contains('\x1b'), "no colours in a pipe: {passes}");
        let network = diff(&somebody, "--network host true", "true");
        let own = "leave the host's network: a network namespace of its own\n                here because: part of every container\n";
        assert!(network.lines().any(|line| line.starts_with("+ ")) && network.contains(own), "{network}");
        let reverse = diff(&somebody, "true", "--network host true");
        assert!(reverse.contains("asked for by --network host"), "{reverse}");
        assert!(diff(&somebody, "true 'a b'", r"true a\ b").starts_with("the plans are the same: "));
    }
}

#[test]
fn nothing_is_done_for_a_comparison() {
    let Some(somebody) = Somebody::only(end_to_end::Kind::Range, "diff-traceless") else { return };
    let [state, storage] = ["state", "storage"].map(|name| somebody.home().join(name));
    fs::create_dir(&state).expect("a directory");
    somebody.give(&state);
    let mut command = somebody.containerception();
    command.env("XDG_RUNTIME_DIR", &state).env("XDG_DATA_HOME", &storage);
    let output = command.args(["plan", "diff", "true", "--storage-opt medium=disk true"]).output();
    assert!(output.expect("it starts").status.success());
    assert!(fs::read_dir(&state).expect("it is there").next().is_none() && !storage.exists());
}

#[test]
fn what_cannot_be_compared_is_refused_as_run_would_refuse_it() {
    for somebody in Somebody::all("diff-refused") {
        let refused = |before: &str, code: &str| {
            let output = told(&somebody, &["plan", "diff", before, "true"]);
            let said = err(&output);
            assert_eq!((output.status.code(), out(&output)), (Some(125), String::new()), "{said}");
            assert!(said.starts_with(&format!("error[{code}]: ")), "{said}");
        };
        refused("'true", "CX1002");
        refused("--frobnicate true", "CX1002");
        refused("--pass 2", "CX1002");
        refused("9", "CX1002");
        refused("--hostname - true", "CX1003");
        refused("--rootfs /does/not/exist true", "CX3001");
    }
}
