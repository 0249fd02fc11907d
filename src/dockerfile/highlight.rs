//! Colours for an editor, from the engine's own grammar: what the parser reads is what is coloured.

use crate::base::{Source, Span};

use super::ast::{Ast, Node, TriviaKind};
use super::parser::parse;
use super::text::{decode, is_space};

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// `# …`
    Comment,
    /// The name of a parser directive.
    Directive,
    /// Its value.
    DirectiveValue,
    /// `FROM`, `AS`, `RUN` …
    Keyword,
    /// `--name`
    Flag,
    /// What follows the `=` of a flag.
    FlagValue,
    /// The image or stage behind FROM.
    Image,
    /// The name of a stage: behind AS, in `--from`.
    StageName,
    /// The name that ENV, ARG or LABEL sets.
    Name,
    /// `$v`, `${v:-w}`
    Variable,
    /// Quoted text.
    String,
    /// Brackets and commas of a JSON form, `=` of a pair.
    Punctuation,
    /// `&&`, `|`, `;`, `>` … in a command.
    Operator,
    /// An escape token and what it escapes; at the end of a line it continues the instruction.
    Escape,
    /// `<<EOF`, and the line that ends it.
    HeredocMarker,
    /// The lines between.
    HeredocBody,
}

impl TokenKind {
    /// What an editor's theme calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Directive => "directive",
            Self::DirectiveValue => "directive-value",
            Self::Keyword => "keyword",
            Self::Flag => "flag",
            Self::FlagValue => "flag-value",
            Self::Image => "image",
            Self::StageName => "stage",
            Self::Name => "name",
            Self::Variable => "variable",
            Self::String => "string",
            Self::Punctuation => "punctuation",
            Self::Operator => "operator",
            Self::Escape => "escape",
            Self::HeredocMarker => "heredoc-marker",
            Self::HeredocBody => "heredoc",
        }
    }
}

/// The pieces that have a colour, in order, without overlaps. What is not there is plain text.
pub fn highlight(source: &Source) -> Vec<(Span, TokenKind)> {
    highlight_parsed(source, &parse(source))
}

/// [`highlight`] of a source that was parsed already.
pub fn highlight_parsed(source: &Source, ast: &Ast) -> Vec<(Span, TokenKind)> {
    let bytes = &source.bytes[..];
    let mut tokens = Vec::new();
    let mut skipped = Vec::new();
    for trivia in &ast.trivia {
        if matches!(trivia.kind, TriviaKind::Comment | TriviaKind::Blank) {
            skipped.push(trivia.span);
        }
        if trivia.kind == TriviaKind::Comment {
            let blanks = slice(bytes, trivia.span).iter().take_while(|b| **b != b'#').count();
            tokens.push((Span { start: trivia.span.start + offset(blanks), ..trivia.span }, TokenKind::Comment));
        }
    }
    for directive in &ast.directives {
        let line = slice(bytes, directive.span);
        let equals = line.iter().position(|b| *b == b'=').unwrap_or(line.len());
        let cut = directive.span.start + offset((equals + 1).min(line.len()));
        tokens.push((Span { start: directive.span.start, end: cut }, TokenKind::Directive));
        tokens.push((Span { start: cut, end: directive.span.end }, TokenKind::DirectiveValue));
    }
    for node in &ast.nodes {
        let first_body = node.heredocs.first().map(|heredoc| heredoc.span.start);
        let escape = ast.escape as u8;
        let head = Span { start: node.span.start, end: first_body.unwrap_or(node.span.end) };
        let mut painter = Painter::new(bytes, head, &skipped, escape, &mut tokens);
        painter.instruction(node);
        for (i, heredoc) in node.heredocs.iter().enumerate() {
            let next = node.heredocs.get(i + 1).map_or(node.span.end, |next| next.span.start);
            tokens.push((heredoc.span, TokenKind::HeredocBody));
            let line = slice(bytes, Span { start: heredoc.span.end, end: next });
            let end = line.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(line.len());
            tokens.push((Span { start: heredoc.span.end, end: heredoc.span.end + offset(end) }, TokenKind::HeredocMarker));
        }
    }
    tokens.retain(|(span, _)| span.start < span.end);
    crate::base::sort(&mut tokens);
    tokens
}

fn slice(bytes: &[u8], span: Span) -> &[u8] {
    bytes.get(span.start as usize..span.end as usize).unwrap_or_default()
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Paints one logical line, which may lie on several physical ones.
struct Painter<'t> {
    /// The bytes of the logical line, and where each is in the file.
    line: Vec<(u8, u32)>,
    at: usize,
    escape: u8,
    tokens: &'t mut Vec<(Span, TokenKind)>,
}

impl<'t> Painter<'t> {
    fn new(bytes: &[u8], span: Span, skipped: &[Span], escape: u8, tokens: &'t mut Vec<(Span, TokenKind)>) -> Self {
        let mut line = Vec::new();
        let mut start = span.start;
        for text in slice(bytes, span).split_inclusive(|b| *b == b'\n') {
            let begin = start;
            start += offset(text.len());
            let near = skipped.partition_point(|skip| skip.end < begin);
            if skipped.get(near).is_some_and(|skip| skip.start <= begin && begin < skip.end) {
                continue;
            }
            let end = text.iter().rposition(|b| !matches!(b, b'\r' | b'\n' | b' ' | b'\t')).map_or(0, |last| last + 1);
            let continued = start < span.end && text[..end].last() == Some(&escape);
            let end = if continued { end - 1 } else { end };
            if continued {
                let at = begin + offset(end);
                tokens.push((Span { start: at, end: at + 1 }, TokenKind::Escape));
            }
            line.extend(text[..end].iter().zip(begin..).map(|(byte, at)| (*byte, at)));
        }
        Self { line, at: 0, escape, tokens }
    }

    fn instruction(&mut self, node: &Node) {
        self.blanks();
        self.word(TokenKind::Keyword);
        self.flags();
        if let Some(trigger) = &node.trigger {
            return self.instruction(trigger);
        }
        let name = node.name();
        if node.json {
            if name == "healthcheck" {
                self.word(TokenKind::Keyword);
            }
            return self.json();
        }
        match name.as_str() {
            "from" => self.from(),
            "env" | "label" | "arg" => self.pairs(),
            "healthcheck" => {
                self.blanks();
                self.word(TokenKind::Keyword);
                self.text(None, true, |_| false);
            }
            "run" | "cmd" | "entrypoint" => self.text(None, true, |_| false),
            _ => self.text(None, false, |_| false),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).map(|(byte, _)| *byte)
    }

    fn looking_at(&self, text: &[u8]) -> bool {
        self.line.get(self.at..self.at + text.len()).is_some_and(|line| line.iter().map(|(byte, _)| byte).eq(text))
    }

    /// Skips blanks, those beyond ASCII too.
    fn blanks(&mut self) {
        while let Some(byte) = self.peek() {
            let mut ahead = [byte, 0, 0, 0];
            if !byte.is_ascii() {
                ahead.iter_mut().zip(&self.line[self.at..]).for_each(|(place, (byte, _))| *place = *byte);
            }
            let (c, width) = decode(&ahead);
            if !is_space(c) {
                break;
            }
            self.at += width;
        }
    }

    /// One word, whatever is in it.
    fn word(&mut self, kind: TokenKind) {
        let start = self.at;
        while self.peek().is_some_and(|b| !is_blank(b)) {
            self.at += 1;
        }
        self.paint(start, self.at, kind);
    }

    fn flags(&mut self) {
        loop {
            self.blanks();
            if !self.looking_at(b"--") {
                return;
            }
            let start = self.at;
            while self.peek().is_some_and(|b| !is_blank(b) && b != b'=') {
                self.at += 1;
            }
            let is_from = self.line[start..self.at].iter().map(|(byte, _)| byte).eq(b"--from");
            self.paint(start, self.at, TokenKind::Flag);
            if self.peek() == Some(b'=') {
                self.paint(self.at, self.at + 1, TokenKind::Punctuation);
                self.at += 1;
                let kind = if is_from { TokenKind::StageName } else { TokenKind::FlagValue };
                self.text(Some(kind), false, is_blank);
            }
        }
    }

    fn from(&mut self) {
        for kind in [TokenKind::Image, TokenKind::Keyword, TokenKind::StageName] {
            self.blanks();
            self.text(Some(kind), false, is_blank);
        }
    }

    fn pairs(&mut self) {
        let last_equals = self.line.iter().rposition(|(byte, _)| *byte == b'=').unwrap_or(0);
        loop {
            self.blanks();
            if self.peek().is_none() {
                return;
            }
            self.text(Some(TokenKind::Name), false, |b| is_blank(b) || b == b'=');
            if self.peek() == Some(b'=') {
                self.paint(self.at, self.at + 1, TokenKind::Punctuation);
                self.at += 1;
                self.text(None, false, is_blank);
            } else if self.at > last_equals {
                // The old form: a name, then its value up to the end; several names in ARG.
                return self.text(None, false, |_| false);
            }
        }
    }

    fn json(&mut self) {
        while let Some(byte) = self.peek() {
            let start = self.at;
            self.at += 1;
            match byte {
                b'"' => {
                    while let Some(byte) = self.peek() {
                        self.at += if byte == b'\\' { 2 } else { 1 };
                        if byte == b'"' {
                            break;
                        }
                    }
                    self.paint(start, self.at, TokenKind::String);
                }
                b'[' | b']' | b',' => self.paint(start, self.at, TokenKind::Punctuation),
                _ => {}
            }
        }
    }

    /// Text with variables, quotes and escapes in it, up to a byte outside of quotes that ends it.
    fn text(&mut self, base: Option<TokenKind>, is_command: bool, ends: fn(u8) -> bool) {
        let mut start = self.at;
        let mut quote = None;
        while let Some(byte) = self.peek() {
            let kind = if quote.is_some() { Some(TokenKind::String) } else { base };
            let from = self.at;
            let found = match byte {
                _ if quote.is_none() && ends(byte) => break,
                b'$' if quote != Some(b'\'') => self.variable().then_some(TokenKind::Variable),
                b'\'' | b'"' if quote.is_none() || quote == Some(byte) => {
                    if quote.is_none() {
                        self.paint_if(start, from, kind);
                        (quote, start) = (Some(byte), from);
                    } else {
                        self.paint(start, from + 1, TokenKind::String);
                        (quote, start) = (None, from + 1);
                    }
                    self.at += 1;
                    continue;
                }
                _ if byte == self.escape && quote != Some(b'\'') && from + 1 < self.line.len() => {
                    self.at += 2;
                    Some(TokenKind::Escape)
                }
                b'<' if quote.is_none() && self.looking_at(b"<<") && !self.looking_at(b"<<<") => {
                    self.at += 2;
                    while self.peek().is_some_and(|b| !is_blank(b)) {
                        self.at += 1;
                    }
                    Some(TokenKind::HeredocMarker)
                }
                b'&' | b'|' | b';' | b'<' | b'>' if is_command && quote.is_none() => {
                    while self.peek().is_some_and(|b| matches!(b, b'&' | b'|' | b';' | b'<' | b'>')) {
                        self.at += 1;
                    }
                    Some(TokenKind::Operator)
                }
                _ => None,
            };
            match found {
                Some(found) => {
                    self.paint_if(start, from, kind);
                    self.paint(from, self.at, found);
                    start = self.at;
                }
                None if self.at == from => self.at += 1,
                None => {}
            }
        }
        self.paint_if(start, self.at, if quote.is_some() { Some(TokenKind::String) } else { base });
    }

    /// `$name` or `${…}`; false, and nothing taken, if it is only a dollar sign.
    fn variable(&mut self) -> bool {
        let start = self.at;
        self.at += 1;
        if self.peek() == Some(b'{') {
            let mut depth = 0;
            while let Some(byte) = self.peek() {
                self.at += 1;
                depth += i32::from(byte == b'{') - i32::from(byte == b'}');
                if depth == 0 {
                    return true;
                }
            }
            self.at = start;
            return false;
        }
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80) {
            self.at += 1;
        }
        if self.at == start + 1 {
            self.at = start;
        }
        self.at > start
    }

    fn paint_if(&mut self, start: usize, end: usize, kind: Option<TokenKind>) {
        if let Some(kind) = kind {
            self.paint(start, end, kind);
        }
    }

    /// A token for each run of bytes that lie side by side in the file.
    fn paint(&mut self, start: usize, end: usize, kind: TokenKind) {
        let mut span: Option<Span> = None;
        for (_, at) in self.line.get(start..end.min(self.line.len())).unwrap_or_default() {
            match &mut span {
                Some(span) if span.end == *at => span.end += 1,
                _ => {
                    self.tokens.extend(span.map(|span| (span, kind)));
                    span = Some(Span { start: *at, end: at + 1 });
                }
            }
        }
        self.tokens.extend(span.map(|span| (span, kind)));
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, TokenKind)]) {
        let tokens = highlight(&Source::new("Dockerfile", text));
        let found: Vec<_> = tokens.iter().map(|(span, kind)| (&text[span.start as usize..span.end as usize], *kind)).collect();
        assert_eq!(found, expect, "{text}");
    }

    use TokenKind::*;

    #[test]
    fn lines_of_all_kinds() {
        check(
            "# syntax=a\n# c\nfrom a:$V AS b",
            &[
                ("# syntax=", Directive),
                ("a", DirectiveValue),
                ("# c", Comment),
                ("from", Keyword),
                ("a:", Image),
                ("$V", Variable),
                ("AS", Keyword),
                ("b", StageName),
            ],
        );
    }

    #[test]
    fn commands_over_lines() {
        check(
            "RUN --network=none a && \\\n  # c\n  b \"x $Y\" | c\\ d",
            &[
                ("RUN", Keyword),
                ("--network", Flag),
                ("=", Punctuation),
                ("none", FlagValue),
                ("&&", Operator),
                ("\\", Escape),
                ("# c", Comment),
                ("\"x ", String),
                ("$Y", Variable),
                ("\"", String),
                ("|", Operator),
                ("\\ ", Escape),
            ],
        );
    }

    #[test]
    fn heredocs_pairs_and_json() {
        check(
            "COPY --from=b <<E /x\n$y\nE\nENV A=1 B=${C:-d}\nONBUILD CMD [\"a\"]",
            &[
                ("COPY", Keyword),
                ("--from", Flag),
                ("=", Punctuation),
                ("b", StageName),
                ("<<E", HeredocMarker),
                ("$y\n", HeredocBody),
                ("E", HeredocMarker),
                ("ENV", Keyword),
                ("A", Name),
                ("=", Punctuation),
                ("B", Name),
                ("=", Punctuation),
                ("${C:-d}", Variable),
                ("ONBUILD", Keyword),
                ("CMD", Keyword),
                ("[", Punctuation),
                ("\"a\"", String),
                ("]", Punctuation),
            ],
        );
    }
}
