//! awk: POSIX's language in busybox's manner, or mawk's where the image has that.
//!
//! [`lex`] makes words of the program, [`parse`] a [`tree`], [`run`] walks it.

mod builtin;
mod expression;
mod input;
mod lex;
mod output;
mod parse;
mod run;
mod tree;
mod value;

pub use output::capture;

use super::options::parse as options;
use crate::machine::{Process, errno};

/// What is wrong with a program, and in which line.
#[derive(Debug)]
pub struct Fault {
    line: u32,
    text: String,
}

fn fault(line: u32, text: &str) -> Fault {
    Fault { line, text: text.to_owned() }
}

/// What is said of an expression that is none.
fn bad_regex(text: &[u8], why: &str) -> String {
    format!("bad regex '{}': {why}", String::from_utf8_lossy(text))
}

/// awk.
pub fn awk(p: &mut Process) -> i32 {
    let args = p.args.get(1..).unwrap_or(&[]).to_vec();
    let mut options = match options(&args, "+F:v:f:W:e:", &[("field-separator", 'F'), ("assign", 'v'), ("file", 'f')]) {
        Ok(options) => options,
        Err(text) if p.busybox() => return super::options::refuse(p, &text),
        Err(text) => return p.fail(&text),
    };
    let assigns = |text: &str| text.split_once('=').is_some_and(|(name, _)| crate::machine::shell::parse::is_name(name));
    if p.busybox() && !options.values('v').all(assigns) {
        return super::options::usage(p);
    }
    let mut text = Vec::new();
    let mut name = "cmd. line".to_owned();
    for (letter, value) in options.given.clone() {
        let part = match letter {
            'e' => value.into_bytes(),
            'f' => match p.input(&value) {
                Ok(data) => {
                    name = value;
                    data
                }
                Err(e) if p.busybox() => return p.fail(&format!("can't open '{value}': {}", errno::text(e))),
                Err(e) => {
                    p.fail(&format!("couldn't open file {value} : {}", errno::text(e)));
                    return 2;
                }
            },
            _ => continue,
        };
        text.extend_from_slice(&part);
        text.push(b'\n');
    }
    if !options.has('f') && !options.has('e') {
        if options.operands.is_empty() {
            if p.busybox() {
                return super::options::usage(p);
            }
            p.err("Usage: awk [OPTIONS] [AWK_PROGRAM] [FILE]...\n");
            return 1;
        }
        text = options.operands.remove(0).into_bytes();
    }
    let busybox = p.busybox();
    let result =
        parse::parse(&text, run::SPECIAL, busybox, !busybox && p.name() != "gawk").and_then(|program| run::run(p, &program, &options));
    match result {
        Ok(status) => status,
        Err(fault) if busybox && fault.line == 0 => p.fail(&fault.text),
        Err(fault) if busybox => {
            p.fail(&format!("{name}:{}: {}", fault.line, fault.text));
            1
        }
        Err(fault) => {
            let text = if fault.text.starts_with("Unexpected") { "syntax error" } else { &fault.text };
            p.fail(&format!("line {}: {text}", fault.line));
            2
        }
    }
}
