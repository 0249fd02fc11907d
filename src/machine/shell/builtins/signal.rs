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
        "ERR" | "DEBUG" | "RETURN" if s.bash() => Some(plain.into()),
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
    if rest.first().is_some_and(|a| a == "-l" && s.bash()) {
        return Ok(0);
    }
    if rest.first().is_some_and(|a| a == "--") {
        rest = &rest[1..];
    }
    if rest.is_empty() || shows {
        let names: Vec<String> = rest.iter().filter_map(|r| condition(s, r)).collect();
        let mut text = String::new();
        for (name, action) in s.traps.iter().filter(|(n, _)| rest.is_empty() || names.contains(n)) {
            let sig = if s.bash() && signals::find(name).is_some() { "SIG" } else { "" };
            text.push_str(&format!("trap -- {} {sig}{name}\n", single_quoted(action, s.dialect)));
        }
        p.out(text);
        return Ok(0);
    }
    // A first word that is a number, or one that stands alone: what follows is reset.
    let resets = rest[0] == "-" || rest.len() == 1 || rest[0].parse::<u32>().is_ok();
    let conditions = if resets && rest[0] != "-" { rest } else { &rest[1..] };
    let mut status = 0;
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

/// kill.
pub fn kill(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut signal = 15;
    let mut targets = Vec::new();
    let mut i = 1;
    while let Some(arg) = args.get(i) {
        i += 1;
        let name = match arg.as_str() {
            "-s" | "-n" => {
                i += 1;
                args.get(i - 1).map_or("", String::as_str)
            }
            "-l" | "-L" => return list(s, p, args.get(i).map(String::as_str)),
            "--" => continue,
            a if a.starts_with('-') && a.len() > 1 && targets.is_empty() => &a[1..],
            a => {
                targets.push(a.trim_start_matches('%').to_owned());
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
        let number: u32 = target.parse().unwrap_or(0);
        if number == s.pid {
            s.receive(p, signal)?;
        } else if !s.jobs.iter().any(|j| j.pid == number) {
            status = 1;
            match s.dialect {
                Dialect::Ash => {
                    s.tool(p, "kill", args, |p| p.fail(&format!("can't kill pid {target}: No such process")));
                }
                Dialect::Dash => s.complain(p, "No such process\n"),
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
            let found = signals::find(&number.map_or_else(|| text.trim_start_matches("SIG").to_owned(), |n| n.to_string()));
            match (found, number) {
                (Some((name, _)), Some(_)) => p.out(format!("{name}\n")),
                (Some((_, number)), None) => p.out(format!("{number}\n")),
                (None, _) => {
                    s.complain(p, &format!("{text}: invalid signal specification"));
                    return Ok(1);
                }
            }
        }
        None => p.out(signals::all().map(|(name, _)| format!("{name}\n")).collect::<String>()),
    }
    Ok(0)
}

impl Shell {
    /// A signal to this very shell.
    fn receive(&mut self, p: &mut Process, signal: i32) -> Result<(), Flow> {
        let name = signals::find(&signal.to_string()).map_or("", |(n, _)| n);
        match self.traps.get(name).cloned() {
            _ if signal == 0 => {}
            Some(action) if signal != 9 => {
                if !action.is_empty() {
                    let status = self.status;
                    super::run::nested(self, p, |s, p| s.run_text(p, &action, s.line))?;
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
    let names: Vec<&String> = args[1..].iter().filter(|a| *a != "-n").collect();
    if names.is_empty() {
        for job in std::mem::take(&mut s.jobs) {
            p.system.state.clock = p.system.state.clock.max(job.end);
        }
        return Ok(0);
    }
    let mut status = 0;
    for name in names {
        let number = name.trim_start_matches('%').parse::<u32>().unwrap_or(0);
        let at = match name.starts_with('%') {
            true => (number as usize).checked_sub(1).filter(|i| *i < s.jobs.len()),
            false => s.jobs.iter().position(|j| j.pid == number),
        };
        status = match at {
            Some(at) => {
                let job = s.jobs[at];
                p.system.state.clock = p.system.state.clock.max(job.end);
                job.status
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
