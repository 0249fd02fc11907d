//! File modes as `chmod` reads them.

/// The mode that `text` (octal or symbolic) makes of `old`; `None` if it makes no sense.
pub fn parse(text: &str, old: u32, umask: u32, is_directory: bool) -> Option<u32> {
    change(text, old, umask, is_directory, is_directory)
}

/// As [`parse`]; `keeps` says whether `=` leaves setuid and setgid alone (GNU's does on directories, busybox's never).
pub fn change(text: &str, old: u32, umask: u32, is_directory: bool, keeps: bool) -> Option<u32> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).ok().filter(|m| *m <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let mut who = 0;
        for c in clause[..at].chars() {
            who |= match c {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                'a' => 0o7777,
                _ => return None,
            };
        }
        let mask = if who == 0 { 0o7777 & !umask } else { who };
        let mut operator = '+';
        let mut bits = 0;
        let apply = |mode: u32, operator: char, bits: u32| match operator {
            '+' => mode | bits & mask,
            '-' => mode & !(bits & mask),
            // Without `who` all is taken away, and the umask keeps some from coming back.
            _ => {
                let gone = if who == 0 { 0o7777 } else { mask };
                mode & !(gone & 0o777 | if keeps { 0 } else { gone & 0o6000 }) | bits & mask
            }
        };
        let mut pending = false;
        for c in clause[at..].chars() {
            match c {
                '+' | '-' | '=' => {
                    if pending {
                        mode = apply(mode, operator, bits);
                    }
                    (operator, bits, pending) = (c, 0, true);
                }
                'r' => bits |= 0o444,
                'w' => bits |= 0o222,
                'x' => bits |= 0o111,
                'X' if is_directory || old & 0o111 != 0 => bits |= 0o111,
                'X' => {}
                's' => bits |= 0o6000,
                't' => bits |= 0o1000,
                // What the clauses before have made of it.
                'u' => bits |= (mode >> 6 & 7) * 0o111,
                'g' => bits |= (mode >> 3 & 7) * 0o111,
                'o' => bits |= (mode & 7) * 0o111,
                _ => return None,
            }
        }
        mode = apply(mode, operator, bits);
    }
    Some(mode)
}

/// `-rwxr-xr-x`.
pub fn show(kind: char, mode: u32) -> String {
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}
