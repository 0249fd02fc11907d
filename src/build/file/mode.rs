//! `--chmod`: octal, or symbolic as chmod(1) with a umask of 022.

/// What a mode text does to the mode of a file.
#[derive(Clone)]
pub(super) enum Mode {
    Keep,
    Octal(u32),
    Symbolic(Vec<(u32, bool, char, String)>),
}

pub(super) fn parse(text: &str) -> Result<Mode, String> {
    if text.is_empty() {
        return Ok(Mode::Keep);
    }
    if let Ok(bits) = u32::from_str_radix(text, 8) {
        return Ok(Mode::Octal(bits & 0o7777));
    }
    let mut steps = Vec::new();
    for clause in text.split(',') {
        let end = clause.find(|c| !"ugoa".contains(c)).unwrap_or(clause.len());
        let who = clause[..end].chars().fold(0, |who, c| who | mask(c));
        let mut rest = &clause[end..];
        if rest.is_empty() {
            return Err(format!("invalid mode: {text}"));
        }
        while let Some(op) = rest.chars().next() {
            let after = rest.strip_prefix(['+', '-', '=']).ok_or_else(|| format!("invalid mode: {text}"))?;
            let end = after.find(['+', '-', '=']).unwrap_or(after.len());
            if after[..end].chars().any(|c| !"rwxXstugo".contains(c)) {
                return Err(format!("invalid mode: {text}"));
            }
            steps.push((if who == 0 { 0o7777 } else { who }, who == 0, op, after[..end].to_owned()));
            rest = &after[end..];
        }
    }
    Ok(Mode::Symbolic(steps))
}

fn mask(who: char) -> u32 {
    match who {
        'u' => 0o4700,
        'g' => 0o2070,
        'o' => 0o1007,
        _ => 0o7777,
    }
}

impl Mode {
    /// The mode of what is copied.
    pub fn apply(&self, old: u32, is_directory: bool) -> u32 {
        match self {
            Self::Keep => old,
            Self::Octal(bits) => *bits,
            Self::Symbolic(steps) => steps.iter().fold(old, |mode, (who, masked, op, what)| {
                let spread = |bits: u32| bits << 6 | bits << 3 | bits;
                let bits = what.chars().fold(0, |bits, c| {
                    bits | match c {
                        'r' => 0o444,
                        'w' => 0o222,
                        'x' => 0o111,
                        'X' if is_directory || old & 0o111 != 0 => 0o111,
                        's' => 0o6000,
                        't' => 0o1000,
                        'u' => spread(mode >> 6 & 7),
                        'g' => spread(mode >> 3 & 7),
                        'o' => spread(mode & 7),
                        _ => 0,
                    }
                }) & who
                    & if *masked { !0o022 } else { !0 };
                match op {
                    '+' => mode | bits,
                    '-' => mode & !bits,
                    _ => mode & !who | bits,
                }
            }),
        }
    }

    /// The mode of directories made on the way.
    pub fn of_parents(&self) -> u32 {
        if let Self::Octal(bits) = self { bits & 0o777 } else { 0o755 }
    }
}
