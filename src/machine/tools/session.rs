//! What a machine and a terminal say of themselves: free, uptime, who, w, tty, stty, clear, logname, hostid, getconf, cal, more, less.

use super::date::{self, Civil};
use super::options::{of, open, usage};
use crate::machine::Process;

/// free: 8 GB, a quarter of it used.
pub fn free(p: &mut Process) -> i32 {
    let options = match of(p, "bkmght", &[("human", 'h'), ("mega", 'm'), ("giga", 'g'), ("bytes", 'b')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let show = |kib: u64| match () {
        () if options.has('h') => super::names::human(kib << 10),
        () if options.has('b') => (kib << 10).to_string(),
        () if options.has('m') => (kib >> 10).to_string(),
        () if options.has('g') => (kib >> 20).to_string(),
        () => kib.to_string(),
    };
    let row = |name: &str, cells: &[u64]| {
        let cells: String = cells.iter().map(|c| format!("{:>12}", show(*c))).collect();
        format!("{name:<7}{}{cells}\n", if p.busybox() { "" } else { " " })
    };
    let title = "              total        used        free      shared  buff/cache   available\n";
    let gap = if p.busybox() { "" } else { " " };
    let text =
        format!("{gap}{title}{}{}", row("Mem:", &[8_000_000, 2_000_000, 5_000_000, 1_000, 1_000_000, 6_000_000]), row("Swap:", &[0, 0, 0]));
    p.out(text);
    0
}

/// uptime.
pub fn uptime(p: &mut Process) -> i32 {
    let (now, _) = date::now(p);
    let text = match p.args.get(1).map(String::as_str) {
        Some("-p") => "up 1 hour\n".to_owned(),
        Some("-s") => date::format("%Y-%m-%d %H:%M:%S\n", now - 3600, 0),
        _ => date::format(" %H:%M:%S up  1:00,  0 users,  load average: 0.00, 0.00, 0.00\n", now, 0),
    };
    p.out(text);
    0
}

/// who and w: nobody is logged in.
pub fn who(p: &mut Process) -> i32 {
    if p.name() == "w" {
        p.out("USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n");
    }
    0
}

/// tty and stty: there is no terminal.
pub fn tty(p: &mut Process) -> i32 {
    match p.name() {
        "tty" => match super::options::of(p, "s", &[("silent", 's'), ("quiet", 's')]) {
            Ok(options) => {
                p.out(if options.has('s') { "" } else { "not a tty\n" });
                1
            }
            Err(status) => status + i32::from(status > 0 && !p.busybox()),
        },
        _ if p.busybox() => p.fail("standard input: Inappropriate ioctl for device"),
        _ => p.fail("'standard input': Inappropriate ioctl for device"),
    }
}

/// clear and reset.
pub fn clear(p: &mut Process) -> i32 {
    p.out(if p.name() == "clear" { "\x1b[H\x1b[J" } else { "\x1bc\x1b(B\x1b[m\x1b[J\x1b[?25h" });
    0
}

/// logname.
pub fn logname(p: &mut Process) -> i32 {
    p.fail(if p.busybox() { "getlogin: No such device or address" } else { "no login name" })
}

/// hostid.
pub fn hostid(p: &mut Process) -> i32 {
    p.out("00000000\n");
    0
}

/// getconf.
pub fn getconf(p: &mut Process) -> i32 {
    let Some(name) = p.args.get(1).cloned() else { return usage(p) };
    let text = match name.as_str() {
        "_NPROCESSORS_ONLN" | "_NPROCESSORS_CONF" | "NPROCESSORS_ONLN" => "4",
        "LONG_BIT" | "WORD_BIT" => "64",
        "PAGE_SIZE" | "PAGESIZE" => "4096",
        "ARG_MAX" => "2097152",
        "PATH_MAX" => "4096",
        "NAME_MAX" => "255",
        "OPEN_MAX" => "1024",
        "CLK_TCK" => "100",
        "PATH" => "/bin:/usr/bin",
        "GNU_LIBC_VERSION" => "glibc 2.36",
        _ => {
            p.err(format!("getconf: Unrecognized variable `{name}'\n"));
            return 2;
        }
    };
    p.out(format!("{text}\n"));
    0
}

/// cal: one month, or a year.
pub fn cal(p: &mut Process) -> i32 {
    let numbers: Vec<i64> = p.args[1..].iter().filter_map(|a| a.parse().ok()).collect();
    let today = Civil::of(date::now(p).0);
    let (month, year) = match numbers[..] {
        [month, year, ..] if (1..=12).contains(&month) && (1..=9999).contains(&year) => (month, year),
        [] => (today.month, today.year),
        _ => return usage(p),
    };
    let first = Civil { year, month, day: 1, hour: 0, minute: 0, second: 0 }.seconds();
    let next = Civil { year: year + month / 12, month: month % 12 + 1, day: 1, hour: 0, minute: 0, second: 0 }.seconds();
    let title = date::format("%B %Y", first, 0);
    let mut text = format!("{:>1$}\n", title, 10 + title.len().div_ceil(2)) + "Su Mo Tu We Th Fr Sa\n";
    let lead = (first.div_euclid(86_400) + 4).rem_euclid(7) as usize;
    let mut cells: Vec<String> = vec!["  ".into(); lead];
    cells.extend((1..=(next - first) / 86_400).map(|d| format!("{d:>2}")));
    cells.resize(42, "  ".into());
    for week in cells.chunks(7) {
        text += &week.join(" ");
        text.push('\n');
    }
    p.out(text);
    0
}

/// more and less: into a pipe they are cat.
pub fn page(p: &mut Process) -> i32 {
    let files: Vec<String> = p.args[1..].iter().filter(|a| !a.starts_with(['-', '+'])).cloned().collect();
    let files = if files.is_empty() { vec!["-".to_owned()] } else { files };
    let mut status = 0;
    for file in files {
        match open(p, &file) {
            Some(data) => p.out(data),
            None => status = 1,
        }
    }
    status
}
