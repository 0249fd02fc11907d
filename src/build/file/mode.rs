//! `--chmod`: octal, or symbolic as chmod(1) reads it.

/// The octal mode, if the text is one.
pub(super) fn octal(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 8).ok()
}

/// Permissions and set-id bits: what `a` means.
const STANDARD: u32 = 0o6777;
const STICKY: u32 = 0o1000;
const OTHERS: u32 = 0o007;
const EXECUTE: u32 = 0o111;

/// A mode changed by a symbolic text, `u=rwX,go=rX`, as BSD's `setmode` reads it: `X` looks at the mode as it was at first.
pub(super) fn symbolic(text: &str, mode: u32, is_directory: bool) -> u32 {
    let executes = is_directory || mode & EXECUTE != 0;
    text.split(',').fold(mode, |mode, clause| apply(clause, mode, executes))
}

fn apply(clause: &str, mut mode: u32, executes: bool) -> u32 {
    let actions = clause.trim_start_matches(['u', 'g', 'o', 'a']);
    let who = clause[..clause.len() - actions.len()].chars().fold(0, |who, class| {
        who | match class {
            'u' => 0o4700,
            'g' => 0o2070,
            'o' => OTHERS,
            _ => STANDARD,
        }
    });
    let mut rest = actions;
    while let Some(operator) = rest.chars().next() {
        let end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |at| at + 1);
        mode = operate(operator, &rest[1..end], who, mode, executes);
        rest = &rest[end..];
    }
    mode
}

fn operate(operator: char, permissions: &str, mut who: u32, mut mode: u32, executes: bool) -> u32 {
    let (mut bits, mut execute, mut cleared) = (0, false, operator != '=');
    let special = who == 0 || who & !OTHERS != 0;
    for c in permissions.chars() {
        match c {
            'r' => bits |= 0o444,
            'w' => bits |= 0o222,
            'x' => bits |= EXECUTE,
            'X' => execute = operator != '-',
            's' if special => bits |= 0o6000,
            't' if special => {
                who |= STICKY;
                bits |= STICKY;
            }
            'u' | 'g' | 'o' => {
                // What was gathered so far goes first; then the class is copied.
                if bits != 0 {
                    mode = change(operator, who, bits, mode);
                }
                mode = copy(operator, who, c, if execute { add_execute(who, mode, executes) } else { mode });
                (bits, execute, cleared) = (0, false, true);
            }
            _ => {}
        }
    }
    if bits != 0 || !cleared {
        mode = change(operator, who, bits, mode);
    }
    if execute { add_execute(who, mode, executes) } else { mode }
}

fn change(operator: char, who: u32, bits: u32, mode: u32) -> u32 {
    let bits = if who == 0 { bits } else { bits & who };
    match operator {
        '+' => mode | bits,
        '-' => mode & !bits,
        _ => mode & !(if who == 0 { STANDARD } else { who }) | bits,
    }
}

fn add_execute(who: u32, mode: u32, executes: bool) -> u32 {
    if executes { mode | if who == 0 { EXECUTE } else { who & EXECUTE } } else { mode }
}

/// The permissions of a class, added to, taken from or set for the classes of `who`.
fn copy(operator: char, who: u32, class: char, mode: u32) -> u32 {
    let shift = |class: char| {
        if class == 'u' {
            6
        } else if class == 'g' {
            3
        } else {
            0
        }
    };
    let value = mode >> shift(class) & 7;
    ['u', 'g', 'o'].into_iter().map(shift).filter(|shift| who == 0 || who & 0o4 << shift != 0).fold(mode, |mode, shift| match operator {
        '+' => mode | value << shift,
        '-' => mode & !(value << shift),
        _ => mode & !(7 << shift) | value << shift,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbolic_modes() {
        for (text, mode, is_directory, expect) in [
            ("u=rwX,go=rX", 0o600, false, 0o644),
            ("u=rwX,go=rX", 0o700, true, 0o755),
            ("a+x", 0o644, false, 0o755),
            ("g=u", 0o700, false, 0o770),
            ("+t", 0o755, true, 0o1755),
            ("u+s", 0o755, false, 0o4755),
            ("go-rwx", 0o777, false, 0o700),
            ("u+t", 0o755, true, 0o1755),
            ("o+t", 0o755, true, 0o755),
            ("o+s", 0o755, false, 0o755),
            ("a-x,a+X", 0o755, false, 0o755),
            ("a-X", 0o755, true, 0o755),
            ("g=u", 0o2755, false, 0o2775),
            ("=rw,+X", 0o766, false, 0o777),
            ("u=g-w", 0o762, false, 0o462),
            ("u+go", 0o021, false, 0o321),
            ("go=u-w", 0o570, false, 0o555),
            ("o+r,g+w,a+t,g-s,u+og", 0o2100, false, 0o1724),
            ("=", 0o4755, false, 0),
        ] {
            assert_eq!(symbolic(text, mode, is_directory), expect, "{text}");
        }
    }
}
