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

/// A straight line through values for 1, 2, 3 and so on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Where it begins, at 0.
    pub at_zero: f64,
    /// By how much it rises from one to the next.
    pub slope: f64,
    /// The share of the variance that it explains; 1 if all lie on it.
    pub r2: f64,
}

/// The line of least squares.
pub fn fit(values: &[f64]) -> Line {
    let count = values.len().max(1) as f64;
    let numbers = || (1..=values.len()).map(|number| number as f64);
    let (middle, mean) = (numbers().sum::<f64>() / count, values.iter().sum::<f64>() / count);
    let square = |value: f64| value * value;
    let covariance: f64 =
        numbers().zip(values).map(|(number, value)| (number - middle) * (value - mean)).sum();
    let slope =
        covariance / numbers().map(|number| square(number - middle)).sum::<f64>().max(f64::MIN_POSITIVE);
    let at_zero = mean - slope * middle;
    let missed: f64 =
        numbers().zip(values).map(|(number, value)| square(value - at_zero - slope * number)).sum();
    let all: f64 = values.iter().map(|value| square(value - mean)).sum();
    Line { at_zero, slope, r2: if all > 0.0 { 1.0 - missed / all } else { 1.0 } }
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

    #[test]
    fn a_line_through_points_on_it_is_exact_and_others_explain_less() {
        let line = fit(&[3.0, 5.0, 7.0, 9.0]);
        assert!((line.at_zero - 1.0).abs() < 1e-9 && (line.slope - 2.0).abs() < 1e-9 && line.r2 > 0.999_999);
        let bent = fit(&[1.0, 9.0, 2.0, 8.0]);
        assert!(bent.r2 < 0.5, "{bent:?}");
    }
}
