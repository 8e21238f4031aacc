//! What the test programs that cargo builds say.

use std::error::Error;
use std::path::Path;
use std::process::Command;

/// The names of all tests in a test program.
///
/// # Errors
/// It cannot be executed.
pub fn list(program: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let output = Command::new(program).args(["--list", "--format", "terse"]).output()?;
    if !output.status.success() {
        return Err(format!("{} --list: {}", program.display(), output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// The number before `word` in `test result: ok. 3 passed; 0 failed; …`.
pub fn count(line: &str, word: &str) -> Option<usize> {
    let result = line.strip_prefix("test result:")?;
    let words: Vec<&str> = result.split([' ', ';']).collect();
    let place = words.iter().position(|other| *other == word)?;
    words.get(place.checked_sub(1)?)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_by_their_word() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(
            [count(line, "passed"), count(line, "failed"), count(line, "ignored")],
            [Some(3), Some(1), Some(2)]
        );
        assert_eq!(count("3 passed", "passed"), None);
    }
}
