//! Where a control group can be made.

use ::cgroup::{Availability, Found, Layout};
use plan::facts::Group;
use spec::Spec;
use spec::error::Result;
use std::ffi::CString;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Looks below the caller's own group in each hierarchy, if a limit is wanted at all.
pub(super) fn probe(spec: &Spec, id: &str, mountinfo: &[u8]) -> Result<Group> {
    if spec.pids_limit.is_none() {
        return Ok(Group::None { why: "no limit is wanted".to_owned() });
    }
    let own = super::read("/proc/self/cgroup", 1 << 20)?;
    let layout = Found::parse(mountinfo, &own).choose(::cgroup::offers_pids);
    let directory = |own: &Path| {
        let path = own.join(format!("containerception-{id}")).into_os_string().into_encoded_bytes();
        CString::new(path).unwrap_or_default()
    };
    Ok(match (layout.availability(), &layout) {
        (Availability::V1, Layout::V1Pids { own, .. }) => Group::V1 { directory: directory(own) },
        (Availability::V2 { enable, threaded }, Layout::V2 { own, .. }) => {
            let control = own.join("cgroup.subtree_control").into_os_string().into_encoded_bytes();
            let enable = enable.then(|| CString::new(control).unwrap_or_default());
            Group::V2 { directory: directory(own), enable, threaded }
        }
        (Availability::No { why }, _) => Group::None { why },
        _ => Group::None { why: "the layout of control groups is not understood".to_owned() },
    })
}

/// How many processes and threads the caller has, where that matters.
pub(super) fn present_processes(group: &Group, uid: u32) -> u32 {
    if !matches!(group, Group::None { .. }) {
        return 0;
    }
    let Ok(entries) = std::fs::read_dir("/proc") else { return 0 };
    let own = entries.flatten().filter(|entry| {
        let number = entry.file_name().to_str().is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
        number && entry.metadata().is_ok_and(|metadata| metadata.uid() == uid)
    });
    // A directory's link count is two and one for each directory in it: here, the threads.
    let threads = own
        .filter_map(|entry| std::fs::metadata(entry.path().join("task")).ok())
        .map(|task| task.nlink() - 2);
    u32::try_from(threads.sum::<u64>()).unwrap_or(u32::MAX)
}
