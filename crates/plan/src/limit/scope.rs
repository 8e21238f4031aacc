//! Limits that are held by the scope of a container and not by the group in it: a weight is compared with the weights of
//! the groups beside, and there are none inside of the scope.

use super::Setting;
use ::cgroup::systemd::Weights;

/// Whether it decides what a group gets compared with those beside it.
pub fn is_weight(setting: &Setting) -> bool {
    let Weights { cpu, io } = weights([setting]);
    cpu.is_some() || io.is_some()
}

/// The weights that are among the settings. That of a single device is not: systemd would want its path.
pub fn weights<'a>(settings: impl IntoIterator<Item = &'a Setting>) -> Weights {
    let mut weights = Weights::default();
    for Setting { file, value, .. } in settings {
        let number = value.strip_prefix("default ").unwrap_or(value).parse().ok();
        match &**file {
            "cpu.weight" => weights.cpu = number,
            "cpu.idle" if value == "1" => weights.cpu = Some(Weights::IDLE),
            // As the kernel, which forgets the weight from before.
            "cpu.idle" => weights.cpu = weights.cpu.or(Some(Weights::USUAL)),
            "io.weight" => weights.io = number,
            "io.bfq.weight" => weights.io = number.map(of_bfq),
            _ => {}
        }
    }
    weights
}

/// What systemd is told for a weight of BFQ's: up to 100 it gives BFQ the number as it is, and spreads what is above over
/// 100 to 1000 (`systemd.resource-control(5)`, IOWeight=, of version 246 and later).
fn of_bfq(weight: u64) -> u64 {
    if weight <= 100 { weight } else { 100 + (weight - 100) * 11 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::{Disks, Hierarchies, settings};
    use ::cgroup::Version;
    use spec::resources::{Cpu, Io, Resources};

    fn of(resources: &Resources) -> Weights {
        let hierarchies = Hierarchies {
            version: &|_| Ok(Version::V2),
            disks: &Disks { by_cost: vec![(8, 0)], ..Disks::default() },
        };
        let settings: Vec<Setting> = settings(resources, &hierarchies).into_iter().flatten().collect();
        weights(&settings)
    }

    #[test]
    fn weights_are_those_of_v2() {
        let cpu = Cpu { shares: Some(512), ..Cpu::default() };
        let io = Io { weight: Some(500), ..Io::default() };
        let both = of(&Resources { cpu, io, pids: Some(spec::Bound::At(20)), ..Resources::default() });
        assert_eq!(both, Weights { cpu: Some(59), io: Some(4950) });
        let idle = Cpu { idle: Some(true), ..Cpu::default() };
        let idle = of(&Resources { cpu: idle, ..Resources::default() });
        assert_eq!(idle, Weights { cpu: Some(Weights::IDLE), io: None });
        let awake = Cpu { idle: Some(false), ..Cpu::default() };
        let awake = of(&Resources { cpu: awake, ..Resources::default() });
        assert_eq!(awake, Weights { cpu: Some(Weights::USUAL), io: None });
        assert_eq!(of(&Resources::default()), Weights::default());
    }
}
