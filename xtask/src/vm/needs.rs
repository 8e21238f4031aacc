//! The programs that the virtual machine is made with.

use crate::packages::{Package, package};

/// All of them are needed; the first five only until there is an image.
pub const PACKAGES: [Package; 6] = [
    package("mmdebstrap", "mmdebstrap", "a Debian in a directory"),
    package("dpkg", "dpkg-deb", "its kernel"),
    package("zstd", "zstd", "unpacking the kernel"),
    package("xz-utils", "xz", "unpacking its modules"),
    package("e2fsprogs", "mkfs.ext4", "the image of a disk"),
    package("qemu-system-x86", "qemu-system-x86_64", "the machine"),
];
