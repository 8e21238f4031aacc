//! Where a container has what another one inside of it is made of: the program, and the layers as they are outside.
//!
//! An overlay may be the layer of one more and no further (`FILESYSTEM_MAX_STACK_DEPTH` in the kernel's fs/overlayfs), so
//! that a container inside cannot go on from what it sees: it takes the very layers that this one has.

/// The directory, hidden as its name tells from `ls`.
pub const PLACE: &str = "/dev/.containerception";

/// Where the program is, for `PATH`.
pub const PROGRAMS: &str = "/dev/.containerception/bin";

/// The program.
pub const PROGRAM: &str = "/dev/.containerception/bin/containerception";

/// How many containers there are around a process that sees this: a number, as whoever made the innermost was told by the
/// same file. Root of each can write another; it tells, and decides nothing.
pub const DEPTH: &str = "/dev/.containerception/depth";

/// The control groups in which containers inside make theirs, by the name of a controller of v1 each, or `unified`.
pub const GROUPS: &str = "/dev/.containerception/groups";

/// The layers, each by its name.
pub const LAYERS: &str = "/dev/.containerception/layers";
