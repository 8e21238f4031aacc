//! Many want one name at once.

use crate::{Scene, and_tell};
use end_to_end::{err, out};

const RIVALS: u32 = 12;

/// The winner stays until all others have ended: a name that is free again would be nobody's to lose.
#[test]
fn of_many_with_one_name_one_wins() {
    for scene in Scene::all("one-name") {
        let script = format!(
            r#"
mkdir -p gate ended
for i in $(seq {RIVALS}); do
    {{ run -v "$PWD/gate:/gate" sh -c 'until [ -e /gate/open ]; do sleep 0.01; done'; echo $? > ended/$i; }} &
done 2> said
until [ $(ls ended | wc -l) -ge {others} ]; do sleep 0.01; done
touch gate/open; wait
cat ended/* | sort | uniq -c | tr -s ' '; grep -c 'error.CX1013.: a container with the name' said
grep -v -e 'error.CX1013' -e '^  ' said >&2
rm -r gate ended said; run true"#,
            others = RIVALS - 1
        );
        let output = scene.play("size=1m", &and_tell(&script));
        let others = RIVALS - 1;
        assert_eq!(
            out(&output),
            format!(" 1 0\n {others} 125\n{others}\n"),
            "{}: {}",
            scene.somebody.kind,
            err(&output)
        );
        assert_eq!(err(&output), "", "{}", scene.somebody.kind);
        scene.assert_clean("");
    }
}
