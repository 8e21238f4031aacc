//! CPU time: no more than the quota, and in the proportion of the weights.

use crate::container::{Container, Place, rates};
use crate::layout::Layout;
use std::time::Duration;

/// How long is looked: twenty periods of a quota.
const LOOK: Duration = Duration::from_secs(2);

/// With these shares it goes before whatever else the machine does, so that it is the quota that holds it back, and nothing
/// takes from what the quota leaves.
const FIRST: [&str; 2] = ["--cpu-shares", "262144"];

#[test]
fn half_a_cpu_is_half_a_cpu_and_a_fifth_a_fifth() {
    for place in Place::with_groups("cpu-quota") {
        let half = Container::spinner(&place, &[&["--cpus", "0.5"], &FIRST[..]].concat());
        let fifth = Container::spinner(
            &place,
            &[&["--cpu-quota", "10000", "--cpu-period", "50000"], &FIRST[..]].concat(),
        );
        let mut looks = Vec::new();
        // A machine that is itself held back, by its own host, gives less now and then; never more.
        for _ in 0..3 {
            let [a, b] = rates([half.command(), fifth.command()], LOOK);
            assert!(a <= 0.55 && b <= 0.22, "{}: more than the quota: {a} {b}", place.layout);
            looks.push((a, b));
            if a >= 0.45 && b >= 0.18 {
                break;
            }
        }
        let (a, b) = looks[looks.len() - 1];
        assert!(a >= 0.45 && b >= 0.18, "{}: less than the quota: {looks:?}", place.layout);
        let throttled = half.groups().number("cpu.stat", "nr_throttled");
        assert!(throttled.is_some_and(|periods| periods >= 10), "{}: {throttled:?}", place.layout);
        half.end();
        fifth.end();
    }
}

/// On one CPU, whoever else is there takes from both alike.
#[test]
fn weights_are_the_proportion_of_the_time() {
    for place in Place::with_groups("cpu-shares") {
        let spinner = |shares| Container::spinner(&place, &["--cpuset-cpus", "0", "--cpu-shares", shares]);
        let (light, heavy) = (spinner("512"), spinner("4096"));
        let weight = |container: &Container<'_>| {
            let file = if place.layout == Layout::V1 { "cpu.shares" } else { "cpu.weight" };
            container.groups().number(file, "").expect("a weight") as f64
        };
        let expected = weight(&heavy) / weight(&light);
        assert!(expected > 3.0, "{}: {expected}", place.layout);
        let shared_as = |expected: f64| {
            let looks = [(); 3].map(|()| {
                let [light, heavy] = rates([light.command(), heavy.command()], LOOK);
                heavy / light
            });
            let is_so = looks.iter().any(|measured| (0.75..1.33).contains(&(measured / expected)));
            assert!(is_so, "{}: the time is not shared as {expected} to 1: {looks:?}", place.layout);
        };
        shared_as(expected);
        heavy.does("update", &["--cpu-shares", "512"]);
        shared_as(1.0);
        light.end();
        heavy.end();
    }
}
