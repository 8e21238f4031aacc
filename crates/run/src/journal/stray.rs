//! What lies beside no journal: somebody made it for a container that ended at that moment, and was killed before it was taken
//! back.

use super::{Journal, MOST, SEPARATOR, beside, finished, numbered, removed};
use rustix::fs::{lstat, readlink, rmdir};
use std::collections::{HashMap, HashSet};
use std::ffi::CStr;
use sys::Errno;

/// The names in the directory of containers.
#[derive(Default)]
pub(super) struct Names {
    journals: HashSet<Vec<u8>>,
    /// By the names of containers, one of those that lie beside their journals.
    beside: HashMap<Vec<u8>, Vec<u8>>,
}

impl Names {
    /// One more; whether it can be a journal's.
    pub(super) fn add(&mut self, name: &[u8]) -> bool {
        if name.starts_with(b".") || name.starts_with(&[SEPARATOR]) {
            return false;
        }
        let Some(end) = name.iter().position(|b| *b == SEPARATOR) else {
            return self.journals.insert(name.to_owned());
        };
        let container = name.get(..end).unwrap_or_default();
        if !self.beside.contains_key(container) {
            self.beside.insert(container.to_owned(), name.to_owned());
        }
        false
    }

    /// The containers that have no journal, and what lies there of each.
    pub(super) fn strays(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let is_stray = |(container, _): &(&Vec<u8>, &Vec<u8>)| !self.journals.contains(*container);
        self.beside.iter().filter(is_stray).map(|(container, name)| (&container[..], &name[..]))
    }
}

/// Removes what was made late for the container of `journal`, such as `found`: if that has gone meanwhile, the container was just
/// about to end, and its journal is the last to go. With the journal taken, nobody else has the name. A group with processes
/// stays: somebody has removed the journal of a container that lives.
pub(super) fn tidy(journal: &CStr, found: &CStr) {
    if lstat(found).is_err() {
        return;
    }
    let Ok(_taken) = Journal::create(journal) else { return };
    for number in 0..=MOST {
        let link = beside(journal, &numbered("group", number));
        if let Ok(group) = readlink(&link, Vec::new())
            && matches!(rmdir(&group), Ok(()) | Err(Errno::NOENT))
        {
            let _it_is_tried_again = removed(&link);
        }
        let _it_is_tried_again = removed(&beside(journal, &numbered("enabled", number)));
    }
    let _it_is_tried_again = finished(journal);
}
