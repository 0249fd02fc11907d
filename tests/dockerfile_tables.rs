//! The Dockerfile language against tables: our own in tests/cases, and BuildKit's where they lie beside the project.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::fs;
use std::path::{Path, PathBuf};

use bottleship::base::{LineRange, Source};
use bottleship::dockerfile::{self, expand::Lex};

/// BuildKit's tables, not part of the project.
const SHARED: &str = "../shared/conformance";

#[test]
fn own_cases_parse_as_expected() {
    for case in folders(Path::new("tests/cases/parse")) {
        let (file, text) = match error_or_dump(&case) {
            Ok(dump) => ("expected.ast", dump + "\n"),
            Err(error) => ("expected.error", error + "\n"),
        };
        let path = case.join(file);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, &text).expect("writable");
        }
        assert_eq!(fs::read_to_string(&path).unwrap_or_default(), text, "{}", path.display());
    }
}

#[test]
fn own_words_expand_as_expected() {
    let env = [("NAME", "bottle"), ("FILE", "a/b.tar.gz"), ("EMPTY", ""), ("TWO", "x  y"), ("日", "sun")];
    check_words(&fs::read_to_string("tests/cases/expand.txt").expect("tests/cases/expand.txt"), &env);
}

#[test]
fn the_tables_of_buildkit_hold() {
    let Ok(shared) = shared() else { return };
    for case in folders(&shared.join("data/parser")) {
        let expect = fs::read_to_string(case.join("result")).expect("result");
        let ast = dockerfile::parse(&source(&case));
        assert!(ast.error.is_none(), "{}: {:?}", case.display(), ast.error);
        assert_eq!(ast.dump() + "\n", expect, "{}", case.display());
    }
    for case in folders(&shared.join("data/parser-negative")) {
        assert!(error_or_dump(&case).is_err(), "{}", case.display());
    }
    let env = [("PWD", "/home"), ("SHELL", "bash"), ("KOREAN", "한국어"), ("NULL", "")];
    check_words(&words_table(&fs::read_to_string(shared.join("data/shell/envVarTest.txt")).expect("envVarTest")), &env);
    check_split(&fs::read_to_string(shared.join("data/shell/wordsTest.txt")).expect("wordsTest"));
}

#[test]
fn recorded_errors_of_parser_and_instructions_hold() {
    let Ok(shared) = shared() else { return };
    let cases = ["errors", "parse", "expand", "args", "stages", "plan"].into_iter().flat_map(|area| folders(&shared.join(area)));
    for case in cases {
        let recorded = fs::read_to_string(case.join("expected/error.txt")).unwrap_or_default();
        let recorded = recorded.trim_end();
        let ast = dockerfile::parse(&source(&case));
        let error = dockerfile::lower(&ast).error;
        let is_ours = recorded.starts_with("dockerfile parse error") || recorded == "no build stage in current context";
        if is_ours || ast.error.is_some() {
            let error = error.unwrap_or_else(|| panic!("{}: no error", case.display()));
            if error.message != "file with no instructions" || recorded != "the Dockerfile cannot be empty" {
                assert_eq!(error.message, recorded, "{}", case.display());
                assert_eq!(
                    Some(error.lines).filter(|_| case.join("expected/check.json").exists()),
                    recorded_lines(&case),
                    "{}",
                    case.display()
                );
            }
        } else if ["error.txt", "plan.txt", "imageconfig.json"].iter().any(|file| case.join("expected").join(file).exists()) {
            // What fails later was read, and so was what does not fail.
            assert_eq!(error, None, "{}", case.display());
        }
    }
}

/// Where BuildKit reported the error.
fn recorded_lines(case: &Path) -> Option<Vec<LineRange>> {
    let text = fs::read_to_string(case.join("expected/check.json")).ok()?;
    let check: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let ranges = check["buildError"]["ranges"].as_array().cloned().unwrap_or_default();
    let line = |range: &serde_json::Value, at: usize| u32::try_from(range[at].as_u64().unwrap_or_default()).expect("a line");
    Some(ranges.iter().map(|range| LineRange { start: line(range, 0), end: line(range, 2) }).collect())
}

#[test]
fn words_split_after_expansion() {
    check_split("a\\ b  $X'c d' | a b,c d\nENV X=1 2\na$X'c d' | a1,2c d\nab${N:-c}d | cd\n");
}

/// `word | expected`, or `word | error`, a line each.
fn check_words(table: &str, env: &[(&str, &str)]) {
    let env: Vec<_> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (word, expect) = line.rsplit_once('|').expect("a bar");
        let result = Lex::new('\\').process_word(word.trim(), &env);
        let result = result.unwrap_or_else(|error| error.message.split(": ").nth(1).map_or("error".into(), |e| format!("error {e}")));
        let expect = expect.trim();
        assert!(result == expect || (expect == "error" && result.starts_with("error")), "{line}: {result}");
    }
}

/// `word | expected,expected`, and `ENV name=value`.
fn check_split(table: &str) {
    let mut env = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if let Some(pair) = line.strip_prefix("ENV ") {
            let (name, value) = pair.split_once('=').expect("a pair");
            env.push((name.to_owned(), value.to_owned()));
            continue;
        }
        let (word, expect) = line.split_once('|').expect("a bar");
        let words = Lex::new('\\').process_words(word.trim(), &env).map_or("error".to_owned(), |words| words.join(","));
        assert_eq!(words, expect.trim_start(), "{line}");
    }
}

/// BuildKit's table less the column of platforms.
fn words_table(table: &str) -> String {
    let rows = table.lines().filter_map(|line| line.strip_prefix('A').or_else(|| line.strip_prefix('U')));
    rows.filter_map(|row| row.trim_start().strip_prefix('|')).map(|row| format!("{row}\n")).collect()
}

fn error_or_dump(case: &Path) -> Result<String, String> {
    let ast = dockerfile::parse(&source(case));
    match dockerfile::lower(&ast).error {
        Some(error) => Err(error.message),
        None => Ok(ast.dump()),
    }
}

fn source(case: &Path) -> Source {
    Source::new("Dockerfile", fs::read(case.join("Dockerfile")).unwrap_or_default())
}

fn shared() -> Result<PathBuf, std::io::Error> {
    // The tables lie beside the project, or beside the folder of worktrees.
    fs::canonicalize(SHARED).or_else(|_| fs::canonicalize(Path::new("..").join(SHARED)))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    assert!(!found.is_empty(), "{} is empty", path.display());
    found
}
