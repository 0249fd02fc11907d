//! Whatever the bytes: nothing panics, spans hold, and nothing of the file is lost.

use bottleship::base::{Source, Span};
use bottleship::dockerfile::{self, CompletionContext, TriviaKind, expand::Lex};
use proptest::prelude::*;

/// Pieces of Dockerfiles, real-looking and broken.
const PIECES: &[&str] = &[
    "FROM alpine:3.20 AS base\n",
    "from scratch",
    "RUN --mount=type=cache,target=/x ",
    "apt-get update && \\\n    apt-get install -y \"$PKG\" \\\n\n",
    "COPY --from=base --chown=1:2 a b /c/\n",
    "COPY <<EOF <<-'X y' /d\n",
    "EOF\n",
    "\tX y\n",
    "ENV A=1 B=\"two $A\" C='x\n",
    "LABEL a ",
    "ARG V=${W:-${X:+\"y\"}}\n",
    "ONBUILD ",
    "CMD [\"a\", \"b\\u00e9\"]\n",
    "HEALTHCHECK --interval=5s CMD ",
    "# escape=`\n",
    "# check=skip=all\n",
    "# a comment\n",
    "\u{feff}",
    "\\\n",
    "`\r\n",
    "\r\n",
    "\n",
    " \u{a0}\u{3000}",
    "'",
    "\"",
    "<<",
    "${",
    "é日🚀",
    "--",
    "=",
];

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn spans_hold_and_cover_the_file(bytes in bytes()) {
        let source = Source::new("Dockerfile", &bytes);
        let ast = dockerfile::parse(&source);
        prop_assert_eq!(&ast, &dockerfile::parse(&source));
        let _ = ast.dump();
        let lowered = dockerfile::lower(&ast);
        let count: usize = lowered.dockerfile.stages.iter().map(|stage| stage.instructions.len() + 1).sum();
        prop_assert!(count + lowered.dockerfile.args.len() <= ast.nodes.len());

        let mut covered = vec![false; bytes.len()];
        let mut last = 0;
        for node in &ast.nodes {
            prop_assert!(node.span.start >= last && node.start_line <= node.end_line);
            last = node.span.end;
            cover(&mut covered, node.span)?;
            for heredoc in &node.heredocs {
                prop_assert!(heredoc.span.start >= node.span.start && heredoc.span.end <= node.span.end);
                prop_assert_eq!(heredoc.content.as_bytes(), &bytes[heredoc.span.start as usize..heredoc.span.end as usize]);
            }
        }
        for trivia in &ast.trivia {
            prop_assert!(trivia.kind != TriviaKind::Unread || ast.error.is_some());
            cover(&mut covered, trivia.span)?;
        }
        for directive in &ast.directives {
            cover(&mut covered, directive.span)?;
        }
        if ast.error.is_none() {
            for (byte, covered) in bytes.iter().zip(covered) {
                prop_assert!(covered || byte.is_ascii_whitespace() || !byte.is_ascii() || *byte == 0x0b, "{byte:?} is lost");
            }
        }
    }

    #[test]
    fn colours_are_in_order_and_whole_characters(bytes in bytes()) {
        let source = Source::new("Dockerfile", &bytes);
        let mut last = 0;
        for (span, _) in dockerfile::highlight(&source) {
            prop_assert!(last <= span.start && span.start < span.end && span.end as usize <= bytes.len(), "{span:?} after {last}");
            last = span.end;
            if let Ok(text) = std::str::from_utf8(&bytes) {
                prop_assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize), "{span:?}");
            }
        }
    }

    #[test]
    fn an_editor_may_ask_anywhere(bytes in bytes(), at in any::<prop::sample::Index>()) {
        let source = Source::new("Dockerfile", &bytes);
        let offset = u32::try_from(at.index(bytes.len() + 1)).expect("short");
        let context = CompletionContext { images: &["alpine", "é"], paths: &["a b"], rules: &["A"] };
        for completion in dockerfile::complete(&source, offset, context) {
            prop_assert!(completion.span.start <= completion.span.end && completion.span.end == offset);
        }
        if let Some(hover) = dockerfile::hover(&source, offset) {
            prop_assert!(hover.span.start <= offset && offset < hover.span.end);
        }
    }

    #[test]
    fn any_word_expands_or_fails(word in "[a$\\{\\}:\\-+?#%/*'\"\\\\<é \n]{0,24}", value in "[ab*/é\n]{0,6}") {
        let env = [("a".to_owned(), value)];
        for lex in [Lex::new('\\'), Lex { skip_unset_env: true, ..Lex::new('`') }, Lex { raw_quotes: true, raw_escapes: true, ..Lex::new('\\') }] {
            if let Err(error) = lex.process(&word, &env) {
                prop_assert!(error.message.starts_with("failed to process \""));
            }
        }
    }
}

#[test]
fn deep_and_long_input_is_bounded() {
    for text in ["${a:-".repeat(60_000), "ONBUILD ".repeat(60_000), "RUN a \\\n".repeat(60_000), "[".repeat(60_000), "<<A ".repeat(20_000)]
    {
        let source = Source::new("Dockerfile", format!("FROM x\nCMD {text}\nRUN {text}\n{text}"));
        let ast = dockerfile::parse(&source);
        let _ = (ast.dump(), dockerfile::lower(&ast), dockerfile::highlight(&source));
        let _ = Lex::new('\\').process(&text, &[]);
    }
    let grown = [("a".to_owned(), "x".repeat(1 << 20))];
    assert!(Lex::new('\\').process(&"$a".repeat(1000), &grown).is_err());
}

fn cover(covered: &mut [bool], span: Span) -> Result<(), TestCaseError> {
    prop_assert!(span.start <= span.end && span.end as usize <= covered.len(), "{span:?}");
    covered[span.start as usize..span.end as usize].fill(true);
    Ok(())
}
