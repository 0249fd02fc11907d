//! seq.

use crate::machine::Process;

/// seq.
pub fn seq(p: &mut Process) -> i32 {
    let (mut separator, mut wide, mut shape) = ("\n".to_owned(), false, None);
    let mut numbers: Vec<String> = Vec::new();
    let mut args = p.args[1..].iter().cloned();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-w" | "--equal-width" => wide = true,
            "--" if numbers.is_empty() => numbers.extend(args.by_ref()),
            "-s" if p.busybox() && args.len() == 0 => return super::options::refuse(p, "option requires an argument -- 's'"),
            a if p.busybox() && numbers.is_empty() && a.starts_with("--") => {
                let text = format!("unrecognized option '{a}'");
                return super::options::refuse(p, &text);
            }
            "-s" | "--separator" => separator = args.next().unwrap_or_default(),
            "-f" | "--format" if !p.busybox() => {
                let layout = args.next().unwrap_or_default();
                let Some(parts) = layout_of(&layout) else {
                    return p.fail(&format!("format '{layout}' has no % directive"));
                };
                shape = Some(parts);
            }
            a if a.starts_with("-s") => separator = a[2..].to_owned(),
            a if a.starts_with("--separator=") => separator = a[12..].to_owned(),
            // To busybox a negative number is an option.
            a if p.busybox() && numbers.is_empty() && a.starts_with('-') && a.len() > 1 && a != "--" => {
                let text = format!("invalid option -- '{}'", &a[1..2]);
                p.fail(&text);
                return super::options::usage(p);
            }
            _ => numbers.push(arg),
        }
    }
    let busybox = p.busybox();
    let read = |text: &String| match crate::base::float_prefix(text.as_bytes()) {
        None if busybox && text.is_empty() => Some(0.0),
        found => found.filter(|(value, end)| *end == text.len() && (busybox || value.is_finite())).map(|(value, _)| value),
    };
    let parsed: Option<Vec<f64>> = numbers.iter().map(read).collect();
    if p.busybox() && (parsed.is_none() || !(1..=3).contains(&numbers.len())) {
        return super::options::usage(p);
    }
    let Some(parsed) = parsed else {
        let bad = numbers.iter().find(|n| read(n).is_none()).cloned().unwrap_or_default();
        let text = if p.busybox() {
            format!("invalid number '{bad}'")
        } else {
            format!("invalid floating point argument: {}", super::names::quote(p, &bad))
        };
        return p.fail(&text);
    };
    let (first, step, last) = match parsed[..] {
        [last] => (1.0, 1.0, last),
        [first, last] => (first, 1.0, last),
        [first, step, last] => (first, step, last),
        _ => return super::options::refuse(p, "missing operand"),
    };
    if step == 0.0 && !p.busybox() {
        return super::options::refuse(p, "invalid Zero increment value: '0'");
    }
    // How the last number is written does not count.
    let places =
        numbers.iter().take(2.min(numbers.len() - 1)).filter_map(|n| n.split_once('.')).map(|(_, d)| d.len()).max().unwrap_or(0).min(20);
    let show = |v: f64| format!("{v:.places$}");
    let width = if wide { show(first).len().max(show(last).len()) } else { 0 };
    let (mut count, mut any) = (0.0f64, false);
    // busybox misses some ends for the rounding.
    let slack = if busybox { 0.0 } else { step * 1e-9 };
    loop {
        let value = first + count * step;
        let past = if step == 0.0 {
            false
        } else if step > 0.0 {
            value > last + slack
        } else {
            value < last + slack
        };
        if past || !p.burn(20) {
            break;
        }
        let text = show(value);
        let padded = match &shape {
            Some((before, spec, letter, after)) => [before, &*super::format::real(spec, *letter, value), after].concat(),
            None => padded(&text, width),
        };
        p.out(if any { format!("{separator}{padded}") } else { padded });
        any = true;
        count += 1.0;
    }
    if any {
        p.out("\n");
    }
    0
}

fn padded(text: &str, width: usize) -> String {
    match text.strip_prefix('-') {
        Some(digits) => format!("-{digits:0>0$}", width.saturating_sub(1)),
        None => format!("{text:0>width$}"),
    }
}

/// What `-f` has before its conversion, the conversion's layout and letter, and what comes after.
fn layout_of(format: &str) -> Option<(String, String, char, String)> {
    let (before, rest) = format.split_once('%')?;
    let at = rest.find(|c| "eEfFgG".contains(c))?;
    Some((before.into(), rest[..at].into(), char::from(rest.as_bytes()[at]), rest[at + 1..].into()))
}
