//! What an editor tells about the word under the pointer.

use crate::base::Case;
use crate::base::{Source, Span};

use super::ast::Node;
use super::highlight::{TokenKind, highlight};
use super::parser::parse;

/// A remark about a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The word.
    pub span: Span,
    /// A sentence or two.
    pub text: &'static str,
}

/// What there is to say about the place `offset`, in bytes.
pub fn hover(source: &Source, offset: u32) -> Option<Hover> {
    let (span, kind) = highlight(source).into_iter().find(|(span, _)| span.start <= offset && offset < span.end)?;
    let word = source.bytes.get(span.start as usize..span.end as usize)?;
    let word = String::from_utf8_lossy(word).lower();
    let text = match kind {
        TokenKind::Keyword => instruction(&word)?,
        TokenKind::Flag => {
            let ast = parse(source);
            let node = ast.nodes.iter().find(|node| node.span.start <= offset && offset < node.span.end)?;
            flag(&innermost(node).name(), word.trim_start_matches('-'))?
        }
        TokenKind::Directive => directive(word.trim_start_matches('#').trim_end_matches('=').trim())?,
        TokenKind::HeredocMarker => "A heredoc: the lines below, up to one that is only this word, belong to the instruction.",
        TokenKind::Escape if word.len() == 1 => "The instruction goes on in the next line.",
        _ => return None,
    };
    Some(Hover { span, text })
}

fn innermost(node: &Node) -> &Node {
    node.trigger.as_deref().map_or(node, innermost)
}

/// What an instruction does, its name in lower case.
pub fn instruction(name: &str) -> Option<&'static str> {
    Some(match name {
        "add" => {
            "Puts files into the image: from the build context, unpacked from a local archive, or fetched from a URL or a Git repository."
        }
        "arg" => {
            "Declares a variable that `--build-arg` can set. It is known from this line to the end of the stage, and not in the running container."
        }
        "as" => "Names the stage, so that later stages can begin from it or copy out of it.",
        "cmd" => "Sets what a container runs unless told otherwise, or the arguments of ENTRYPOINT. Only the last one counts.",
        "copy" => "Puts files into the image: from the build context, from another stage or from an image (`--from`).",
        "entrypoint" => {
            "Sets the program that every container of this image runs. CMD, or what follows the image on the command line, is added to it."
        }
        "env" => "Sets variables for the steps below and for the running container.",
        "expose" => "Notes on which ports the program listens. It opens none by itself.",
        "from" => "Begins a stage, on top of an image, of an earlier stage, or of nothing (`scratch`).",
        "healthcheck" => "Sets a command that tells from time to time whether the container still works, or switches such a check off.",
        "label" => "Adds names and values to the image's description.",
        "maintainer" => "Names the author. It is deprecated: a label does the same.",
        "onbuild" => "Keeps an instruction in the image; it runs when another build begins from that image.",
        "run" => "Runs a command in the image so far and keeps what it changes as a new layer.",
        "shell" => "Sets the shell that the commands below, when written as plain text, are given to.",
        "stopsignal" => "Sets the signal that asks the container to stop.",
        "user" => "Sets the user, and the group, of the commands below and of the running container.",
        "volume" => "Marks folders whose content lives outside the container.",
        "workdir" => "Sets the folder for the instructions below and makes it if it is not there.",
        _ => return None,
    })
}

fn directive(name: &str) -> Option<&'static str> {
    Some(match name {
        "syntax" => "The frontend that reads this file. The simulator always uses its own.",
        "escape" => "The character that escapes others and continues lines.",
        "check" => "Which rules of the build checks are skipped, and whether warnings are errors.",
        _ => return None,
    })
}

/// What a flag of an instruction means.
pub fn flag(instruction: &str, name: &str) -> Option<&'static str> {
    Some(match (instruction, name) {
        (_, "chown") => "The owner of the new files, `user[:group]`.",
        (_, "chmod") => "The mode of the new files.",
        (_, "link") => "Makes the layer on its own, so that it stays in the cache when the layers below change.",
        (_, "exclude") => "Leaves out the files that match. It can be given several times.",
        ("copy", "from") => "The stage, its number or the image to copy from.",
        ("copy", "parents") => "Keeps the folders of the sources.",
        ("add", "checksum") => "What the fetched content must be.",
        ("add", "keep-git-dir") => "Keeps the folder `.git` of a repository.",
        ("add", "unpack") => "Whether an archive is unpacked.",
        ("from", "platform") => "The platform of the image, such as `linux/arm64`.",
        ("healthcheck", "interval") => "The time between two checks.",
        ("healthcheck", "retries") => "How many checks in a row must fail.",
        ("healthcheck", "start-interval") => "The time between two checks while the container starts.",
        ("healthcheck", "start-period") => "How long the container may take to start.",
        ("healthcheck", "timeout") => "How long a check may take.",
        ("run", "device") => "Gives the command a device.",
        ("run", "mount") => "Gives the command a folder or file that does not become part of the image: a bind, a cache, a secret.",
        ("run", "network") => "The network of the command: `default`, `none` or `host`.",
        ("run", "security") => "`sandbox`, or `insecure` for all rights.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::instruction::{NAMES, flag_names};
    use super::*;

    #[track_caller]
    fn check(text: &str, at: &str, expect: Option<&str>) {
        let offset = u32::try_from(text.find(at).expect("a place")).expect("short");
        let found = hover(&Source::new("Dockerfile", text), offset);
        assert_eq!(found.map(|hover| hover.text), expect);
    }

    #[test]
    fn words_are_explained() {
        let text = "# escape=\\\nFROM a AS b\nONBUILD COPY --from=b \\\n x y";
        check(text, "AS", instruction("as"));
        check(text, "COPY", instruction("copy"));
        check(text, "--from", flag("copy", "from"));
        check(text, "escape", directive("escape"));
        check(text, "\\\n x", Some("The instruction goes on in the next line."));
        check(text, "x y", None);
    }

    #[test]
    fn nothing_is_forgotten() {
        for name in NAMES.map(str::lower) {
            assert!(instruction(&name).is_some(), "{name}");
            assert!(flag_names(&name).all(|known| flag(&name, known).is_some()), "{name}");
        }
    }
}
