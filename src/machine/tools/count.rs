//! Numbers and lines made from next to nothing: factor, sum, yes.

use super::options::{of, open, usage};
use crate::machine::Process;

/// factor.
pub fn factor(p: &mut Process) -> i32 {
    let mut words: Vec<String> = p.args[1..].to_vec();
    if words.is_empty() {
        let data = p.stdin();
        words = String::from_utf8_lossy(&data).split_whitespace().map(str::to_owned).collect();
    }
    let mut status = 0;
    let mut out = String::new();
    for word in words {
        let Ok(number) = word.trim_start().parse::<u64>() else {
            if p.busybox() {
                let status = usage(p);
                p.out(out);
                return status;
            }
            status = p.fail(&format!("'{word}' is not a valid positive integer"));
            continue;
        };
        let mut line = format!("{number}:");
        let (mut rest, mut by) = (number, 2);
        while rest > 1 && by * by <= rest {
            if !p.burn(1) {
                p.out(out);
                return 1;
            }
            if rest % by == 0 {
                line += &format!(" {by}");
                rest /= by;
            } else {
                by += if by == 2 { 1 } else { 2 };
            }
        }
        if rest > 1 {
            line += &format!(" {rest}");
        }
        out += &(line + "\n");
    }
    p.out(out);
    status
}

/// sum: the checksum of BSD, with `-s` that of System V.
pub fn sum(p: &mut Process) -> i32 {
    let options = match of(p, "rs", &[("sysv", 's')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let named = options.operands.len() > usize::from(!p.busybox());
    let mut status = 0;
    for file in options.files() {
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        let name = if named { format!(" {file}") } else { String::new() };
        if options.has('s') {
            let total = data.iter().fold(0u32, |s, b| s.wrapping_add((*b).into()));
            let folded = (total & 0xffff) + (total >> 16);
            p.out(format!("{} {}{name}\n", (folded & 0xffff) + (folded >> 16), data.len().div_ceil(512)));
        } else {
            let total = data.iter().fold(0u16, |s, b| s.rotate_right(1).wrapping_add((*b).into()));
            p.out(format!("{total:05} {:5}{name}\n", data.len().div_ceil(1024)));
        }
    }
    status
}

/// yes: as much as anybody reads.
pub fn yes(p: &mut Process) -> i32 {
    let line = if p.args.len() > 1 { p.args[1..].join(" ") } else { "y".into() } + "\n";
    let block = line.repeat(4096 / line.len() + 1);
    while p.alive() && p.burn(50) {
        if !p.write_fd(1, block.as_bytes()) {
            return 1;
        }
    }
    1
}
