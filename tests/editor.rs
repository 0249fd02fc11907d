//! What an editor gets: quick fixes that edit the text, remarks with their places, variables, hovers.

use bottleship::api::Playground;
use bottleship::api::types::{Analysis, Change, ProjectFile, Remark};

fn playground(text: &str) -> Playground {
    let file = |path: &str, text: &str| ProjectFile { path: path.into(), bytes: text.as_bytes().into(), mode: 0o644, mtime: 0.0 };
    let mut playground = Playground::new();
    playground.set_project(vec![file("Dockerfile", text), file("secret.txt", "x"), file(".dockerignore", "secret.txt\n")]);
    playground
}

fn analyze(text: &str, line: &str) -> Analysis {
    playground(text).analyze("Dockerfile", line)
}

fn apply(text: &str, changes: &[Change]) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    for change in changes {
        assert!(at <= change.from as usize && change.from <= change.to, "edits are in order");
        out.extend_from_slice(&units[at..change.from as usize]);
        out.extend(change.insert.encode_utf16());
        at = change.to as usize;
    }
    out.extend_from_slice(&units[at..]);
    String::from_utf16(&out).expect("whole characters")
}

fn about<'a>(analysis: &'a Analysis, rule: &str) -> Vec<&'a Remark> {
    analysis.remarks.iter().filter(|remark| remark.rule.as_deref().unwrap_or_default() == rule).collect()
}

/// The fix of the first remark of a rule makes `after` of `before`, and the rule has nothing more to say of that.
#[track_caller]
fn check(rule: &str, before: &str, after: &str) {
    let analysis = analyze(before, "docker build .");
    let remarks = about(&analysis, rule);
    let remark = remarks.first().unwrap_or_else(|| panic!("{rule} is silent: {:?}", analysis.remarks));
    let fix = remark.fix.as_ref().unwrap_or_else(|| panic!("{rule} has no fix"));
    let fixed = apply(before, &fix.changes);
    assert_eq!(fixed, after, "{rule}");
    assert!(rule.is_empty() || !remark.description.is_empty(), "{rule} explains itself");
    let again = analyze(&fixed, "docker build .");
    let same = about(&again, rule).iter().filter(|other| other.message == remark.message).count();
    assert!(same < remarks.iter().filter(|other| other.message == remark.message).count(), "{rule} still speaks: {fixed}");
}

#[test]
fn fixes_of_rules() {
    check("StageNameCasing", "FROM scratch AS Base\n", "FROM scratch AS base\n");
    check("FromAsCasing", "FROM scratch as b\n", "FROM scratch AS b\n");
    check("NoEmptyContinuation", "FROM scratch\nLABEL a=1 \\\n\n  b=2\n", "FROM scratch\nLABEL a=1 \\\n  b=2\n");
    check("ConsistentInstructionCasing", "FROM scratch\nlabel a=1\nLABEL b=1\n", "FROM scratch\nLABEL a=1\nLABEL b=1\n");
    check(
        "DuplicateStageName",
        "FROM scratch AS a\nFROM scratch AS a\nFROM a AS c\nFROM scratch\nCOPY --from=a /x /\nRUN --mount=from=A,target=/y z\n",
        "FROM scratch AS a\nFROM scratch AS a-2\nFROM a-2 AS c\nFROM scratch\nCOPY --from=a-2 /x /\nRUN --mount=from=a-2,target=/y z\n",
    );
    check("ReservedStageName", "FROM alpine AS context\n", "FROM alpine AS context-2\n");
    check("JSONArgsRecommended", "FROM scratch\nCMD node app.js\n", "FROM scratch\nCMD [\"node\", \"app.js\"]\n");
    check(
        "JSONArgsRecommended",
        "FROM scratch\nCMD echo \"$HOME\" && x\n",
        "FROM scratch\nCMD [\"/bin/sh\", \"-c\", \"echo \\\"$HOME\\\" && x\"]\n",
    );
    check("MaintainerDeprecated", "FROM scratch\nMAINTAINER a@b\n", "FROM scratch\nLABEL org.opencontainers.image.authors=\"a@b\"\n");
    check("UndefinedArgInFrom", "ARG VERSION=1\nFROM a:$VERSIN\n", "ARG VERSION=1\nFROM a:$VERSION\n");
    check("UndefinedArgInFrom", "# c\nFROM a:${ZZ:-1}\n", "# c\nARG ZZ\nFROM a:${ZZ:-1}\n");
    check("WorkdirRelativePath", "FROM scratch\nWORKDIR app\n", "FROM scratch\nWORKDIR /app\n");
    check("UndefinedVar", "FROM scratch\nENV DATA=/d\nWORKDIR $DTA/x\n", "FROM scratch\nENV DATA=/d\nWORKDIR $DATA/x\n");
    check("UndefinedVar", "FROM scratch\n  WORKDIR /$ZZZZZZ\n", "FROM scratch\n  ARG ZZZZZZ\n  WORKDIR /$ZZZZZZ\n");
    check("MultipleInstructionsDisallowed", "FROM scratch\nCMD [\"a\", \\\n \"b\"]\nCMD [\"c\"]\n", "FROM scratch\nCMD [\"c\"]\n");
    check("LegacyKeyValueFormat", "FROM scratch\nENV a b c\n", "FROM scratch\nENV a=\"b c\"\n");
    check("LegacyKeyValueFormat", "FROM scratch\nLABEL a 'b \"c'\n", "FROM scratch\nLABEL a='b \"c'\n");
    check("RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM alpine\n", "FROM alpine\n");
    check("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 alpine\n", "FROM alpine\n");
    check("InvalidDefaultArgInFrom", "ARG T\nFROM alpine:$T\n", "ARG T\nFROM alpine:${T:-latest}\n");
    check("ExposeProtoCasing", "FROM scratch\nEXPOSE 80/TCP\n", "FROM scratch\nEXPOSE 80/tcp\n");
    check("ExposeInvalidFormat", "FROM scratch\nEXPOSE 127.0.0.1:80:81\n", "FROM scratch\nEXPOSE 81\n");
    let experimental = "# check=experimental=all\n\n# about\nARG A=1\nFROM a:$A\n";
    check("InvalidDefinitionDescription", experimental, "# check=experimental=all\n\n# about\n#\nARG A=1\nFROM a:$A\n");
    check("UnusedGlobalArg", "ARG A=1\nFROM scratch\n", "FROM scratch\n");
    check("MultipleSourcesNoSlash", "FROM scratch\nCOPY a b /c\n", "FROM scratch\nCOPY a b /c/\n");
}

#[test]
fn fixes_of_errors() {
    check("", "FROM scratch\nRUNN x\n", "FROM scratch\nRUN x\n");
    check("", "FROM scratch\nCOPY --fro=x a b\n", "FROM scratch\nCOPY --from=x a b\n");
    check("", "FROM scratch\nRUN --mount=type=cahce,target=/x y\n", "FROM scratch\nRUN --mount=type=cache,target=/x y\n");
    check("", "FROM scratch AS build\nFROM biuld\n", "FROM scratch AS build\nFROM build\n");
}

#[test]
fn every_error_is_told() {
    let analysis = analyze("FROM scratch\nRUNN x\nCOPY a\nWORKDIR x\n", "docker build --target=nope .");
    let found: Vec<(&str, u32)> = analysis.remarks.iter().map(|remark| (remark.message.as_str(), remark.range.first_line)).collect();
    let expect = [
        ("dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)", 2),
        (
            "dockerfile parse error on line 3: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
            3,
        ),
        ("target stage \"nope\" could not be found", 1),
        ("Relative workdir \"x\" can have unexpected results if the base image changes", 4),
    ];
    assert_eq!(found, expect);
    let analysis = analyze(
        "FROM scratch AS one\nCOPY --chmod=9 a b\nSTOPSIGNAL x\nFROM scratch AS two\nCOPY secret.txt /\n",
        "docker build --target=tow .",
    );
    let found: Vec<(&str, u32)> = analysis.remarks.iter().map(|remark| (remark.message.as_str(), remark.range.first_line)).collect();
    let expect = [
        ("target stage \"tow\" could not be found (did you mean two?)", 1),
        ("invalid chmod parameter: '9'. it should be octal string and between 0 and 07777", 2),
        ("failed to parse signal", 3),
        ("Attempting to Copy file \"secret.txt\" that is excluded by .dockerignore", 5),
        ("Stage `one` is not built: neither the target nor a stage that it needs uses it", 1),
    ];
    assert_eq!(found[..2], expect[..2]);
    assert_eq!(found[3..], expect[3..]);
}

#[test]
fn places_are_those_of_the_words() {
    let text = "FROM scratch\nCOPY secret.txt $nope \\\n  /x\nENV MY_TOKEN=1\n";
    let analysis = analyze(text, "");
    let found: Vec<&str> = analysis.remarks.iter().map(|remark| &text[remark.range.from as usize..remark.range.to as usize]).collect();
    assert_eq!(found, ["nope", "/x", "secret.txt", "MY_TOKEN"]);
}

#[test]
fn variables_tell_where_they_come_from() {
    let text = "ARG V=1\nFROM alpine:$V\nUSER $V\nARG V\nUSER $V\nRUN echo $PATH\n";
    let analysis = analyze(text, "docker build --build-arg=V=3.20 .");
    let found: Vec<(Option<&str>, &str, u32)> =
        analysis.variables.iter().map(|found| (found.value.as_deref(), found.origin.as_str(), found.first_line)).collect();
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let expect =
        [(Some("3.20"), "build-arg", 1), (None, "declared-below", 4), (Some("3.20"), "build-arg", 4), (Some(path), "base-image", 0)];
    assert_eq!(found, expect);
    let playground = playground(text);
    let hover = playground.hover("Dockerfile", 21, "docker build --build-arg V=7 .").expect("a variable");
    assert_eq!((hover.title.as_str(), hover.text.as_str()), ("V = 7", "Given by --build-arg, declared on line 1."));
    assert_eq!(playground.hover("Dockerfile", 9, "").map(|hover| hover.title), Some("FROM".into()));
}
