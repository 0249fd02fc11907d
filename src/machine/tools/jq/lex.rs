//! The words of the language of jq.

const SIGNS: &[&str] = &[
    "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//", "..", "|", ",", "=", "<", ">", "+", "-", "*", "/", "%",
    "(", ")", "[", "]", "{", "}", ":", ";", ".", "?", "$",
];

/// Deepest nesting of interpolations.
const MAX_DEPTH: usize = 50;

/// A word of the language.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Token {
    Sign(&'static str),
    Word(String),
    Field(String),
    Format(String),
    Number(f64),
    Text(Vec<Result<String, Vec<Token>>>),
}

/// A result whose error is a message.
pub type Parsed<T> = Result<T, String>;

/// What is said of a token that has no place.
pub fn unexpected(token: Option<&Token>) -> String {
    match token {
        None => "syntax error, unexpected $end (Unix shell quoting issues?)".into(),
        Some(Token::Sign(sign)) => format!("syntax error, unexpected '{sign}' (Unix shell quoting issues?)"),
        Some(Token::Word(w)) if KEYWORDS.contains(&w.as_str()) => format!("syntax error, unexpected {w} (Unix shell quoting issues?)"),
        Some(Token::Word(_)) => "syntax error, unexpected IDENT (Unix shell quoting issues?)".into(),
        Some(Token::Field(_)) => "syntax error, unexpected FIELD (Unix shell quoting issues?)".into(),
        Some(Token::Format(_)) => "syntax error, unexpected FORMAT (Unix shell quoting issues?)".into(),
        Some(Token::Number(_)) => "syntax error, unexpected LITERAL (Unix shell quoting issues?)".into(),
        Some(Token::Text(_)) => "syntax error, unexpected QQSTRING_START (Unix shell quoting issues?)".into(),
    }
}

/// Words that are no names.
pub const KEYWORDS: &[&str] =
    &["and", "as", "catch", "def", "elif", "else", "end", "foreach", "if", "import", "label", "or", "reduce", "then", "try"];

/// The tokens of `text` from `at` on, up to the parenthesis that closes an interpolation.
pub fn tokens(text: &[u8], at: &mut usize, depth: usize) -> Parsed<Vec<Token>> {
    if depth > MAX_DEPTH {
        return Err("syntax error, too deeply nested".into());
    }
    let mut out = Vec::new();
    let mut open = 0;
    while let Some(c) = text.get(*at).copied() {
        let rest = &text[*at..];
        let name = |from: usize| {
            let len = rest[from..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            String::from_utf8_lossy(&rest[from..from + len]).into_owned()
        };
        match c {
            b' ' | b'\t' | b'\n' | b'\r' => *at += 1,
            b'#' => *at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            b'"' => {
                *at += 1;
                out.push(Token::Text(string(text, at, depth + 1)?));
            }
            b')' if depth > 0 && open == 0 => return Ok(out),
            b'.' if rest.get(1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') => {
                let word = name(1);
                *at += word.len() + 1;
                out.push(Token::Field(word));
            }
            b'@' => {
                let word = name(1);
                *at += word.len() + 1;
                out.push(Token::Format(word));
            }
            c if c.is_ascii_digit() || c == b'.' && rest.get(1).is_some_and(u8::is_ascii_digit) => {
                let exponent = |i: usize| i > 0 && matches!(rest[i], b'+' | b'-') && matches!(rest[i - 1], b'e' | b'E');
                let is = |i: usize| rest[i].is_ascii_digit() || matches!(rest[i], b'.' | b'e' | b'E') || exponent(i);
                let len = (0..rest.len()).take_while(|i| is(*i)).count();
                let digits = String::from_utf8_lossy(&rest[..len]).into_owned();
                out.push(Token::Number(crate::base::parse_float(&digits).ok_or("syntax error, unexpected INVALID_CHARACTER")?));
                *at += len;
            }
            c if c.is_ascii_alphabetic() || c == b'_' => {
                let word = name(0);
                *at += word.len();
                out.push(Token::Word(word));
            }
            _ => {
                let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(s.as_bytes())) else {
                    return Err("syntax error, unexpected INVALID_CHARACTER (Unix shell quoting issues?)".into());
                };
                open += i32::from(*sign == "(") - i32::from(*sign == ")");
                *at += sign.len();
                out.push(Token::Sign(sign));
            }
        }
    }
    Ok(out)
}

fn string(text: &[u8], at: &mut usize, depth: usize) -> Parsed<Vec<Result<String, Vec<Token>>>> {
    const OPEN: &str =
        "syntax error, unexpected $end, expecting QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END (Unix shell quoting issues?)";
    let (mut parts, mut bytes) = (Vec::new(), Vec::new());
    loop {
        let c = *text.get(*at).ok_or(OPEN)?;
        *at += 1;
        match c {
            b'"' => break,
            b'\\' => {
                let c = *text.get(*at).ok_or(OPEN)?;
                *at += 1;
                match c {
                    b'(' => {
                        parts.push(Ok(String::from_utf8_lossy(&std::mem::take(&mut bytes)).into_owned()));
                        parts.push(Err(tokens(text, at, depth)?));
                        if text.get(*at) != Some(&b')') {
                            return Err(unexpected(None));
                        }
                        *at += 1;
                    }
                    b'u' => {
                        bytes.extend(super::json::character(text, at)?.to_string().into_bytes());
                    }
                    b'"' | b'/' => bytes.push(c),
                    c => bytes.push(crate::machine::tools::options::escaped(c).ok_or("Invalid escape")?),
                }
            }
            c => bytes.push(c),
        }
    }
    parts.push(Ok(String::from_utf8_lossy(&bytes).into_owned()));
    Ok(parts)
}
