//! Numbers drawn by chance, that can be drawn again.

use std::time::{SystemTime, UNIX_EPOCH};

/// Draws numbers (xorshift64, Marsaglia 2003). The seed, which is told, draws them again.
pub struct Chance(u64);

impl Chance {
    /// Draws from `seed`, of which the last bit is set: zero would draw nothing but zeros.
    pub fn new(seed: u64) -> Chance {
        Chance(seed | 1)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }
}

/// A seed that no other run has.
pub fn seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64)
}
