//! Whether output is what a page shows, where `…` stands for any text: within a line, or for any number of lines.

/// The first line of the page that fits nothing, if `real` is not what it shows; its end, if more comes then.
pub fn differs<'a>(page: &[&'a str], real: &[&str]) -> Option<&'a str> {
    let mut fitting = 0;
    let fits = lines(page, real, 0, &mut fitting);
    (!fits).then(|| page.get(fitting).copied().unwrap_or("(nothing more)"))
}

/// Whether the lines fit from the page's line `at` on; `most` is how many of the page's ever did.
fn lines(page: &[&str], real: &[&str], at: usize, most: &mut usize) -> bool {
    *most = at.max(*most);
    match (page.get(at), real) {
        (None, _) => real.is_empty(),
        (Some(line), _) if line.trim() == "…" => {
            (0..=real.len()).any(|skipped| lines(page, &real[skipped..], at + 1, most))
        }
        (Some(line), [first, rest @ ..]) => {
            fits(line.trim_end(), first.trim_end()) && lines(page, rest, at + 1, most)
        }
        (Some(_), []) => false,
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
    assert_eq!(differs(&["a", "b"], &real), Some("(nothing more)"));
    assert_eq!(differs(&["a", "x", "c", "d"], &real), Some("x"));
    assert_eq!(differs(&["a", "…", "e"], &real), Some("e"));
    assert_eq!(differs(&["a", "…", "d", "e"], &real), Some("e"));
    assert_eq!(differs(&[], &["a"]), Some("(nothing more)"));
}
