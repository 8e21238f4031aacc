//! What two plans differ in, compared as text.
//!
//! As in `snapshots.rs`: `INSTA_UPDATE=always cargo test -p plan`, then `git diff`.

mod fixture;

use fixture::{container, pass, root, single};
use plan::diff::{Line, diff};
use plan::{Facts, Plan, Tell};
use spec::{Namespaces, Spec};

fn planned(spec: &Spec, facts: &Facts) -> Plan {
    plan::plan(spec, facts).expect("a plan")
}

/// Compares two plans of one host, and the text of that with the file of that name.
fn compare(name: &str, facts: &Facts, before: &Spec, after: &Spec) {
    let text = show(&planned(before, facts), &planned(after, facts));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

fn show(before: &Plan, after: &Plan) -> String {
    let told = |plan: &Plan, index: usize| {
        let step = &plan.steps[index];
        format!("{:3}  {:7}  {}  [{}]", index + 1, step.actor, step.op.title(), step.why)
    };
    let line = |line: &Line| match *line {
        Line::Same(..) => String::new(),
        Line::Changed(i, j) => format!("w {}\n~ {}\n", told(before, i), told(after, j)),
        Line::Moved(i, j) => format!("> {}  (was {})\n", told(after, j), i + 1),
        Line::Dropped(i) => format!("- {}\n", told(before, i)),
        Line::Added(j) => format!("+ {}\n", told(after, j)),
    };
    diff(before, after).iter().map(line).collect()
}

#[test]
fn a_plan_and_itself_are_the_same() {
    let plan = planned(&container(), &root());
    assert!(diff(&plan, &plan).iter().all(|line| matches!(line, Line::Same(i, j) if i == j)));
}

/// Whatever the two are, each step of either stands in one line.
#[test]
fn no_step_is_lost_or_told_twice() {
    let specs = [pass(1), pass(2), pass(3), pass(4), container()];
    for facts in [root(), single()] {
        let plans: Vec<Plan> = specs.iter().map(|spec| planned(spec, &facts)).collect();
        for before in &plans {
            plans.iter().for_each(|after| assert_whole(before, after));
        }
    }
}

fn assert_whole(before: &Plan, after: &Plan) {
    let lines = diff(before, after);
    let mut left: Vec<usize> = lines.iter().filter_map(|line| sides(line).0).collect();
    let right: Vec<usize> = lines.iter().filter_map(|line| sides(line).1).collect();
    left.sort_unstable();
    assert!(left.iter().copied().eq(0..before.steps.len()));
    assert!(right.iter().copied().eq(0..after.steps.len()), "in the order of the second plan");
}

fn sides(line: &Line) -> (Option<usize>, Option<usize>) {
    match *line {
        Line::Same(i, j) | Line::Changed(i, j) | Line::Moved(i, j) => (Some(i), Some(j)),
        Line::Dropped(i) => (Some(i), None),
        Line::Added(j) => (None, Some(j)),
    }
}

#[test]
fn the_passes_of_the_lesson() {
    compare("diff_pass_1_2", &root(), &pass(1), &pass(2));
    compare("diff_pass_3_4", &root(), &pass(3), &pass(4));
    compare("diff_pass_4_5", &root(), &pass(4), &container());
}

#[test]
fn an_option() {
    let namespaces = Namespaces { net: false, ..Namespaces::ALL };
    compare("diff_network_host", &root(), &container(), &Spec { namespaces, ..container() });
    compare("diff_no_init", &single(), &container(), &Spec { init: false, ..container() });
    compare("diff_read_only", &root(), &container(), &Spec { read_only: true, ..container() });
}
