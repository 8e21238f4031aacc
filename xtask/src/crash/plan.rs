//! The plan of a start or of an exec, as `--dry-run` prints it.

use std::fmt;

/// Those who perform steps.
const ACTORS: [&str; 4] = ["runtime", "init", "joiner", "command"];

/// One line of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number, as printed.
    pub number: usize,
    /// Who performs it.
    pub actor: &'static str,
    /// What it is.
    pub title: String,
}

/// The steps among the lines of `text`: a number, an actor, a title.
pub fn steps(text: &str) -> Vec<Step> {
    text.lines().filter_map(step).collect()
}

fn step(line: &str) -> Option<Step> {
    let mut words = line.split_whitespace();
    let number = words.next()?.trim_end_matches(['.', ':']).parse().ok()?;
    let actor = words.next()?;
    let actor = ACTORS.into_iter().find(|known| *known == actor)?;
    Some(Step { number, actor, title: words.collect::<Vec<_>>().join(" ") })
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title: String = self.title.chars().take(48).collect();
        write!(out, "{:>3}  {:<8} {title:<48}", self.number, self.actor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_from_other_lines() {
        let text = "the plan of: true\n\n 1  runtime  make the journal /run/x\n12  init     mount a fresh proc\n42 lines";
        let steps = steps(text);
        assert_eq!(steps.len(), 2);
        assert_eq!((steps[0].number, steps[0].actor), (1, "runtime"));
        assert_eq!(steps[1], Step { number: 12, actor: "init", title: "mount a fresh proc".into() });
    }
}
