//! How one list becomes another: the longest common subsequence stays, and the rest goes or comes.

/// One element of either list, by its index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edit {
    /// In both: its index before, and after.
    Kept(usize, usize),
    /// Before only.
    Dropped(usize),
    /// After only.
    Added(usize),
}

/// The edits that make `before` into `after`, in order; where both fit, what goes stands before what comes.
pub fn edits<T: PartialEq>(before: &[T], after: &[T]) -> Vec<Edit> {
    let common = common_lengths(before, after);
    let (mut i, mut j) = (0, 0);
    let mut edits = Vec::with_capacity(before.len() + after.len());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            edits.push(Edit::Kept(i, j));
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || i < before.len() && common[i + 1][j] >= common[i][j + 1] {
            edits.push(Edit::Dropped(i));
            i += 1;
        } else {
            edits.push(Edit::Added(j));
            j += 1;
        }
    }
    edits
}

/// At `[i][j]`, how many elements `before[i..]` and `after[j..]` have in common, in the same order. A plan has some
/// fifty steps: the plain table is small.
fn common_lengths<T: PartialEq>(before: &[T], after: &[T]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            common[i][j] = if before[i] == after[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edits as a person writes them: `a` stays, `-a` goes, `+a` comes.
    fn told(before: &str, after: &str) -> String {
        let (before, after): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
        let tell = |edit: Edit| match edit {
            Edit::Kept(i, _) => before[i].to_string(),
            Edit::Dropped(i) => format!("-{}", before[i]),
            Edit::Added(j) => format!("+{}", after[j]),
        };
        edits(&before, &after).into_iter().map(tell).collect()
    }

    #[test]
    fn what_both_have_in_order_stays() {
        assert_eq!(told("", ""), "");
        assert_eq!(told("abc", "abc"), "abc");
        assert_eq!(told("", "ab"), "+a+b");
        assert_eq!(told("ab", ""), "-a-b");
        assert_eq!(told("abcd", "axcyd"), "a-b+xc+yd");
        assert_eq!(told("abc", "bca"), "-abc+a");
    }
}
