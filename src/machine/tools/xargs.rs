//! xargs.

use super::options::of;
use crate::machine::{Process, exec};

/// Most calls of one xargs.
const MAX_CALLS: usize = 10_000;
/// Most bytes of a command line.
const MAX_LINE: usize = 32 << 10;

/// xargs.
pub fn xargs(p: &mut Process) -> i32 {
    let long = [("null", '0'), ("no-run-if-empty", 'r'), ("max-args", 'n'), ("max-procs", 'P'), ("verbose", 't'), ("replace", 'I')];
    let busybox = p.busybox();
    let long = if busybox { &long[1..2] } else { &long[..] };
    let options = match of(p, if p.busybox() { "+0rtpxn:P:I:s:a:E:e;i;" } else { "+0rtpxn:P:I:L:s:a:d:E:e;i;" }, long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut command = options.operands.clone();
    if command.is_empty() {
        command.push("echo".into());
    }
    let command_name = command[0].clone();
    let data = match options.value('a') {
        Some(file) => p.input(file).unwrap_or_default(),
        None => p.stdin(),
    };
    let text = String::from_utf8_lossy(&data).into_owned();
    if options.value('n') == Some("0") && !busybox {
        return super::options::refuse(p, "value 0 for -n option should be >= 1");
    }
    for letter in ['n', 's'] {
        if let (true, Some(text)) = (busybox, options.value(letter))
            && let Err(status) = super::options::number(p, text, 1..=2_147_483_647)
        {
            return status;
        }
    }
    let replace = options
        .value('I')
        .map(str::to_owned)
        .or_else(|| options.value('i').map(|v| if v.is_empty() { "{}".to_owned() } else { v.to_owned() }));
    let by_line = replace.is_some() || options.has('L');
    let words: Vec<String> = match (options.has('0'), options.value('d'), by_line) {
        (true, ..) => separated(&text, '\0'),
        (_, Some(d), _) => separated(&text, if d == "\\n" { '\n' } else { d.chars().next().unwrap_or('\n') }),
        (.., true) => text.lines().map(|l| l.trim_start().to_owned()).filter(|l| !l.is_empty()).collect(),
        _ => match split(&text) {
            Ok(words) => words,
            Err(text) if busybox => return p.fail(text),
            Err(text) => return p.fail(&[text, "; by default quotes are special to xargs unless you use the -0 option"].concat()),
        },
    };
    let words: Vec<String> = match options.value('E').or(options.value('e')) {
        Some(end) if !end.is_empty() => words.into_iter().take_while(|w| w != end).collect(),
        _ => words,
    };
    let calls: Vec<Vec<String>> = match &replace {
        Some(mark) => words.iter().map(|w| command.iter().map(|c| c.replace(mark.as_str(), w)).collect()).collect(),
        None => {
            let most = options.value('n').or(options.value('L')).and_then(|n| n.parse().ok()).unwrap_or(usize::MAX).max(1);
            let own: usize = command.iter().map(|c| c.len() + 1).sum();
            let room = options.value('s').and_then(|n| n.parse().ok()).map_or(MAX_LINE, |n: usize| n.saturating_sub(own));
            if words.iter().any(|w| w.len() >= room) {
                return p.fail("argument line too long");
            }
            grouped(words, most, room).into_iter().map(|group| command.iter().cloned().chain(group).collect()).collect()
        }
    };
    let calls = match calls {
        calls if calls.is_empty() && replace.is_none() && !options.has('r') => vec![command],
        calls => calls,
    };
    let mut status = 0;
    for call in calls.into_iter().take(MAX_CALLS) {
        if !p.alive() {
            break;
        }
        if options.has('p') {
            // There is no terminal to ask at.
            p.err(if busybox { call.join(" ") } else { [&call.join(" "), "?..."].concat() });
            return p.fail(if busybox {
                "can't open '/dev/tty': No such device or address"
            } else {
                "failed to open /dev/tty for reading: No such device or address"
            });
        }
        if options.has('t') {
            p.err(format!("{}\n", call.join(" ")));
        }
        status = match start(p, call) {
            0 => status,
            255 => {
                let name = command_name.clone();
                p.fail(&format!("{name}: exited with status 255; aborting"));
                return 124;
            }
            code @ (126 | 127) => return code,
            code if code > 128 => return 125,
            _ => 123,
        };
    }
    status
}

/// Runs a program for xargs or find, which say themselves why it cannot be started.
pub fn start(p: &mut Process, call: Vec<String>) -> i32 {
    let name = p.name().to_owned();
    let path = p.var("PATH").unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").to_owned();
    let (why, status) = match exec::find(p, &call[0], &path) {
        Err(exec::StartError::NotFound | exec::StartError::Errno(crate::filesystem::Errno::NoEntry)) => {
            (crate::machine::errno::text(crate::filesystem::Errno::NoEntry), 127)
        }
        Err(exec::StartError::Errno(e)) => (crate::machine::errno::text(e), 126),
        _ => return p.run(&call),
    };
    let quoted = if p.busybox() { call[0].clone() } else { super::names::quote(p, &call[0]) };
    let shown = if name == "find" { quoted } else { call[0].clone() };
    p.err(format!("{name}: {shown}: {why}\n"));
    status
}

fn separated(text: &str, by: char) -> Vec<String> {
    let body = text.strip_suffix(by).unwrap_or(text);
    if text.is_empty() { Vec::new() } else { body.split(by).map(str::to_owned).collect() }
}

fn grouped(words: Vec<String>, most: usize, room: usize) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut size = 0;
    for word in words {
        size += word.len() + 1;
        match groups.last_mut() {
            Some(group) if group.len() < most && size <= room => group.push(word),
            _ => {
                size = word.len() + 1;
                groups.push(vec![word]);
            }
        }
    }
    groups
}

/// Words between blanks, with quotes and backslashes; an error if a quote is left open.
fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(inner) if inner == c => break,
                        Some('\n') | None => return Err(if c == '"' { "unmatched double quote" } else { "unmatched single quote" }),
                        Some(inner) => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (text, expect) in [("'a b' c\n", "a b|c"), ("a\\ b \"\"", "a b|"), (" x\n\ny ", "x|y")] {
            assert_eq!(split(text).unwrap().join("|"), expect);
        }
        assert_eq!(split("it's"), Err("unmatched single quote"));
        assert_eq!(split("a \"b"), Err("unmatched double quote"));
    }

    #[test]
    fn groups() {
        let words: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        assert_eq!(grouped(words, 2, MAX_LINE).len(), 2);
    }
}
