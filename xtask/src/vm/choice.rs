//! Which tests are worth their time in a machine that is emulated, where a start takes up to a second.

use super::suite::Suite;

/// Beginnings of full names: what has to do with control groups, with systemd, with sessions and with who one is. What
/// does not is passed by `cargo xtask test` on the machine itself.
const WORTHWHILE: [&str; 17] = [
    "cgroup-",
    "fork_bomb::it_ends_with_the_command_that_lit_it",
    "fork_bomb::it_is_held_by_the_limit_that_was_given",
    "fork_bomb::the_limit_can_be_neither_raised_nor_left",
    "leaks::forty_runs",
    "limits::",
    "passes::processes_are_counted_from_pass_4",
    "rm::files_of_every_id_inside_are_removed",
    "run::disk::a_killed_run_leaves_it_to_gc",
    "run::system::no_device_can_be_made_that_works",
    "run::system::only_the_own_control_group_is_seen",
    "run::system::the_devices_are_the_standard_ones",
    "run::system::the_groups_limit_can_be_read_and_not_changed",
    "second::exec::a_fork_bomb_in_it_counts_against_the_container",
    "second::exec::its_namespaces_root_group_and_rights_are_those_of_the_container",
    "second::kill::a_signal_reaches_the_command_and_kill_ends_all",
    "second::ps::it_lists_what_runs",
];

/// Those tests of `suites`, and the beginnings with which the name of none begins: a test got another name, or is still
/// to come.
pub fn worthwhile(suites: Vec<Suite>) -> (Vec<Suite>, Vec<&'static str>) {
    let names: Vec<String> = suites.iter().flat_map(Suite::names).collect();
    let is_lost = |start: &&str| !names.iter().any(|name| name.starts_with(start));
    let lost = WORTHWHILE.into_iter().filter(is_lost).collect();
    let is_chosen = |name: &str| WORTHWHILE.iter().any(|start| name.starts_with(start));
    (suites.into_iter().filter_map(|suite| suite.only(is_chosen)).collect(), lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_without_a_test_is_told() {
        let suite = |name: &str, tests: [&str; 2]| {
            let tests = tests.map(str::to_owned).to_vec();
            Suite { name: name.to_owned(), program: "/s".into(), tests }
        };
        let (chosen, lost) = worthwhile(vec![suite("limits", ["a", "b"]), suite("passes", ["a", "b"])]);
        assert_eq!(chosen, [suite("limits", ["a", "b"])]);
        assert!(!lost.contains(&"limits::") && lost.len() == WORTHWHILE.len() - 1);
    }
}
