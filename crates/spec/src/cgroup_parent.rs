//! stub
/// stub
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CgroupManager {
    /// a
    #[default]
    Auto,
    /// b
    Cgroupfs,
    /// c
    Systemd,
}
/// stub
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CgroupParent {
    /// a
    Path(String),
    /// b
    Slice(String),
}
