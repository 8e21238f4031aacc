//! Containers in containers: what each level adds in time and memory, with the straight line through it.

use super::picture::{self, Curve};
use super::statistics::{Line, fit, median};
use crate::{Outcome, cargo};
use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::processes::descendants;

/// The kernel's limit is 32, and whoever measures may be in a container already.
const DEEPEST: usize = 31;

/// Measures `runs` rounds, each of all depths; writes the picture.
pub fn run(runs: usize, picture: &Path) -> Outcome {
    let program = cargo::build("containerception", &[])?;
    println!(
        "{}\n{runs} rounds of 1 to {DEEPEST} levels, 40 ms of idleness before each start",
        super::machine::line()
    );
    let mut times = vec![Vec::new(); DEEPEST];
    for _ in 0..runs {
        for (index, times) in times.iter_mut().enumerate() {
            times.push(start(&program, index + 1)?.as_secs_f64() * 1e3);
        }
    }
    let times: Vec<f64> = times.into_iter().filter_map(median).collect();
    let memory: Vec<f64> = (1..=DEEPEST).map(|levels| memory(&program, levels)).collect::<Result<_, _>>()?;
    let (time_line, memory_line) = (fit(&times), fit(&memory));
    println!("\n  levels   ms   per level   MiB");
    for (index, (time, memory)) in times.iter().zip(&memory).enumerate() {
        let levels = index + 1;
        println!("  {levels:>6} {time:>6.1} {:>8.2} {memory:>8.2}", time / levels as f64);
    }
    let per_level = median(times.iter().enumerate().map(|(index, time)| time / (index + 1) as f64));
    let ratio = per_level.unwrap_or_default() / times.first().copied().unwrap_or(1.0);
    println!("\n  time    {}\n  memory  {}", told(time_line, "ms"), told(memory_line, "MiB"));
    println!(
        "  the median per level is {ratio:.2} times that of one level; at most 1.50: {}",
        verdict(ratio <= 1.5)
    );
    let straight = time_line.r2 >= 0.98 && memory_line.r2 >= 0.98;
    println!("  R² of at least 0.98: {}", verdict(straight));
    let curves = [
        Curve { name: "ms", values: &times, line: time_line },
        Curve { name: "MiB", values: &memory, line: memory_line },
    ];
    fs::write(
        picture,
        picture::svg("Time and memory of containers in containers, by the number of levels", &curves),
    )
    .map_err(|error| format!("{}: {error}", picture.display()))?;
    println!("  {} shows it", picture.display());
    Ok(ExitCode::SUCCESS)
}

fn verdict(holds: bool) -> &'static str {
    if holds { "holds" } else { "missed" }
}

fn told(line: Line, unit: &str) -> String {
    format!("{:.2} {unit} and {:.3} {unit} a level, R² {:.4}", line.at_zero, line.slope, line.r2)
}

fn nest(program: &Path, levels: usize) -> Command {
    let mut command = Command::new(program);
    command.args(["nest", &levels.to_string()]);
    command
}

fn start(program: &Path, levels: usize) -> Result<Duration, Box<dyn Error>> {
    sleep(Duration::from_millis(40));
    let begun = Instant::now();
    let status = nest(program, levels).arg("true").status()?;
    let took = begun.elapsed();
    if status.success() { Ok(took) } else { Err(format!("{levels} levels cannot be had: {status}").into()) }
}

/// The MiB that all processes of such a chain have to themselves while its command sleeps.
fn memory(program: &Path, levels: usize) -> Result<f64, Box<dyn Error>> {
    let mut chain =
        nest(program, levels).args(["sh", "-c", "echo; exec sleep 1000"]).stdout(Stdio::piped()).spawn()?;
    let mut byte = [0];
    let up = chain.stdout.as_mut().map(|out| out.read(&mut byte));
    let own =
        std::iter::once(chain.id()).chain(descendants(chain.id()).into_iter().map(|process| process.pid));
    let bytes: u64 = own.map(resident).sum();
    chain.kill()?;
    chain.wait()?;
    if matches!(up, Some(Ok(1))) {
        Ok(bytes as f64 / f64::from(1 << 20))
    } else {
        Err("a chain cannot be had".into())
    }
}

/// The bytes of a process that are no file's (`proc_pid_status(5)`).
fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let own = status.lines().filter(|line| line.starts_with("RssAnon:") || line.starts_with("RssShmem:"));
    own.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum::<u64>() << 10
}
