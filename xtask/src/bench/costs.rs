//! What limits cost, told: a row for each, the runtimes side by side.
//!
//! crun and runc make a group in every hierarchy whatever is asked for, and are moved into all of them. So what a limit adds
//! to the least one says little of what limits cost; what it adds to a start without any group does.

use super::contender::CRUN;
use super::json;
use super::limit::{LEAST, NO_GROUP, ROWS};
use super::limits::{OURS, RUNC, name};
use super::report::{Report, verdict};
use super::statistics::{difference, median, milliseconds, ratio};

const RUNTIMES: [&str; 3] = [OURS, CRUN, RUNC];

/// How many times as long as crun's a start of ours may take, and what it takes beyond one without a group.
const AT_MOST: f64 = 0.25;

/// A row. Times are in milliseconds, one a runtime.
struct Row {
    name: &'static str,
    starts: [Option<f64>; 3],
    /// Beyond [`LEAST`].
    more: [Option<f64>; 3],
    /// Beyond [`NO_GROUP`].
    costs: [Option<f64>; 3],
    /// Our start against theirs.
    ratios: [Option<f64>; 3],
    /// Our cost against crun's.
    of_costs: Option<f64>,
}

impl Row {
    fn new(report: &Report<'_>, limit: &'static str) -> Row {
        let times = |runtime, limit| report.times_of(&name(runtime, limit));
        let beyond = |base| {
            let more = |runtime| difference(times(runtime, limit)?, times(runtime, base)?);
            if limit == base || limit == NO_GROUP { [None; 3] } else { RUNTIMES.map(more) }
        };
        let (more, costs) = (beyond(LEAST), beyond(NO_GROUP));
        Row {
            name: limit,
            starts: RUNTIMES.map(|runtime| median(milliseconds(times(runtime, limit)?))),
            more,
            costs,
            ratios: RUNTIMES.map(|runtime| ratio(times(OURS, limit)?, times(runtime, limit)?)),
            // One that is lost in the noise of the machine is no yardstick.
            of_costs: costs[0].zip(costs[1].filter(|cost| *cost > 0.0)).map(|(ours, theirs)| ours / theirs),
        }
    }

    fn print(&self) {
        print!("  {:<14}", self.name);
        for ((start, more), cost) in self.starts.iter().zip(self.more).zip(self.costs) {
            print!("{:>9}{:>7}{:>7}", told(*start), told(more), told(cost));
        }
        let [_, of_crun, of_runc] = self.ratios;
        print!("{:>8}{:>8}", told(of_crun), told(of_runc));
        for (what, ratio) in [("start", of_crun), ("cost", self.of_costs)] {
            if let Some(ratio) = ratio.filter(|_| self.name != NO_GROUP) {
                print!("  {what} {ratio:.2} ≤ {AT_MOST} {CRUN}: {}", verdict(ratio <= AT_MOST));
            }
        }
        println!();
    }

    fn json(&self) -> String {
        let list = |values: [Option<f64>; 3]| json::array(values.map(number));
        format!(
            "{{\"limit\":{},\"median_ms\":{},\"more_ms\":{},\"cost_ms\":{},\"ratios\":{},\"costs_ratio\":{}}}",
            json::string(self.name),
            list(self.starts),
            list(self.more),
            list(self.costs),
            list(self.ratios),
            number(self.of_costs)
        )
    }
}

/// For people.
pub fn print(report: &Report<'_>) {
    println!(
        "  +pids: beyond {LEAST:?}, the least that ours has; +none: beyond {NO_GROUP:?}, which runc cannot go without"
    );
    let head = |name: &&str| format!("{:>9}{:>7}{:>7}", format!("{name} ms"), "+pids", "+none");
    let heads: String = RUNTIMES.iter().map(head).collect();
    println!("  {:<14}{heads}{:>8}{:>8}  target", "", "× crun", "× runc");
    rows(report).for_each(|row| row.print());
}

/// For programs: lists have ours, crun's and runc's.
pub fn json(report: &Report<'_>) -> String {
    json::array(rows(report).map(|row| row.json()))
}

fn rows(report: &Report<'_>) -> impl Iterator<Item = Row> {
    ROWS.into_iter().map(|limit| Row::new(report, limit))
}

fn told(value: Option<f64>) -> String {
    value.map_or(String::from("–"), |value| format!("{value:.2}"))
}

fn number(value: Option<f64>) -> String {
    value.map_or(String::from("null"), |value| format!("{value:.3}"))
}
