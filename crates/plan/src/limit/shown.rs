//! Whether what a control file shows is what was written to it.

/// The kernel holds memory in whole pages, and rounds down.
const PAGE: u64 = 4096;
/// v1 shows that nothing bounds memory by a number near the largest (`PAGE_COUNTER_MAX`).
const BOUNDLESS: u64 = 1 << 62;

/// Whether a file that was given `written` and now shows `found` holds it. The forms are those of `cgroup-v2.rst`
/// ("Format") and of v1: one value, several in a line, or a line for each device.
pub fn is_held(written: &str, found: &str) -> bool {
    let (written, found) = (written.trim(), found.trim());
    written == found
        || same_number(written, found)
        || first_values(written, found)
        || line_for(written, found)
}

fn same_number(written: &str, found: &str) -> bool {
    let unlimited = |text: &str| {
        matches!(text, "max" | "-1") || text.parse::<u64>().is_ok_and(|number| number >= BOUNDLESS)
    };
    match (written.parse::<u64>(), found.parse::<u64>()) {
        (Ok(written), Ok(found)) => written / PAGE * PAGE == found,
        _ => unlimited(written) && unlimited(found),
    }
}

/// `cpu.max` shows the period also where only the quota was written; `memory.oom_control` says more in further lines.
fn first_values(written: &str, found: &str) -> bool {
    let line = found.lines().next().unwrap_or_default();
    let plain = !written.contains([':', '=']) && !written.is_empty();
    let value = line.strip_prefix("oom_kill_disable ").unwrap_or(line);
    plain && (value == written || value.strip_prefix(written).is_some_and(|rest| rest.starts_with(' ')))
}

/// A line begins with the device and has what was written for it; a device of which nothing is bounded has none.
fn line_for(written: &str, found: &str) -> bool {
    let mut words = written.split_ascii_whitespace();
    let Some(key) = words.next() else { return false };
    let values: Vec<&str> = words.collect();
    let line = found
        .lines()
        .map(|line| line.split_ascii_whitespace())
        .find_map(|mut line| (line.next() == Some(key)).then(|| line.collect::<Vec<_>>()));
    let nothing = |value: &&str| *value == "0" || value.ends_with("=max");
    match line {
        Some(line) => !values.is_empty() && values.iter().all(|value| line.contains(value)),
        None => !values.is_empty() && key.contains(':') && values.iter().all(nothing),
    }
}

/// The file that shows what has become of one: a set of CPUs is what of it there is and the groups above have.
pub fn effective(file: &str) -> Option<&'static str> {
    match file {
        "cpuset.cpus" => Some("cpuset.cpus.effective"),
        "cpuset.mems" => Some("cpuset.mems.effective"),
        _ => None,
    }
}
