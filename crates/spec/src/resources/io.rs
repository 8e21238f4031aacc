//! Block devices of which several options tell.

use super::{BlockDevice, Io, IoDevice};

impl IoDevice {
    /// A device of which nothing is asked yet.
    pub fn new(device: BlockDevice) -> Self {
        IoDevice { device, weight: None, read_bps: None, write_bps: None, read_iops: None, write_iops: None }
    }
}

impl Io {
    /// Adds what is asked of a device to what was asked of it before; of two that say the same, `later` counts.
    pub fn add(&mut self, later: IoDevice) {
        let Some(known) = self.devices.iter_mut().find(|known| known.device == later.device) else {
            return self.devices.push(later);
        };
        known.weight = later.weight.or(known.weight);
        known.read_bps = later.read_bps.or(known.read_bps);
        known.write_bps = later.write_bps.or(known.write_bps);
        known.read_iops = later.read_iops.or(known.read_iops);
        known.write_iops = later.write_iops.or(known.write_iops);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::Bound;

    #[test]
    fn what_several_options_say_of_a_device_comes_together() {
        let device = |minor| IoDevice::new(BlockDevice::Number { major: 8, minor });
        let mut io = Io::default();
        io.add(IoDevice { read_bps: Some(Bound::At(1)), ..device(0) });
        io.add(IoDevice { write_bps: Some(Bound::At(2)), weight: Some(10), ..device(0) });
        io.add(IoDevice { read_bps: Some(Bound::At(3)), ..device(0) });
        io.add(IoDevice { read_iops: Some(Bound::At(4)), ..device(16) });
        let both = IoDevice {
            read_bps: Some(Bound::At(3)),
            write_bps: Some(Bound::At(2)),
            weight: Some(10),
            ..device(0)
        };
        assert_eq!(io.devices, [both, IoDevice { read_iops: Some(Bound::At(4)), ..device(16) }]);
    }
}
