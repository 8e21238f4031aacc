//! What is asked of the bench.

use std::str::FromStr;
use testbed::kind::Kind;

/// What the command line asks for.
pub struct Options {
    /// How many rounds.
    pub runs: usize,
    /// Whether to print JSON, not a table.
    pub json: bool,
    /// The one section that is measured; all of them where none is named.
    pub only: Option<Section>,
}

/// A part of the bench.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Containers, from the start to the end.
    Start,
    /// Commands in a container that runs.
    Exec,
    /// Containers with limits: root's alone.
    Limits,
}

impl Section {
    const WORDS: [(&str, Section); 3] =
        [("start", Section::Start), ("exec", Section::Exec), ("limits", Section::Limits)];
}

impl FromStr for Section {
    type Err = String;

    fn from_str(word: &str) -> Result<Section, String> {
        let found = Section::WORDS.into_iter().find(|(name, _)| *name == word);
        found.map(|(_, section)| section).ok_or(format!("{word:?} is none of start, exec, limits"))
    }
}

impl Options {
    /// Whether `kind` has this section to measure.
    pub fn wants(&self, section: Section, kind: Kind) -> bool {
        self.only.is_none_or(|only| only == section) && (section != Section::Limits || kind == Kind::Root)
    }

    /// Whether `kind` has anything to measure.
    pub fn want_any(&self, kind: Kind) -> bool {
        Section::WORDS.iter().any(|(_, section)| self.wants(*section, kind))
    }

    /// As words of a command line.
    pub fn words(&self) -> Vec<String> {
        let mut words = vec!["--runs".to_owned(), self.runs.to_string()];
        words.extend(self.json.then(|| "--json".to_owned()));
        let only = Section::WORDS.iter().filter(|(_, section)| self.only == Some(*section));
        words.extend(only.flat_map(|(name, _)| ["--only".to_owned(), (*name).to_owned()]));
        words
    }
}
