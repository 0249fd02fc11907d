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
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Fact<'a> {
    /// An empty line inside a continued instruction.
    EmptyContinuation,
    /// A stage's name with capitals.
    NameCasing { name: &'a str },
    /// AS in another case than FROM.
    AsCasing { from: &'a str, word: &'a str },
    /// A comment above FROM or ARG that does not begin with `example`.
    Undescribed { instruction: &'static str, example: &'a str },
    /// The name of a stage, and whether an earlier stage has it.
    StageName { name: &'a str, again: bool },
    /// An instruction's keyword, and what most of the file is written in.
    Keyword { keyword: &'a str, mostly_lower: bool },
    /// MAINTAINER.
    Maintainer { name: &'a str },
    /// FROM whose base is no reference when only defaults count.
    InvalidDefaultBase { base: &'a str },
    /// A variable of FROM that is not declared, and a declared one that is near.
    UndeclaredInFrom { name: &'a str, near: Option<&'a str> },
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
    /// How to mend it.
    pub fix: Option<Fix>,
}

impl Finding {
    /// Only words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), lines: None, fix: None }
    }

    /// With an edit.
    #[must_use]
    pub fn fixed(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }
}

impl Place<'_> {
    /// The text of the instruction.
    pub fn text(&self) -> &str {
        let bytes = self.source.get(self.span.start as usize..self.span.end as usize).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// An edit that puts `new` in place of the word `old`, searched from the `skip`th byte of the instruction on.
    pub fn replace_word(&self, title: String, skip: usize, old: &str, new: &str) -> Option<Fix> {
        let text = self.text();
        let at = text.get(skip..)?.match_indices(old).map(|(at, _)| at + skip).find(|at| {
            let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let before = text.get(..*at).and_then(|text| text.chars().next_back());
            let after = text.get(at + old.len()..).and_then(|text| text.chars().next());
            !old.is_empty() && !word(before) && !word(after)
        })?;
        let start = self.span.start + u32::try_from(at).ok()?;
        let span = Span { start, end: start + u32::try_from(old.len()).ok()? };
        Some(Fix { title, edits: vec![TextEdit { span, text: new.to_owned() }] })
    }
}
