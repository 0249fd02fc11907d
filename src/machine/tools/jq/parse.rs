//! The language of jq: text → tree.

use serde_json::Value;

use super::lex::{KEYWORDS, Parsed, Token, tokens, unexpected};

/// A filter.
#[derive(Debug, Clone)]
pub enum Ast {
    /// `.`
    Identity,
    /// A value that is written down.
    Literal(Value),
    /// A string: a format, and text and filters by turns.
    Text(Option<String>, Vec<Ast>),
    /// `@csv` and its kin.
    Format(String),
    /// `t.name`, `t[key]`
    Index(Box<Ast>, Box<Ast>),
    /// `t[from:to]`
    Slice(Box<Ast>, Option<Box<Ast>>, Option<Box<Ast>>),
    /// `t[]`
    Iterate(Box<Ast>),
    /// `[ … ]`
    Array(Option<Box<Ast>>),
    /// `{ … }`
    Object(Vec<(Ast, Ast)>),
    /// `-t`
    Negative(Box<Ast>),
    /// An operator between two filters: `|` and `,` too.
    Binary(&'static str, Box<Ast>, Box<Ast>),
    /// `if`: pairs of condition and branch, and the rest.
    If(Vec<(Ast, Ast)>, Option<Box<Ast>>),
    /// `try`, `?`
    Try(Box<Ast>, Option<Box<Ast>>),
    /// `reduce` and `foreach`: source, pattern, filters.
    Fold(bool, Box<Ast>, Pattern, Vec<Ast>),
    /// `source as pattern | body`
    Bind(Box<Ast>, Pattern, Box<Ast>),
    /// `$name`
    Variable(String),
    /// `name(arguments)`
    Call(String, Vec<Ast>),
    /// `def`: name, parameters, body, and what follows.
    Define(String, Vec<String>, Box<Ast>, Box<Ast>),
}

/// What a value is taken apart by.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Pattern {
    Name(String),
    Array(Vec<Pattern>),
    Object(Vec<(Ast, Option<String>, Option<Pattern>)>),
}

/// Deepest nesting.
const MAX_DEPTH: usize = 1000;
/// Longest chain of operators or suffixes.
const MAX_LINKS: usize = 2000;

/// Operators by how weakly they bind; all go left but `|` and `//`.
const LEVELS: &[&[&str]] = &[
    &["|"],
    &[","],
    &["//"],
    &["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="],
    &["or"],
    &["and"],
    &["==", "!=", "<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/", "%"],
];

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// The filter that `text` says.
pub fn parse(text: &str) -> Parsed<Ast> {
    let tokens = tokens(text.as_bytes(), &mut 0, 0)?;
    filter(tokens, 0)
}

fn filter(tokens: Vec<Token>, depth: usize) -> Parsed<Ast> {
    let mut parser = Parser { tokens, at: 0, depth };
    if parser.tokens.is_empty() {
        return Ok(Ast::Identity);
    }
    let ast = parser.binary(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(ast),
        token => Err(unexpected(token).replace(" (Unix", ", expecting $end (Unix")),
    }
}

impl Parser {
    fn sign(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign)
    }

    fn word(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w == word)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.sign(sign) || self.word(sign);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, sign: &str) -> Parsed<()> {
        if self.eat(sign) { Ok(()) } else { Err(unexpected(self.tokens.get(self.at))) }
    }

    fn next_word(&mut self) -> Parsed<String> {
        match self.tokens.get(self.at) {
            Some(Token::Word(word)) => {
                self.at += 1;
                Ok(word.clone())
            }
            token => Err(unexpected(token)),
        }
    }

    fn nested<T>(&mut self, weight: usize, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += weight;
        if self.depth > MAX_DEPTH {
            return Err("syntax error, too deeply nested".into());
        }
        let part = part(self);
        self.depth -= weight;
        part
    }

    fn binary(&mut self, level: usize) -> Parsed<Ast> {
        self.nested(1, |s| s.binary_inner(level))
    }

    fn pattern(&mut self) -> Parsed<Pattern> {
        self.nested(5, Self::pattern_inner)
    }

    fn term(&mut self) -> Parsed<Ast> {
        self.nested(5, Self::term_inner)
    }

    /// One more link of a chain: not too many, for those who walk down it.
    fn link(&self, links: &mut usize) -> Parsed<()> {
        *links += 1;
        if *links > MAX_LINKS { Err("syntax error, too deeply nested".into()) } else { Ok(()) }
    }

    fn binary_inner(&mut self, level: usize) -> Parsed<Ast> {
        if level == 0 && self.eat("def") {
            let name = self.next_word()?;
            let mut parameters = Vec::new();
            if self.eat("(") {
                loop {
                    let dollar = if self.eat("$") { "$" } else { "" };
                    parameters.push(format!("{dollar}{}", self.next_word()?));
                    if !self.eat(";") {
                        break;
                    }
                }
                self.need(")")?;
            }
            self.need(":")?;
            let body = self.binary(0)?;
            self.need(";")?;
            let rest = if self.at < self.tokens.len() { self.binary(0)? } else { Ast::Identity };
            return Ok(Ast::Define(name, parameters, Box::new(body), Box::new(rest)));
        }
        let Some(operators) = LEVELS.get(level) else { return self.postfix() };
        let mut left = self.binary(level + 1)?;
        let mut links = 0;
        while let Some(operator) = operators.iter().find(|o| self.sign(o) || self.word(o)) {
            self.at += 1;
            self.link(&mut links)?;
            let right_first = matches!(*operator, "|" | "//");
            let right = self.binary(if right_first { level } else { level + 1 })?;
            left = Ast::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn postfix(&mut self) -> Parsed<Ast> {
        let term = self.term_with_suffix()?;
        if !matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word == "as") {
            return Ok(term);
        }
        self.at += 1;
        let pattern = self.pattern()?;
        self.need("|")?;
        let body = self.binary(0)?;
        Ok(Ast::Bind(Box::new(term), pattern, Box::new(body)))
    }

    fn brackets(&mut self, term: Ast) -> Parsed<Ast> {
        let term = Box::new(term);
        if self.eat("]") {
            return Ok(Ast::Iterate(term));
        }
        let from = if self.sign(":") { None } else { Some(Box::new(self.binary(0)?)) };
        let ast = match (self.eat(":"), from) {
            (true, from) => {
                let to = if self.sign("]") { None } else { Some(Box::new(self.binary(0)?)) };
                Ast::Slice(term, from, to)
            }
            (false, Some(key)) => Ast::Index(term, key),
            (false, None) => return Err(unexpected(self.tokens.get(self.at))),
        };
        self.need("]")?;
        Ok(ast)
    }

    fn pattern_inner(&mut self) -> Parsed<Pattern> {
        if self.eat("[") {
            let mut items = vec![self.pattern()?];
            while self.eat(",") {
                items.push(self.pattern()?);
            }
            self.need("]")?;
            return Ok(Pattern::Array(items));
        }
        if self.eat("{") {
            let mut items = Vec::new();
            loop {
                let (key, name) = if self.eat("$") {
                    let name = self.next_word()?;
                    (Ast::Literal(name.clone().into()), Some(name))
                } else if let Ok(word) = self.next_word() {
                    (Ast::Literal(word.into()), None)
                } else {
                    (self.term()?, None)
                };
                let below = if self.eat(":") { Some(self.pattern()?) } else { None };
                items.push((key, name, below));
                if !self.eat(",") {
                    break;
                }
            }
            self.need("}")?;
            return Ok(Pattern::Object(items));
        }
        self.need("$")?;
        Ok(Pattern::Name(self.next_word()?))
    }

    fn term_inner(&mut self) -> Parsed<Ast> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        Ok(match token {
            Some(Token::Number(n)) => Ast::Literal(super::value::number(n)),
            Some(Token::Text(parts)) => self.text(None, parts)?,
            Some(Token::Format(name)) => match self.tokens.get(self.at).cloned() {
                Some(Token::Text(parts)) => {
                    self.at += 1;
                    self.text(Some(name), parts)?
                }
                _ => Ast::Format(name),
            },
            Some(Token::Field(name)) => Ast::Index(Box::new(Ast::Identity), Box::new(Ast::Literal(name.into()))),
            Some(Token::Sign("..")) => Ast::Call("recurse".into(), Vec::new()),
            Some(Token::Sign(".")) => match self.tokens.get(self.at) {
                Some(Token::Text(_)) => {
                    let key = self.term()?;
                    Ast::Index(Box::new(Ast::Identity), Box::new(key))
                }
                _ => Ast::Identity,
            },
            Some(Token::Sign("$")) => {
                let name = self.next_word()?;
                if name == "__loc__" { Ast::Literal(serde_json::json!({"file": "<top-level>", "line": 1})) } else { Ast::Variable(name) }
            }
            Some(Token::Sign("-")) => Ast::Negative(Box::new(self.postfix()?)),
            Some(Token::Sign("(")) => {
                let inner = self.binary(0)?;
                self.need(")")?;
                inner
            }
            Some(Token::Sign("[")) => {
                if self.eat("]") {
                    return Ok(Ast::Array(None));
                }
                let inner = self.binary(0)?;
                self.need("]")?;
                Ast::Array(Some(Box::new(inner)))
            }
            Some(Token::Sign("{")) => self.object()?,
            Some(Token::Word(word)) => self.named(word)?,
            token => return Err(unexpected(token.as_ref())),
        })
    }

    fn named(&mut self, word: String) -> Parsed<Ast> {
        Ok(match word.as_str() {
            "if" => {
                let mut pairs = Vec::new();
                loop {
                    let condition = self.binary(0)?;
                    self.need("then")?;
                    pairs.push((condition, self.binary(0)?));
                    if !self.eat("elif") {
                        break;
                    }
                }
                let rest = if self.eat("else") { Some(Box::new(self.binary(0)?)) } else { None };
                self.need("end")?;
                Ast::If(pairs, rest)
            }
            "try" => {
                let body = self.postfix()?;
                let handler = if self.eat("catch") { Some(Box::new(self.postfix()?)) } else { None };
                Ast::Try(Box::new(body), handler)
            }
            "reduce" | "foreach" => {
                let source = self.term_with_suffix()?;
                self.need("as")?;
                let pattern = self.pattern()?;
                self.need("(")?;
                let mut filters = vec![self.binary(0)?];
                while self.eat(";") {
                    filters.push(self.binary(0)?);
                }
                self.need(")")?;
                Ast::Fold(word == "reduce", Box::new(source), pattern, filters)
            }
            word if KEYWORDS.contains(&word) => return Err(unexpected(self.tokens.get(self.at - 1))),
            word => {
                let mut arguments = Vec::new();
                if self.eat("(") {
                    arguments.push(self.binary(0)?);
                    while self.eat(";") {
                        arguments.push(self.binary(0)?);
                    }
                    self.need(")")?;
                }
                Ast::Call(word.to_owned(), arguments)
            }
        })
    }

    /// A term with its suffixes, up to `as`.
    fn term_with_suffix(&mut self) -> Parsed<Ast> {
        let mut term = self.term()?;
        let mut links = 0;
        loop {
            self.link(&mut links)?;
            term = match self.tokens.get(self.at).cloned() {
                Some(Token::Field(name)) => {
                    self.at += 1;
                    Ast::Index(Box::new(term), Box::new(Ast::Literal(name.into())))
                }
                Some(Token::Sign(".")) if matches!(self.tokens.get(self.at + 1), Some(Token::Text(_))) => {
                    self.at += 1;
                    let key = self.term()?;
                    Ast::Index(Box::new(term), Box::new(key))
                }
                Some(Token::Sign("[")) => {
                    self.at += 1;
                    self.brackets(term)?
                }
                Some(Token::Sign("?")) => {
                    self.at += 1;
                    Ast::Try(Box::new(term), None)
                }
                _ => return Ok(term),
            };
        }
    }

    fn text(&mut self, format: Option<String>, parts: Vec<Result<String, Vec<Token>>>) -> Parsed<Ast> {
        let mut out = Vec::new();
        for part in parts {
            out.push(match part {
                Ok(text) => Ast::Literal(text.into()),
                Err(tokens) => filter(tokens, self.depth)?,
            });
        }
        Ok(if out.len() == 1 { out.remove(0) } else { Ast::Text(format, out) })
    }

    fn object(&mut self) -> Parsed<Ast> {
        let mut pairs = Vec::new();
        while !self.eat("}") {
            let (key, default) = match self.tokens.get(self.at).cloned() {
                Some(Token::Sign("$")) => {
                    self.at += 1;
                    let name = self.next_word()?;
                    (Ast::Literal(name.clone().into()), Ast::Variable(name))
                }
                Some(Token::Word(word)) => {
                    self.at += 1;
                    let key = Ast::Literal(word.into());
                    (key.clone(), Ast::Index(Box::new(Ast::Identity), Box::new(key)))
                }
                _ => {
                    let key = self.term()?;
                    (key.clone(), Ast::Index(Box::new(Ast::Identity), Box::new(key)))
                }
            };
            // A value is a filter without commas.
            let value = if self.eat(":") { self.object_value()? } else { default };
            pairs.push((key, value));
            if self.at >= self.tokens.len() {
                return Err(unexpected(None).replace("$end", "$end, expecting '}'"));
            }
            if !self.sign("}") {
                self.need(",")?;
            }
        }
        Ok(Ast::Object(pairs))
    }

    fn object_value(&mut self) -> Parsed<Ast> {
        let mut value = self.binary(2)?;
        while self.eat("|") {
            value = Ast::Binary("|", Box::new(value), Box::new(self.binary(2)?));
        }
        Ok(value)
    }
}
