//! The command line of a program as recipes see it: flags and words.

/// Flags with their values, and the words between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// `("-o", "/bin/x")`; a switch has an empty value.
    pub flags: Vec<(String, String)>,
    /// What is no flag.
    pub words: Vec<String>,
}

impl Arguments {
    /// Reads arguments; `valued` are the flags that take the next argument (`-o`) unless they have `=`.
    pub fn read(args: &[String], valued: &[&str]) -> Self {
        let mut read = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                read.words.extend(args.by_ref().cloned());
            } else if !arg.starts_with('-') || arg == "-" {
                read.words.push(arg.clone());
            } else if let Some((name, value)) = arg.split_once('=') {
                read.flags.push((name.into(), value.into()));
            } else if valued.contains(&arg.as_str()) {
                read.flags.push((arg.clone(), args.next().cloned().unwrap_or_default()));
            } else {
                read.flags.push((arg.clone(), String::new()));
            }
        }
        read
    }

    /// The value of the last of these flags that is given.
    pub fn value(&self, names: &[&str]) -> Option<&str> {
        self.flags.iter().rev().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.as_str())
    }

    /// Whether one of these switches is given; single letters may stand together (`-yqq`).
    pub fn has(&self, names: &[&str]) -> bool {
        self.flags.iter().any(|(flag, _)| {
            let together = |name: &&str| name.len() == 2 && !flag.starts_with("--") && flag[1..].contains(&name[1..]);
            names.contains(&flag.as_str()) || names.iter().any(together)
        })
    }

    /// The first word.
    pub fn command(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The words after the first.
    pub fn rest(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_words() {
        let args: Vec<String> = "build -o /bin/x -ldflags=-s -yqq ./cmd -- -z".split(' ').map(str::to_owned).collect();
        let read = Arguments::read(&args, &["-o"]);
        assert_eq!(read.words, ["build", "./cmd", "-z"]);
        assert_eq!((read.value(&["-o"]), read.value(&["-ldflags"])), (Some("/bin/x"), Some("-s")));
        assert_eq!((read.has(&["-y"]), read.has(&["-z"]), read.command()), (true, false, "build"));
    }
}
