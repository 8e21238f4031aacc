//! Limits as people write them: whatever is typed, a parser gives a value that the kernel takes, or an error with a fix.

use proptest::prelude::*;
use spec::limit::{control_file, cpu, io, memory, size};
use spec::resources::{Bound, Set};
use spec::{CgroupManager, CgroupParent, Error, Rlimit};

/// The error of each parser, if it has one.
fn errors(text: &str) -> impl Iterator<Item = Error> {
    let time = |text| cpu::time(Some(text), None, None);
    [
        size(text).err(),
        memory::limit(text).err(),
        memory::reservation(text).err(),
        memory::with_swap(text).err(),
        memory::swappiness(text).err(),
        memory::oom_score_adj(text).err(),
        time(text).err(),
        cpu::quota(text).err(),
        cpu::period(text).err(),
        cpu::burst(text).err(),
        cpu::shares(text).err(),
        cpu::realtime_runtime(text).err(),
        cpu::realtime_period(text).err(),
        Set::parse(text).err(),
        io::weight(text).err(),
        io::device_weight(text).err(),
        io::read_bps(text).err(),
        io::write_bps(text).err(),
        io::read_iops(text).err(),
        io::write_iops(text).err(),
        Rlimit::parse(text).err(),
        control_file::parse(text).err(),
        CgroupParent::parse(text).err(),
        CgroupManager::parse(text).err(),
    ]
    .into_iter()
    .flatten()
}

/// Text that is nearly right.
fn nearly() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,30}",
        "[-+0-9.,:=/kmgtb]{0,30}",
        "(/dev/[a-z:]{0,9}|[a-z]{1,9}|cgroup|memory)[:=./][-0-9a-zA-Z.:,]{0,12}",
    ]
}

proptest! {
    #[test]
    fn every_error_points_at_what_was_typed_and_has_a_fix(text in nearly()) {
        for error in errors(&text) {
            prop_assert!(error.fix.is_some(), "{}", error);
            let at = error.at.as_ref().expect("it points at something");
            prop_assert!(at.text == text && at.text.get(at.range.clone()).is_some(), "{}", error);
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn a_set_is_read_as_it_is_written(text in "[0-9]{1,3}(-[0-9]{1,4})?(,[0-9]{1,3}(-[0-9]{1,4})?){0,9}") {
        let Ok(set) = Set::parse(&text) else { return Ok(()) };
        prop_assert_eq!(&Set::parse(&set.to_string()).expect("it was written by us"), &set);
        let apart = set.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0);
        prop_assert!(apart, "{:?} from {}", set, text);
        let member = |number: u32| set.0.iter().any(|(from, to)| (*from..=*to).contains(&number));
        for part in text.split(',').flat_map(|part| part.split('-')) {
            prop_assert!(member(part.parse().expect("a number")), "{} in {}", part, set);
        }
    }

    #[test]
    fn cpus_are_never_more_than_asked_for(whole in 0..100_u32, fraction in "[0-9]{1,9}") {
        let text = format!("{whole}.{fraction}");
        let asked: f64 = text.parse().expect("a number");
        match cpu::cpus(&text) {
            Ok(Bound::At(quota)) => {
                let quota = quota as f64 / cpu::PERIOD as f64;
                prop_assert!(quota <= asked + 1e-9 && asked - quota < 1e-5, "{} for {}", quota, text);
            }
            other => prop_assert!(other.is_err() && asked < 0.01, "{}", text),
        }
    }

    #[test]
    fn a_place_for_groups_never_leads_out(text in "[/.a]{0,12}") {
        if let Ok(CgroupParent::Path(path)) = CgroupParent::parse(&text) {
            let path = path.to_str().expect("text");
            prop_assert_eq!(path.starts_with('/'), text.starts_with('/'));
            let parts = path.strip_prefix('/').unwrap_or(path).split('/');
            prop_assert!(path == "/" || parts.clone().all(|part| !matches!(part, "" | "." | "..")), "{}", path);
        }
    }
}
