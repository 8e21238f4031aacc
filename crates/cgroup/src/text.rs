//! The forms that control files have (cgroup-v2.rst, "Format"). Lines and keys that are not known are passed
//! over: kernels add some. What is not a number is none.

use spec::resources::Bound;

/// A single number.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.trim_end().parse().ok()
}

/// The number of `key` in lines of `KEY NUMBER`.
pub(crate) fn flat(text: &str, key: &str) -> Option<u64> {
    let value = |line: &str| number(line.strip_prefix(key)?.strip_prefix(' ')?);
    text.lines().find_map(value)
}

/// The number of `key` in a line of `KEY=NUMBER` pairs.
pub(crate) fn paired<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.split_ascii_whitespace().find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
}

/// A limit: a number, or `max` (v2, and pids on v1).
pub(crate) fn bound(text: &str) -> Option<Bound> {
    match text.trim_end() {
        "max" => Some(Bound::Unlimited),
        text => number(text).map(Bound::At),
    }
}

/// A limit of memory on v1, where none is the greatest whole number of pages that a signed number holds: how many
/// bytes that is, depends on the size of a page.
pub(crate) fn bound_v1(text: &str) -> Option<Bound> {
    const LARGEST_PAGE: u64 = 1 << 20;
    let is_limit = |&bytes: &u64| bytes < i64::MAX as u64 - LARGEST_PAGE;
    number(text).map(|bytes| Some(bytes).filter(is_limit).map_or(Bound::Unlimited, Bound::At))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole() {
        assert_eq!(number("18446744073709551615\n"), Some(u64::MAX));
        for text in ["", "\n", "-1", "1.5", "1 2", "max", "0x1", "18446744073709551616"] {
            assert_eq!(number(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_a_whole_word_at_the_beginning() {
        let text = "oom 1\noom_kill 2\nnew_in_some_kernel a b c\nhalf\n\noom_group_kill 3\n";
        assert_eq!(flat(text, "oom"), Some(1));
        assert_eq!(flat(text, "oom_kill"), Some(2));
        assert_eq!(flat(text, "oom_group_kill"), Some(3));
        for key in ["kill", "half", "new_in_some_kernel", "low"] {
            assert_eq!(flat(text, key), None, "{key}");
        }
    }

    #[test]
    fn pairs_stand_in_any_order() {
        let line = "some total=7 avg10=0.25 avg100=9";
        assert_eq!(paired(line, "avg10"), Some("0.25"));
        assert_eq!(paired(line, "total"), Some("7"));
        assert_eq!(paired(line, "avg1"), None);
    }

    #[test]
    fn no_limit_is_max_on_v2_and_nearly_the_greatest_number_on_v1() {
        assert_eq!(bound("max\n"), Some(Bound::Unlimited));
        assert_eq!(bound("0\n"), Some(Bound::At(0)));
        assert_eq!(bound("maximum"), None);
        // With pages of 4 and of 64 KiB.
        for none in ["9223372036854771712\n", "9223372036854710272\n"] {
            assert_eq!(bound_v1(none), Some(Bound::Unlimited));
        }
        assert_eq!(bound_v1("67108864\n"), Some(Bound::At(64 << 20)));
        assert_eq!(bound_v1("max\n"), None);
    }
}
