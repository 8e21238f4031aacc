//! The writable layer is bounded, and there is no way around the bound.

use crate::inside;
use end_to_end::Somebody;

/// Fills `directory` with zeros until it is full, or with `most` mebibytes; prints how many fitted.
fn fill(directory: &str, most: u32) -> String {
    format!(
        "i=0; while [ $i -lt {most} ] && head -c 1048576 /dev/zero > {directory}/fill$i 2> /dev/null; do i=$((i + 1)); done; echo $i"
    )
}

#[test]
fn no_place_takes_more_than_its_bound() {
    for somebody in Somebody::all("filled") {
        for (directory, most) in [
            ("/", 16),
            ("/tmp", 16),
            ("/usr/local/share", 16),
            ("/run", 16),
            ("/dev/shm", 64),
            ("/dev", 1),
            ("/scratch", 2),
        ] {
            let options = ["--storage-opt", "size=16m", "--tmpfs", "/scratch:size=2m"];
            let fitted = inside(&somebody, &options, &fill(directory, 80));
            let fitted: u32 =
                fitted.trim().parse().unwrap_or_else(|_| panic!("{}: {directory}: {fitted}", somebody.kind));
            assert!(fitted <= most, "{}: {directory} took {fitted} MiB", somebody.kind);
        }
    }
}

/// Empty files take memory, too.
#[test]
fn empty_files_are_bounded_as_well() {
    let make =
        "i=0; while [ $i -lt 20000 ]; do true > $0/f$i || break; i=$((i + 1)); done 2> /dev/null; echo $i";
    for somebody in Somebody::all("empty-files") {
        for directory in ["/", "/tmp", "/dev", "/scratch"] {
            let script = format!("sh -c '{make}' {directory}");
            let made =
                inside(&somebody, &["--storage-opt", "size=4m", "--tmpfs", "/scratch:size=4m"], &script);
            let made: u32 = made.trim().parse().unwrap_or_else(|_| panic!("{}: {made}", somebody.kind));
            assert!(made <= 1024, "{}: {directory} took {made} files", somebody.kind);
        }
    }
}
