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
        let mut factors = Vec::new();
        split(p, number, &mut factors);
        crate::base::sort(&mut factors);
        let parts: String = factors.iter().map(|f| format!(" {f}")).collect();
        out += &format!("{number}:{parts}\n");
    }
    p.out(out);
    status
}

fn times(a: u64, b: u64, modulus: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(modulus)) as u64
}

/// Miller and Rabin's test, with the bases that decide it for 64 bits.
fn is_prime(n: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if n < 2 || BASES.iter().any(|b| n.is_multiple_of(*b)) {
        return BASES.contains(&n);
    }
    let twos = (n - 1).trailing_zeros();
    BASES.iter().all(|base| {
        let (mut power, mut square, mut rest) = (1, *base, (n - 1) >> twos);
        while rest > 0 {
            if rest & 1 == 1 {
                power = times(power, square, n);
            }
            square = times(square, square, n);
            rest >>= 1;
        }
        power == 1 || (0..twos).scan(power, |p, _| Some(std::mem::replace(p, times(*p, *p, n)))).any(|p| p == n - 1)
    })
}

/// The prime factors of a number, in no order: small ones by trial, others by Pollard's rho.
fn split(p: &mut Process, mut n: u64, out: &mut Vec<u64>) {
    for small in 2..1000 {
        while n > 1 && n.is_multiple_of(small) {
            out.push(small);
            n /= small;
        }
    }
    if n < 2 || is_prime(n) {
        out.extend((n > 1).then_some(n));
        return;
    }
    for start in 1u64.. {
        let step = |x: u64| ((u128::from(times(x, x, n)) + u128::from(start)) % u128::from(n)) as u64;
        let (mut slow, mut fast, mut divisor) = (2, 2, 1);
        while divisor == 1 {
            if !p.burn(1) {
                return;
            }
            slow = step(slow);
            fast = step(step(fast));
            let (mut a, mut b) = (slow.abs_diff(fast), n);
            while b > 0 {
                (a, b) = (b, a % b);
            }
            divisor = a;
        }
        if divisor < n {
            split(p, divisor, out);
            split(p, n / divisor, out);
            return;
        }
    }
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
            p.system.clipped = true;
            return 1;
        }
    }
    1
}
