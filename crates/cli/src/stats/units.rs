//! Sizes and shares as a table has them: three digits and a unit.

/// Bytes in powers of 1,024, as what has a limit is told.
pub fn binary(bytes: u64) -> String {
    scaled(bytes, 1024.0, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
}

/// Bytes in powers of 1,000, as what is reported is told.
pub fn decimal(bytes: u64) -> String {
    scaled(bytes, 1000.0, ["B", "kB", "MB", "GB", "TB", "PB"])
}

/// A share, as docker shows it.
pub fn percent(share: f64) -> String {
    format!("{share:.2}%")
}

/// The smallest unit of which there are fewer than `base`, rounded.
fn scaled(bytes: u64, base: f64, units: [&str; 6]) -> String {
    let mut value = bytes as f64;
    let mut units = units.into_iter();
    let mut unit = units.next().unwrap_or_default();
    while value >= base - 0.5
        && let Some(next) = units.next()
    {
        (value, unit) = (value / base, next);
    }
    format!("{}{unit}", digits(value))
}

/// Without zeros at the end of a fraction.
fn digits(value: f64) -> String {
    let places = match value {
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => return format!("{value:.0}"),
    };
    format!("{value:.places$}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits() {
        let told =
            [0, 1, 999, 1023, 1024, 1536, 10 << 10, 64 << 20, 123_456_789, 3 << 30, u64::MAX].map(binary);
        let expected =
            ["0B", "1B", "999B", "1023B", "1KiB", "1.5KiB", "10KiB", "64MiB", "118MiB", "3GiB", "16384PiB"];
        assert_eq!(told, expected);
        let told = [0, 999, 1000, 1_048_576, 12_345_678, 1_234_000_000].map(decimal);
        assert_eq!(told, ["0B", "999B", "1kB", "1.05MB", "12.3MB", "1.23GB"]);
    }

    #[test]
    fn what_would_be_rounded_to_a_thousand_has_the_next_unit() {
        assert_eq!(decimal(999_499), "999kB");
        assert_eq!(decimal(999_500), "1MB");
        assert_eq!(binary((1 << 20) - 1), "1MiB");
        assert_eq!(decimal(9_996), "10kB");
        assert_eq!(decimal(100_000), "100kB");
    }

    #[test]
    fn shares() {
        assert_eq!([0.0, 0.005, 99.999, 200.0].map(percent), ["0.00%", "0.01%", "100.00%", "200.00%"]);
    }
}
