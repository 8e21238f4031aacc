//! `completions`: what shells complete, generated from the options when it is asked for.

use crate::options::shown;
use clap_complete::shells::{Bash, Fish, Zsh};
use clap_complete::{Generator, generate};
use spec::error::Result;
use std::io::Write;

/// Prints the script for `shell`.
pub fn completions(shell: &str) -> Result<()> {
    // A reader that stops reading, such as head, has what it wanted.
    let _ = std::io::stdout().lock().write_all(script(shell).as_bytes());
    Ok(())
}

/// What clap knows, and names of containers, which are there when the key is pressed.
fn script(shell: &str) -> String {
    match shell {
        "fish" => options(Fish) + include_str!("completions/names.fish"),
        "zsh" => before(ZSH_END, &options(Zsh), include_str!("completions/names.zsh")),
        _ => options(Bash) + include_str!("completions/names.bash"),
    }
}

/// One shell by its own type: by clap's list of them, all would be linked.
fn options(shell: impl Generator) -> String {
    let mut script = Vec::new();
    generate(shell, &mut shown(), "containerception", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// How a script for zsh ends: it calls its function, or has it called.
const ZSH_END: &str = "if [ \"$funcstack[1]\" = \"_containerception\" ]; then";

fn before(place: &str, script: &str, more: &str) -> String {
    match script.split_once(place) {
        Some((head, tail)) => format!("{head}{more}{place}{tail}"),
        None => script.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_script_has_the_commands_and_the_names() {
        for shell in ["bash", "fish", "zsh"] {
            let script = script(shell);
            for word in ["explain", "rootfs", "ps --format names"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }

    #[test]
    fn what_is_hidden_is_not_offered() {
        for shell in ["bash", "fish", "zsh"] {
            let script = script(shell);
            assert!(!script.contains("completions"), "{shell}");
        }
    }
}
