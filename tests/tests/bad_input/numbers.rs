//! Sizes and counts, names and variables: strict, and refused before anything is started.

use crate::{anybody, refused, works};
use end_to_end::Somebody;

#[test]
fn a_size_is_a_number_and_a_unit() {
    let somebody = anybody("bad-size");
    for size in ["", "m", "1x", "-1", "0", "1.5g", "18446744073709551616", "9223372036854775808", "1 m"] {
        refused(&somebody, &["--storage-opt", &format!("size={size}"), "true"], 125, "CX1005");
        refused(&somebody, &["--tmpfs", &format!("/scratch:size={size}"), "true"], 125, "CX1005");
    }
    refused(&somebody, &["--storage-opt", "frobnicate", "true"], 125, "CX1002");
    works(&somebody, &["--storage-opt", "size=64m", "--tmpfs", "/scratch:size=2g", "true"]);
}

/// What is too small to hold the container is told by the option that makes it larger.
#[test]
fn a_writable_layer_that_is_too_small_names_the_option() {
    for somebody in Somebody::all("small-layer") {
        let said = refused(&somebody, &["--storage-opt", "size=4k", "true"], 125, "CX2012");
        assert!(said.contains("--storage-opt size="), "{said}");
        works(&somebody, &["--storage-opt", "size=16m", "true"]);
    }
}

#[test]
fn a_limit_of_processes_is_a_number_that_the_kernel_takes() {
    let somebody = anybody("bad-pids");
    for limit in ["0", "-2", "x", "", "4194305", "4294967297", "1e3", "+5"] {
        refused(&somebody, &["--pids-limit", limit, "true"], 125, "CX1016");
    }
    works(&somebody, &["--pids-limit", "4194304", "true"]);
    works(&somebody, &["--pids-limit", "-1", "true"]);
}

#[test]
fn a_host_name_is_one_that_the_network_takes() {
    let somebody = anybody("bad-host-name");
    let long = "x".repeat(65);
    for name in ["", "-x", "x-", "a_b", "a..b", ".", "a b", "ä", "a/b", "a\nb", &long] {
        refused(&somebody, &["--hostname", name, "true"], 125, "CX1003");
    }
    works(&somebody, &["--hostname", "a-1.example", "true"]);
}

#[test]
fn a_container_name_is_one_that_a_file_can_have() {
    let somebody = anybody("bad-name");
    let long = "x".repeat(65);
    for name in ["", ".", "..", "../x", "a/b", "-x", ".x", "a:b", "a b", "ä", "a\nb", &long] {
        let said = refused_name(&somebody, name);
        assert!(said.contains("letter or digit"), "{said}");
    }
    works(&somebody, &["--name", "Web_1.x-y", "true"]);
}

/// The helper names each container; one cannot be named twice.
fn refused_name(somebody: &Somebody, name: &str) -> String {
    let output = crate::alone(somebody, &["run", "--name", name, "true"]);
    crate::assert_refused(somebody, &output, 125, "CX1012")
}

#[test]
fn an_environment_entry_has_a_name() {
    let somebody = anybody("bad-environment");
    for entry in ["", "=", "=value", "=A=B"] {
        refused(&somebody, &["-e", entry, "true"], 125, "CX1004");
    }
    works(&somebody, &["-e", "A=", "-e", "B=C=D", "-e", "NOT_SET", "true"]);
}
