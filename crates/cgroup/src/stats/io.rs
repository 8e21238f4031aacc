//! What was read from and written to block devices.

use crate::controller::Controller;
use crate::opened::Opened;
use crate::text::{flat, number};

/// One block device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Device {
    /// The kind of device.
    pub major: u32,
    /// Which one of its kind.
    pub minor: u32,
    /// Bytes read.
    pub read_bytes: Option<u64>,
    /// Bytes written.
    pub written_bytes: Option<u64>,
    /// How many reads.
    pub reads: Option<u64>,
    /// How many writes.
    pub writes: Option<u64>,
}

/// The files of v1 that count bytes, and how often, from the best: all that passes, with groups below;
/// what the scheduler has done, of kernels with CFQ and with BFQ; all that passes, in the very group.
const V1: [(&str, &str); 4] = [
    ("blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_serviced_recursive"),
    ("blkio.io_service_bytes_recursive", "blkio.io_serviced_recursive"),
    ("blkio.bfq.io_service_bytes_recursive", "blkio.bfq.io_serviced_recursive"),
    ("blkio.throttle.io_service_bytes", "blkio.throttle.io_serviced"),
];

/// On v2 a device that nobody has used is not listed. On v1 neither is one for which nobody on this host has set
/// a limit (seen with Linux 6.18), so that an empty list says nothing.
pub(super) fn read(groups: &Opened<'_>) -> Option<Vec<Device>> {
    match groups.v1(Controller::Io) {
        Some(files) => {
            let text = |name| files.text(name).unwrap_or_default();
            let lists = V1.into_iter().map(|(bytes, counts)| legacy(&text(bytes), &text(counts)));
            lists.into_iter().find(|devices| !devices.is_empty())
        }
        None => groups.v2()?.text("io.stat").map(|text| unified(&text)),
    }
}

/// v2: `MAJOR:MINOR rbytes=… wbytes=… rios=… wios=…`. Some kernels leave out the end of the line of a device of
/// which there is nothing to tell: a device begins with its numbers, wherever they stand.
fn unified(text: &str) -> Vec<Device> {
    let mut devices: Vec<Device> = Vec::new();
    for word in text.split_ascii_whitespace() {
        if let Some(device) = numbers(word) {
            devices.push(device);
        } else if let (Some(device), Some((key, value))) = (devices.last_mut(), word.split_once('=')) {
            match key {
                "rbytes" => device.read_bytes = number(value),
                "wbytes" => device.written_bytes = number(value),
                "rios" => device.reads = number(value),
                "wios" => device.writes = number(value),
                _ => {}
            }
        }
    }
    devices.retain(|device| device.read_bytes.or(device.written_bytes).is_some());
    devices
}

/// v1: a line `MAJOR:MINOR OPERATION NUMBER` for each device and operation, in a file of bytes and in one of
/// counts.
fn legacy(bytes: &str, counts: &str) -> Vec<Device> {
    let mut devices: Vec<Device> = Vec::new();
    for device in bytes.lines().filter_map(|line| numbers(line.split(' ').next()?)) {
        if !devices.contains(&device) {
            devices.push(device);
        }
    }
    for device in &mut devices {
        let name = format!("{}:{}", device.major, device.minor);
        let value = |text, operation| flat(text, &format!("{name} {operation}"));
        (device.read_bytes, device.written_bytes) = (value(bytes, "Read"), value(bytes, "Write"));
        (device.reads, device.writes) = (value(counts, "Read"), value(counts, "Write"));
    }
    devices
}

/// The device that a word names by its numbers; nothing is known of it yet.
fn numbers(word: &str) -> Option<Device> {
    let (major, minor) = word.split_once(':')?;
    Some(Device { major: major.parse().ok()?, minor: minor.parse().ok()?, ..Device::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(minor: u32, figures: [u64; 4]) -> Device {
        let [read_bytes, written_bytes, reads, writes] = figures.map(Some);
        Device { major: 8, minor, read_bytes, written_bytes, reads, writes }
    }

    #[test]
    fn v2() {
        let text = "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n\
            8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7 cost.indebt=8\n";
        assert_eq!(unified(text), [used(16, [1_459_200, 314_773_504, 192, 353]), used(0, [1, 2, 3, 4])]);
        assert_eq!(unified(""), []);
    }

    #[test]
    fn v2_with_devices_of_which_there_is_nothing_to_tell() {
        assert_eq!(unified("7:0 \n8:0 7:1 8:16 rbytes=1 wbytes=2 rios=3 wios=4\n"), [used(16, [1, 2, 3, 4])]);
    }

    #[test]
    fn v1() {
        let bytes = "8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\n8:0 Async 0\n8:0 Discard 0\n8:0 Total 3\n8:16 Read 9\n\
            8:16 Write 0\nTotal 12\n";
        let counts = "8:0 Read 3\n8:0 Write 4\n8:0 Total 7\n8:16 Read 5\n8:16 Write 0\nTotal 12\n";
        assert_eq!(legacy(bytes, counts), [used(0, [1, 2, 3, 4]), used(16, [9, 0, 5, 0])]);
        assert_eq!(legacy("Total 0\n", "Total 0\n"), []);
    }

    #[test]
    fn v1_with_bytes_only() {
        let [device] = legacy("8:0 Read 1\n8:0 Write 2\n", "")[..] else { panic!("one device") };
        assert_eq!((device.read_bytes, device.reads), (Some(1), None));
    }
}
