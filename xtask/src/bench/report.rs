//! The figures, told.

use super::contender::{BWRAP, CRUN, Contender, FLOOR, Target, Task};
use super::costs;
use super::exec::{CRUN_EXEC, NSENTER};
use super::json;
use super::limits::MOVED;
use super::memory::{AT_MOST, Peaks};
use super::statistics::{Times, median, milliseconds, ratio};
use testbed::kind::Kind;

/// What was learnt about memory, or why nothing.
pub type Memory = Result<Peaks, String>;

/// Everything about one kind of user.
pub struct Report<'a> {
    /// Who ran.
    pub kind: Kind,
    /// What was run.
    pub contenders: &'a [Contender],
    /// How long it took, in the same order.
    pub times: &'a [Times],
    /// What it held, where that was looked at.
    pub memory: Option<&'a Memory>,
}

impl Report<'_> {
    /// For people.
    pub fn print_table(&self) {
        self.print_task(Task::Start, "");
        self.print_memory();
        self.print_task(Task::Exec, ", one more command in a container that runs");
        if self.has(Task::Limit) {
            println!("\n{}, what limits cost at the start", self.kind);
            costs::print(self);
        }
        self.print_task(Task::Join, ", how a process comes into its group");
        for contender in self.contenders {
            if let (Task::Limit, Err(reason)) = (contender.task, &contender.start) {
                println!("  {}: could not run: {reason}", contender.name);
            }
        }
    }

    fn has(&self, task: Task) -> bool {
        self.contenders.iter().any(|contender| contender.task == task)
    }

    fn print_memory(&self) {
        for (process, peak) in self.peaks() {
            println!(
                "  {process:<22}{:>6.2} MiB peak, ≤ {:.1}: {}",
                mib(peak),
                mib(AT_MOST),
                verdict(peak <= AT_MOST)
            );
        }
        if let Some(Err(reason)) = self.memory {
            println!("  memory: could not be measured: {reason}");
        }
    }

    fn print_task(&self, task: Task, heading: &str) {
        if !self.has(task) {
            return;
        }
        println!("\n{}{heading}", self.kind);
        let against: String = yardsticks(task)
            .iter()
            .map(|than| format!("{:>width$}", format!("× {than}"), width = width(than)))
            .collect();
        println!("  {:<22}{:>10}{:>8}{against}  target", "", "median ms", "min");
        for (contender, times) in self.contenders.iter().zip(self.times) {
            if contender.task == task {
                println!("  {:<22}{}", contender.name, self.row(contender, times));
            }
        }
    }

    fn row(&self, contender: &Contender, times: &Times) -> String {
        if let Err(reason) = &contender.start {
            return format!("  could not run: {reason}");
        }
        let column = |than: &&str| {
            let ratio = self.against(times, than).map_or(String::from("–"), |ratio| format!("{ratio:.2}"));
            format!("{ratio:>width$}", width = width(than))
        };
        let middle = median(milliseconds(times)).unwrap_or(f64::NAN);
        let least = milliseconds(times).fold(f64::INFINITY, f64::min);
        let failed = times.iter().filter(|time| time.is_none()).count();
        let failed = if failed > 0 { format!("  {failed} starts failed") } else { String::new() };
        let targets: String = contender.targets.iter().map(|target| self.told(times, target)).collect();
        let against: String = yardsticks(contender.task).iter().map(column).collect();
        format!("{middle:>10.2}{least:>8.2}{against}{targets}{failed}")
    }

    fn told(&self, times: &Times, target: &Target) -> String {
        let Target { than, at_most } = target;
        match self.against(times, than) {
            Some(ratio) => format!("  {ratio:.2} ≤ {at_most} {than}: {}", verdict(ratio <= *at_most)),
            None => format!("  ≤ {at_most} {than}: unknown"),
        }
    }

    fn against(&self, times: &Times, than: &str) -> Option<f64> {
        ratio(times, self.times_of(than)?)
    }

    /// The times of the contender with this name.
    pub fn times_of(&self, name: &str) -> Option<&Times> {
        let index = self.contenders.iter().position(|contender| contender.name == name)?;
        self.times.get(index)
    }

    fn peaks(&self) -> Vec<(&'static str, u64)> {
        let Some(Ok(peaks)) = self.memory else { return Vec::new() };
        vec![("run", peaks.run), ("init", peaks.init)]
    }

    /// For programs: the same, and every single time.
    pub fn print_json(&self) {
        let contenders = self.contenders.iter().zip(self.times).map(|(one, times)| self.json_of(one, times));
        let peaks = self.peaks().into_iter().map(|(process, peak)| format!("\"{process}\":{peak}"));
        let peaks = peaks.collect::<Vec<_>>().join(",");
        let kind = json::string(self.kind.word());
        let (contenders, limits) = (json::array(contenders), costs::json(self));
        print!(
            "{{\"kind\":{kind},\"contenders\":{contenders},\"limits\":{limits},\"peak_kib\":{{{peaks}}}}}"
        );
    }

    fn json_of(&self, contender: &Contender, times: &Times) -> String {
        let name = json::string(&contender.name);
        if let Err(reason) = &contender.start {
            return format!("{{\"name\":{name},\"unable\":{}}}", json::string(reason));
        }
        let middle = median(milliseconds(times)).unwrap_or(0.0);
        let all = json::array(milliseconds(times).map(|time| format!("{time:.3}")));
        let targets = contender.targets.iter().filter_map(|target| {
            let ratio = self.against(times, target.than)?;
            let (than, at_most) = (json::string(target.than), target.at_most);
            Some(format!(
                "{{\"than\":{than},\"ratio\":{ratio:.3},\"at_most\":{at_most},\"met\":{}}}",
                ratio <= at_most
            ))
        });
        format!(
            "{{\"name\":{name},\"median_ms\":{middle:.3},\"ms\":{all},\"targets\":{}}}",
            json::array(targets)
        )
    }
}

/// The others with whom each contender of a table is compared.
fn yardsticks(task: Task) -> &'static [&'static str] {
    match task {
        Task::Start => &[FLOOR, BWRAP, CRUN],
        Task::Exec => &[NSENTER, CRUN_EXEC],
        // Each row has its own.
        Task::Limit => &[],
        Task::Join => &[MOVED],
    }
}

/// Of a column: what stands above it, and two spaces before.
fn width(than: &str) -> usize {
    than.len() + 4
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// Whether a target is met, in a word.
pub fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}
