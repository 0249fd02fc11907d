//! Values of jq: their order, their arithmetic, how they are written.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

/// A number: whole ones as such.
pub fn number(n: f64) -> Value {
    if n.is_nan() {
        return Value::Null;
    }
    if n.fract() == 0.0 && n.abs() < 9e15 && !(n == 0.0 && n.is_sign_negative()) {
        return (n as i64).into();
    }
    Number::from_f64(n.clamp(f64::MIN, f64::MAX)).map_or(Value::Null, Value::Number)
}

/// A number as a float.
pub fn float(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

/// What kind of value it is.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether it counts as true.
pub fn truth(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    }
}

/// The keys of an object in order.
pub fn keys(map: &Map<String, Value>) -> Vec<&String> {
    let mut keys: Vec<&String> = map.keys().collect();
    crate::base::sort(&mut keys);
    keys
}

/// The order of all values.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => float(a).total_cmp(&float(b)),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|o| o.is_ne()).unwrap_or(a.len().cmp(&b.len()))
        }
        (Value::Object(a), Value::Object(b)) => {
            let (left, right) = (keys(a), keys(b));
            left.cmp(&right).then_with(|| left.iter().map(|k| compare(&a[*k], &b[*k])).find(|o| o.is_ne()).unwrap_or(Ordering::Equal))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

/// `a OPERATOR b`; an error is its text.
pub fn arithmetic(operator: &str, a: &Value, b: &Value) -> Result<Value, String> {
    let order = compare(a, b);
    let verb = match operator {
        "==" => return Ok(order.is_eq().into()),
        "!=" => return Ok(order.is_ne().into()),
        "<" => return Ok(order.is_lt().into()),
        "<=" => return Ok(order.is_le().into()),
        ">" => return Ok(order.is_gt().into()),
        ">=" => return Ok(order.is_ge().into()),
        "+" => "added",
        "-" => "subtracted",
        "*" => "multiplied",
        _ => "divided",
    };
    Ok(match (operator, a, b) {
        ("+", Value::Null, other) | ("+", other, Value::Null) => other.clone(),
        ("+", Value::String(a), Value::String(b)) => format!("{a}{b}").into(),
        ("+", Value::Array(a), Value::Array(b)) => a.iter().chain(b).cloned().collect::<Vec<_>>().into(),
        ("+", Value::Object(a), Value::Object(b)) => {
            let mut map = a.clone();
            map.extend(b.iter().map(|(k, v)| (k.clone(), v.clone())));
            Value::Object(map)
        }
        ("-", Value::Array(a), Value::Array(b)) => {
            a.iter().filter(|x| !b.iter().any(|y| compare(x, y).is_eq())).cloned().collect::<Vec<_>>().into()
        }
        ("*", Value::Object(a), Value::Object(b)) => Value::Object(merged(a, b)),
        ("*", Value::String(text), Value::Number(_)) | ("*", Value::Number(_), Value::String(text)) => {
            let times = if matches!(a, Value::Number(_)) { float(a) } else { float(b) };
            if times <= 0.0 { Value::Null } else { text.repeat((times.ceil() as usize).min((1 << 20) / text.len().max(1))).into() }
        }
        ("/", Value::String(a), Value::String(b)) => split(a, b),
        (_, Value::Number(_), Value::Number(_)) => {
            let (x, y) = (float(a), float(b));
            match operator {
                "+" => number(x + y),
                "-" => number(x - y),
                "*" => number(x * y),
                "/" if y != 0.0 => number(x / y),
                "%" if y.trunc() != 0.0 => number(x.trunc() % y.trunc().abs()),
                _ => {
                    let (a, b) = (shown(a), shown(b));
                    let how = if operator == "%" { "divided (remainder)" } else { "divided" };
                    return Err(format!("number ({a}) and number ({b}) cannot be {how} because the divisor is zero"));
                }
            }
        }
        _ => return Err(format!("{} ({}) and {} ({}) cannot be {verb}", kind(a), shown(a), kind(b), shown(b))),
    })
}

fn merged(a: &Map<String, Value>, b: &Map<String, Value>) -> Map<String, Value> {
    let mut map = a.clone();
    for (key, value) in b {
        let new = match (map.get(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(merged(old, new)),
            _ => value.clone(),
        };
        map.insert(key.clone(), new);
    }
    map
}

/// A text cut at a separator.
pub fn split(text: &str, by: &str) -> Value {
    match (text, by) {
        ("", _) => Value::Array(Vec::new()),
        (_, "") => text.chars().map(|c| Value::from(c.to_string())).collect::<Vec<_>>().into(),
        _ => text.split(by).map(Value::from).collect::<Vec<_>>().into(),
    }
}

/// A value in a message: not too long.
pub fn shown(value: &Value) -> String {
    let text = write(value, &Style::default());
    if text.len() <= 14 {
        return text;
    }
    String::from_utf8_lossy(&text.as_bytes()[..11]).into_owned() + "..."
}

/// How values are written.
#[derive(Debug, Clone, Default)]
pub struct Style {
    /// What a level is indented by; `None`: all on one line.
    pub indent: Option<String>,
    /// Keys in order.
    pub sorted: bool,
    /// No bytes beyond ASCII.
    pub ascii: bool,
    /// With the colours of a terminal.
    pub colour: bool,
}

/// A value as text.
pub fn write(value: &Value, style: &Style) -> String {
    let mut out = String::new();
    put(value, style, 0, &mut out);
    out
}

fn figure(n: &Number) -> String {
    if let Some(n) = n.as_i64().filter(|n| n.unsigned_abs() < 1 << 53) {
        return n.to_string();
    }
    // Shortest digits that give the number again, at most 17.
    let n = n.as_f64().unwrap_or(0.0);
    let text = format!("{n:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |d| ("-", d));
    let digits = digits.replace('.', "");
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let len = digits.len() as i32;
    if n == 0.0 {
        return format!("{sign}0");
    }
    if point <= -4 || point > len + 15 {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let e = point - 1;
        return format!("{sign}{first}{dot}{rest}e{}{:02}", if e < 0 { '-' } else { '+' }, e.abs());
    }
    match point {
        p if p <= 0 => format!("{sign}0.{}{digits}", "0".repeat(-p as usize)),
        p if p >= len => format!("{sign}{digits}{}", "0".repeat((p - len) as usize)),
        p => format!("{sign}{}.{}", &digits[..p as usize], &digits[p as usize..]),
    }
}

/// As JSON writes it, but that jq escapes DEL too, and with `-a` all that is not ASCII.
fn quoted(text: &str, ascii: bool, out: &mut String) {
    for c in Value::from(text).to_string().chars() {
        if c == '\u{7f}' || ascii && !c.is_ascii() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
}

fn put(value: &Value, style: &Style, depth: usize, out: &mut String) {
    const COLOURS: [&str; 7] = ["\x1b[1;30m", "\x1b[0;39m", "\x1b[0;39m", "\x1b[0;39m", "\x1b[0;32m", "\x1b[1;39m", "\x1b[1;39m"];
    let colour = if style.colour { COLOURS[usize::from(rank(value))] } else { "" };
    let end = if style.colour { "\x1b[0m" } else { "" };
    let line = |out: &mut String, depth: usize| {
        if let Some(indent) = &style.indent {
            out.push('\n');
            out.push_str(&indent.repeat(depth));
        }
    };
    out.push_str(colour);
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&figure(n)),
        Value::String(text) => quoted(text, style.ascii, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(colour);
                    out.push(',');
                }
                line(out, depth + 1);
                out.push_str(end);
                put(item, style, depth + 1, out);
            }
            out.push_str(colour);
            if !items.is_empty() {
                line(out, depth);
            }
            out.push_str(colour);
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            let order = if style.sorted { keys(map) } else { map.keys().collect() };
            for (i, key) in order.into_iter().enumerate() {
                if i > 0 {
                    out.push_str(colour);
                    out.push(',');
                }
                line(out, depth + 1);
                out.push_str(end);
                if style.colour {
                    out.push_str("\x1b[34;1m");
                }
                quoted(key, style.ascii, out);
                out.push_str(end);
                out.push_str(colour);
                out.push(':');
                if style.indent.is_some() {
                    out.push(' ');
                }
                out.push_str(end);
                put(&map[key], style, depth + 1, out);
            }
            out.push_str(colour);
            if !map.is_empty() {
                line(out, depth);
            }
            out.push_str(colour);
            out.push('}');
        }
    }
    out.push_str(end);
}

/// `@csv` and its kin.
pub fn format(name: &str, value: &Value) -> Result<String, String> {
    let plain = |v: &Value| v.as_str().map_or_else(|| write(v, &Style::default()), str::to_owned);
    let row = |cell: &dyn Fn(&Value) -> Option<String>, by: &str, what: &str| {
        let Value::Array(items) = value else {
            return Err(format!("{} ({}) cannot be {what}-formatted, only an array can be", kind(value), shown(value)));
        };
        let mut cells = Vec::new();
        for item in items {
            match item {
                Value::Null => cells.push(String::new()),
                item => cells.push(cell(item).ok_or_else(|| format!("{} ({}) is not valid in a {what} row", kind(item), shown(item)))?),
            }
        }
        Ok(cells.join(by))
    };
    let flat = |v: &Value| (!matches!(v, Value::Array(_) | Value::Object(_))).then(|| plain(v));
    let text = plain(value);
    let escape = |pairs: &[(char, &str)]| -> String {
        text.chars().map(|c| pairs.iter().find(|(from, _)| *from == c).map_or_else(|| c.to_string(), |(_, to)| (*to).to_owned())).collect()
    };
    Ok(match name {
        "text" => text,
        "json" => write(value, &Style::default()),
        "csv" => row(&|v| v.as_str().map_or_else(|| flat(v), |s| Some(format!("\"{}\"", s.replace('"', "\"\"")))), ",", "csv")?,
        "tsv" => {
            let cell = |v: &Value| flat(v).map(|t| t.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r"));
            row(&cell, "\t", "tsv")?
        }
        "html" => escape(&[('<', "&lt;"), ('>', "&gt;"), ('&', "&amp;"), ('\'', "&#39;"), ('"', "&quot;")]),
        "uri" => {
            let keep = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
            text.bytes().map(|b| if keep(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
        }
        "sh" => {
            let word = |v: &Value| match v {
                Value::String(s) => Some(format!("'{}'", s.replace('\'', "'\\''"))),
                v => flat(v),
            };
            match value {
                Value::Array(_) => row(&word, " ", "sh")?,
                v => word(v).ok_or_else(|| format!("{} ({}) can not be escaped for shell", kind(v), shown(v)))?,
            }
        }
        "base64" => crate::machine::tools::bytes::encode(text.as_bytes()),
        "base64d" => String::from_utf8_lossy(&crate::machine::tools::bytes::decode(text.as_bytes(), true).0).into_owned(),
        name => return Err(format!("{name} is not a valid format")),
    })
}
