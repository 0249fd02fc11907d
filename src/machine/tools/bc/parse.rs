//! The language of bc: text → statements.

/// An expression.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Expression {
    Number(String),
    Variable(String),
    Element(String, Box<Expression>),
    Call(String, Vec<Expression>),
    Unary(&'static str, Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
    /// What is assigned to; the operator before `=`; the value.
    Assign(Box<Expression>, &'static str, Box<Expression>),
    /// `++` and `--`: by one up, before the value is taken.
    Step(Box<Expression>, bool, bool),
}

/// A statement.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Statement {
    /// A value that is printed.
    Show(Expression),
    /// An assignment: nothing is printed.
    Silent(Expression),
    Text(String),
    Print(Vec<Result<String, Expression>>),
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    While(Expression, Box<Statement>),
    For(Option<Expression>, Option<Expression>, Option<Expression>, Box<Statement>),
    Block(Vec<Statement>),
    Return(Option<Expression>),
    Define(String, Function),
    Break,
    Continue,
    Quit,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its parameters; arrays end with `[]`.
    pub parameters: Vec<String>,
    /// Its other own variables.
    pub own: Vec<String>,
    /// What it does.
    pub body: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(String),
    Word(String),
    Text(String),
    Sign(&'static str),
    Line,
}

const SIGNS: &[&str] = &[
    "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "^", "=", "<", ">", "!",
    "(", ")", "{", "}", "[", "]", ",", ";", ".",
];

const MAX_DEPTH: usize = 200;
/// Longest chain of operators.
const MAX_LINKS: usize = 2000;

/// The statements of a text: each with what is wrong in its place, and the line where it is.
pub fn parse(text: &str) -> Vec<Result<Statement, usize>> {
    let (tokens, lines) = tokens(text);
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let mut out = Vec::new();
    while parser.at < parser.tokens.len() {
        if parser.sign(";") || parser.peek() == Some(&Token::Line) {
            parser.at += 1;
            continue;
        }
        let statement = parser.statement().filter(|s| parser.ends() || matches!(s, Statement::Define(..)));
        // What is wrong with the end of a line is found out on the next one.
        let line = match parser.peek() {
            None | Some(Token::Line) => lines.get(parser.at).or(lines.last()).map_or(1, |n| n + 1),
            _ => lines[parser.at],
        };
        if statement.is_none() {
            while parser.at < parser.tokens.len() && parser.peek() != Some(&Token::Line) {
                parser.at += 1;
            }
        }
        out.push(statement.ok_or(line));
    }
    out
}

fn tokens(text: &str) -> (Vec<Token>, Vec<usize>) {
    let (mut out, mut lines) = (Vec::new(), Vec::new());
    let (mut rest, mut line) = (text, 1);
    while let Some(c) = rest.chars().next() {
        let take = |is: &dyn Fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
        let (token, len) = match c {
            '\n' => (Some(Token::Line), 1),
            '\\' if rest.starts_with("\\\n") => (None, 2),
            c if c.is_whitespace() => (None, 1),
            '#' => (None, rest.find('\n').unwrap_or(rest.len())),
            _ if rest.starts_with("/*") => (None, rest.find("*/").map_or(rest.len(), |i| i + 2)),
            '"' => {
                let end = rest[1..].find('"').map_or(rest.len() - 1, |i| i + 1);
                (Some(Token::Text(rest[1..end.max(1)].to_owned())), (end + 1).min(rest.len()))
            }
            '0'..='9' | 'A'..='Z' => {
                let mut len = 0;
                // A number goes on behind a line that ends with a backslash.
                while let Some(c) = rest[len..].chars().next() {
                    let more = rest[len..].starts_with("\\\n");
                    if !(more || c.is_ascii_digit() || c.is_ascii_uppercase() || c == '.') {
                        break;
                    }
                    len += 1 + usize::from(more);
                }
                (Some(Token::Number(rest[..len].replace("\\\n", ""))), len)
            }
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase()) => {
                let len = 1 + rest[1..].find(|c: char| !(c.is_ascii_digit() || c.is_ascii_uppercase())).unwrap_or(rest.len() - 1);
                (Some(Token::Number(rest[..len].to_owned())), len)
            }
            'a'..='z' => {
                let len = take(&|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                (Some(Token::Word(rest[..len].to_owned())), len)
            }
            c => match SIGNS.iter().find(|s| rest.starts_with(**s)) {
                Some(sign) => (Some(Token::Sign(sign)), sign.len()),
                // Nothing has this in it: whoever meets it says so.
                None => (Some(Token::Text("\0".into())), c.len_utf8()),
            },
        };
        line += rest[..len].matches('\n').count();
        if let Some(token) = token {
            out.push(token);
            lines.push(line - usize::from(rest.starts_with('\n')));
        }
        rest = &rest[len..];
    }
    (out, lines)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(s)) if *s == sign)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.sign(sign);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, sign: &str) -> Option<()> {
        self.eat(sign).then_some(())
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(w)) if w == word);
        self.at += usize::from(found);
        found
    }

    fn ends(&self) -> bool {
        matches!(self.peek(), None | Some(Token::Line)) || self.sign(";") || self.sign("}")
    }

    fn lines(&mut self) {
        while self.peek() == Some(&Token::Line) {
            self.at += 1;
        }
    }

    fn statement(&mut self) -> Option<Statement> {
        self.depth += 1;
        let statement = if self.depth < MAX_DEPTH { self.statement_inner() } else { None };
        self.depth -= 1;
        statement
    }

    fn block(&mut self) -> Option<Vec<Statement>> {
        let mut statements = Vec::new();
        loop {
            while self.peek() == Some(&Token::Line) || self.sign(";") {
                self.at += 1;
            }
            if self.eat("}") {
                return Some(statements);
            }
            statements.push(self.statement().filter(|_| self.ends())?);
        }
    }

    fn body(&mut self) -> Option<Box<Statement>> {
        self.lines();
        self.statement().map(Box::new)
    }

    fn statement_inner(&mut self) -> Option<Statement> {
        if self.eat("{") {
            return self.block().map(Statement::Block);
        }
        if let Some(Token::Text(text)) = self.peek().cloned() {
            self.at += 1;
            return (text != "\0").then_some(Statement::Text(text));
        }
        if let Some(Token::Word(word)) = self.peek().cloned() {
            let at = self.at;
            self.at += 1;
            match word.as_str() {
                "if" => {
                    self.need("(")?;
                    let condition = self.expression(0)?;
                    self.need(")")?;
                    let then = self.body()?;
                    let back = self.at;
                    while self.peek() == Some(&Token::Line)
                        || self.sign(";") && matches!(self.tokens.get(self.at + 1), Some(Token::Word(w)) if w == "else")
                    {
                        self.at += 1;
                    }
                    if self.word("else") {
                        return Some(Statement::If(condition, then, Some(self.body()?)));
                    }
                    self.at = back;
                    return Some(Statement::If(condition, then, None));
                }
                "while" => {
                    self.need("(")?;
                    let condition = self.expression(0)?;
                    self.need(")")?;
                    return Some(Statement::While(condition, self.body()?));
                }
                "for" => {
                    self.need("(")?;
                    let mut part = |end: &str| {
                        let part = if self.sign(end) { None } else { Some(self.expression(0)?) };
                        self.need(end)?;
                        Some(part)
                    };
                    let (first, test, step) = (part(";")?, part(";")?, part(")")?);
                    return Some(Statement::For(first, test, step, self.body()?));
                }
                "define" => return self.define(),
                "return" => {
                    let value = if self.ends() { None } else { Some(self.expression(0)?) };
                    return Some(Statement::Return(value));
                }
                "print" => {
                    let mut items = Vec::new();
                    loop {
                        items.push(match self.peek().cloned() {
                            Some(Token::Text(text)) => {
                                self.at += 1;
                                Ok(text)
                            }
                            _ => Err(self.expression(0)?),
                        });
                        if !self.eat(",") {
                            return Some(Statement::Print(items));
                        }
                    }
                }
                "break" => return Some(Statement::Break),
                "continue" => return Some(Statement::Continue),
                "quit" | "halt" => return Some(Statement::Quit),
                "warranty" | "limits" => return Some(Statement::Block(Vec::new())),
                _ => self.at = at,
            }
        }
        let expression = self.expression(0)?;
        Some(if matches!(expression, Expression::Assign(..)) { Statement::Silent(expression) } else { Statement::Show(expression) })
    }

    fn names(&mut self, end: &str) -> Option<Vec<String>> {
        let mut names = Vec::new();
        while let Some(Token::Word(name)) = self.peek().cloned() {
            self.at += 1;
            let array = self.eat("[");
            if array {
                self.need("]")?;
            }
            names.push(if array { name + "[]" } else { name });
            if !self.eat(",") {
                break;
            }
        }
        if end.is_empty() { Some(names) } else { self.need(end).map(|()| names) }
    }

    fn define(&mut self) -> Option<Statement> {
        self.word("void");
        let Some(Token::Word(name)) = self.peek().cloned() else { return None };
        self.at += 1;
        self.need("(")?;
        let parameters = self.names(")")?;
        self.lines();
        self.need("{")?;
        while self.peek() == Some(&Token::Line) || self.sign(";") {
            self.at += 1;
        }
        let own = if self.word("auto") { self.names("")? } else { Vec::new() };
        let body = self.block()?;
        Some(Statement::Define(name, Function { parameters, own, body }))
    }

    fn expression(&mut self, level: usize) -> Option<Expression> {
        const LEVELS: &[&[&str]] =
            &[&["||"], &["&&"], &["!"], &["==", "!=", "<=", ">=", "<", ">"], &["="], &["+", "-"], &["*", "/", "%"], &["^"], &["-"]];
        self.depth += 1;
        let result = if self.depth > MAX_DEPTH * LEVELS.len() { None } else { self.level(level, LEVELS) };
        self.depth -= 1;
        result
    }

    fn level(&mut self, level: usize, levels: &[&[&'static str]]) -> Option<Expression> {
        let Some(operators) = levels.get(level) else { return self.primary() };
        match operators[0] {
            "!" if self.eat("!") => return Some(Expression::Unary("!", Box::new(self.expression(level)?))),
            "-" if operators.len() == 1 && self.eat("-") => return Some(Expression::Unary("-", Box::new(self.expression(level)?))),
            "!" => return self.expression(level + 1),
            "-" if operators.len() == 1 => return self.expression(level + 1),
            _ => {}
        }
        let mut left = self.expression(level + 1)?;
        if operators[0] == "=" {
            const SETS: &[(&str, &str)] = &[("=", ""), ("+=", "+"), ("-=", "-"), ("*=", "*"), ("/=", "/"), ("%=", "%"), ("^=", "^")];
            let Some((sign, operator)) = SETS.iter().find(|(s, _)| self.sign(s)) else { return Some(left) };
            if !matches!(left, Expression::Variable(_) | Expression::Element(..)) {
                return None;
            }
            self.need(sign)?;
            return Some(Expression::Assign(Box::new(left), operator, Box::new(self.expression(level)?)));
        }
        let mut links = 0;
        while let Some(operator) = operators.iter().find(|o| self.sign(o)) {
            self.at += 1;
            links += 1;
            if links > MAX_LINKS {
                return None;
            }
            // Powers go right.
            let right = if *operator == "^" { self.expression(level)? } else { self.expression(level + 1)? };
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn primary(&mut self) -> Option<Expression> {
        let token = self.peek().cloned()?;
        self.at += 1;
        let mut value = match token {
            Token::Number(text) => Expression::Number(text),
            Token::Sign(".") => Expression::Variable("last".into()),
            Token::Sign(sign @ ("++" | "--")) => {
                let target = if matches!(self.peek(), Some(Token::Word(_))) { self.primary()? } else { return None };
                return Some(Expression::Step(Box::new(target), sign == "++", true));
            }
            Token::Sign("(") => {
                let inner = self.expression(0)?;
                self.need(")")?;
                // What is in parentheses is printed, be it an assignment.
                Expression::Unary("", Box::new(inner))
            }
            Token::Word(name) if self.eat("(") => {
                let mut arguments = Vec::new();
                while !self.eat(")") {
                    arguments.push(self.expression(0)?);
                    if !self.sign(")") {
                        self.need(",")?;
                    }
                }
                Expression::Call(name, arguments)
            }
            Token::Word(name) if self.eat("[") => {
                if self.eat("]") {
                    Expression::Variable(name + "[]")
                } else {
                    let index = self.expression(0)?;
                    self.need("]")?;
                    Expression::Element(name, Box::new(index))
                }
            }
            Token::Word(name) if !matches!(name.as_str(), "if" | "else" | "while" | "for" | "define" | "return" | "auto" | "print") => {
                Expression::Variable(name)
            }
            _ => {
                self.at -= 1;
                return None;
            }
        };
        if matches!(value, Expression::Variable(_) | Expression::Element(..)) && (self.sign("++") || self.sign("--")) {
            let up = self.sign("++");
            self.at += 1;
            value = Expression::Step(Box::new(value), up, false);
        }
        Some(value)
    }
}
