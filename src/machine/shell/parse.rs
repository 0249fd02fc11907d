//! Text to [`List`]: POSIX sh with what bash adds and RUN lines use.

use std::rc::Rc;

use super::Dialect;
use super::ast::*;

/// Deepest nesting of commands and expansions.
const MAX_NESTING: u32 = 60;

/// A syntax error: the text after the shell's prefix, and the line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SyntaxError {
    pub line: u32,
    pub text: String,
}

type Parsed<T> = Result<T, SyntaxError>;

/// Reads a whole script.
pub fn parse(text: &str, dialect: Dialect) -> Parsed<List> {
    let mut parser = Parser { chars: text.chars().collect(), at: 0, line: 1, dialect, pending: Vec::new(), bodies: Vec::new(), depth: 0 };
    let list = parser.list(&[])?;
    parser.skip();
    match parser.peek() {
        None => Ok(parser.settle(list)),
        Some(_) => Err(parser.unexpected(None)),
    }
}

/// The parts of a text as inside double quotes (heredocs, prompts).
pub fn parse_quoted(text: &str, dialect: Dialect) -> Parsed<Word> {
    let mut parser = Parser { chars: text.chars().collect(), at: 0, line: 1, dialect, pending: Vec::new(), bodies: Vec::new(), depth: 0 };
    let mut parts = Vec::new();
    parser.double_quoted(&mut parts, true)?;
    Ok(parts)
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    line: u32,
    dialect: Dialect,
    /// Heredocs whose bodies start at the next line: delimiter, quoted, tabs stripped, slot in `bodies`.
    pending: Vec<(String, bool, bool, usize)>,
    bodies: Vec<Word>,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_at(&self, n: usize) -> Option<char> {
        self.chars.get(self.at + n).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek_at(i) == Some(c))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.starts(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn error<T>(&self, text: impl Into<String>) -> Parsed<T> {
        Err(SyntaxError { line: self.line, text: text.into() })
    }

    fn nest<T>(&mut self, f: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        let result = if self.depth > MAX_NESTING { self.error("nested too deeply") } else { f(self) };
        self.depth -= 1;
        result
    }

    fn unexpected(&mut self, expecting: Option<&str>) -> SyntaxError {
        self.skip_blanks();
        let token = match self.peek() {
            None => "end of file".to_owned(),
            Some('\n') => "newline".to_owned(),
            Some(c) if "|&;()<>".contains(c) => {
                let two: String = [Some(c), self.peek_at(1)].into_iter().flatten().collect();
                let token = if ["||", "&&", ";;", "<<", ">>", "<&", ">&"].contains(&two.as_str()) { two } else { c.to_string() };
                self.quote_token(&token)
            }
            Some(_) => {
                let word: String = self.chars[self.at..].iter().take_while(|c| !c.is_whitespace() && !"|&;()<>".contains(**c)).collect();
                self.quote_token(&word)
            }
        };
        let expecting = expecting.map(|e| format!(" (expecting \"{e}\")")).unwrap_or_default();
        let text = match self.dialect {
            Dialect::Bash if token == "end of file" => "syntax error: unexpected end of file".into(),
            Dialect::Bash => format!("syntax error near unexpected token `{}'", token.trim_matches('"')),
            Dialect::Ash => format!("syntax error: unexpected {token}{expecting}"),
            Dialect::Dash => {
                let token = if token == "end of file" { "end of file".into() } else { token };
                format!("Syntax error: {} unexpected{expecting}", capital(&token))
            }
        };
        SyntaxError { line: self.line, text }
    }

    fn quote_token(&self, token: &str) -> String {
        format!("\"{token}\"")
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn newline(&mut self) {
        self.next();
        for (delimiter, quoted, strip, slot) in std::mem::take(&mut self.pending) {
            let mut body = String::new();
            while self.peek().is_some() {
                let mut line = String::new();
                while let Some(c) = self.next() {
                    if c == '\n' {
                        break;
                    }
                    line.push(c);
                }
                let text = if strip { line.trim_start_matches('\t') } else { &line };
                if text == delimiter {
                    break;
                }
                body.push_str(text);
                body.push('\n');
            }
            self.bodies[slot] = match quoted {
                true => vec![Part::Quoted(body)],
                false => parse_quoted(&body, self.dialect).unwrap_or_else(|_| vec![Part::Quoted(body.clone())]),
            };
        }
    }

    /// Blanks, comments and newlines.
    fn skip(&mut self) {
        loop {
            self.skip_blanks();
            if self.peek() != Some('\n') {
                return;
            }
            self.newline();
        }
    }

    /// The reserved word or operator at the cursor, not consumed.
    fn keyword(&self) -> String {
        let word: String =
            self.chars[self.at..].iter().take_while(|c| !c.is_whitespace() && !"|&;()<>\"'$`\\".contains(**c)).take(12).collect();
        match self.chars.get(self.at + word.chars().count()) {
            Some('"' | '\'' | '$' | '`' | '\\') => String::new(),
            _ => word,
        }
    }

    fn at_keyword(&self, words: &[&str]) -> bool {
        !words.is_empty() && (words.contains(&self.keyword().as_str()) || words.iter().any(|w| (*w == ")" || *w == ";;") && self.starts(w)))
    }

    fn expect(&mut self, keyword: &str) -> Parsed<()> {
        self.skip();
        if self.at_keyword(&[keyword]) {
            self.at += keyword.chars().count();
            return Ok(());
        }
        Err(self.unexpected(Some(keyword)))
    }

    fn list(&mut self, end: &[&str]) -> Parsed<List> {
        let mut list = Vec::new();
        loop {
            self.skip();
            if self.peek().is_none() || self.at_keyword(end) {
                return Ok(list);
            }
            if self.peek() == Some(')') || self.at_keyword(&["then", "do", "done", "fi", "else", "elif", "esac", "}", ";;"]) {
                return if end.is_empty() || list.is_empty() {
                    Err(self.unexpected(end.first().filter(|_| end.len() == 1).copied()))
                } else {
                    Ok(list)
                };
            }
            let mut and_or = self.and_or()?;
            self.skip_blanks();
            match self.peek() {
                Some(';') if self.peek_at(1) != Some(';') => self.at += 1,
                Some('&') => {
                    self.at += 1;
                    and_or.background = true;
                }
                Some('\n') | None => {}
                Some(';') if end.contains(&";;") => {}
                Some(')') if end.contains(&")") => {}
                Some(_) => return Err(self.unexpected(None)),
            }
            list.push(and_or);
        }
    }

    /// A list that may not be empty.
    fn body(&mut self, end: &[&str]) -> Parsed<List> {
        let list = self.list(end)?;
        if list.is_empty() { Err(self.unexpected(None)) } else { Ok(list) }
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let and = if self.eat("&&") {
                true
            } else if self.eat("||") {
                false
            } else {
                return Ok(AndOr { first, rest, background: false });
            };
            self.skip();
            rest.push((and, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        let mut negate = false;
        self.skip_blanks();
        while self.keyword() == "!" {
            self.at += 1;
            negate = !negate;
            self.skip_blanks();
        }
        let mut commands = vec![Rc::new(self.command()?)];
        loop {
            self.skip_blanks();
            if self.starts("||") || !self.eat("|") {
                return Ok(Pipeline { negate, commands });
            }
            if self.eat("&")
                && let Some(last) = commands.last_mut()
            {
                let mut with = (**last).clone();
                with.redirects.push(Redirect { fd: 2, kind: RedirectKind::Duplicate, word: vec![Part::Plain("1".into())] });
                *last = Rc::new(with);
            }
            self.skip();
            commands.push(Rc::new(self.command()?));
        }
    }

    fn command(&mut self) -> Parsed<Redirected> {
        self.nest(|p| {
            let line = p.line;
            let command = p.compound()?;
            let (command, mut redirects) = match command {
                Some(command) => (command, Vec::new()),
                None => p.simple()?,
            };
            while let Some(redirect) = p.redirect()? {
                redirects.push(redirect);
            }
            Ok(Redirected { command, redirects, line })
        })
    }

    fn compound(&mut self) -> Parsed<Option<Command>> {
        self.skip_blanks();
        if self.starts("((") && self.dialect == Dialect::Bash {
            self.at += 2;
            let text = self.arithmetic_text()?;
            return Ok(Some(Command::Arithmetic(parse_quoted(&text, self.dialect)?)));
        }
        if self.eat("(") {
            let list = self.body(&[")"])?;
            self.skip();
            return if self.eat(")") { Ok(Some(Command::Subshell(list))) } else { Err(self.unexpected(Some(")"))) };
        }
        let keyword = self.keyword();
        let length = keyword.chars().count();
        Ok(Some(match keyword.as_str() {
            "{" => {
                self.at += 1;
                let list = self.body(&["}"])?;
                self.expect("}")?;
                Command::Group(list)
            }
            "if" => {
                self.at += length;
                let mut branches = Vec::new();
                loop {
                    let condition = self.body(&["then"])?;
                    self.expect("then")?;
                    branches.push((condition, self.body(&["fi", "else", "elif"])?));
                    self.skip();
                    if self.at_keyword(&["elif"]) {
                        self.at += 4;
                        continue;
                    }
                    let otherwise = if self.at_keyword(&["else"]) {
                        self.at += 4;
                        self.body(&["fi"])?
                    } else {
                        Vec::new()
                    };
                    self.expect("fi")?;
                    break Command::If { branches, otherwise };
                }
            }
            "while" | "until" => {
                self.at += length;
                let condition = self.body(&["do"])?;
                self.expect("do")?;
                let body = self.body(&["done"])?;
                self.expect("done")?;
                Command::While { until: keyword == "until", condition, body }
            }
            "for" => {
                self.at += length;
                self.skip_blanks();
                let name = self.keyword();
                if !is_name(&name) {
                    return self.error(if self.dialect == Dialect::Dash {
                        "Syntax error: Bad for loop variable"
                    } else {
                        "syntax error: bad for loop variable"
                    });
                }
                self.at += name.chars().count();
                self.skip();
                let mut words = None;
                if self.at_keyword(&["in"]) {
                    self.at += 2;
                    let mut list = Vec::new();
                    loop {
                        self.skip_blanks();
                        match self.word()? {
                            Some(word) => list.push(word),
                            None => break,
                        }
                    }
                    words = Some(list);
                }
                self.skip_blanks();
                self.eat(";");
                self.expect("do")?;
                let body = self.body(&["done"])?;
                self.expect("done")?;
                Command::For { name, words, body }
            }
            "case" => {
                self.at += length;
                self.skip_blanks();
                let Some(word) = self.word()? else { return Err(self.unexpected(None)) };
                self.expect("in")?;
                let mut arms = Vec::new();
                loop {
                    self.skip();
                    if self.at_keyword(&["esac"]) {
                        self.at += 4;
                        break;
                    }
                    self.eat("(");
                    let mut patterns = Vec::new();
                    loop {
                        self.skip_blanks();
                        match self.word()? {
                            Some(pattern) => patterns.push(pattern),
                            None => return Err(self.unexpected(self.peek().is_none().then_some("esac"))),
                        }
                        self.skip_blanks();
                        if self.eat("|") {
                            continue;
                        }
                        if !self.eat(")") {
                            return Err(self.unexpected(Some(")")));
                        }
                        break;
                    }
                    let body = self.list(&[";;", "esac"])?;
                    self.skip();
                    if !self.eat(";;") && !self.at_keyword(&["esac"]) {
                        return Err(self.unexpected(Some(";;")));
                    }
                    arms.push((patterns, body));
                }
                Command::Case { word, arms }
            }
            "function" if self.dialect != Dialect::Dash => {
                self.at += length;
                self.skip_blanks();
                let name = self.keyword();
                self.at += name.chars().count();
                self.skip_blanks();
                if self.eat("(") {
                    self.skip_blanks();
                    self.eat(")");
                }
                self.skip();
                Command::Function { name, body: Rc::new(self.command()?) }
            }
            "[[" if self.dialect == Dialect::Bash => {
                self.at += 2;
                let mut words = Vec::new();
                loop {
                    self.skip();
                    if self.keyword() == "]]" {
                        self.at += 2;
                        break Command::Condition(words);
                    }
                    let operator = ["&&", "||", "(", ")", "<", ">"].into_iter().find(|o| self.starts(o));
                    if let Some(operator) = operator {
                        self.at += operator.len();
                        words.push(vec![Part::Plain(operator.into())]);
                        continue;
                    }
                    match self.word()? {
                        Some(word) => {
                            let is_match = matches!(&word[..], [Part::Plain(o)] if o == "=~");
                            words.push(word);
                            if is_match {
                                self.skip_blanks();
                                words.push(self.regex_word()?);
                            }
                        }
                        None => return Err(self.unexpected(None)),
                    }
                }
            }
            _ => {
                // `name ()`: a function.
                let mut end = self.at + length;
                while matches!(self.chars.get(end), Some(' ' | '\t')) {
                    end += 1;
                }
                if length == 0 || self.chars.get(end) != Some(&'(') || keyword.contains('=') {
                    return Ok(None);
                }
                self.at = end + 1;
                self.skip_blanks();
                if !self.eat(")") {
                    return Err(self.unexpected(None));
                }
                self.skip();
                Command::Function { name: keyword, body: Rc::new(self.command()?) }
            }
        }))
    }

    /// The right side of `=~`: up to a blank outside of parentheses and quotes.
    fn regex_word(&mut self) -> Parsed<Word> {
        let mut parts = Vec::new();
        let mut open = 0;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' if open == 0 => break,
                '(' | ')' | '|' | ' ' => {
                    open += (c == '(') as i32 - (c == ')') as i32;
                    self.next();
                    push_plain(&mut parts, &c.to_string());
                }
                '\\' => {
                    self.next();
                    let c = self.next().unwrap_or('\\');
                    push_plain(&mut parts, &format!("\\{c}"));
                }
                _ => match self.word()? {
                    Some(word) => parts.extend(word),
                    None => {
                        self.next();
                        push_plain(&mut parts, &c.to_string());
                    }
                },
            }
        }
        Ok(parts)
    }

    fn simple(&mut self) -> Parsed<(Command, Vec<Redirect>)> {
        let (mut assigns, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if words.is_empty()
                && let Some(assign) = self.assign()?
            {
                assigns.push(assign);
                continue;
            }
            match self.word()? {
                Some(word) => words.push(word),
                None => break,
            }
        }
        if assigns.is_empty() && words.is_empty() && redirects.is_empty() {
            return Err(self.unexpected(None));
        }
        Ok((Command::Simple { assigns, words }, redirects))
    }

    fn assign(&mut self) -> Parsed<Option<Assign>> {
        let name: String = self.chars[self.at..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        let after = self.at + name.len();
        let append = self.chars.get(after) == Some(&'+') && self.chars.get(after + 1) == Some(&'=') && self.dialect == Dialect::Bash;
        if !is_name(&name) || (self.chars.get(after) != Some(&'=') && !append) {
            return Ok(None);
        }
        self.at = after + 1 + append as usize;
        if self.peek() == Some('(') && self.dialect == Dialect::Bash {
            self.at += 1;
            let mut items = Vec::new();
            loop {
                self.skip();
                if self.eat(")") {
                    return Ok(Some(Assign { name, append, value: Vec::new(), array: Some(items) }));
                }
                match self.word()? {
                    Some(word) => items.push(word),
                    None => return Err(self.unexpected(Some(")"))),
                }
            }
        }
        let value = self.word()?.unwrap_or_default();
        Ok(Some(Assign { name, append, value, array: None }))
    }

    fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        self.skip_blanks();
        let digits: String = self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        let operator_at = self.at + digits.len();
        let both = self.starts("&>") && self.dialect != Dialect::Dash;
        if !both && !matches!(self.chars.get(operator_at), Some('<' | '>')) {
            return Ok(None);
        }
        self.at = operator_at;
        use RedirectKind::*;
        const OPERATORS: [(&str, RedirectKind, u32); 11] = [
            ("&>>", Both, 1),
            ("&>", Both, 1),
            ("<<<", HereString, 0),
            ("<<-", Here, 0),
            ("<<", Here, 0),
            ("<&", Duplicate, 0),
            ("<>", ReadWrite, 0),
            ("<", Read, 0),
            (">>", Append, 1),
            (">&", Duplicate, 1),
            (">|", Write, 1),
        ];
        let found = OPERATORS.iter().find(|(text, kind, _)| self.starts(text) && (*kind != HereString || self.dialect != Dialect::Dash));
        let (text, kind, default) = found.copied().unwrap_or((">", Write, 1));
        self.at += text.len();
        let fd = digits.parse().unwrap_or(default);
        self.skip_blanks();
        if kind == Here {
            let start = self.at;
            let Some(word) = self.word()? else { return Err(self.unexpected(None)) };
            let quoted = self.chars[start..self.at].iter().any(|c| "'\"\\".contains(*c));
            let delimiter = word.iter().map(|p| if let Part::Plain(t) | Part::Quoted(t) = p { t.as_str() } else { "" }).collect();
            self.bodies.push(Vec::new());
            let slot = self.bodies.len() - 1;
            self.pending.push((delimiter, quoted, text == "<<-", slot));
            return Ok(Some(Redirect { fd, kind, word: vec![Part::Plain(slot.to_string())] }));
        }
        match self.word()? {
            Some(word) => Ok(Some(Redirect { fd, kind, word })),
            None => Err(self.unexpected(None)),
        }
    }

    /// Puts the bodies of heredocs where they belong.
    fn settle(&self, mut list: List) -> List {
        for and_or in &mut list {
            for pipeline in std::iter::once(&mut and_or.first).chain(and_or.rest.iter_mut().map(|(_, p)| p)) {
                for command in &mut pipeline.commands {
                    *command = Rc::new(self.settle_command((**command).clone()));
                }
            }
        }
        list
    }

    fn settle_command(&self, mut command: Redirected) -> Redirected {
        for redirect in command.redirects.iter_mut().filter(|r| r.kind == RedirectKind::Here) {
            if let [Part::Plain(slot)] = &redirect.word[..] {
                redirect.word = slot.parse::<usize>().ok().and_then(|s| self.bodies.get(s)).cloned().unwrap_or_default();
            }
        }
        command.command = match command.command {
            Command::Group(list) => Command::Group(self.settle(list)),
            Command::Subshell(list) => Command::Subshell(self.settle(list)),
            Command::If { branches, otherwise } => Command::If {
                branches: branches.into_iter().map(|(a, b)| (self.settle(a), self.settle(b))).collect(),
                otherwise: self.settle(otherwise),
            },
            Command::For { name, words, body } => Command::For { name, words, body: self.settle(body) },
            Command::While { until, condition, body } => {
                Command::While { until, condition: self.settle(condition), body: self.settle(body) }
            }
            Command::Case { word, arms } => Command::Case { word, arms: arms.into_iter().map(|(p, l)| (p, self.settle(l))).collect() },
            Command::Function { name, body } => Command::Function { name, body: Rc::new(self.settle_command((*body).clone())) },
            other => other,
        };
        command
    }

    fn word(&mut self) -> Parsed<Option<Word>> {
        let mut parts: Word = Vec::new();
        let mut any = false;
        while let Some(c) = self.peek() {
            if c.is_ascii_whitespace() || "|&;()<>".contains(c) {
                break;
            }
            any = true;
            match c {
                '\\' => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(c) => parts.push(Part::Quoted(c.to_string())),
                        None => parts.push(Part::Quoted("\\".into())),
                    }
                }
                '\'' => {
                    self.next();
                    parts.push(Part::Quoted(self.until_quote()?));
                }
                '"' => {
                    self.next();
                    parts.push(Part::Quoted(String::new()));
                    self.double_quoted(&mut parts, false)?;
                }
                '$' if self.peek_at(1) == Some('\'') && self.dialect != Dialect::Dash => {
                    self.at += 2;
                    let mut text = String::new();
                    while let Some(c) = self.next() {
                        match c {
                            '\'' => break,
                            '\\' => text.extend(['\\', self.next().unwrap_or('\\')]),
                            c => text.push(c),
                        }
                    }
                    parts.push(Part::Quoted(super::escape::unescape(&text)));
                }
                '$' | '`' => self.dollar(&mut parts, false)?,
                c => {
                    self.next();
                    push_plain(&mut parts, c.encode_utf8(&mut [0; 4]));
                }
            }
        }
        Ok(any.then_some(parts))
    }

    fn until_quote(&mut self) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some('\'') => return Ok(text),
                Some(c) => text.push(c),
                None => return self.unterminated(),
            }
        }
    }

    fn unterminated<T>(&self) -> Parsed<T> {
        self.error(match self.dialect {
            Dialect::Ash => "syntax error: unterminated quoted string",
            Dialect::Dash => "Syntax error: Unterminated quoted string",
            Dialect::Bash => "unexpected EOF while looking for matching `\"'",
        })
    }

    /// Up to the closing quote, or (heredocs) to the end.
    fn double_quoted(&mut self, parts: &mut Word, heredoc: bool) -> Parsed<()> {
        let mut text = String::new();
        loop {
            match self.peek() {
                None if heredoc => break,
                None => return self.unterminated(),
                Some('"') if !heredoc => {
                    self.next();
                    break;
                }
                Some('\\') => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(c) if "$`\\".contains(c) || (c == '"' && !heredoc) => text.push(c),
                        Some(c) => text.extend(['\\', c]),
                        None => text.push('\\'),
                    }
                }
                Some('$' | '`') => {
                    if !text.is_empty() {
                        parts.push(Part::Quoted(std::mem::take(&mut text)));
                    }
                    self.dollar(parts, true)?;
                }
                Some(c) => {
                    self.next();
                    text.push(c);
                }
            }
        }
        if !text.is_empty() {
            parts.push(Part::Quoted(text));
        }
        Ok(())
    }

    fn dollar(&mut self, parts: &mut Word, quoted: bool) -> Parsed<()> {
        self.nest(|p| p.dollar_inner(parts, quoted))
    }

    fn dollar_inner(&mut self, parts: &mut Word, quoted: bool) -> Parsed<()> {
        if self.peek() == Some('`') {
            self.next();
            let mut text = String::new();
            loop {
                match self.next() {
                    Some('`') => break,
                    Some('\\') => match self.next() {
                        Some(c) if "`$\\".contains(c) || (quoted && c == '"') => text.push(c),
                        Some(c) => text.extend(['\\', c]),
                        None => {}
                    },
                    Some(c) => text.push(c),
                    None => return self.unterminated(),
                }
            }
            let mut inner = self.sub(&text);
            let list = inner.whole().map_err(|e| e.text);
            parts.push(Part::Command(Rc::new(list), quoted));
            return Ok(());
        }
        if self.starts("$((") {
            let start = self.at;
            self.at += 3;
            if let Ok(text) = self.arithmetic_text() {
                parts.push(Part::Arithmetic(parse_quoted(&text, self.dialect)?, quoted));
                return Ok(());
            }
            self.at = start;
        }
        if self.eat("$(") {
            let pending = std::mem::take(&mut self.pending);
            let list = self.list(&[")"])?;
            self.skip();
            if !self.eat(")") {
                return Err(self.unexpected(Some(")")));
            }
            let list = self.settle(list);
            self.pending = pending;
            parts.push(Part::Command(Rc::new(Ok(list)), quoted));
            return Ok(());
        }
        if self.eat("${") {
            let parameter = self.braced(quoted)?;
            parts.push(Part::Parameter(Box::new(parameter), quoted));
            return Ok(());
        }
        self.next();
        let name = self.parameter_name(false);
        match name.is_empty() {
            true if quoted => parts.push(Part::Quoted("$".into())),
            true => push_plain(parts, "$"),
            false => parts.push(Part::Parameter(Box::new(Parameter { name, index: None, op: ParameterOp::Get }), quoted)),
        }
        Ok(())
    }

    fn sub(&self, text: &str) -> Parser {
        Parser {
            chars: text.chars().collect(),
            at: 0,
            line: self.line,
            dialect: self.dialect,
            pending: Vec::new(),
            bodies: Vec::new(),
            depth: self.depth,
        }
    }

    fn whole(&mut self) -> Parsed<List> {
        let list = self.list(&[])?;
        Ok(self.settle(list))
    }

    /// After `((`: the text up to `))`.
    fn arithmetic_text(&mut self) -> Parsed<String> {
        let mut text = String::new();
        let mut open = 0;
        loop {
            match self.next() {
                None => return self.unterminated(),
                Some('(') => {
                    open += 1;
                    text.push('(');
                }
                Some(')') if open == 0 => return if self.eat(")") { Ok(text) } else { self.unterminated() },
                Some(')') => {
                    open -= 1;
                    text.push(')');
                }
                Some(c) => text.push(c),
            }
        }
    }

    fn parameter_name(&mut self, braced: bool) -> String {
        match self.peek() {
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name: String = self.chars[self.at..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
                self.at += name.len();
                name
            }
            Some(c) if c.is_ascii_digit() => {
                let digits: String =
                    self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).take(if braced { 9 } else { 1 }).collect();
                self.at += digits.len();
                digits
            }
            Some(c) if "@*#?$!-".contains(c) => {
                self.at += 1;
                c.to_string()
            }
            _ => String::new(),
        }
    }

    fn braced(&mut self, quoted: bool) -> Parsed<Parameter> {
        let bad = |p: &Self| p.error(if p.dialect == Dialect::Dash { "Bad substitution" } else { "bad substitution" });
        if self.peek() == Some('#') && self.peek_at(1) != Some('}') {
            self.at += 1;
            let name = self.parameter_name(true);
            let index = self.index()?;
            return if self.eat("}") { Ok(Parameter { name, index, op: ParameterOp::Length }) } else { bad(self) };
        }
        if self.eat("!") {
            let name = self.parameter_name(true);
            return if self.eat("}") { Ok(Parameter { name, index: None, op: ParameterOp::Indirect }) } else { bad(self) };
        }
        let name = self.parameter_name(true);
        if name.is_empty() {
            return bad(self);
        }
        let index = self.index()?;
        let colon = self.peek() == Some(':') && matches!(self.peek_at(1), Some('-' | '=' | '?' | '+'));
        if colon {
            self.at += 1;
        }
        let op = match self.next() {
            Some('}') => return Ok(Parameter { name, index, op: ParameterOp::Get }),
            Some('-') => ParameterOp::Default(colon, self.operand("}", quoted)?),
            Some('=') => ParameterOp::Assign(colon, self.operand("}", quoted)?),
            Some('?') => ParameterOp::Error(colon, self.operand("}", quoted)?),
            Some('+') => ParameterOp::Alternative(colon, self.operand("}", quoted)?),
            Some(c @ ('#' | '%')) => {
                let longest = self.eat(&c.to_string());
                ParameterOp::Trim { suffix: c == '%', longest, pattern: self.operand("}", false)? }
            }
            Some('/') if self.dialect != Dialect::Dash => {
                let all = self.eat("/");
                let pattern = self.operand("/}", false)?;
                let with = if self.eat("/") { self.operand("}", quoted)? } else { Vec::new() };
                ParameterOp::Replace { all, pattern, with }
            }
            Some(':') if self.dialect != Dialect::Dash => {
                let offset = self.operand(":}", quoted)?;
                let length = if self.eat(":") { Some(self.operand("}", quoted)?) } else { None };
                ParameterOp::Slice(offset, length)
            }
            Some(c @ ('^' | ',')) if self.dialect == Dialect::Bash => ParameterOp::Case { upper: c == '^', all: self.eat(&c.to_string()) },
            _ => return bad(self),
        };
        if self.eat("}") { Ok(Parameter { name, index, op }) } else { self.unterminated() }
    }

    fn index(&mut self) -> Parsed<Option<Word>> {
        if self.dialect != Dialect::Bash || !self.eat("[") {
            return Ok(None);
        }
        let word = self.operand("]", false)?;
        self.eat("]");
        Ok(Some(word))
    }

    /// The word of an expansion, up to one of `ends`, which stays.
    fn operand(&mut self, ends: &str, quoted: bool) -> Parsed<Word> {
        let mut parts: Word = Vec::new();
        loop {
            match self.peek() {
                None => return self.unterminated(),
                Some(c) if ends.contains(c) => return Ok(parts),
                Some('\\') => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(c) if !quoted || "$`\\\"}".contains(c) => parts.push(Part::Quoted(c.to_string())),
                        Some(c) => parts.push(Part::Quoted(format!("\\{c}"))),
                        None => {}
                    }
                }
                Some('\'') if !quoted => {
                    self.next();
                    parts.push(Part::Quoted(self.until_quote()?));
                }
                Some('"') => {
                    self.next();
                    parts.push(Part::Quoted(String::new()));
                    self.double_quoted(&mut parts, false)?;
                }
                Some('$' | '`') => self.dollar(&mut parts, quoted)?,
                Some(c) => {
                    self.next();
                    if quoted { parts.push(Part::Quoted(c.to_string())) } else { push_plain(&mut parts, c.encode_utf8(&mut [0; 4])) }
                }
            }
        }
    }
}

/// Whether `text` can name a variable.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn push_plain(parts: &mut Word, text: &str) {
    match parts.last_mut() {
        Some(Part::Plain(last)) => last.push_str(text),
        _ => parts.push(Part::Plain(text.to_owned())),
    }
}

fn capital(text: &str) -> String {
    text.chars().next().map(|c| c.to_ascii_uppercase().to_string() + &text[c.len_utf8()..]).unwrap_or_default()
}
