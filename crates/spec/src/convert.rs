//! stub
use crate::resources::Bound;
/// stub
pub fn cpu_weight(shares: u64) -> u64 {
    shares.clamp(1, 10_000)
}
/// stub
pub fn io_weight(weight: u16) -> u64 {
    1 + (u64::from(weight) - 10) * 9_999 / 990
}
/// stub
pub fn cpu_max(quota: Option<Bound>, period: Option<u64>) -> String {
    let quota = match quota {
        Some(Bound::At(q)) => q.to_string(),
        _ => "max".to_owned(),
    };
    match period {
        Some(p) => format!("{quota} {p}"),
        None => quota,
    }
}
