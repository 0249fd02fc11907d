//! jq: a filter on JSON.
//!
//! All that a filter gives is computed at once: what would run without end runs until the fuel is out.

mod builtin;
mod eval;
mod json;
mod lex;
mod parse;
mod path;
mod value;

use serde_json::{Map, Value};

use super::options::open;
use crate::filesystem::Errno;
use crate::machine::{Process, errno};
use eval::{Eval, Fault, Item, Out};
use value::{Style, write};

const PRELUDE: &str = include_str!("prelude.jq");

#[derive(Default)]
struct Job {
    style: Style,
    null: bool,
    raw: bool,
    join: bool,
    slurp: bool,
    raw_input: bool,
    status: bool,
    from_file: bool,
    variables: Vec<(String, Value)>,
    positional: Vec<Value>,
    words: Vec<String>,
}

const HELP: &str =
    "Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n";

fn complain(p: &mut Process, text: &str) -> i32 {
    p.err(format!("jq: {text}\n{HELP}"));
    2
}

/// The command line; an error is the exit status.
fn arguments(p: &mut Process) -> Result<Job, i32> {
    let mut job = Job { style: Style { indent: Some("  ".into()), ..Style::default() }, ..Job::default() };
    let args: Vec<String> = p.args.iter().skip(1).cloned().collect();
    let (mut i, mut kind, mut plain) = (0, "", false);
    while let Some(arg) = args.get(i).cloned() {
        i += 1;
        let mut value = |n: usize| {
            let given = args.get(i..i + n).map(<[String]>::to_vec);
            i += n;
            given
        };
        if plain || !arg.starts_with('-') || arg == "-" {
            match kind {
                "" => job.words.push(arg),
                _ if job.words.is_empty() => job.words.push(arg),
                "json" => match json::one(arg.as_bytes()) {
                    Ok(value) => job.positional.push(value),
                    Err(_) => return Err(complain(p, "invalid JSON text passed to --jsonargs")),
                },
                _ => job.positional.push(arg.into()),
            }
            continue;
        }
        match arg.as_str() {
            "--" => plain = true,
            "--arg" => match value(2) {
                Some(pair) => job.variables.push((pair[0].clone(), pair[1].clone().into())),
                None => return Err(complain(p, "--arg takes two parameters (e.g. --arg varname value)")),
            },
            "--argjson" => match value(2) {
                Some(pair) => match json::one(pair[1].as_bytes()) {
                    Ok(value) => job.variables.push((pair[0].clone(), value)),
                    Err(_) => return Err(complain(p, "invalid JSON text passed to --argjson")),
                },
                None => return Err(complain(p, "--argjson takes two parameters (e.g. --argjson varname text)")),
            },
            "--slurpfile" | "--rawfile" => {
                let Some(pair) = value(2) else {
                    return Err(complain(p, &format!("{arg} takes two parameters (e.g. {arg} varname filename)")));
                };
                let Some(data) = open(p, &pair[1]) else { return Err(2) };
                let value = match arg.as_str() {
                    "--rawfile" => String::from_utf8_lossy(&data).into_owned().into(),
                    _ => json::Reader::new(&data).filter_map(Result::ok).collect::<Vec<_>>().into(),
                };
                job.variables.push((pair[0].clone(), value));
            }
            "--indent" => {
                let Some(n) = value(1) else { return Err(complain(p, "--indent takes one parameter (e.g. --indent 7)")) };
                let Some(n) = n[0].parse::<usize>().ok().filter(|n| *n < 8) else {
                    return Err(complain(p, "--indent takes a number between -1 and 7"));
                };
                job.style.indent = (n > 0).then(|| " ".repeat(n));
            }
            "--tab" => job.style.indent = Some("\t".into()),
            "--args" => kind = "text",
            "--jsonargs" => kind = "json",
            "--version" => {
                let version = if p.exists("/etc/alpine-release") { "jq-1.7.1\n" } else { "jq-1.6\n" };
                p.out(version);
                return Err(0);
            }
            long if long.starts_with("--") => {
                const LONG: &[(&str, char)] = &[
                    ("--null-input", 'n'),
                    ("--raw-output", 'r'),
                    ("--join-output", 'j'),
                    ("--compact-output", 'c'),
                    ("--slurp", 's'),
                    ("--raw-input", 'R'),
                    ("--sort-keys", 'S'),
                    ("--exit-status", 'e'),
                    ("--ascii-output", 'a'),
                    ("--color-output", 'C'),
                    ("--monochrome-output", 'M'),
                    ("--from-file", 'f'),
                    ("--unbuffered", 'M'),
                ];
                match LONG.iter().find(|(name, _)| *name == long) {
                    Some((_, letter)) => letters(&mut job, &letter.to_string()),
                    None => return Err(complain(p, &format!("Unknown arguments: {long}"))),
                }
            }
            short if short[1..].chars().all(|c| "nrjcsRSeaCMf".contains(c)) => letters(&mut job, &short[1..]),
            other => return Err(complain(p, &format!("Unknown arguments: {other}"))),
        }
    }
    Ok(job)
}

fn letters(job: &mut Job, letters: &str) {
    for letter in letters.chars() {
        match letter {
            'n' => job.null = true,
            'r' => job.raw = true,
            'j' => (job.raw, job.join) = (true, true),
            'c' => job.style.indent = None,
            's' => job.slurp = true,
            'R' => job.raw_input = true,
            'S' => job.style.sorted = true,
            'e' => job.status = true,
            'a' => job.style.ascii = true,
            'C' => job.style.colour = true,
            'f' => job.from_file = true,
            _ => {}
        }
    }
}

/// An input: its value, or what is wrong, and where it was read.
type Input = (Result<Value, String>, String);

/// All inputs, and 2 as status if a file could not be read.
fn inputs(p: &mut Process, job: &Job) -> (Vec<Input>, i32) {
    let (mut found, mut status, mut text) = (Vec::new(), 0, Vec::new());
    let files = if job.words.is_empty() { vec!["-".to_owned()] } else { job.words.clone() };
    for file in files {
        let data = match if p.is_dir(&file) { Err(Errno::IsADirectory) } else { p.input(&file) } {
            Ok(data) => data,
            Err(e) => {
                p.err(format!("jq: error: Could not open file {file}: {}\n", errno::text(e)));
                status = 2;
                continue;
            }
        };
        p.burn(data.len() as u64 / 8);
        let name = if file == "-" { "<stdin>" } else { &file };
        if job.raw_input {
            text.extend_from_slice(&data);
            let lines = super::options::lines(&data);
            let values =
                lines.iter().enumerate().map(|(i, l)| (Ok(String::from_utf8_lossy(l).into_owned().into()), format!("{name}:{}", i + 1)));
            found.extend(values);
            continue;
        }
        let mut reader = json::Reader::new(&data);
        // The line that a value ends on, and where that line ends.
        let (mut line, mut end) = (0, 0);
        while let Some(value) = reader.next() {
            while end < data.len() && end <= reader.at {
                end = data[end..].iter().position(|b| *b == b'\n').map_or(data.len(), |i| end + i + 1);
                line += usize::from(data[end - 1] == b'\n');
            }
            let stop = value.is_err();
            found.push((value, format!("{name}:{line}")));
            if stop {
                break;
            }
        }
    }
    if job.slurp && job.raw_input {
        found = vec![(Ok(String::from_utf8_lossy(&text).into_owned().into()), "<stdin>:0".into())];
    } else if job.slurp {
        let place = found.last().map_or("<stdin>:0".to_owned(), |(_, place)| place.clone());
        let values: Result<Vec<Value>, String> = found.into_iter().map(|(value, _)| value).collect();
        found = vec![(values.map(Value::Array), place)];
    }
    (found, status)
}

/// jq.
pub fn jq(p: &mut Process) -> i32 {
    let mut job = match arguments(p) {
        Ok(job) => job,
        Err(status) => return status,
    };
    let mut program = if job.words.is_empty() { ".".to_owned() } else { job.words.remove(0) };
    if job.from_file {
        let Some(text) = open(p, &program) else { return 2 };
        program = String::from_utf8_lossy(&text).into_owned();
    }
    let compiled = parse::parse(&program).and_then(|ast| parse::parse(PRELUDE).map(|prelude| (ast, prelude)));
    let (ast, prelude) = match compiled {
        Ok(both) => both,
        Err(why) => return uncompiled(p, &why, &format!("{program} ")),
    };
    let named: Map<String, Value> = job.variables.iter().cloned().collect();
    let environment: Map<String, Value> = p.env.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect();
    let mut variables = std::mem::take(&mut job.variables);
    let given = serde_json::json!({"positional": std::mem::take(&mut job.positional), "named": Value::Object(named)});
    variables.push(("ARGS".into(), given));
    variables.push(("ENV".into(), Value::Object(environment)));
    let (seconds, _) = super::date::now(p);
    variables.push(("__now".into(), seconds.into()));
    let env = eval::defined(&prelude, builtin::environment(None, &variables));

    let (found, mut status) = if job.null && !program.contains("input") { (Vec::new(), 0) } else { inputs(p, &job) };
    let mut queue = std::collections::VecDeque::from(found);
    let mut last = None;
    let mut first = job.null.then_some((Ok(Value::Null), "<unknown>".to_owned()));
    while let Some((value, place)) = first.take().or_else(|| if job.null { None } else { queue.pop_front() }) {
        let value = match value {
            Ok(value) => value,
            Err(why) => {
                p.err(format!("parse error: {why}\n"));
                // jq 1.6, the one of Debian, has this status for it.
                return if p.exists("/etc/alpine-release") { 2 } else { 4 };
            }
        };
        let mut out = Out::all();
        let mut place = place;
        let done = {
            let mut input = || {
                queue.pop_front().and_then(|(value, at)| {
                    place = at;
                    value.ok()
                })
            };
            let mut eval = Eval { p, input: &mut input, depth: 0 };
            eval.run(&ast, &env, &Item { value, path: None }, &mut out)
        };
        for item in out.items {
            match (&item.value, job.raw) {
                (Value::String(text), true) => p.out(text),
                (value, _) => p.out(write(value, &job.style)),
            }
            if !job.join {
                p.out("\n");
            }
            last = Some(value::truth(&item.value));
        }
        match done {
            // An error that is null is none.
            Ok(()) | Err(Fault::Error(Value::Null)) => {}
            Err(Fault::Error(Value::String(text))) => {
                p.err(format!("jq: error (at {place}): {text}\n"));
                status = 5;
            }
            Err(Fault::Error(value)) => {
                p.err(format!("jq: error (at {place}) (not a string): {}\n", write(&value, &Style::default())));
                status = 5;
            }
            Err(Fault::Undefined(name)) => return uncompiled(p, &format!("{name} is not defined"), &program),
            Err(Fault::Halt(value, code)) => {
                match value {
                    Value::Null => {}
                    Value::String(text) => p.err(text),
                    value => p.err(write(&value, &Style::default()) + "\n"),
                }
                return code;
            }
            Err(Fault::Enough | Fault::Stop) => return 5,
        }
    }
    match (status, job.status, last) {
        (0, true, None) => 4,
        (0, true, Some(false)) => 1,
        _ => status,
    }
}

fn uncompiled(p: &mut Process, why: &str, program: &str) -> i32 {
    p.err(format!("jq: error: {why} at <top-level>, line 1:\n{program}\njq: 1 compile error\n"));
    3
}
