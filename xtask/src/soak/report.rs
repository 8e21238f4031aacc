//! What there was before and what there is after.

use crate::alone::is_ours;
use std::error::Error;
use std::fs;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::leaks::{KINDS, Places, Snapshot, open_files};

/// How long the kernel may take to close files: those of processes that were killed go with their namespaces.
const PATIENCE: Duration = Duration::from_secs(5);

/// A look before.
pub struct Report {
    places: Places,
    /// What the names of the groups have that are looked for: others have containers, too.
    marker: String,
    before: Snapshot,
    files: u64,
    own_files: usize,
}

impl Report {
    /// Looks before the runs.
    pub fn begin(places: Places, marker: &str) -> io::Result<Report> {
        let before = places.look()?;
        Ok(Report {
            before,
            files: open_files()?,
            own_files: own_files()?,
            marker: marker.to_owned(),
            places,
        })
    }

    /// Looks after `runs`, and prints both and what is wrong; whether nothing is.
    pub fn end(self, runs: u64, mut complaints: Vec<String>) -> Result<bool, Box<dyn Error>> {
        let left = self.places.left_since(&self.before)?;
        complaints.extend(
            left.into_iter()
                .filter(|thing| is_ours(thing, &self.marker))
                .map(|thing| format!("left: {thing}")),
        );
        let (after, files) = (self.places.look()?, self.await_files(runs)?);
        println!("  {:<36}{:>8}{:>8}", "", "before", "after");
        for kind in KINDS {
            let [before, after] =
                [&self.before, &after].map(|look| look.count(kind, |thing| is_ours(thing, &self.marker)));
            println!("  {:<36}{before:>8}{after:>8}", plural(kind));
        }
        println!("  {:<36}{:>8}{files:>8}", "open files of the whole machine", self.files);
        if files > self.files + runs / 4 {
            complaints.push(format!("{} files are open that were not", files - self.files));
        }
        if own_files()? != self.own_files {
            complaints.push("files of this process are open that were not".to_owned());
        }
        complaints.iter().for_each(|complaint| println!("FAILED  {complaint}"));
        Ok(complaints.is_empty())
    }

    /// Everybody's are counted, and loosely: what a quarter of the runs left would be more than that.
    fn await_files(&self, runs: u64) -> io::Result<u64> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = open_files()?;
            if now <= self.files + runs / 4 || Instant::now() > deadline {
                return Ok(now);
            }
            sleep(Duration::from_millis(50));
        }
    }
}

fn own_files() -> io::Result<usize> {
    Ok(fs::read_dir("/proc/self/fd")?.count())
}

fn plural(kind: &str) -> String {
    match kind {
        "group" => "control groups".to_owned(),
        "process" => "processes".to_owned(),
        "file" => "files of state and storage".to_owned(),
        kind => format!("{kind}s"),
    }
}
