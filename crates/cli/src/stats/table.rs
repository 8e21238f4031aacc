//! The table.

use super::units::{binary, decimal, percent};
use super::{Host, Samples, derived};

const TITLES: [&str; 9] =
    ["NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "PIDS", "BLOCK I/O", "PRESSURE", "THROTTLED", "OOM"];

/// What is not counted.
const NONE: &str = "-";

/// A line of titles and one for each container. PRESSURE is where some process has waited most in the last ten seconds;
/// THROTTLED, in how many periods the quota of CPU time was used up; OOM, how many processes were killed for want of memory.
pub fn table(containers: &[Samples<'_>], host: Host) -> String {
    let titles = TITLES.map(str::to_owned);
    let rows: Vec<[String; 9]> = containers.iter().map(|samples| row(samples, host)).collect();
    let lines: Vec<&[String; 9]> = std::iter::once(&titles).chain(&rows).collect();
    let widths: Vec<usize> = (0..TITLES.len()).map(|column| width(&lines, column)).collect();
    lines.into_iter().map(|cells| line(cells, &widths)).collect()
}

fn row(samples: &Samples<'_>, host: Host) -> [String; 9] {
    let (stats, memory) = (samples.now, &samples.now.memory);
    let (usage, bound) = (derived::memory_usage(memory), derived::memory_bound(memory, host));
    [
        samples.name.to_owned(),
        cell(derived::cpu_percent(samples), percent),
        format!("{} / {}", cell(usage, binary), cell(bound, binary)),
        cell(derived::memory_percent(memory, host), percent),
        cell(stats.pids.current, |pids| pids.to_string()),
        cell(derived::io_bytes(stats), |(read, written)| format!("{} / {}", decimal(read), decimal(written))),
        cell(derived::worst_pressure(&stats.pressure), |(name, share)| format!("{name} {}", percent(share))),
        cell(derived::throttled_percent(samples), percent),
        cell(memory.oom_kills, |kills| kills.to_string()),
    ]
}

fn cell<T>(figure: Option<T>, told: impl Fn(T) -> String) -> String {
    figure.map_or_else(|| NONE.to_owned(), told)
}

fn width(lines: &[&[String; 9]], column: usize) -> usize {
    lines.iter().filter_map(|cells| cells.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
}

/// Names to the left, figures to the right.
fn line(cells: &[String; 9], widths: &[usize]) -> String {
    let [name, figures @ ..] = cells;
    let mut widths = widths.iter().copied();
    let mut line = format!("{name:width$}", width = widths.next().unwrap_or(0));
    for (figure, width) in figures.iter().zip(widths) {
        line += &format!("  {figure:>width$}");
    }
    line + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{busy, idle, samples};
    use super::*;
    use cgroup::stats::Stats;

    #[test]
    fn of_three_containers() {
        let (before, now, unknown) = (idle(), busy(), Stats::default());
        let rows = [
            samples(&before, &now),
            Samples { name: "one-look", before: None, ..samples(&before, &now) },
            Samples { name: "a-group-of-nothing", ..samples(&unknown, &unknown) },
        ];
        let table = table(&rows, Host { memory: Some(4 << 30) });
        let expected = "\
NAME                  CPU %  MEM USAGE / LIMIT   MEM %  PIDS        BLOCK I/O   PRESSURE  THROTTLED  OOM
busy                200.00%      32MiB / 64MiB  50.00%     3  1.05MB / 12.3MB  io 12.50%     25.00%    1
one-look                  -      32MiB / 64MiB  50.00%     3  1.05MB / 12.3MB  io 12.50%          -    1
a-group-of-nothing        -              - / -       -     -                -          -          -    -
";
        assert_eq!(table, expected);
    }

    #[test]
    fn of_none_there_are_titles() {
        assert_eq!(table(&[], Host::default()).lines().count(), 1);
    }
}
