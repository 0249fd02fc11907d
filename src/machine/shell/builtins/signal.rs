//! trap, kill, wait.

use super::super::Dialect;
use super::super::eval::single_quoted;
use super::super::state::{Flow, Ran, Shell};
use crate::machine::Process;
use crate::machine::tools::signals;

/// The name of a trap's condition.
fn condition(s: &Shell, text: &str) -> Option<String> {
    let plain = if s.dialect == Dialect::Dash { text } else { text.strip_prefix("SIG").unwrap_or(text) };
    match plain {
        "0" | "EXIT" => Some("EXIT".into()),
        "ERR" if s.dialect != Dialect::Dash => Some(plain.into()),
        "DEBUG" | "RETURN" if s.bash() => Some(plain.into()),
        name => signals::find(name).map(|(n, _)| n.to_owned()),
    }
}

/// trap.
pub fn trap(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut rest = &args[1..];
    let mut shows = false;
    if rest.first().is_some_and(|a| a == "-p" && s.bash()) {
        shows = true;
        rest = &rest[1..];
    }
    if s.bash()
        && let Some(letter) = rest.first().and_then(|a| a.strip_prefix('-')?.chars().find(|c| *c != '-'))
    {
        if letter == 'l' {
            p.out(columns());
            return Ok(0);
        }
        if letter != 'p' {
            return Err(super::usage(s, p, &format!("-{letter}: invalid option"), "[-lp] [[arg] signal_spec ...]"));
        }
    }
    if !s.bash() {
        rest = &args[super::options(s, p, args, [""; 3], "")?.at..];
    } else if rest.first().is_some_and(|a| a == "--") {
        rest = &rest[1..];
    }
    if rest.is_empty() || shows {
        let names: Vec<String> = rest.iter().filter_map(|r| condition(s, r)).collect();
        let mut text = String::new();
        let all = if s.outer_traps.is_empty() { &s.traps } else { &s.outer_traps };
        let mut traps: Vec<_> = all.iter().filter(|(n, _)| rest.is_empty() || names.contains(n)).collect();
        crate::base::sort_by_key(&mut traps, |(name, _)| match signals::find(name) {
            Some((_, number)) => number,
            // ERR, DEBUG and RETURN are behind all signals.
            None if *name == "EXIT" => 0,
            None => 65 + name.as_bytes()[0] as i32,
        });
        for (name, action) in traps {
            let sig = if s.bash() && signals::find(name).is_some() { "SIG" } else { "" };
            text.push_str(&format!("trap -- {} {sig}{name}\n", single_quoted(action, s.dialect)));
        }
        p.out(text);
        return Ok(0);
    }
    // A first word that is a number, or one that stands alone: what follows is reset.
    let resets = rest[0] == "-" || rest.len() == 1 || rest[0].parse::<u32>().is_ok();
    let conditions = if resets && (rest[0] != "-" || rest.len() == 1) { rest } else { &rest[1..] };
    if s.bash() && rest.len() == 1 && condition(s, &rest[0]).is_none() {
        p.err("trap: usage: trap [-lp] [[arg] signal_spec ...]\n");
        return Ok(2);
    }
    let mut status = 0;
    s.outer_traps.clear();
    for text in conditions {
        match condition(s, text) {
            Some(name) if resets => {
                s.traps.remove(&name);
            }
            Some(name) => {
                s.traps.insert(name, rest[0].clone());
            }
            None => {
                match s.dialect {
                    Dialect::Dash => p.err(format!("trap: {text}: bad trap\n")),
                    _ => s.complain(p, &format!("{text}: invalid signal specification")),
                }
                status = 1;
            }
        }
    }
    Ok(status)
}

/// The job that `%…` names: by its number, or the last one.
fn job_at(s: &Shell, text: &str) -> Option<usize> {
    match text {
        "" | "%" | "+" => s.jobs.len().checked_sub(1),
        "-" => s.jobs.len().checked_sub(2),
        number => number.parse::<usize>().ok()?.checked_sub(1).filter(|i| *i < s.jobs.len()),
    }
}

fn no_such_job(s: &Shell, name: &str) -> String {
    if s.dialect == Dialect::Dash { format!("No such job: {name}") } else { format!("{name}: no such job") }
}

/// jobs: what runs or has ended since it was last told.
pub fn jobs(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let at = super::options(s, p, args, ["lp", "lp", "lnprsx"], "[-lnprs] [jobspec ...] or jobs -x command [args]")?.at;
    if let Some(name) = args.get(at).filter(|name| !name.starts_with('%')) {
        s.complain(p, &no_such_job(s, name));
        return Ok(if s.bash() { 1 } else { 2 });
    }
    let pids = args.get(1).is_some_and(|a| a == "-p");
    let long = args.get(1).is_some_and(|a| a == "-l");
    let now = p.system.state.clock;
    let count = s.jobs.len();
    let mut text = String::new();
    for (i, job) in s.jobs.iter().enumerate() {
        if pids {
            text.push_str(&format!("{}\n", job.pid));
            continue;
        }
        let mark = if i + 1 == count {
            '+'
        } else if i + 2 == count {
            '-'
        } else {
            ' '
        };
        let state = match (job.end > now, job.killed, job.status) {
            (true, ..) => "Running".to_owned(),
            (_, Some(signal), _) => signals::description(signal).to_owned(),
            (_, _, 0) => "Done".into(),
            (_, _, status) if s.bash() => format!("Exit {status}"),
            (_, _, status) => format!("Done({status})"),
        };
        let pid = if long { format!("{} ", job.pid) } else { String::new() };
        text.push_str(&match s.dialect {
            Dialect::Ash => format!("{:33}\n", format!("[{}]{mark}  {pid}{state}", i + 1)),
            Dialect::Dash => format!("{:33}\n", format!("[{}] {mark} {pid}{state}", i + 1)),
            Dialect::Bash => {
                let running = if state == "Running" { " &" } else { "" };
                format!("{}\n", format!("[{}]{mark}  {pid}{state:24}{}{running}", i + 1, job.text).trim_end())
            }
        });
    }
    p.out(text);
    // What has been told to be over is forgotten, from the end.
    while s.jobs.last().is_some_and(|j| j.end <= now) && !pids {
        s.jobs.pop();
    }
    Ok(0)
}

/// bash's disown: forgets a job, the last one or those that are named.
pub fn disown(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let names: Vec<&String> = args[1..].iter().filter(|a| !a.starts_with('-')).collect();
    if args.iter().any(|a| a == "-a") {
        s.jobs.clear();
    } else if names.is_empty() {
        match s.jobs.iter().rposition(|j| !j.waited) {
            Some(at) => drop(s.jobs.remove(at)),
            None => return super::fails(s, p, "current: no such job", 1),
        }
    }
    let mut status = 0;
    for name in names {
        let at = match name.strip_prefix('%') {
            Some(job) => job_at(s, job),
            None => s.jobs.iter().position(|j| Ok(j.pid) == name.parse()),
        };
        match at {
            Some(at) => drop(s.jobs.remove(at)),
            None => {
                s.complain(p, &no_such_job(s, name));
                status = 1;
            }
        }
    }
    Ok(status)
}

/// fg and bg, without job control.
pub fn foreground(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    if let Some(name) = args.get(1).filter(|name| !s.bash() && !name.starts_with('%')) {
        s.complain(p, &no_such_job(s, name));
        return Ok(2);
    }
    s.complain(p, if s.bash() { "no job control" } else { "No current job" });
    Ok(if s.bash() { 1 } else { 2 })
}

/// kill.
pub fn kill(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut signal = 15;
    let mut targets = Vec::new();
    let mut i = 1;
    while let Some(arg) = args.get(i) {
        i += 1;
        let name = match arg.as_str() {
            "-s" | "-n" if i == args.len() && s.dialect != Dialect::Ash => {
                let bash = s.bash();
                s.complain(p, &if bash { format!("{arg}: option requires an argument") } else { format!("No arg for {arg} option") });
                return Ok(if bash { 1 } else { 2 });
            }
            "-s" | "-n" => {
                i += 1;
                args.get(i - 1).map_or(&arg[1..], String::as_str)
            }
            "-l" | "-L" if s.bash() && args.len() > i => {
                let mut status = 0;
                for what in &args[i..] {
                    status |= list(s, p, Some(what))?;
                }
                return Ok(status);
            }
            "-l" | "-L" => return list(s, p, args.get(i).map(String::as_str)),
            "--" => continue,
            a if a.starts_with('-') && a.len() > 1 && targets.is_empty() => &a[1..],
            a => {
                targets.push(a.to_owned());
                continue;
            }
        };
        match (name, signals::find(name.strip_prefix("SIG").unwrap_or(name))) {
            ("0", _) => signal = 0,
            (_, Some((_, number))) => signal = number,
            _ => {
                return Ok(match s.dialect {
                    Dialect::Ash => s.tool(p, "kill", args, |p| p.fail(&format!("bad signal name '{name}'"))),
                    Dialect::Dash => {
                        s.complain(p, &format!("Illegal option -{}", name.chars().next().unwrap_or('-')));
                        2
                    }
                    Dialect::Bash => {
                        s.complain(p, &format!("{name}: invalid signal specification"));
                        1
                    }
                });
            }
        }
    }
    if targets.is_empty() {
        return Ok(match s.dialect {
            Dialect::Ash => s.tool(p, "kill", args, |p| p.fail("you need to specify whom to kill")),
            Dialect::Dash => {
                s.complain(p, "Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]");
                2
            }
            Dialect::Bash => {
                p.err("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n");
                2
            }
        });
    }
    let mut status = 0;
    for target in targets {
        let number: u32 = match target.strip_prefix('%') {
            Some(job) => match job_at(s, job) {
                Some(at) => s.jobs[at].pid,
                None => {
                    s.complain(p, &no_such_job(s, &target));
                    return if s.bash() { Ok(1) } else { Err(Flow::Error(2)) };
                }
            },
            None => target.parse().unwrap_or(0),
        };
        if number == s.pid {
            s.receive(p, signal)?;
        } else if let Some(job) = s.jobs.iter_mut().find(|j| j.pid == number && !j.waited) {
            // What it did has been done; but it is over now.
            if job.end > p.system.state.clock && signal > 0 && !matches!(signal, 17..=23 | 28) {
                (job.end, job.status, job.killed) = (p.system.state.clock, 128 + signal, Some(signal));
            }
        } else {
            status = 1;
            if s.dialect == Dialect::Ash && target.trim_start_matches('-').parse::<i64>().is_err() {
                s.tool(p, "kill", args, |p| p.fail(&format!("invalid number '{target}'")));
                continue;
            }
            match s.dialect {
                Dialect::Ash => {
                    s.tool(p, "kill", args, |p| p.fail(&format!("can't kill pid {target}: No such process")));
                }
                Dialect::Dash if target.parse::<i64>().is_err() => {
                    s.complain(p, &format!("Illegal number: {target}"));
                    return Err(Flow::Error(2));
                }
                Dialect::Dash => s.complain(p, "No such process\n"),
                Dialect::Bash if target.parse::<i64>().is_err() => {
                    s.complain(p, &format!("{target}: arguments must be process or job IDs"));
                }
                Dialect::Bash => s.complain(p, &format!("({target}) - No such process")),
            }
        }
    }
    Ok(status)
}

fn list(s: &mut Shell, p: &mut Process, what: Option<&str>) -> Ran {
    match what {
        Some(text) => {
            let number = text.parse::<i32>().ok().map(|n| if n > 128 { n - 128 } else { n });
            let named = if s.bash() { 64 } else { 31 };
            let numbered = |name: &str| (1..=named).find(|n| name_of(*n).is_some_and(|own| own == name));
            let answer = match number {
                Some(0) => Some("EXIT".to_owned()),
                // What has no name here is its number.
                Some(n) if (n == 16 && s.dialect == Dialect::Dash) || ((32..=64).contains(&n) && s.dialect == Dialect::Ash) => {
                    Some(n.to_string())
                }
                Some(n) => name_of(n),
                None if s.dialect == Dialect::Dash => None,
                None => numbered(text.trim_start_matches("SIG")).map(|n| n.to_string()),
            };
            match (answer, s.dialect) {
                (Some(answer), _) => p.out(answer + "\n"),
                (None, Dialect::Ash) if number.is_none() => {
                    return Ok(s.tool(p, "kill", &[], |p| p.fail(&format!("unknown signal '{text}'"))));
                }
                (None, Dialect::Dash) if number.is_none() => return super::fails(s, p, &format!("Illegal number: {text}"), 2),
                (None, _) => {
                    s.complain(p, &format!("{text}: invalid signal specification"));
                    return Ok(1);
                }
            }
        }
        None if s.bash() => p.out(columns()),
        None if s.dialect == Dialect::Ash => p.out(signals::all().map(|(name, n)| format!("{n:2}) {name}\n")).collect::<String>()),
        // dash knows neither STKFLT nor the two that the C library keeps.
        None => {
            let name = |n| (n > 0).then(|| name_of(n)).flatten().filter(|n| n != "STKFLT").unwrap_or_else(|| n.to_string());
            p.out((0..=64).map(|n| name(n) + "\n").collect::<String>());
        }
    }
    Ok(0)
}

/// The name of a signal, of those too that have no meaning.
fn name_of(number: i32) -> Option<String> {
    Some(match number {
        34 => "RTMIN".to_owned(),
        64 => "RTMAX".into(),
        35..50 => format!("RTMIN+{}", number - 34),
        50..64 => format!("RTMAX-{}", 64 - number),
        _ => signals::all().find(|signal| signal.1 == number)?.0.to_owned(),
    })
}

/// bash's table of all signals, five on a line.
fn columns() -> String {
    let mut text = String::new();
    for (i, (number, name)) in (1..=64).filter_map(|n| Some((n, name_of(n)?))).enumerate() {
        text.push_str(&format!("{number:2}) SIG{name}{}", if i % 5 == 4 { '\n' } else { '\t' }));
    }
    text.push('\n');
    text
}

impl Shell {
    /// A signal to this very shell.
    fn receive(&mut self, p: &mut Process, signal: i32) -> Result<(), Flow> {
        let name = signals::find(&signal.to_string()).map_or("", |(n, _)| n);
        match self.traps.get(name).cloned() {
            _ if signal == 0 => {}
            Some(action) if signal != 9 => {
                if !action.is_empty() {
                    // `kill` is over when it runs.
                    self.status = 0;
                    let status = self.status;
                    let builtin = self.builtin.take();
                    let line = if self.dialect == Dialect::Dash { 1 } else { self.line };
                    super::run::nested(self, p, |s, p| s.run_text(p, &action, line))?;
                    self.builtin = builtin;
                    self.status = status;
                }
            }
            // The first process of a container is not killed by signals from inside.
            _ if self.pid == 1 || matches!(name, "CHLD" | "URG" | "WINCH" | "CONT") => {}
            _ => {
                p.flush();
                p.killed = Some(signal);
                return Err(Flow::Exit(128 + signal));
            }
        }
        Ok(())
    }
}

/// wait: for some processes or all.
pub fn wait(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let options = super::options(s, p, args, ["n", "", "fnp:"], "[-fn] [-p var] [id ...]")?;
    let names = &args[options.at..];
    if s.bash() && options.has('n') && names.is_empty() {
        return Ok(next_job(s, p));
    }
    if names.is_empty() {
        for job in &mut s.jobs {
            p.wait_for(job.end);
            job.waited = true;
        }
        if s.bash() {
            s.jobs.clear();
        }
        return Ok(0);
    }
    let mut status = 0;
    for name in names {
        let number = name.parse::<u32>();
        let at = match name.strip_prefix('%') {
            Some(job) => job_at(s, job),
            None => number.as_ref().ok().and_then(|n| s.jobs.iter().position(|j| j.pid == *n)),
        };
        status = match at {
            Some(at) if s.bash() => {
                let job = s.jobs.remove(at);
                p.wait_for(job.end);
                job.status
            }
            Some(at) => {
                let job = s.jobs[at].clone();
                s.jobs[at].waited = true;
                p.wait_for(job.end);
                if let Some(signal) = job.killed.filter(|k| !job.waited && !matches!(*k, 2 | 13)) {
                    p.err(format!("{}\n", signals::description(signal)));
                }
                job.status
            }
            None if name.starts_with('%') => {
                s.complain(p, &no_such_job(s, name));
                if s.bash() { 127 } else { 2 }
            }
            None if s.bash() && number.is_err() => {
                s.complain(p, &format!("`{name}': not a pid or valid job spec"));
                1
            }
            None if number.is_err() && !s.bash() => {
                s.complain(p, &format!("Illegal number: {name}"));
                2
            }
            None => {
                if s.bash() {
                    s.complain(p, &format!("pid {name} is not a child of this shell"));
                }
                127
            }
        };
    }
    Ok(status)
}

/// bash's `wait -n`: the job that ends next.
fn next_job(s: &mut Shell, p: &mut Process) -> i32 {
    let next = s.jobs.iter().enumerate().filter(|(_, j)| !j.waited).min_by_key(|(_, j)| j.end).map(|(at, _)| at);
    let Some(at) = next else { return 127 };
    let job = s.jobs.remove(at);
    p.wait_for(job.end);
    job.status
}
