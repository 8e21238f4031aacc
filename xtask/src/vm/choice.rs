//! Which tests are worth their time in a machine that is emulated, where a start takes up to a second.

use super::suite::Suite;

/// Beginnings of full names: what has to do with control groups, with systemd, with sessions and with who one is. What
/// does not is passed by `cargo xtask test` on the machine itself. All of `limits` takes some six minutes a user:
/// `cargo xtask vm limits::`.
const WORTHWHILE: [&str; 30] = [
    "cgroup-",
    "fork_bomb::it_is_held_by_the_limit_that_was_given",
    "leaks::forty_runs",
    "limits::cpu::half_a_cpu",
    "limits::cpu::weights_are",
    "limits::devices::what_a_rule_allows",
    "limits::inspect::it_shows_what_was_asked",
    "limits::killed::its_groups_are_removed",
    "limits::memory::who_takes_more",
    "limits::parent::systemd_makes_a_scope",
    "limits::pause::a_counter_stops",
    "limits::pids::the_one_and_twentieth_fork_fails",
    "limits::pids::without_a_group",
    "limits::refused::each_limit_is_refused",
    "limits::table::each_cell_is_what_this_host_does",
    "limits::update::each_limit_can_be_changed",
    "limits::update::without_a_group",
    "nest::chain::each_of_three_levels",
    "nest::limits::a_level_shares_out_what_it_has",
    "nest::limits::no_container_reaches_the_groups_of_another",
    "nest::limits::no_level_",
    "nest::limits::who_",
    "nest::refused::a_bound_of_user_namespaces",
    "rm::files_of_every_id_inside_are_removed",
    "run::disk::a_killed_run_leaves_it_to_gc",
    "run::system::only_the_own_control_group_is_seen",
    "run::system::the_groups_limit_can_be_read_and_not_changed",
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
        let (chosen, lost) = worthwhile(vec![suite("cgroup-x", ["a", "b"]), suite("passes", ["a", "b"])]);
        assert_eq!(chosen, [suite("cgroup-x", ["a", "b"])]);
        assert!(!lost.contains(&"cgroup-") && lost.len() == WORTHWHILE.len() - 1);
    }
}
