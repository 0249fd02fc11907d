//! echo and printf; umask, ulimit, times; bash's let.

use super::super::Dialect;
use super::super::state::{Ran, Shell};
use super::fails;
use crate::machine::process::Flavour;
use crate::machine::{Process, tools};

impl Shell {
    /// Runs a tool inside of the shell. Its errors begin as the shell's do: busybox names itself, not the tool.
    pub(super) fn tool(&mut self, p: &mut Process, name: &str, args: &[String], run: impl FnOnce(&mut Process) -> i32) -> i32 {
        p.args = args.to_vec();
        p.flavour = if self.dialect == Dialect::Ash { Flavour::Busybox } else { Flavour::Gnu };
        p.label = Some(match self.dialect {
            Dialect::Ash => self.applet.clone(),
            _ => {
                let outer = self.builtin.replace(name.to_owned());
                let prefix = self.prefix();
                self.builtin = outer;
                prefix.trim_end_matches(": ").to_owned()
            }
        });
        let status = run(p);
        p.label = None;
        status
    }
}

/// echo.
pub fn echo(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let dialect = s.dialect;
    let status = s.tool(p, "echo", args, |p| tools::echo::echo(p, dialect));
    Ok(written(s, p, status))
}

/// The status of what wrote to standard output, which may not take it.
fn written(s: &mut Shell, p: &mut Process, status: i32) -> i32 {
    let Some(why) = p.refuses(1) else { return status };
    match s.dialect {
        // Its printf says nothing.
        Dialect::Ash if s.builtin.as_deref() == Some("printf") => {}
        Dialect::Ash => p.err(format!("{}: write error: {why}\n", s.applet)),
        Dialect::Dash => {
            let name = s.builtin.clone().unwrap_or_default();
            s.complain(p, &format!("{name}: I/O error"));
        }
        Dialect::Bash => s.complain(p, &format!("write error: {why}")),
    }
    1
}

/// printf; bash's `-v` puts the text into a variable.
pub fn printf(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let dialect = s.dialect;
    if s.bash() && args.len() > 3 && args[1] == "-v" {
        if !super::super::parse::is_name(args[2].split('[').next().unwrap_or("")) {
            s.complain(p, &format!("`{}': not a valid identifier", args[2]));
            return Ok(2);
        }
        let rest: Vec<String> = std::iter::once(args[0].clone()).chain(args[3..].iter().cloned()).collect();
        let pipe = p.system.pipe(Vec::new(), None);
        let id = p.system.open(crate::machine::system::Open::PipeWrite(pipe));
        p.flush();
        let saved = p.fds.insert(1, id);
        let status = s.tool(p, "printf", &rest, |p| tools::printf::printf(p, Some(Dialect::Bash)));
        p.flush();
        match saved {
            Some(id) => p.fds.insert(1, id),
            None => p.fds.remove(&1),
        };
        let text = String::from_utf8_lossy(&p.system.take_pipe(pipe).data).into_owned();
        s.set_place(p, &args[2], &text)?;
        return Ok(status);
    }
    if args.len() == 1 {
        return Ok(match s.dialect {
            Dialect::Ash => s.tool(p, "printf", args, |p| tools::printf::printf(p, Some(dialect))),
            Dialect::Dash => {
                s.complain(p, "usage: printf format [arg ...]");
                2
            }
            Dialect::Bash => {
                p.err("printf: usage: printf [-v var] format [arguments]\n");
                2
            }
        });
    }
    let status = s.tool(p, "printf", args, |p| tools::printf::printf(p, Some(dialect)));
    Ok(written(s, p, status))
}

/// let.
pub fn let_(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut value = 0;
    if args.len() == 1 {
        s.complain(p, "expression expected");
        return Ok(if s.bash() { 1 } else { 2 });
    }
    for text in &args[1..] {
        match s.arithmetic_command(p, text, "") {
            Some(number) => value = number,
            None => return Ok(if s.bash() { 1 } else { 2 }),
        }
    }
    Ok((value == 0) as i32)
}

/// times: nothing takes time here.
pub fn times(s: &mut Shell, p: &mut Process, _: &[String]) -> Ran {
    let zero = match s.dialect {
        Dialect::Dash => "0m0.000000s",
        _ => "0m0.000s",
    };
    p.out(format!("{zero} {zero}\n{zero} {zero}\n"));
    Ok(0)
}

/// umask.
pub fn umask(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let options = super::options(s, p, args, ["S", "S", "pS"], "[-p] [-S] [mode]")?;
    let (symbolic, at) = (options.has('S'), options.at);
    if args.len() == at && options.has('p') {
        p.out(if symbolic { "umask -S " } else { "umask " });
    }
    let shown = |mask: u32| {
        let part = |who: &str, shift: u32| {
            let bits = !mask >> shift & 7;
            let letters: String = [(4, 'r'), (2, 'w'), (1, 'x')].iter().filter(|(b, _)| bits & b != 0).map(|(_, c)| *c).collect();
            format!("{who}={letters}")
        };
        format!("{},{},{}\n", part("u", 6), part("g", 3), part("o", 0))
    };
    let Some(mode) = args.get(at) else {
        p.out(if symbolic { shown(p.umask) } else { format!("{:04o}\n", p.umask) });
        return Ok(0);
    };
    if mode.is_empty() && !s.bash() {
        return Ok(0);
    }
    if mode.starts_with(|c: char| c.is_ascii_digit()) {
        let most = match s.dialect {
            Dialect::Ash => 0o777,
            Dialect::Dash => u32::MAX,
            Dialect::Bash => 0o7777,
        };
        return match u32::from_str_radix(mode, 8) {
            Ok(mask) if mask <= most => {
                p.umask = mask & 0o777;
                if symbolic && s.bash() {
                    p.out(shown(p.umask));
                }
                Ok(0)
            }
            _ => {
                let text = match s.dialect {
                    Dialect::Ash => format!("illegal mode: {mode}"),
                    Dialect::Dash => format!("Illegal number: {mode}"),
                    Dialect::Bash => format!("{mode}: octal number out of range"),
                };
                s.complain(p, &text);
                Ok(if s.bash() { 1 } else { 2 })
            }
        };
    }
    let good = mode.split(',').all(|clause| {
        let rest = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        rest.starts_with(['+', '-', '=']) && rest[1..].chars().all(|c| "rwxXstugo+-=".contains(c))
    });
    match tools::mode::parse(mode, !p.umask & 0o777, if s.dialect == Dialect::Ash { p.umask } else { 0 }, true).filter(|_| good) {
        Some(allowed) => {
            p.umask = !allowed & 0o777;
            Ok(0)
        }
        None => {
            let text = match s.dialect {
                Dialect::Ash => format!("illegal mode: {mode}"),
                Dialect::Dash => format!("Illegal mode: {mode}"),
                Dialect::Bash => {
                    let rest = mode.trim_start_matches(['u', 'g', 'o', 'a']);
                    match rest.strip_prefix(['+', '-', '=']) {
                        Some(letters) => {
                            let bad = letters.trim_start_matches(['r', 'w', 'x', 'X', 's', 't', 'u', 'g', 'o']).chars().next();
                            format!("`{}': invalid symbolic mode character", bad.unwrap_or('\0'))
                        }
                        None => format!("`{}': invalid symbolic mode operator", rest.chars().next().unwrap_or('\0')),
                    }
                }
            };
            s.complain(p, &text);
            Ok(if s.bash() { 1 } else { 2 })
        }
    }
}

/// ulimit: the limits that containers have; setting them changes nothing.
pub fn ulimit(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut letter = 'f';
    if s.bash() {
        super::options(s, p, args, ["", "", "SHabcdefiklmnpqrstuvxPRT"], "[-SHabcdefiklmnpqrstuvxPRT] [limit]")?;
    }
    for arg in &args[1..] {
        match arg.strip_prefix('-') {
            Some(flags) => letter = flags.chars().find(|c| !matches!(c, 'H' | 'S')).unwrap_or(letter),
            None if arg == "unlimited" || arg.parse::<u64>().is_ok() => return Ok(0),
            None => {
                return match s.dialect {
                    Dialect::Ash => Ok(s.tool(p, "ulimit", args, |p| p.fail(&format!("invalid number '{arg}'")))),
                    Dialect::Dash => fails(s, p, "bad number", 1).or(Ok(2)),
                    Dialect::Bash => fails(s, p, &format!("{arg}: invalid number"), 1),
                };
            }
        }
    }
    p.out(match letter {
        'n' => "1048576\n",
        's' => "8192\n",
        'c' => "0\n",
        'p' if s.bash() => "8\n",
        _ => "unlimited\n",
    });
    Ok(0)
}
