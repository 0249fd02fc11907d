//! Lines of two sorted files: join and comm.

use super::options::{lines, of, open};
use crate::machine::Process;

/// join: lines of two sorted files with the same first field.
pub fn join(p: &mut Process) -> i32 {
    let options = match of(p, "t:1:2:j:a:v:e:o:i", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let [a, b] = options.operands.clone().try_into().unwrap_or_default();
    let (Some(a), Some(b)) = (open(p, &a), open(p, &b)) else { return 1 };
    let separator = options.value('t').and_then(|t| t.chars().next());
    let read = |data: &[u8]| -> Vec<Vec<String>> {
        let text = String::from_utf8_lossy(data).into_owned();
        text.lines()
            .map(|l| match separator {
                Some(c) => l.split(c).map(str::to_owned).collect(),
                None => l.split_whitespace().map(str::to_owned).collect(),
            })
            .collect()
    };
    let (a, b) = (read(&a), read(&b));
    let field = |letter| options.value(letter).or(options.value('j')).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1).max(1) - 1;
    let (left, right) = (field('1'), field('2'));
    let key = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
    let gap = separator.unwrap_or(' ').to_string();
    let show = |p: &mut Process, key: String, rows: [Option<&Vec<String>>; 2]| {
        let mut cells = vec![key];
        for (row, at) in rows.iter().zip([left, right]) {
            cells.extend(row.iter().flat_map(|r| r.iter().enumerate()).filter(|(i, _)| *i != at).map(|(_, c)| c.clone()));
        }
        p.out(cells.join(&gap) + "\n");
    };
    let only = |n: &str| options.values('a').chain(options.values('v')).any(|v| v == n);
    let paired = !options.has('v');
    let mut used = vec![false; b.len()];
    for row in &a {
        let wanted = key(row, left);
        let mut any = false;
        for (j, other) in b.iter().enumerate() {
            if !p.burn(1) {
                return 1;
            }
            if key(other, right) == wanted {
                (any, used[j]) = (true, true);
                if paired {
                    show(p, wanted.clone(), [Some(row), Some(other)]);
                }
            }
        }
        if !any && only("1") {
            show(p, wanted, [Some(row), None]);
        }
    }
    for (other, _) in b.iter().zip(used).filter(|(_, used)| !used && only("2")) {
        show(p, key(other, right), [None, Some(other)]);
    }
    0
}

/// comm: what two sorted files have in common.
pub fn comm(p: &mut Process) -> i32 {
    let options = match of(p, "123z", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let [a, b] = options.operands.clone().try_into().unwrap_or_default();
    let (Some(a), Some(b)) = (open(p, &a), open(p, &b)) else { return 1 };
    let (a, b) = (lines(&a), lines(&b));
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let order = match (a.get(i), b.get(j)) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        let (column, line) = match order {
            std::cmp::Ordering::Less => ('1', a[i]),
            std::cmp::Ordering::Greater => ('2', b[j]),
            std::cmp::Ordering::Equal => ('3', a[i]),
        };
        i += usize::from(column != '2');
        j += usize::from(column != '1');
        if !options.has(column) {
            let tabs = ['1', '2'].iter().filter(|c| **c < column && !options.has(**c)).count();
            p.out("\t".repeat(tabs));
            p.out(line);
            p.out("\n");
        }
    }
    0
}
