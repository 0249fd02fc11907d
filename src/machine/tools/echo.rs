//! echo.

use crate::machine::Process;
use crate::machine::shell::Dialect;
use crate::machine::shell::escape::{unescape_but, unescape_bytes};

/// `echo` as the shell's dialect has it: dash always reads escapes, the others with `-e`.
pub fn echo(p: &mut Process, dialect: Dialect) -> i32 {
    let args = p.args.clone();
    let (mut newline, mut escapes, mut at) = (true, dialect == Dialect::Dash, 1);
    while let Some(flags) = args.get(at).and_then(|a| a.strip_prefix('-')).filter(|f| !f.is_empty()) {
        let known = if dialect == Dialect::Dash { flags == "n" && at == 1 } else { flags.chars().all(|c| "neE".contains(c)) };
        if !known {
            break;
        }
        for c in flags.chars() {
            match c {
                'n' => newline = false,
                // In busybox `-E` takes nothing back.
                c => escapes = c == 'e' || (escapes && dialect == Dialect::Ash),
            }
        }
        at += 1;
    }
    let text = args.get(at..).unwrap_or(&[]).join(" ");
    if escapes {
        let (bytes, stop) = if dialect == Dialect::Dash { unescape_but("x", &text, true) } else { unescape_bytes(&text, true) };
        p.out(bytes);
        newline &= !stop;
    } else {
        p.out(text);
    }
    if newline {
        p.out("\n");
    }
    0
}

/// `/bin/echo`.
pub fn echo_tool(p: &mut Process) -> i32 {
    let dialect = if p.busybox() { Dialect::Ash } else { Dialect::Bash };
    echo(p, dialect)
}
