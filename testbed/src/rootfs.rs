//! A root filesystem of one program.

use crate::tools;
use std::error::Error;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Makes `directory` a root filesystem: busybox under all its names, and the places where others mount. It has to be a
/// static one (Debian's package busybox-static): there are no libraries here.
pub fn make(directory: &Path) -> Result<(), Box<dyn Error>> {
    let busybox = tools::find("busybox").ok_or("busybox is missing (Debian: busybox-static)")?;
    for name in ["", "bin", "dev", "etc", "proc", "root", "sys", "tmp"] {
        fs::create_dir_all(directory.join(name))?;
    }
    fs::copy(&busybox, directory.join("bin/busybox"))?;
    fs::write(directory.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n")?;
    let names = Command::new(&busybox).arg("--list").output()?.stdout;
    for name in String::from_utf8(names)?.lines().filter(|name| *name != "busybox") {
        symlink("busybox", directory.join("bin").join(name))?;
    }
    Ok(())
}
