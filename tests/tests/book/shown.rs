//! Whether output is what a page shows, where `…` stands for any text: within a line, or for any number of lines.

/// Where `real` stops to be what the page shows, if it does: the first of its lines that fits nothing.
pub fn differs(page: &[&str], real: &[&str]) -> Option<usize> {
    let mut furthest = 0;
    (!lines(page, real, 0, &mut furthest)).then_some(furthest)
}

fn lines(page: &[&str], real: &[&str], at: usize, furthest: &mut usize) -> bool {
    *furthest = at.max(*furthest);
    match page {
        [] => at == real.len(),
        [first, rest @ ..] if first.trim() == "…" => {
            (at..=real.len()).any(|from| lines(rest, real, from, furthest))
        }
        [first, rest @ ..] => {
            real.get(at).is_some_and(|line| fits(first.trim_end(), line.trim_end()))
                && lines(rest, real, at + 1, furthest)
        }
    }
}

fn fits(page: &str, real: &str) -> bool {
    let mut parts = page.split('…');
    let Some(mut rest) = real.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        // The first place is as good as any: what follows has the more room.
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn lines_fit() {
    for (page, real) in [
        ("a", "a"),
        ("a…", "abc"),
        ("…c", "abc"),
        ("a…c…e", "abcbcde"),
        ("…", ""),
        ("a ", "a"),
        ("x…x", "xx"),
    ] {
        assert!(fits(page.trim_end(), real), "{page} {real}");
    }
    for (page, real) in [("a", "ab"), ("a", ""), ("a…c", "ab"), ("x…x", "x"), ("", "a"), ("a…b…c", "acb")]
    {
        assert!(!fits(page, real), "{page} {real}");
    }
}

#[test]
fn a_page_fits_or_tells_from_where_on_it_does_not() {
    let real = ["a", "b", "c", "d"];
    assert_eq!(differs(&["a", "…", "d"], &real), None);
    assert_eq!(differs(&["…"], &[]), None);
    assert_eq!(differs(&["…", "b", "…"], &real), None);
    assert_eq!(differs(&["a", "b"], &real), Some(2));
    assert_eq!(differs(&["a", "x", "c", "d"], &real), Some(1));
    assert_eq!(differs(&["a", "…", "e"], &real), Some(4));
    assert_eq!(differs(&[], &["a"]), Some(0));
}
