//! Each line, read by another reader than the one that wrote it.

use super::super::Form;
use super::*;
use crate::options::{Command, Options};
use clap::Parser;
use serde_json::Value;

/// The plan of `run OPTIONS… true` on this machine: a probe only reads.
fn planned(options: &[&str]) -> Plan {
    let words = ["containerception", "run"].iter().chain(options).chain(&["true"]);
    let Command::Run(options) = Options::try_parse_from(words).unwrap().command else { panic!("run") };
    let spec = crate::commands::run::spec(&options).unwrap();
    plan::plan(&spec, &run::probe(&spec).unwrap()).unwrap()
}

fn lines(plan: &Plan) -> Vec<Value> {
    super::super::plan(plan, Form::Json).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_head_and_a_line_for_each_step() {
    let plan = planned(&[]);
    let lines = lines(&plan);
    assert_eq!(lines[0]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(lines[0]["steps"], plan.steps.len());
    assert_eq!(lines[0]["notes"], serde_json::to_value(&plan.notes).unwrap());
    assert_eq!(lines.len(), 1 + plan.steps.len());
    for (index, (step, line)) in plan.steps.iter().zip(&lines[1..]).enumerate() {
        assert_eq!((&line["step"], &line["title"]), (&(index + 1).into(), &step.op.title().into()));
        assert_eq!(line["actor"], step.actor.to_string());
        assert_eq!(line["why"], step.why.to_string());
        assert_eq!(line["lesson"]["man"], step.op.lesson().man);
        assert_eq!(line["alongside"], plan.alongside().contains(&index));
        assert!(line.get("nanoseconds").is_none() && line.get("refused").is_none(), "it is not done yet");
    }
}

#[test]
fn how_often_a_call_is_made_has_three_forms() {
    let often =
        |count| serde_json::to_value(call(plan::Call { name: "x", arguments: "\"\\\"\"".into(), count }));
    assert_eq!(often(Count::Once).unwrap()["count"], "once");
    assert_eq!(often(Count::If("it is missing")).unwrap()["count"]["if"], "it is missing");
    assert_eq!(often(Count::Each("of these")).unwrap()["count"]["each"], "of these");
    assert_eq!(often(Count::Once).unwrap()["arguments"], "\"\\\"\"");
}

#[test]
fn of_two_ops_the_one_that_was_done_is_the_step() {
    let plan = planned(&["--pass", "5"]);
    let Some(index) = plan.steps.iter().position(|step| step.otherwise.is_some()) else {
        panic!("pivot_root has an alternative")
    };
    let read = |went| serde_json::from_str::<Value>(&step(&plan, index, went)).unwrap();
    let (before, own) = (read(None), read(Some(Went { nanoseconds: 7, otherwise: false })));
    let replaced = read(Some(Went { nanoseconds: 7, otherwise: true }));
    assert_eq!(before["otherwise"], own["otherwise"]);
    assert_eq!(own["nanoseconds"], 7);
    assert_eq!(
        (&replaced["title"], &replaced["refused"]["title"]),
        (&own["otherwise"]["title"], &own["title"])
    );
    assert_eq!(replaced["refused"]["on"], own["otherwise"]["on"]);
    assert!(replaced.get("otherwise").is_none() && own.get("refused").is_none());
}
