//! What reading and planning a Dockerfile come upon that a rule may have an opinion of.

use crate::base::{Fix, LineRange, Span, TextEdit};
use crate::image::Platform;

/// Where a fact stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The lines of the instruction.
    pub lines: &'a [LineRange],
    /// Its bytes.
    pub span: Span,
    /// The whole file.
    pub source: &'a [u8],
}

/// Something seen.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub enum Fact<'a> {
    /// An empty line inside a continued instruction.
    EmptyContinuation { blank_lines: &'a [Span] },
    /// A stage's name with capitals.
    NameCasing { name: &'a str },
    /// AS in another case than FROM.
    AsCasing { from: &'a str, word: &'a str },
    /// A comment above FROM or ARG that does not begin with `example`.
    Undescribed { instruction: &'static str, example: &'a str },
    /// The name of a stage, and whether an earlier stage has it.
    StageName { name: &'a str, again: bool, renaming: &'a dyn Fn() -> Option<Fix> },
    /// An instruction's keyword, and what most of the file is written in.
    Keyword { keyword: &'a str, mostly_lower: bool },
    /// MAINTAINER.
    Maintainer { name: &'a str },
    /// FROM whose base is no reference when only defaults count.
    InvalidDefaultBase { base: &'a str },
    /// A variable of FROM that is not declared, and a declared one that is near.
    UndeclaredInFrom { name: &'a str, near: Option<&'a str>, declare_at: u32 },
    /// `--platform` that expanded to exactly the target platform through TARGETPLATFORM alone.
    TargetPlatform { written: &'a str },
    /// `--platform` without a variable.
    ConstantPlatform { value: &'a str, stage: &'a str, platform: &'a Platform },
    /// A base image of another platform.
    BasePlatform { name: &'a str, expected: &'a Platform, actual: &'a Platform },
    /// A variable that nothing sets, and one that is near.
    Undefined { name: &'a str, near: Option<&'a str> },
    /// A pair of ENV or LABEL.
    Pair { keyword: &'a str, legacy: bool },
    /// A name that ARG or ENV sets.
    Sets { instruction: &'static str, name: &'a str },
    /// The shell form of CMD or ENTRYPOINT; `shell` if SHELL was set.
    ShellForm { keyword: &'a str, shell: bool },
    /// CMD, ENTRYPOINT or HEALTHCHECK after another one of the stage, whose lines these are.
    Again { keyword: &'a str, earlier: &'a [LineRange] },
    /// WORKDIR that is relative and the first of the file.
    FirstWorkdirRelative { path: &'a str },
    /// A word of EXPOSE.
    Port { written: &'a str, host: bool, protocol: &'a str },
    /// A source of COPY or ADD that `.dockerignore` excludes.
    IgnoredSource { instruction: &'static str, path: &'a str },
    /// A stage that the target does not need.
    UnusedStage { name: &'a str },
    /// A global ARG that no FROM and no stage uses.
    UnusedGlobal { name: &'a str },
    /// A `--build-arg` that nothing declares.
    StrayBuildArg { name: &'a str },
    /// COPY or ADD of a whole directory right before dependencies are installed by `command`.
    CopyBeforeInstall { command: &'a str },
    /// Several sources and a destination without `/` at its end.
    DestinationNoSlash { keyword: &'a str, destination: &'a str },
}

/// What a rule has to say.
#[derive(Debug, Clone, Default)]
pub struct Finding {
    /// BuildKit's words.
    pub message: String,
    /// Other lines than the fact's.
    pub lines: Option<Vec<LineRange>>,
    /// The words that are meant; else those that the fix replaces, else the whole instruction.
    pub span: Option<Span>,
    /// How to mend it.
    pub fix: Option<Fix>,
}

impl Finding {
    /// Only words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// With an edit.
    #[must_use]
    pub fn fixed(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// With the words that are meant.
    #[must_use]
    pub fn at(mut self, span: Option<Span>) -> Self {
        self.span = span;
        self
    }
}

impl Place<'_> {
    /// An edit that puts `text` in front of the instruction, on lines of its own with the same indentation.
    pub fn insert_above(&self, title: impl Into<String>, at: u32, text: &str) -> Option<Fix> {
        let before = self.source.get(..at as usize)?;
        let line = before.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let indent = std::str::from_utf8(before.get(line..)?).ok().filter(|indent| indent.trim().is_empty()).unwrap_or("");
        let edit = TextEdit { span: Span { start: at, end: at }, text: format!("{text}\n{indent}") };
        Some(Fix { title: title.into(), edits: vec![edit] })
    }

    /// An edit that removes whole lines, first to last.
    pub fn remove_lines(&self, title: impl Into<String>, lines: &[LineRange]) -> Option<Fix> {
        let (first, last) = (lines.first()?.start as usize, lines.last()?.end as usize);
        let mut ends = std::iter::once(0).chain(self.source.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1));
        let start = ends.nth(first.checked_sub(1)?)?;
        let end = ends.nth(last.checked_sub(first)?).unwrap_or(self.source.len());
        let span = Span { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? };
        Some(Fix { title: title.into(), edits: vec![TextEdit { span, text: String::new() }] })
    }

    /// The text of the instruction.
    pub fn text(&self) -> &str {
        let bytes = self.source.get(self.span.start as usize..self.span.end as usize).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// An edit that puts `new` in place of the word `old`, searched from the `skip`th byte of the instruction on.
    pub fn replace_word(&self, title: String, skip: usize, old: &str, new: &str) -> Option<Fix> {
        let span = self.word(skip, old)?;
        Some(Fix { title, edits: vec![TextEdit { span, text: new.to_owned() }] })
    }

    /// The same for the last word that is `old`, bare or quoted. `None` where a heredoc's body may follow.
    pub fn replace_last_word(&self, title: String, old: &str, new: &str) -> Option<Fix> {
        let text = self.text();
        let ends = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || c == '"');
        let is_word = |at: usize| ends(text[..at].chars().next_back()) && ends(text[at + old.len()..].chars().next());
        let (at, _) = text.rmatch_indices(old).find(|(at, _)| is_word(*at)).filter(|_| !old.is_empty() && !text.contains("<<"))?;
        let start = self.span.start + u32::try_from(at).ok()?;
        let span = Span { start, end: start + u32::try_from(old.len()).ok()? };
        Some(Fix { title, edits: vec![TextEdit { span, text: new.to_owned() }] })
    }

    /// An edit that puts `new` in place of the variable `old` wherever the instruction takes its value.
    pub fn replace_variable(&self, title: String, old: &str, new: &str) -> Option<Fix> {
        let edits: Vec<TextEdit> = self.variable(old).map(|span| TextEdit { span, text: new.to_owned() }).collect();
        let is_name = new.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (is_name && !edits.is_empty()).then_some(Fix { title, edits })
    }

    /// Where the variable's name stands behind `$` or `${`.
    pub fn variable(&self, name: &str) -> impl Iterator<Item = Span> {
        let text = self.text();
        text.match_indices(name).filter_map(move |(at, _)| {
            let before = text.get(..at)?;
            let before = before.strip_suffix('{').unwrap_or(before).strip_suffix('$')?;
            let after = text.get(at + name.len()..)?.chars().next();
            let start = self.span.start + u32::try_from(at).ok()?;
            let is_whole = !name.is_empty() && !before.ends_with('\\') && !after.is_some_and(|c| c.is_alphanumeric() || c == '_');
            is_whole.then_some(Span { start, end: start + u32::try_from(name.len()).ok()? })
        })
    }

    /// An edit that takes a flag out, with the blanks behind it.
    pub fn without_flag(&self, flag: &str) -> Option<Fix> {
        let at = self.text().find(flag)?;
        let rest = self.text().get(at + flag.len()..)?;
        let start = self.span.start + u32::try_from(at).ok()?;
        let length = flag.len() + rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let span = Span { start, end: start + u32::try_from(length).ok()? };
        (length > flag.len()).then(|| Fix { title: "Remove the flag".into(), edits: vec![TextEdit { span, text: String::new() }] })
    }

    /// Where the last word of the instruction stands.
    pub fn last_word(&self) -> Option<Span> {
        let text = self.text().trim_end();
        let word = text.rsplit(char::is_whitespace).next()?;
        let end = self.span.start + u32::try_from(text.len()).ok()?;
        Some(Span { start: end - u32::try_from(word.len()).ok()?, end })
    }

    /// Where the word `old` stands, searched from the `skip`th byte of the instruction on.
    pub fn word(&self, skip: usize, old: &str) -> Option<Span> {
        let text = self.text();
        let at = text.get(skip..)?.match_indices(old).map(|(at, _)| at + skip).find(|at| {
            let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let before = text.get(..*at).and_then(|text| text.chars().next_back());
            let after = text.get(at + old.len()..).and_then(|text| text.chars().next());
            !old.is_empty() && !word(before) && !word(after)
        })?;
        let start = self.span.start + u32::try_from(at).ok()?;
        Some(Span { start, end: start + u32::try_from(old.len()).ok()? })
    }
}
