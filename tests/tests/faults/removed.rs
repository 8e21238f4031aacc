//! What is known of a running container is removed by somebody.

use crate::{Scene, and_tell};
use end_to_end::{err, out};

impl Scene {
    /// Does `deed` while a container runs, ends it, and runs another of that name.
    fn meanwhile(&self, deed: &str) {
        let script = format!(
            r#"
mkfifo in out; run sh -c 'echo ready; read go; exit 7' < in > out & run=$!
exec 3> in 4< out; read ready <&4
[ -e "$STATE/containerception/containers/{name}" ] || exit 99
{deed}
echo go >&3; wait $run; echo "ended $?"; rm in out
run true; echo "next $?""#,
            name = self.name
        );
        let output = self.play("size=1m", &and_tell(&script));
        let said = err(&output);
        let told = format!("{}, {deed}: {said}", self.somebody.kind);
        assert_eq!(out(&output), "ended 7\nnext 0\n", "{told}");
        assert!(said.lines().all(|line| line.starts_with("warning: ")), "{told}");
        self.assert_clean(&said);
    }
}

#[test]
fn without_its_state_directory_a_container_ends_as_it_would_and_leaves_nothing() {
    for scene in Scene::all("state-removed") {
        scene.meanwhile("rm -r $STATE/containerception");
        scene.meanwhile("rm -r $STATE/containerception/*");
    }
}

#[test]
fn without_its_journal_or_a_part_of_it_as_well() {
    for scene in Scene::all("journal-removed") {
        scene.meanwhile(&format!("rm $STATE/containerception/containers/{}", scene.name));
        scene.meanwhile(&format!("rm -f $STATE/containerception/containers/{}:*", scene.name));
        scene.meanwhile("rm -f $STATE/containerception/ids/*");
    }
}

/// A container that takes the name meanwhile has a journal of its own, which the end of the first one leaves alone.
#[test]
fn a_container_that_takes_over_the_name_is_not_harmed() {
    for scene in Scene::all("name-taken-over") {
        let script = r#"
mkfifo in out in2 out2
run sh -c 'echo ready; read go; exit 7' < in > out & first=$!
exec 3> in 4< out; read ready <&4; rm -r $STATE/containerception
run sh -c 'echo ready; read go; exit 8' < in2 > out2 & second=$!
exec 5> in2 6< out2; read ready <&6; rm in out in2 out2
echo go >&3; wait $first; echo "first $?"; ls $STATE/containerception/containers | wc -l
echo go >&5; wait $second; echo "second $?""#;
        let output = scene.play("size=1m", &and_tell(script));
        let printed = out(&output);
        // The file and a link for each thing that outlives the runtime: where there are any.
        let links: Vec<&str> =
            printed.lines().filter(|line| line.trim().parse::<u32>().is_ok_and(|n| n > 0)).collect();
        assert!(
            printed.starts_with("first 7\n") && printed.ends_with("\nsecond 8\n"),
            "{printed} {}",
            err(&output)
        );
        assert_eq!(links.len(), 1, "{}: {printed}", scene.somebody.kind);
        scene.assert_clean(&err(&output));
    }
}
