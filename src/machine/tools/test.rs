//! test, `[` and the `[[` of busybox.

use std::num::IntErrorKind::{NegOverflow, PosOverflow};

use crate::filesystem::{Node, SpecialKind};
use crate::machine::files::{Access, node_size, permits};
use crate::machine::shell::glob;
use crate::machine::shell::parse::is_binary;
use crate::machine::{Process, regex};

/// test.
pub fn test(p: &mut Process) -> i32 {
    let mut args = p.args[1..].to_vec();
    let name = p.name().to_owned();
    let close = match name.as_str() {
        "[" => "]",
        "[[" => "]]",
        _ => "",
    };
    if !close.is_empty() && args.pop().as_deref() != Some(close) {
        p.fail(&format!("missing {close}"));
        return 2;
    }
    let mut at = 0;
    match or(p, &args, &mut at, 0) {
        Ok(value) if at >= args.len() => !value as i32,
        Ok(_) => {
            let text = format!("{}: unknown operand", args.get(at).cloned().unwrap_or_default());
            p.fail(&text);
            2
        }
        Err(text) => {
            if !text.is_empty() {
                p.fail(&text);
            }
            2
        }
    }
}

fn or(p: &Process, a: &[String], at: &mut usize, depth: u32) -> Result<bool, String> {
    let mut value = and(p, a, at, depth)?;
    while a.get(*at).is_some_and(|o| o == "-o" || o == "||") {
        *at += 1;
        value |= and(p, a, at, depth)?;
    }
    Ok(value)
}

fn and(p: &Process, a: &[String], at: &mut usize, depth: u32) -> Result<bool, String> {
    let mut value = primary(p, a, at, depth)?;
    while a.get(*at).is_some_and(|o| o == "-a" || o == "&&") {
        *at += 1;
        value &= primary(p, a, at, depth)?;
    }
    Ok(value)
}

fn primary(p: &Process, a: &[String], at: &mut usize, depth: u32) -> Result<bool, String> {
    let Some(first) = a.get(*at) else { return if *at == 0 { Ok(false) } else { Err("argument expected".into()) } };
    if depth > 40 {
        return Err("nested too deeply".into());
    }
    if let (Some(operator), Some(right)) = (a.get(*at + 1), a.get(*at + 2))
        && is_binary(operator)
    {
        let (left, operator, right) = (first.clone(), operator.clone(), right.clone());
        *at += 3;
        let condition = p.name() == "[[";
        if condition && matches!(operator.as_str(), "=" | "==" | "!=") {
            return Ok(glob::matches(&right, &left) == (operator != "!="));
        }
        if condition && operator == "=~" {
            let syntax = regex::Syntax { extended: true, ..regex::Syntax::default() };
            let regex = regex::Regex::new(right.as_bytes(), syntax).map_err(|_| String::new())?;
            return Ok(regex.find(left.as_bytes(), 0).is_some());
        }
        return binary(p, &left, &operator, &right);
    }
    if p.busybox() && a.len() == *at + 2 && a.get(*at + 1).is_some_and(|o| is_binary(o)) && !is_unary(first) {
        return Err(format!("{}: argument expected", a[*at + 1]));
    }
    if first == "!" && a.len() > *at + 1 {
        *at += 1;
        return Ok(!primary(p, a, at, depth + 1)?);
    }
    if first == "(" && a.len() > *at + 1 {
        *at += 1;
        let value = or(p, a, at, depth + 1)?;
        if a.get(*at).is_none_or(|c| c != ")") {
            return Err("closing paren expected".into());
        }
        *at += 1;
        return Ok(value);
    }
    if first.len() == 2 && first.starts_with('-') && a.len() > *at + 1 && (is_unary(first) || !p.busybox()) {
        *at += 2;
        if p.busybox() && first == "-t" && a[*at - 1].trim().parse::<i64>().is_err() {
            return Err(format!("{}: bad number", a[*at - 1]));
        }
        return Ok(unary(p, first, &a[*at - 1]));
    }
    *at += 1;
    Ok(!first.is_empty())
}

/// The questions that busybox and dash know.
pub fn is_unary(word: &str) -> bool {
    word.len() == 2 && word.strip_prefix('-').is_some_and(|l| "rwxefdcpugkstznhOGbLS".contains(l))
}

/// A comparison.
pub fn binary(p: &Process, left: &str, operator: &str, right: &str) -> Result<bool, String> {
    let number = |text: &str| {
        text.trim().parse::<i64>().map_err(|e| match e.kind() {
            PosOverflow | NegOverflow => format!("{text}: out of range"),
            _ if text.is_empty() => "bad number".to_owned(),
            _ => format!("{text}: bad number"),
        })
    };
    let time = |path: &str| p.stat(path).map(|(_, n)| n.metadata().mtime).ok();
    Ok(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-eq" => number(left)? == number(right)?,
        "-ne" => number(left)? != number(right)?,
        "-lt" => number(left)? < number(right)?,
        "-le" => number(left)? <= number(right)?,
        "-gt" => number(left)? > number(right)?,
        "-ge" => number(left)? >= number(right)?,
        "-nt" | "-ot" if p.busybox() && (time(left).is_none() || time(right).is_none()) => false,
        "-nt" => time(left) > time(right),
        "-ot" => time(left) < time(right),
        "-ef" => p.stat(left).ok().map(|s| s.0) == p.stat(right).ok().map(|s| s.0) && p.exists(left),
        _ => left == right,
    })
}

/// A question about a text or a file.
pub fn unary(p: &Process, flag: &str, operand: &str) -> bool {
    match flag {
        "-n" => return !operand.is_empty(),
        "-z" => return operand.is_empty(),
        "-t" => return false,
        "-h" | "-L" => return matches!(p.lstat(operand), Ok((_, Node::Symlink(_)))),
        "-v" => return p.var(operand).is_some(),
        _ => {}
    }
    let Ok((_, node)) = p.stat(operand) else { return false };
    let is_directory = matches!(node, Node::Directory(_));
    let may = |access| permits(&p.ids, node.metadata(), access, is_directory);
    let special = |want: fn(&SpecialKind) -> bool| matches!(&node, Node::Special(s) if want(&s.kind));
    match flag {
        "-f" => matches!(node, Node::File(_)),
        "-d" => is_directory,
        "-s" => node_size(&node) > 0,
        "-r" => may(Access::Read),
        "-w" => may(Access::Write),
        "-x" => may(Access::Execute),
        "-u" => node.metadata().mode & 0o4000 != 0,
        "-g" => node.metadata().mode & 0o2000 != 0,
        "-k" => node.metadata().mode & 0o1000 != 0,
        "-O" => node.metadata().uid == p.ids.uid,
        "-G" => node.metadata().gid == p.ids.gid,
        "-p" => special(|k| matches!(k, SpecialKind::Fifo)),
        "-c" => special(|k| matches!(k, SpecialKind::CharDevice { .. })),
        "-b" => special(|k| matches!(k, SpecialKind::BlockDevice { .. })),
        "-e" | "-a" => true,
        _ => false,
    }
}
