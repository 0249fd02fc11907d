//! The functions of jq that its own language does not define.

use serde_json::{Map, Value};

use super::eval::{Done, Env, Eval, Fault, Item, Out, lookup, with};
use super::parse::Ast;
use super::path::{delete, get, key_list, set};
use super::value::{Style, compare, float, kind, number, shown, split, truth, write};
use crate::machine::regex::{Captures, Regex, Syntax};
use crate::machine::tools::{date, perl};

fn array(values: Vec<Value>) -> Value {
    Value::Array(values)
}

/// Calls a function.
pub fn call<'a>(e: &mut Eval<'_, '_>, name: &'a str, arguments: &'a [Ast], env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
    let input = &item.value;
    match (name, arguments) {
        ("empty", []) => return Ok(()),
        ("error", []) => return Err(Fault::Error(input.clone())),
        ("path", [f]) => {
            for path in e.paths(f, env, item)? {
                out.push(Item { value: array(path), path: None });
            }
            return Ok(());
        }
        ("getpath", [f]) => {
            for path in e.all(f, env, item)? {
                let keys = path.as_array().cloned().unwrap_or_default();
                let whole = item.path.as_ref().map(|p| [p.as_slice(), &keys].concat());
                out.push(Item { value: get(input, &keys)?, path: whole });
            }
            return Ok(());
        }
        ("limit", [n, f]) => {
            let most = e.all(n, env, item)?.first().map_or(0.0, float).max(0.0) as usize;
            let mut some = Out { items: Vec::new(), most };
            let done = if most > 0 { e.run(f, env, item, &mut some) } else { Ok(()) };
            // What comes after the last one is never asked for.
            out.items.extend(some.items.into_iter().take(most));
            return if matches!(done, Err(Fault::Enough)) { Ok(()) } else { done };
        }
        ("sort_by", [f]) => {
            let Value::Array(items) = input else { return Err(not_array(input, "sorted").into()) };
            let mut keyed = Vec::new();
            for value in items {
                let key = array(e.all(f, env, &Item { value: value.clone(), path: None })?);
                keyed.push((key, value.clone()));
            }
            crate::base::sort_by(&mut keyed, |a, b| compare(&a.0, &b.0));
            out.push(Item { value: array(keyed.into_iter().map(|(_, v)| v).collect()), path: None });
            return Ok(());
        }
        ("input", []) => {
            let value = (e.input)().ok_or_else(|| Fault::Error("break".into()))?;
            out.push(Item { value, path: None });
            return Ok(());
        }
        ("sub", [r, s, f]) => {
            let (patterns, flags) = (e.all(r, env, item)?, e.all(f, env, item)?);
            let (Some(pattern), Some(flags)) = (patterns.first(), flags.first()) else { return Ok(()) };
            let text = text_of(input, "matched")?;
            let (mut done, mut at) = (String::new(), 0);
            for found in matches(text, pattern, flags)? {
                let (from, to) = (float(&found["offset"]) as usize, found["length"].as_f64().unwrap_or(0.0) as usize);
                let chars = |a: usize, b: usize| text.chars().skip(a).take(b - a).collect::<String>();
                done += &chars(at, from);
                let mut named = Map::new();
                for group in found["captures"].as_array().into_iter().flatten() {
                    if let Some(name) = group["name"].as_str() {
                        named.insert(name.to_owned(), group["string"].clone());
                    }
                }
                let with = e.all(s, env, &Item { value: Value::Object(named), path: None })?;
                done += with.first().and_then(Value::as_str).ok_or_else(|| format!("{} cannot be added to a string", kind(input)))?;
                at = from + to;
            }
            done += &text.chars().skip(at).collect::<String>();
            out.push(Item { value: done.into(), path: None });
            return Ok(());
        }
        _ => {}
    }
    // The rest has values for arguments: every combination is tried, the last argument slowest.
    let mut lists = vec![Vec::new()];
    for argument in arguments {
        let values = e.all(argument, env, item)?;
        e.burn(20 * (values.len() as u64).saturating_mul(lists.len() as u64))?;
        lists = values.iter().flat_map(|v| lists.iter().map(|l| [l.as_slice(), std::slice::from_ref(v)].concat())).collect();
    }
    for list in lists {
        if name == "match" && list.len() == 2 {
            out.items.extend(match_values(input, &list[0], &list[1])?.into_iter().map(|value| Item { value, path: None }));
            continue;
        }
        if name == "range" {
            range(e, &list, out)?;
            continue;
        }
        out.push(Item { value: value_of(e, name, input, &list, env)?, path: None });
    }
    Ok(())
}

fn range(e: &mut Eval<'_, '_>, list: &[Value], out: &mut Out) -> Done {
    let (mut at, to, by) = match list {
        [to] => (0.0, float(to), 1.0),
        [from, to] => (float(from), float(to), 1.0),
        [from, to, by, ..] => (float(from), float(to), float(by)),
        [] => return Err(Fault::Undefined("range/0".into())),
    };
    while by > 0.0 && at < to || by < 0.0 && at > to {
        if out.items.len() >= out.most {
            return Err(Fault::Enough);
        }
        e.burn(30)?;
        out.push(Item { value: number(at), path: None });
        at += by;
    }
    Ok(())
}

fn not_array(value: &Value, verb: &str) -> String {
    format!("{} ({}) cannot be {verb}, as it is not an array", kind(value), shown(value))
}

fn text_of<'v>(value: &'v Value, verb: &str) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| format!("{} ({}) cannot be {verb}, as it is not a string", kind(value), shown(value)))
}

fn value_of(e: &mut Eval<'_, '_>, name: &str, input: &Value, list: &[Value], env: &Env<'_>) -> Result<Value, Fault> {
    let text = |verb: &str| text_of(input, verb);
    let first = list.first().unwrap_or(&Value::Null);
    Ok(match (name, list.len()) {
        ("not", 0) => (!truth(input)).into(),
        ("length", 0) => match input {
            Value::Null => 0.into(),
            Value::Bool(_) => return Err(format!("boolean ({}) has no length", shown(input)).into()),
            Value::Number(_) => number(float(input).abs()),
            Value::String(s) => s.chars().count().into(),
            Value::Array(a) => a.len().into(),
            Value::Object(o) => o.len().into(),
        },
        ("utf8bytelength", 0) => text("measured")?.len().into(),
        ("keys", 0) => key_list(input, true)?,
        ("keys_unsorted", 0) => key_list(input, false)?,
        ("type", 0) => kind(input).into(),
        ("null", 0) => Value::Null,
        ("true", 0) => true.into(),
        ("false", 0) => false.into(),
        ("nan", 0) => Value::Null,
        ("infinite", 0) => number(f64::INFINITY),
        ("has", 1) => match (input, first) {
            (Value::Object(map), Value::String(key)) => map.contains_key(key).into(),
            (Value::Array(items), Value::Number(_)) => (float(first) >= 0.0 && float(first) < items.len() as f64).into(),
            _ => return Err(format!("Cannot check whether {} has a {} key", kind(input), kind(first)).into()),
        },
        ("contains", 1) => contains(input, first)?.into(),
        ("tostring", 0) => input.as_str().map_or_else(|| write(input, &Style::default()), str::to_owned).into(),
        ("tojson", 0) => write(input, &Style::default()).into(),
        ("fromjson", 0) => {
            let text = text("parsed")?;
            super::json::one(text.as_bytes()).map_err(|why| format!("{why} (while parsing '{text}')"))?
        }
        ("tonumber", 0) => match input {
            Value::Number(_) => input.clone(),
            Value::String(text) => match crate::base::parse_float(text.trim()) {
                Some(n) => number(n),
                None => {
                    return Err(format!("Invalid numeric literal at EOF at line 1, column {} (while parsing '{text}')", text.len()).into());
                }
            },
            other => return Err(format!("{} ({}) cannot be parsed as a number", kind(other), shown(other)).into()),
        },
        ("ascii_downcase", 0) => text("downcased")?.to_ascii_lowercase().into(),
        ("ascii_upcase", 0) => text("upcased")?.to_ascii_uppercase().into(),
        ("explode", 0) => array(text("exploded")?.chars().map(|c| (c as u32).into()).collect()),
        ("implode", 0) => input.as_array().into_iter().flatten().filter_map(|c| char::from_u32(float(c) as u32)).collect::<String>().into(),
        ("trim" | "ltrim" | "rtrim", 0) => match (name, text("trimmed")?) {
            ("ltrim", t) => t.trim_start().into(),
            ("rtrim", t) => t.trim_end().into(),
            (_, t) => t.trim().into(),
        },
        ("ltrimstr", 1) => match (input.as_str(), first.as_str()) {
            (Some(t), Some(p)) => t.strip_prefix(p).unwrap_or(t).into(),
            _ => input.clone(),
        },
        ("rtrimstr", 1) => match (input.as_str(), first.as_str()) {
            (Some(t), Some(p)) => t.strip_suffix(p).unwrap_or(t).into(),
            _ => input.clone(),
        },
        ("startswith" | "endswith", 1) => match (input.as_str(), first.as_str()) {
            (Some(t), Some(p)) => (if name == "startswith" { t.starts_with(p) } else { t.ends_with(p) }).into(),
            _ => return Err(format!("{name}() requires string inputs").into()),
        },
        ("split", 1) => match (input.as_str(), first.as_str()) {
            (Some(t), Some(by)) => split(t, by),
            _ => return Err("split input and separator must be strings".to_owned().into()),
        },
        ("split", 2) => {
            let text = text("matched")?;
            let (mut parts, mut at) = (Vec::new(), 0);
            let flags = format!("g{}", list[1].as_str().unwrap_or(""));
            for found in matches(text, first, &flags.into())? {
                let from = float(&found["offset"]) as usize;
                parts.push(text.chars().skip(at).take(from - at).collect::<String>().into());
                at = from + float(&found["length"]) as usize;
            }
            parts.push(text.chars().skip(at).collect::<String>().into());
            array(parts)
        }
        ("test", 2) => (!matches(text("matched")?, first, &list[1])?.is_empty()).into(),
        ("indices", 1) => match (input, first) {
            (Value::Null, _) => Value::Null,
            (Value::String(t), Value::String(p)) if !p.is_empty() => {
                let at = (0..t.len()).filter(|i| t.as_bytes()[*i..].starts_with(p.as_bytes()));
                array(at.map(Value::from).collect())
            }
            (Value::Array(items), Value::Array(part)) if !part.is_empty() => {
                let same = |i: &usize| items[*i..].len() >= part.len() && part.iter().zip(&items[*i..]).all(|(a, b)| compare(a, b).is_eq());
                array((0..items.len()).filter(same).map(Value::from).collect())
            }
            (Value::Array(items), part) => {
                array(items.iter().enumerate().filter(|(_, v)| compare(v, part).is_eq()).map(|(i, _)| i.into()).collect())
            }
            _ => return Err(format!("Cannot determine indices of {} in {}", kind(first), kind(input)).into()),
        },
        ("reverse", 0) => match input {
            Value::Null => array(Vec::new()),
            Value::String(t) => t.chars().rev().collect::<String>().into(),
            Value::Array(items) => array(items.iter().rev().cloned().collect()),
            other => return Err(not_array(other, "reversed").into()),
        },
        ("transpose", 0) => {
            let rows: Vec<Vec<Value>> = input.as_array().into_iter().flatten().map(|r| r.as_array().cloned().unwrap_or_default()).collect();
            let width = rows.iter().map(Vec::len).max().unwrap_or(0);
            e.burn(20 * (width * rows.len()) as u64)?;
            array((0..width).map(|x| array(rows.iter().map(|r| r.get(x).cloned().unwrap_or_default()).collect())).collect())
        }
        ("floor", 0) => number(float(input).floor()),
        ("ceil", 0) => number(float(input).ceil()),
        ("round", 0) => number(float(input).round()),
        ("sqrt", 0) => number(float(input).sqrt()),
        ("fabs" | "abs", 0) => number(float(input).abs()),
        ("pow", 2) => number(float(first).powf(float(&list[1]))),
        ("setpath", 2) => {
            let path = first.as_array().cloned().unwrap_or_default();
            set(input, &path, &mut |_| Ok(list[1].clone()))?
        }
        ("delpaths", 1) => {
            let paths = first.as_array().into_iter().flatten().filter_map(|p| p.as_array().cloned()).collect();
            delete(input.clone(), paths)?
        }
        ("now", 0) => number(lookup(env, "__now").as_ref().map_or(0.0, float)),
        ("fromdate" | "fromdateiso8601", 0) => {
            let text = text("parsed as a date")?;
            let seconds = date::parse(text, 0);
            number(seconds.ok_or_else(|| format!("date \"{text}\" does not match format \"%Y-%m-%dT%H:%M:%SZ\""))? as f64)
        }
        ("strftime", 1) => date::format(first.as_str().unwrap_or(""), float(input) as i64, 0).into(),
        ("input_line_number", 0) => 0.into(),
        ("input_filename", 0) => Value::Null,
        ("halt", 0) => return Err(Fault::Halt(Value::Null, 0)),
        ("halt_error", 1) => return Err(Fault::Halt(input.clone(), float(first) as i32)),
        _ => return Err(Fault::Undefined(format!("{name}/{}", list.len()))),
    })
}

fn contains(a: &Value, b: &Value) -> Result<bool, String> {
    Ok(match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in b {
                if !a.get(key).map_or(Ok(false), |v| contains(v, value))? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Array(a), Value::Array(b)) => b.iter().all(|y| a.iter().any(|x| contains(x, y).unwrap_or(false))),
        (Value::String(a), Value::String(b)) => a.contains(b.as_str()),
        (a, b) if kind(a) == kind(b) => compare(a, b).is_eq(),
        (a, b) => return Err(format!("{} ({}) and {} ({}) cannot have their containment checked", kind(a), shown(a), kind(b), shown(b))),
    })
}

/// Where a pattern matches, as `match` tells it. Offsets count characters.
fn matches(text: &str, pattern: &Value, flags: &Value) -> Result<Vec<Value>, String> {
    let (pattern, given) = match pattern {
        Value::Array(both) => (both.first().unwrap_or(&Value::Null), both.get(1).unwrap_or(flags)),
        pattern => (pattern, flags),
    };
    let pattern =
        pattern.as_str().ok_or_else(|| format!("{} ({}) cannot be matched, as it is not a string", kind(pattern), shown(pattern)))?;
    let flags = given.as_str().unwrap_or("");
    let bad = |why: &str| format!("{pattern} (at offset 0) is not a valid regex: {why}");
    let perl = perl::translate(pattern).ok_or_else(|| bad("undefined group option"))?;
    let syntax = Syntax { extended: true, ignore_case: flags.contains('i'), ..Syntax::default() };
    let regex = Regex::new(perl.pattern.as_bytes(), syntax).map_err(|why| bad(&why))?;
    let chars = |from: usize, to: usize| text.get(from..to).map_or(0, |t| t.chars().count());
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(found) = regex.find(text.as_bytes(), at) {
        let Some((from, to)) = found[0] else { break };
        let group = |i: usize, found: &Captures| match found.get(i).copied().flatten() {
            Some((a, b)) => (chars(0, a).into(), chars(a, b).into(), Value::from(text.get(a..b).unwrap_or(""))),
            None => (Value::from(-1), Value::from(0), Value::Null),
        };
        let mut captures = Vec::new();
        for (i, name) in &perl.groups {
            let (offset, length, string) = group(*i, &found);
            captures.push(serde_json::json!({"offset": offset, "length": length, "string": string, "name": name}));
        }
        out.push(
            serde_json::json!({"offset": chars(0, from), "length": chars(from, to), "string": text.get(from..to), "captures": captures}),
        );
        at = if to > from { to } else { text.get(to..).and_then(|t| t.chars().next()).map_or(to + 1, |c| to + c.len_utf8()) };
        if !flags.contains('g') || at > text.len() {
            break;
        }
    }
    Ok(out)
}

/// `match`: its values.
fn match_values(text: &Value, pattern: &Value, flags: &Value) -> Result<Vec<Value>, String> {
    matches(text_of(text, "matched")?, pattern, flags)
}

/// Adds the variables that every program has.
pub fn environment<'a>(env: Env<'a>, variables: &'a [(String, Value)]) -> Env<'a> {
    variables.iter().fold(env, |env, (name, value)| with(&env, name, value.clone()))
}
