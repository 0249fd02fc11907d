//! The command line of a program as recipes see it: flags and words.

/// Flags with their values, and the words between them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// `("-o", "/bin/x")`; a switch has an empty value.
    pub flags: Vec<(String, String)>,
    /// What is no flag.
    pub words: Vec<String>,
}

impl Arguments {
    /// Reads arguments; `valued` are the flags that take the next argument (`-o`) unless they have `=`.
    pub fn read(args: &[String], valued: &[&str]) -> Self {
        Self::parse(args, valued, false)
    }

    /// Like [`Arguments::read`], but single letters may stand together (`-yqq`), the value right behind its letter (`-oA=1`).
    pub fn letters(args: &[String], valued: &[&str]) -> Self {
        Self::parse(args, valued, true)
    }

    fn parse(args: &[String], valued: &[&str], letters: bool) -> Self {
        let mut read = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                read.words.extend(args.by_ref().cloned());
            } else if !arg.starts_with('-') || arg == "-" {
                read.words.push(arg.clone());
            } else if letters && !arg.starts_with("--") {
                for (at, letter) in arg.char_indices().skip(1) {
                    let name = String::from("-") + letter.encode_utf8(&mut [0; 4]);
                    let rest = &arg[at + letter.len_utf8()..];
                    if valued.contains(&name.as_str()) {
                        let value = if rest.is_empty() { args.next().cloned().unwrap_or_default() } else { rest.to_owned() };
                        read.flags.push((name, value));
                        break;
                    }
                    read.flags.push((name, String::new()));
                }
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

    /// Whether one of these switches is given.
    pub fn has(&self, names: &[&str]) -> bool {
        self.flags.iter().any(|(flag, _)| names.contains(&flag.as_str()))
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

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn flags_and_words() {
        let read = Arguments::read(&words("build -o /bin/x -ldflags=-s ./cmd -- -z"), &["-o"]);
        assert_eq!(read.words, ["build", "./cmd", "-z"]);
        assert_eq!((read.value(&["-o"]), read.value(&["-ldflags"])), (Some("/bin/x"), Some("-s")));
        assert_eq!((read.has(&["-z"]), read.command()), (false, "build"));
    }

    #[test]
    fn letters_together() {
        let read = Arguments::letters(&words("-yqq -oA=1 -t sid --no-x=2 install -y"), &["-o", "-t"]);
        assert_eq!(read.flags.iter().filter(|(flag, _)| flag == "-q").count(), 2);
        assert_eq!((read.value(&["-o"]), read.value(&["-t"]), read.value(&["--no-x"])), (Some("A=1"), Some("sid"), Some("2")));
        assert_eq!((read.has(&["-y"]), read.command()), (true, "install"));
    }
}
