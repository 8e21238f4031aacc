//! Whether an error tells what it has to.

use crate::crash::plan::Step;

/// What is wrong with what was said of a step that failed; nothing if it is an error with a code that names the step, the
/// cause and the fix.
pub fn complaint(status: Option<i32>, said: &str, step: &Step) -> Option<&'static str> {
    let has = |start: &str| said.lines().any(|line| line.starts_with(start) && line.len() > start.len() + 8);
    let code = said.strip_prefix("error[CX").and_then(|rest| rest.get(..4));
    let checks = [
        (matches!(status, Some(125..=127)), "the status is none of 125, 126, 127"),
        (code.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())), "it has no code"),
        (!said.starts_with("error[CX9002]") && !said.starts_with("error[CX9003]"), "the cause is not known"),
        (has(&format!("  step {} of ", step.number)), "the step is not named"),
        (has("  why:  "), "there is no cause"),
        (has("  fix:  "), "there is no fix"),
        (has("  more: "), "there is no page"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, complaint)| complaint)
}

/// Whether nothing is said but what the container goes without, and how that would be had.
pub fn only_lacks(said: &str) -> bool {
    let is_of_parts = |line: &str| line.starts_with("warning: the ") || line.starts_with("warning: /");
    said.lines().all(|line| is_of_parts(line) || line.starts_with("  fix:  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_of_something_else_is_none_of_a_part() {
        assert!(only_lacks("") && only_lacks("warning: /proc is another\n  fix:  start it so\n"));
        assert!(!only_lacks("warning: cannot remove /run/x: EBUSY\n"));
        assert!(!only_lacks("warning: the host name is another\nerror[CX9002]: it died\n"));
    }

    #[test]
    fn each_part_is_wanted() {
        let said = "error[CX2015]: no memory\n  step 3 of 9  mount it: ENOMEM\n  why:  no memory left\n  \
                    fix:  free some of it\n  more: containerception explain CX2015\n";
        let step = Step { number: 3, actor: "init", title: "mount it".into() };
        assert_eq!(complaint(Some(125), said, &step), None);
        assert_eq!(complaint(Some(1), said, &step), Some("the status is none of 125, 126, 127"));
        assert_eq!(complaint(None, said, &step), Some("the status is none of 125, 126, 127"));
        assert_eq!(
            complaint(Some(125), &said.replace("step 3", "step 4"), &step),
            Some("the step is not named")
        );
        assert_eq!(complaint(Some(125), &said.replace("why", "y"), &step), Some("there is no cause"));
        assert_eq!(
            complaint(Some(125), &said.replace("CX2015]", "CX9002]"), &step),
            Some("the cause is not known")
        );
        assert_eq!(complaint(Some(125), "", &step), Some("it has no code"));
    }
}
