//! Perl's regular expressions in the words of POSIX: what of them can be said so.

/// A pattern that was translated.
#[derive(Debug, PartialEq)]
pub struct Perl {
    /// The extended expression.
    pub pattern: String,
    /// The group that stands for the match, if a look around it or `\K` leaves out a part.
    pub shown: usize,
    /// The pattern's own groups: number in the expression, and name.
    pub groups: Vec<(usize, Option<String>)>,
}

/// Translates; `None` for what POSIX cannot say.
pub fn translate(pattern: &str) -> Option<Perl> {
    let mut perl = Perl { pattern: String::new(), shown: 0, groups: Vec::new() };
    let mut text = pattern;
    // What stands before the match, and what after it.
    let mut head = String::new();
    if let Some(rest) = text.strip_prefix("(?<=") {
        let (inner, rest) = rest.split_once(')')?;
        (head, text) = (inner.to_owned(), rest);
    } else if let Some((before, after)) = text.split_once("\\K") {
        (head, text) = (before.to_owned(), after);
    }
    let mut tail = "";
    if let Some(at) = text.rfind("(?=").filter(|_| text.ends_with(')')) {
        (text, tail) = (&text[..at], &text[at + 3..text.len() - 1]);
    }
    let mut count = 0;
    body(&head, "", &mut perl, &mut count)?;
    let framed = !head.is_empty() || !tail.is_empty();
    if framed {
        count += 1;
        perl.shown = count;
        perl.pattern.push('(');
    }
    body(text, tail, &mut perl, &mut count)?;
    if framed {
        perl.pattern.push(')');
    }
    body(tail, "", &mut perl, &mut count)?;
    Some(perl)
}

/// One part; `after` is what comes next.
fn body(text: &str, after: &str, perl: &mut Perl, count: &mut usize) -> Option<()> {
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    let mut set = false;
    while let Some(c) = chars.get(i).copied() {
        i += 1;
        match c {
            '\\' => {
                let letter = *chars.get(i)?;
                i += 1;
                match (letter, set) {
                    ('d', true) => perl.pattern.push_str("0-9"),
                    ('d', false) => perl.pattern.push_str("[0-9]"),
                    ('D', false) => perl.pattern.push_str("[^0-9]"),
                    ('h', _) => perl.pattern.push_str(if set { " \t" } else { "[ \t]" }),
                    ('s', true) => perl.pattern.push_str("[:space:]"),
                    ('w', true) => perl.pattern.push_str("[:alnum:]_"),
                    ('n', _) => perl.pattern.push('\n'),
                    ('t', _) => perl.pattern.push('\t'),
                    ('r', _) => perl.pattern.push('\r'),
                    ('Z' | 'z', false) => perl.pattern.push('$'),
                    ('A', false) => perl.pattern.push('^'),
                    ('w' | 'W' | 's' | 'S' | 'b' | 'B', false) => perl.pattern.extend(['\\', letter]),
                    (l, false) if l.is_ascii_digit() || !l.is_ascii_alphanumeric() => {
                        if !matches!(
                            l,
                            '"' | '\''
                                | '/'
                                | '-'
                                | ':'
                                | ','
                                | '='
                                | ' '
                                | '@'
                                | '#'
                                | '%'
                                | '&'
                                | '!'
                                | '~'
                                | '_'
                                | ';'
                                | '<'
                                | '>'
                                | '`'
                        ) {
                            perl.pattern.push('\\');
                        }
                        perl.pattern.push(l);
                    }
                    // In a set of POSIX a backslash is one.
                    (l @ (']' | '-' | '^' | '\\'), true) => in_set(l, perl),
                    (l, true) if !l.is_ascii_alphanumeric() => perl.pattern.push(l),
                    _ => return None,
                }
            }
            '[' if !set => {
                set = true;
                perl.pattern.push('[');
                if chars.get(i) == Some(&'^') {
                    perl.pattern.push('^');
                    i += 1;
                }
                if chars.get(i) == Some(&']') {
                    perl.pattern.push(']');
                    i += 1;
                }
            }
            ']' if set => {
                set = false;
                perl.pattern.push(']');
            }
            '(' if !set => {
                *count += 1;
                perl.pattern.push('(');
                if chars.get(i) != Some(&'?') {
                    perl.groups.push((*count, None));
                    continue;
                }
                let rest: String = chars[i..].iter().collect();
                if rest.starts_with("?:") {
                    i += 2;
                } else {
                    let named = rest.strip_prefix("?P<").or_else(|| rest.strip_prefix("?<")).filter(|r| !r.starts_with(['=', '!']))?;
                    let (name, _) = named.split_once('>')?;
                    perl.groups.push((*count, Some(name.to_owned())));
                    i += rest.len() - named.len() + name.len() + 1;
                }
            }
            // As few as possible of anything up to a character: as many as are not that character.
            '?' if !set && i >= 2 && matches!(chars[i - 2], '*' | '+') && perl.pattern.ends_with(['*', '+']) => {
                let mut rest = chars[i..].iter().copied().chain(after.chars()).skip_while(|c| *c == ')');
                let next = match (rest.next(), rest.next()) {
                    (Some('\\'), Some(l)) if !l.is_ascii_alphanumeric() => l,
                    (Some(c), _) if !"\\[(.^$|".contains(c) => c,
                    _ => return None,
                };
                let many = perl.pattern.pop()?;
                if perl.pattern.ends_with('.') && !perl.pattern.ends_with("\\.") && !"]^-".contains(next) {
                    perl.pattern.pop();
                    perl.pattern.extend(['[', '^', next, ']']);
                }
                perl.pattern.push(many);
            }
            c => perl.pattern.push(c),
        }
    }
    (!set).then_some(())
}

fn in_set(letter: char, perl: &mut Perl) {
    // A bracket or a dash must stand where it cannot be taken for more.
    let open = perl.pattern.rfind('[').unwrap_or(0);
    match letter {
        ']' => perl.pattern.insert(open + 1 + usize::from(perl.pattern[open + 1..].starts_with('^')), ']'),
        '-' => perl.pattern.push_str("[.-.]"),
        '^' if perl.pattern.ends_with('[') => perl.pattern.push_str("[.^.]"),
        c => perl.pattern.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn patterns_translate() {
        for (perl, posix, shown) in [
            ("\\d+", "[0-9]+", 0),
            ("foo\\K\\d+(?=bar)", "foo([0-9]+)bar", 1),
            ("(?<=v)[\\d.]+", "v([0-9.]+)", 1),
            ("\"(?<tag>.*?)\"", "\"([^\"]*)\"", 0),
            ("(?:a|b)\\.c", "(a|b)\\.c", 0),
        ] {
            let found = translate(perl).expect(perl);
            assert_eq!((found.pattern.as_str(), found.shown), (posix, shown), "{perl}");
        }
        assert_eq!(translate("(?!x)"), None);
    }
}
