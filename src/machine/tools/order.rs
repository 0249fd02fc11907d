//! Lines in another order: shuf, tsort.

use std::collections::BTreeMap;

use super::options::{of, open};
use crate::machine::{Process, errno};

/// shuf.
pub fn shuf(p: &mut Process) -> i32 {
    let long = [("echo", 'e'), ("input-range", 'i'), ("head-count", 'n'), ("output", 'o'), ("zero-terminated", 'z'), ("repeat", 'r')];
    let busybox = p.busybox();
    let options = match of(p, if busybox { "ei:n:o:z" } else { "ei:n:o:zr" }, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if busybox && let Some(Err(status)) = options.value('n').map(|n| super::options::number(p, n, 0..=usize::MAX)) {
        return status;
    }
    let end = if options.has('z') { "\0" } else { "\n" };
    let mut items: Vec<String> = if options.has('e') {
        options.operands.clone()
    } else if let Some(range) = options.value('i') {
        let bounds = range.split_once('-').and_then(|(a, b)| Some((a.parse::<u64>().ok()?, b.parse::<u64>().ok()?)));
        let bounds = bounds.filter(|(from, to)| from <= to);
        match bounds {
            Some((from, to)) if to.saturating_sub(from) < 1_000_000 => (from..=to).map(|n| n.to_string()).collect(),
            _ => {
                let text = if busybox { format!("bad range '{range}'") } else { format!("{range}: invalid range") };
                return p.fail(&text);
            }
        }
    } else {
        let Some(data) = open(p, &options.files()[0]) else { return 1 };
        String::from_utf8_lossy(&data).split_terminator(end).map(str::to_owned).collect()
    };
    let count = options.value('n').and_then(|n| n.parse().ok()).unwrap_or(items.len()).min(items.len());
    for i in 0..count {
        let pick = i + (p.system.random() % (items.len() - i) as u64) as usize;
        items.swap(i, pick);
    }
    let text: String = items[..count].iter().flat_map(|item| [item.as_str(), end]).collect();
    match options.value('o') {
        Some(file) => match p.write(file, text.into_bytes()) {
            Ok(()) => 0,
            Err(e) => p.fail(&format!("{file}: {}", errno::text(e))),
        },
        None => {
            p.out(text);
            0
        }
    }
}

/// tsort.
pub fn tsort(p: &mut Process) -> i32 {
    let Some(data) = open(p, &p.args.get(1).cloned().unwrap_or("-".into())) else { return 1 };
    let text = String::from_utf8_lossy(&data).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut after: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut waits: BTreeMap<&str, usize> = BTreeMap::new();
    for pair in words.chunks_exact(2) {
        waits.entry(pair[0]).or_default();
        *waits.entry(pair[1]).or_default() += usize::from(pair[0] != pair[1]);
        if pair[0] != pair[1] {
            after.entry(pair[0]).or_default().push(pair[1]);
        }
    }
    let mut ready: std::collections::VecDeque<&str> = waits.iter().filter(|(_, n)| **n == 0).map(|(w, _)| *w).collect();
    let mut shown = 0;
    while let Some(word) = ready.pop_front() {
        p.out(format!("{word}\n"));
        shown += 1;
        for next in after.remove(word).unwrap_or_default() {
            let left = waits.entry(next).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.push_back(next);
            }
        }
    }
    if shown < waits.len() { p.fail("-: input contains a loop") } else { 0 }
}
