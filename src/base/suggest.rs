//! "did you mean": BuildKit's `util/suggest`.

/// The nearest of `options` that differs by at most two edits; nothing if one of them is equal. Of equally near ones the first.
pub fn suggest<'a>(value: &str, options: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let mut nearest = 3;
    for option in options {
        if option == value {
            return None;
        }
        let distance = distance(value, option);
        if distance < nearest {
            (best, nearest) = (Some(option), distance);
        }
    }
    best
}

/// `message`, with ` (did you mean X?)` behind it if an option is near.
pub fn with_suggestion<'a>(message: String, value: &str, options: impl IntoIterator<Item = &'a str>) -> String {
    match suggest(value, options) {
        Some(option) => format!("{message} (did you mean {option}?)"),
        None => message,
    }
}

/// Levenshtein's distance; lengths that differ by more than two are not looked at any closer.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let gap = a.len().abs_diff(b.len());
    if gap > 2 {
        return gap;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0);
            let cost = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            if let Some(cell) = row.get_mut(j) {
                *cell = left;
            }
            (diagonal, left) = (above, cost);
        }
        if let Some(cell) = row.get_mut(b.len()) {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_ones_only() {
        assert_eq!(distance("kitten", "sittin"), 2);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("ab", "ba"), 2);
        assert_eq!(suggest("biuld", ["test", "build"]), Some("build"));
        assert_eq!(suggest("build", ["biuld", "build"]), None);
        assert_eq!(suggest("x", ["wxyz"]), None);
    }
}
