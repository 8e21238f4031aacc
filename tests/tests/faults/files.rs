//! EMFILE. ENFILE is the whole machine's, and is forced by `cargo xtask fault`.

use crate::{Scene, and_tell};
use end_to_end::err;

/// Somewhere between 3 and 40 descriptors lies each place that makes one.
#[test]
fn with_few_open_files_a_start_says_so_or_works() {
    for scene in Scene::all("few-files") {
        let mut enough = None;
        for limit in 3..=40 {
            let output = scene.play("size=1m", &and_tell(&format!("(ulimit -n {limit}; run true)")));
            if output.status.success() {
                scene.assert_clean(&err(&output));
                enough = enough.or(Some(limit));
            } else {
                let said = scene.assert_told(&output, "CX2010");
                assert!(said.contains("ulimit -n"), "{limit}: {said}");
                assert_eq!(enough, None, "{limit} are too few, and {enough:?} were enough");
            }
        }
        assert!(enough.is_some_and(|limit| limit <= 40), "{}", scene.somebody.kind);
    }
}
