//! stdin, stdout and stderr, each there or closed.

use crate::{Scene, and_tell};
use end_to_end::{err, out};

/// What is run, and its status. Nothing of it depends on a stream.
const LINES: [(&str, i32); 6] = [
    ("run sh -c 'exit 7'", 7),
    ("run --explain=3 true", 0),
    ("run no-such-command", 127),
    ("run -w /no/such/directory true", 125),
    ("run --rootfs /no/such/directory true", 125),
    ("\"$0\" gc", 0),
];

#[test]
fn in_all_eight_combinations_the_status_stays() {
    for scene in Scene::all("eight-combinations") {
        for closed in 0..8 {
            let ways = ["<&-", ">&-", "2>&-"];
            let ways = (0..3).filter(|bit| closed >> bit & 1 == 1).map(|bit| ways[bit]);
            let ways = ways.collect::<Vec<_>>().join(" ");
            let lines: Vec<String> =
                LINES.iter().map(|(line, _)| format!("( {line} ) {ways}; echo $? >> ended")).collect();
            let script = format!(
                "exec 2> said\n{}\nexec 2>&1 > /dev/null\ncat ended; rm ended said",
                lines.join("\n")
            );
            let script = script.replace("exec 2>&1 > /dev/null\n", "exec 2> /dev/null\n");
            let output = scene.play("size=1m", &and_tell(&script));
            let expected: String = LINES.iter().map(|(_, status)| format!("{status}\n")).collect();
            assert_eq!(out(&output), expected, "{} {ways}: {}", scene.somebody.kind, err(&output));
            scene.assert_clean(&err(&output));
        }
    }
}
