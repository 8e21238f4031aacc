//! Medians, and ratios of things measured together.

use std::time::Duration;

/// The times of one contender, one a round; None where a start failed.
pub type Times = Vec<Option<Duration>>;

/// The middle value, or None of nothing.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// In milliseconds, what there is.
pub fn milliseconds(times: &Times) -> impl Iterator<Item = f64> {
    times.iter().flatten().map(|time| time.as_secs_f64() * 1e3)
}

/// The median of the ratios within the rounds: what slows a whole round cancels out.
pub fn ratio(times: &Times, yardstick: &Times) -> Option<f64> {
    let rounds = times.iter().zip(yardstick).filter_map(|(time, unit)| Some(((*time)?, (*unit)?)));
    median(rounds.map(|(time, unit)| time.as_secs_f64() / unit.as_secs_f64()))
}

/// The median of the differences within the rounds, in milliseconds: how much longer than `base` it takes.
pub fn difference(times: &Times, base: &Times) -> Option<f64> {
    let rounds = times.iter().zip(base).filter_map(|(time, base)| Some(((*time)?, (*base)?)));
    median(rounds.map(|(time, base)| (time.as_secs_f64() - base.as_secs_f64()) * 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median([4.0, 1.0, 2.0, 100.0]), Some(3.0));
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([]), None);
    }

    #[test]
    fn a_ratio_is_taken_within_rounds_and_skips_those_with_a_failure() {
        let times = |list: [u64; 3]| list.map(|ms| (ms > 0).then(|| Duration::from_millis(ms))).to_vec();
        assert_eq!(ratio(&times([2, 40, 6]), &times([1, 20, 3])), Some(2.0));
        assert_eq!(ratio(&times([2, 0, 0]), &times([1, 20, 0])), Some(2.0));
        assert_eq!(ratio(&times([0, 0, 1]), &times([1, 1, 0])), None);
    }

    #[test]
    fn a_difference_is_taken_within_rounds_too() {
        let times = |list: [u64; 3]| list.map(|ms| (ms > 0).then(|| Duration::from_millis(ms))).to_vec();
        let close =
            |found: Option<f64>, wanted: f64| found.is_some_and(|found| (found - wanted).abs() < 1e-9);
        assert!(close(difference(&times([3, 43, 9]), &times([1, 40, 1])), 3.0));
        assert!(close(difference(&times([1, 0, 0]), &times([3, 2, 1])), -2.0));
    }
}
