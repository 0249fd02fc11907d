//! Columns as docker's formatter lays them out: Go's tabwriter with a width of at least 10 and three blanks between.

/// Rows of equal length; the first one is the head.
pub fn table(rows: &[Vec<String>]) -> String {
    let count = rows.first().map_or(0, Vec::len);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count() + 3).max().unwrap_or(0).max(10);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let pad = widths.get(column).copied().unwrap_or(0);
            if column + 1 < count { out.push_str(&format!("{cell:<pad$}")) } else { out.push_str(cell) }
        }
        out.push('\n');
    }
    out
}

/// At most `width` characters, `…` in place of what is cut off.
pub fn ellipsis(text: &str, width: usize) -> String {
    match text.chars().count() > width {
        true => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_padded_but_the_last() {
        let rows = [vec!["REPOSITORY".into(), "TAG".into(), "SIZE".into()], vec!["a".into(), "latest".into(), "1kB".into()]];
        assert_eq!(table(&rows), "REPOSITORY   TAG       SIZE\na            latest    1kB\n");
        assert_eq!(ellipsis("abcdef", 4), "abc…");
    }
}
