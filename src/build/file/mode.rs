//! `--chmod`: octal, or symbolic as chmod(1) reads it.

/// The octal mode, if the text is one.
pub(super) fn octal(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 8).ok()
}

/// A mode changed by a symbolic text: `u=rwX,go=rX`.
pub(super) fn symbolic(text: &str, mode: u32, is_directory: bool) -> u32 {
    text.split(',').fold(mode, |mode, clause| apply(clause, mode, is_directory))
}

fn apply(clause: &str, mode: u32, is_directory: bool) -> u32 {
    let actions = clause.trim_start_matches(['u', 'g', 'o', 'a']);
    let who = &clause[..clause.len() - actions.len()];
    let all = who.is_empty() || who.contains('a');
    let has = |class: char| all || who.contains(class);
    let mut mode = mode;
    let mut rest = actions;
    while let Some(operator) = rest.chars().next() {
        let end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |at| at + 1);
        let permissions = &rest[1..end];
        rest = &rest[end..];
        let bits = bits(permissions, mode, is_directory);
        let mut set = 0;
        let mut mask = 0;
        for (class, shift, special) in [('u', 6, 0o4000), ('g', 3, 0o2000), ('o', 0, 0)] {
            if has(class) {
                set |= bits << shift;
                mask |= 0o7 << shift;
                if permissions.contains('s') {
                    set |= special;
                }
                mask |= special;
            }
        }
        if permissions.contains('t') && (all || who.contains('o')) {
            set |= 0o1000;
        }
        mode = match operator {
            '+' => mode | set,
            '-' => mode & !set,
            _ => mode & !mask | set,
        };
    }
    mode
}

/// The three bits that `rwxX`, or a class to copy from, mean.
fn bits(permissions: &str, mode: u32, is_directory: bool) -> u32 {
    match permissions {
        "u" => return mode >> 6 & 7,
        "g" => return mode >> 3 & 7,
        "o" => return mode & 7,
        _ => {}
    }
    permissions.chars().fold(0, |bits, c| {
        bits | match c {
            'r' => 4,
            'w' => 2,
            'x' => 1,
            'X' if is_directory || mode & 0o111 != 0 => 1,
            _ => 0,
        }
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
        ] {
            assert_eq!(symbolic(text, mode, is_directory), expect, "{text}");
        }
    }
}
