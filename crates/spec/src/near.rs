//! The word that was meant.

use strsim::osa_distance;

/// The nearest of `candidates` to `word`, for a "did you mean"; of equally near ones the first. `None` where none is
/// near enough to be meant: more than two letters away, or as many as either word has, since everything is near to a
/// word of one letter.
///
/// Letters that are changed, put in, left out or swapped with their neighbour count one each (optimal string
/// alignment); case counts nothing.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    candidates
        .into_iter()
        // A word is as far at least as their lengths differ: without this, a long one would take long.
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= 8)
        .map(|candidate| (osa_distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 2 && *distance < letters(word).min(letters(candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn letters(word: &str) -> usize {
    word.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant() {
        let commands = ["run", "init", "rm", "gc", "explain"];
        for (typed, meant) in [
            ("rnu", "run"),
            ("rum", "run"),
            ("RUN", "run"),
            ("inti", "init"),
            ("explian", "explain"),
            ("exlpian", "explain"),
        ] {
            assert_eq!(nearest(typed, commands), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_like_none_of_them() {
        for typed in ["", "r", "frobnicate", "alpine", "\u{301}", &"run".repeat(100_000)] {
            assert_eq!(nearest(typed, ["run", "rm", "explain", ""]), None, "{typed:.20}");
        }
        assert_eq!(nearest("run", []), None);
    }

    #[test]
    fn letters_are_not_bytes() {
        assert_eq!(nearest("größe", ["grösse", "größer"]), Some("größer"));
        assert_eq!(nearest("ä", ["ö"]), None);
    }
}
