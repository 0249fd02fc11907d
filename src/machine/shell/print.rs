//! Commands as bash prints them: `declare -f`, `type`, BASH_COMMAND, exported functions.
//!
//! A text is read again with its words as they were written ([`Parser::verbatim`]); what is printed is its structure. Two oddities
//! are bash's own: an `elif` becomes an `if` inside of `else`, and behind a heredoc the next semicolon is missing.

use std::rc::Rc;

use super::Dialect;
use super::ast::*;
use super::parse::{Parser, is_binary, is_unary};
use super::state::Function;
use crate::base::Map;

/// The definition of a function, from the text of its body.
pub fn function(name: &str, source: &str) -> String {
    let mut printer = Printer { inside: true, ..Printer::default() };
    printer.out.push_str(name);
    printer.out.push_str(" () \n");
    match read(source).and_then(|mut list| list.pop()) {
        Some(AndOr { first: Pipeline { commands, .. }, .. }) if commands.len() == 1 => printer.body(&commands[0]),
        _ => printer.out.push_str(source),
    }
    printer.out.push('\n');
    printer.out
}

/// A command on one line.
pub fn command(source: &str) -> String {
    match read(source) {
        Some(commands) => list(&commands),
        None => source.to_owned(),
    }
}

/// A list that was read with its words as they were written.
pub fn list(list: &List) -> String {
    let mut printer = Printer::default();
    printer.list(list);
    printer.flush("");
    printer.out
}

/// The functions that an environment has: `BASH_FUNC_name%%=() { … }`.
pub fn imported(env: &[(String, String)]) -> Map<String, Rc<Function>> {
    let mut functions = Map::new();
    for (key, value) in env {
        let Some(name) = key.strip_prefix("BASH_FUNC_").and_then(|k| k.strip_suffix("%%")) else { continue };
        let parsed = Parser::new(&format!("{name} {value}\n"), Dialect::Bash, 0).next_command();
        let Ok(Some(AndOr { first: Pipeline { mut commands, .. }, .. })) = parsed.map(|list| list.and_then(|mut l| l.pop())) else {
            continue;
        };
        if let Some(Command::Function { body, source, .. }) = commands.pop().map(|c| c.command.clone()) {
            let function = Function { body, origin: Some("environment".into()), source, exported: true };
            functions.insert(name.to_owned(), Rc::new(function));
        }
    }
    functions
}

fn read(source: &str) -> Option<List> {
    let mut parser = Parser::new(source, Dialect::Bash, 1);
    (parser.verbatim, parser.extglob) = (true, true);
    let list = parser.next_command().ok()??;
    (!list.is_empty()).then_some(list)
}

#[derive(Default)]
struct Printer {
    out: String,
    indent: usize,
    /// In a function, where each command has its own line.
    inside: bool,
    /// Delimiters and bodies of the heredocs of this line.
    heredocs: Vec<(String, String)>,
    was_heredoc: bool,
}

fn text(word: &[Part]) -> &str {
    match word {
        [Part::Plain(text)] => text,
        _ => "",
    }
}

impl Printer {
    fn line(&mut self, text: &str) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.indent));
        self.out.push_str(text);
    }

    fn semicolon(&mut self) {
        if !self.out.ends_with(['&', '\n']) {
            self.out.push(';');
        }
    }

    /// The bodies of heredocs, after `operator`; `false`: there were none.
    fn flush(&mut self, operator: &str) -> bool {
        if self.heredocs.is_empty() {
            return false;
        }
        self.out.push_str(operator);
        self.out.push('\n');
        for (delimiter, body) in std::mem::take(&mut self.heredocs) {
            self.out.push_str(&body);
            self.out.push_str(&delimiter);
            self.out.push('\n');
        }
        self.was_heredoc = true;
        true
    }

    fn between(&mut self, operator: &str) {
        if !self.flush(operator) {
            self.out.push_str(operator);
        }
        self.out.push_str(if self.out.ends_with('\n') { "  " } else { " " });
    }

    fn list(&mut self, list: &List) {
        for (i, and_or) in list.iter().enumerate() {
            self.pipeline(&and_or.first);
            for (and, pipeline) in &and_or.rest {
                self.between(if *and { " &&" } else { " ||" });
                self.pipeline(pipeline);
            }
            let last = i + 1 == list.len();
            match and_or.background {
                true => self.out.push_str(if last { " &" } else { " & " }),
                false if last => {}
                false => {
                    if !self.flush("") && !std::mem::take(&mut self.was_heredoc) {
                        self.out.push(';');
                    }
                    if self.inside { self.line("") } else { self.out.push(' ') }
                }
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        if let Some(posix) = pipeline.timed {
            self.out.push_str(if posix { "time -p " } else { "time " });
        }
        if pipeline.negate {
            self.out.push_str("! ");
        }
        for (i, command) in pipeline.commands.iter().enumerate() {
            if i > 0 {
                self.between(" |");
            }
            self.command(command);
        }
    }

    /// Lines between two words, further in.
    fn block(&mut self, list: &List, end: &str) {
        self.indent += 4;
        self.line("");
        self.list(list);
        self.flush("");
        self.semicolon();
        self.indent -= 4;
        self.line(end);
    }

    /// The body of a function: always a group.
    fn body(&mut self, body: &Redirected) {
        self.out.extend(std::iter::repeat_n(' ', self.indent));
        let inside = std::mem::replace(&mut self.inside, true);
        match &body.command {
            Command::Group(list) => self.group(list),
            _ => {
                self.out.push_str("{ ");
                self.indent += 4;
                self.line("");
                self.command(&Redirected { redirects: Vec::new(), ..body.clone() });
                self.indent -= 4;
                self.line("}");
            }
        }
        self.redirects(&body.redirects);
        self.inside = inside;
    }

    fn group(&mut self, list: &List) {
        self.out.push_str("{ ");
        if self.inside {
            self.indent += 4;
            self.line("");
        }
        self.list(list);
        self.flush("");
        match self.inside {
            true => {
                self.indent -= 4;
                self.line("}");
            }
            false => {
                self.semicolon();
                self.out.push_str(" }");
            }
        }
    }

    fn command(&mut self, command: &Redirected) {
        match &command.command {
            Command::Simple { assigns, words } => self.simple(assigns, words),
            Command::Group(list) => self.group(list),
            Command::Subshell(list) => {
                self.out.push_str("( ");
                self.list(list);
                self.flush("");
                self.out.push_str(" )");
            }
            Command::If { branches, otherwise } => self.branches(branches, otherwise),
            Command::For { name, source, body, words, asks } => {
                let head = match words {
                    // The words may be printed in another way than they are written.
                    Some(words) => {
                        let mut head = format!("{} {name} in", if *asks { "select" } else { "for" });
                        for word in words {
                            head.push(' ');
                            head.push_str(text(word));
                        }
                        head
                    }
                    None => source.clone(),
                };
                self.out.push_str(&head);
                self.out.push(';');
                self.line("do");
                self.block(body, "done");
            }
            Command::Count { parts, body } => {
                let [a, b, c] = parts;
                self.out.push_str(&format!("for (({}; {}; {}))", a.1, b.1, c.1));
                self.line("do");
                self.block(body, "done");
            }
            Command::While { until, condition, body } => {
                self.out.push_str(if *until { "until " } else { "while " });
                self.list(condition);
                self.semicolon();
                self.out.push_str(" do");
                self.block(body, "done");
            }
            Command::Case { word, arms, .. } => {
                self.out.push_str(&format!("case {} in ", text(word)));
                self.indent += 4;
                for arm in arms {
                    let patterns: Vec<&str> = arm.patterns.iter().map(|p| text(p)).collect();
                    self.line(&patterns.join(" | "));
                    self.out.push(')');
                    self.indent += 4;
                    match arm.body.is_empty() {
                        true => self.out.push('\n'),
                        false => self.line(""),
                    }
                    self.list(&arm.body);
                    self.flush("");
                    self.indent -= 4;
                    self.line(match arm.next {
                        Next::End => ";;",
                        Next::FallThrough => ";&",
                        Next::Test => ";;&",
                    });
                }
                self.indent -= 4;
                self.line("esac");
            }
            Command::Function { name, body, .. } => {
                self.out.push_str(&format!("function {name} () \n"));
                self.body(body);
            }
            Command::Condition(words) => self.condition(words),
            Command::Arithmetic(_, source) => self.out.push_str(&format!("(({source}))")),
        }
        self.redirects(&command.redirects);
    }

    fn branches(&mut self, branches: &[(List, List)], otherwise: &List) {
        let Some(((condition, body), more)) = branches.split_first() else { return };
        self.out.push_str("if ");
        self.list(condition);
        self.semicolon();
        self.out.push_str(" then");
        if more.is_empty() && otherwise.is_empty() {
            return self.block(body, "fi");
        }
        self.block(body, "else");
        if more.is_empty() {
            return self.block(otherwise, "fi");
        }
        self.indent += 4;
        self.line("");
        self.branches(more, otherwise);
        self.semicolon();
        self.indent -= 4;
        self.line("fi");
    }

    fn simple(&mut self, assigns: &[Assign], words: &[Word]) {
        let mut all: Vec<String> = Vec::new();
        for assign in assigns {
            let value = if let Value::Word(word) = &assign.value { text(word) } else { "" };
            all.push(format!("{}={value}", assign.name));
        }
        all.extend(words.iter().map(|w| text(w).to_owned()));
        self.out.push_str(&all.join(" "));
    }

    /// `[[ … ]]`: a word that stands alone is asked whether it is empty.
    fn condition(&mut self, words: &[Word]) {
        self.out.push_str("[[");
        let mut i = 0;
        while let Some(word) = words.get(i).map(|w| text(w)) {
            let next = words.get(i + 1).map_or("", |w| text(w));
            let count = match word {
                "!" | "(" | ")" | "&&" | "||" => 1,
                flag if is_unary(flag) => 2,
                _ if is_binary(next) => 3,
                _ => {
                    self.out.push_str(" -n");
                    1
                }
            };
            for word in words.iter().skip(i).take(count) {
                self.out.push(' ');
                self.out.push_str(text(word));
            }
            i += count;
        }
        self.out.push_str(" ]]");
    }

    fn redirects(&mut self, redirects: &[Redirect]) {
        for redirect in redirects {
            if !self.out.is_empty() && !self.out.ends_with(' ') {
                self.out.push(' ');
            }
            let word = text(&redirect.word);
            let usual = match redirect.kind {
                RedirectKind::Read | RedirectKind::Here | RedirectKind::HereString => 0,
                RedirectKind::ReadWrite => 0,
                _ => 1,
            };
            match &redirect.variable {
                Some(name) => self.out.push_str(&format!("{{{name}}}")),
                None if redirect.kind == RedirectKind::Duplicate || redirect.fd != usual => self.out.push_str(&redirect.fd.to_string()),
                None => {}
            }
            self.out.push_str(match redirect.kind {
                RedirectKind::Read => "< ",
                RedirectKind::Write => "> ",
                RedirectKind::Clobber => ">| ",
                RedirectKind::Append => ">> ",
                RedirectKind::ReadWrite => "<> ",
                // Its word has the operator.
                RedirectKind::Duplicate => "",
                RedirectKind::Both => "&> ",
                RedirectKind::BothAppend => "&>> ",
                RedirectKind::Here => "<<",
                RedirectKind::HereString => "<<< ",
            });
            self.out.push_str(word);
            if let Some(body) = &redirect.body {
                let delimiter = word.trim_start_matches('-').replace(['\'', '"', '\\'], "");
                let body = body.borrow().iter().map(|p| if let Part::Quoted(t) = p { t.as_str() } else { "" }).collect();
                self.heredocs.push((delimiter, body));
            }
        }
    }
}
