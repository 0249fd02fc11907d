//! `set -x`.

use super::super::state::{Flow, Shell};
use super::super::{Dialect, parse};
use crate::machine::Process;

impl Shell {
    /// A simple command with the assignments before it.
    pub(super) fn trace_command(
        &mut self,
        p: &mut Process,
        values: &[(String, String)],
        args: &[String],
        to: Option<u64>,
    ) -> Result<(), Flow> {
        if !self.options.xtrace {
            return Ok(());
        }
        let dialect = self.dialect;
        let assigned = values.iter().map(|(k, v)| format!("{k}={}", if v.is_empty() { String::new() } else { quote(v, dialect) }));
        let words = args.iter().map(|a| match dialect == Dialect::Ash && parse::is_reserved(a) {
            true => single_quoted(a, dialect),
            false => quote(a, dialect),
        });
        if dialect != Dialect::Bash {
            let line = assigned.chain(words).collect::<Vec<_>>().join(" ");
            return self.trace(p, &line, to);
        }
        for line in assigned.collect::<Vec<_>>() {
            self.trace(p, &line, to)?;
        }
        let line = words.collect::<Vec<_>>().join(" ");
        self.trace(p, &line, to)
    }

    /// What only bash shows: the heads of compound commands.
    pub(super) fn trace_line(&mut self, p: &mut Process, text: &str) -> Result<(), Flow> {
        if self.bash() { self.trace(p, text, p.fds.get(&2).copied()) } else { Ok(()) }
    }

    /// A line on the standard error that was there before the redirections of the command.
    pub fn trace(&mut self, p: &mut Process, text: &str, to: Option<u64>) -> Result<(), Flow> {
        if !self.options.xtrace {
            return Ok(());
        }
        let ps4 = self.get("PS4").unwrap_or_default();
        self.options.xtrace = false;
        let (status, substituted) = (self.status, self.substituted);
        let prompt = self.quoted_text(p, &ps4);
        (self.status, self.substituted) = (status, substituted);
        self.options.xtrace = true;
        let mut line = prompt?;
        if self.bash()
            && let Some(first) = line.chars().next()
        {
            line.insert_str(0, &first.to_string().repeat(self.levels));
        }
        line.push_str(text);
        line.push('\n');
        let present = p.fds.get(&2).copied();
        if let Some(id) = to {
            p.fds.insert(2, id);
        }
        p.err(line);
        match present {
            Some(id) => p.fds.insert(2, id),
            None => p.fds.remove(&2),
        };
        Ok(())
    }
}

/// A word as `set -x` shows it.
pub fn quote(text: &str, dialect: Dialect) -> String {
    let needs = match dialect {
        Dialect::Dash => false,
        Dialect::Ash => text.bytes().any(|b| b < b'+' || (b';'..=b'?').contains(&b) || b"`[\\".contains(&b) || b > b'z'),
        Dialect::Bash if text.is_empty() => true,
        Dialect::Bash
            if text.starts_with(['~', '#', '=']) && !matches!(text, "=" | "==")
                || text.bytes().any(|b| b" \t\n\"'\\$`&;()<>|*?[]{}!^".contains(&b)) =>
        {
            true
        }
        Dialect::Bash => return if text.bytes().all(|b| (b' '..=b'~').contains(&b)) { text.to_owned() } else { dollar_quoted(text) },
    };
    if needs { single_quoted(text, dialect) } else { text.to_owned() }
}

/// In single quotes, as a shell would read it again.
pub fn single_quoted(text: &str, dialect: Dialect) -> String {
    if dialect == Dialect::Bash {
        return if text == "'" { "\\'".into() } else { format!("'{}'", text.replace('\'', "'\\''")) };
    }
    let (mut out, mut rest) = (String::new(), text);
    loop {
        let (plain, marks) = rest.split_at(rest.find('\'').unwrap_or(rest.len()));
        out += &format!("'{plain}'");
        rest = marks.trim_start_matches('\'');
        if marks.is_empty() {
            return out;
        }
        out += &format!("\"{}\"", &marks[..marks.len() - rest.len()]);
        if rest.is_empty() {
            return out;
        }
    }
}

/// bash's `$'…'` for what cannot be printed.
pub fn dollar_quoted(text: &str) -> String {
    let mut out = String::from("$'");
    for b in text.bytes() {
        match b {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            27 => out.push_str("\\E"),
            b'\'' | b'\\' => out.extend(['\\', b as char]),
            b' '..=b'~' => out.push(b as char),
            b => out.push_str(&format!("\\{b:03o}")),
        }
    }
    out.push('\'');
    out
}

/// As `printf %q` quotes.
pub fn backslashed(text: &str) -> String {
    if text.is_empty() {
        return "''".into();
    }
    if text.bytes().any(|b| b < b' ' || b == 127) {
        return dollar_quoted(text);
    }
    let first = |i: usize, c: char| i == 0 && (c == '~' || c == '#');
    text.char_indices()
        .flat_map(|(i, c)| (" \"'\\$`&;()<>|*?[]{}!^,".contains(c) || first(i, c)).then_some('\\').into_iter().chain([c]))
        .collect()
}
