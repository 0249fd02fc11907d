//! Planning holds for any Dockerfile: it never panics, inputs come before vertices, equal input gives an equal plan.

mod common;

use bottleship::base::{Code, Diagnostic, Digest, Fix, Severity};
use bottleship::plan::{self, Plan};
use common::{request, world};
use proptest::prelude::*;

const LINES: &[&str] = &[
    "FROM alpine AS a",
    "FROM a AS b",
    "FROM scratch",
    "FROM --platform=$BUILDPLATFORM golang:${V:-1} AS c",
    "ARG V=1",
    "ARG TARGETOS TARGETARCH",
    "ENV K=$V L=${K#x}",
    "RUN --mount=type=cache,target=/c,uid=1 --mount=from=a,target=/m,rw x $K",
    "RUN --mount=type=secret,id=s,env=S --mount=type=ssh y",
    "RUN <<EOF\n#!/bin/sh\necho\nEOF",
    "COPY --from=a --link /x /y",
    "COPY --from=0 --parents a/./b c /d/",
    "COPY --chmod=u+x <<E /e\n$K\nE",
    "ADD https://h/a.git#v:s https://h/f.tgz . /z",
    "WORKDIR ../$K/",
    "USER $V:g",
    "EXPOSE 80-82/TCP 1.2.3.4:5:6",
    "ONBUILD COPY --from=b /q /q",
    "ONBUILD RUN z",
    "SHELL [\"s\"]",
    "CMD a",
    "ENTRYPOINT [\"b\"]",
    "HEALTHCHECK --interval=1m CMD c",
    "VOLUME /v $V",
    "STOPSIGNAL 9",
    "LABEL a b",
    "MAINTAINER m",
    "copy a /b",
    "from scratch AS Up",
    "FROM --platform=$TARGETPLATFORM b:$VV as context",
    "ENV K$VV x y",
    "COPY a b /c",
    "LABEL a=$KK$KK b=1 \\\n\n  c=2",
    "FROM --platform=linux/amd64 alpine AS a",
    "# check=skip=all",
    "\u{feff}",
];

fn dockerfile() -> impl Strategy<Value = String> {
    let line = prop_oneof![20 => prop::sample::select(LINES).prop_map(str::to_owned), 1 => ".{0,40}"];
    let cut = prop::collection::vec((any::<prop::sample::Index>(), "[ $\\\\\"'{}=/:@#\u{e9}-]"), 0..3);
    (prop::collection::vec(line, 0..14), cut, any::<bool>()).prop_map(|(lines, cuts, from)| {
        let mut text = if from { format!("FROM alpine AS b\n{}", lines.join("\n")) } else { lines.join("\n") };
        for (index, new) in cuts {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if !places.is_empty() {
                let at = places[index.index(places.len())];
                text.insert_str(at, &new);
            }
        }
        text
    })
}

fn describe(plan: &Plan) -> Vec<(Digest, String, Vec<usize>)> {
    plan.vertices.iter().map(|vertex| (vertex.digest, vertex.name.clone(), vertex.inputs.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_dockerfile_gives_a_plan_or_an_error(text in dockerfile()) {
        let (request, world) = (request(&text, &[("V", "given")]), world());
        plan::check(&request, &world);
        plan::inspect(&request, &world);
        let _ = plan::outline(&request, &world);
        let first = plan::plan(&request, &world);
        let second = plan::plan(&request, &world);
        prop_assert_eq!(&first.warnings, &second.warnings);
        match (first.plan, second.plan) {
            (Ok(one), Ok(two)) => {
                for (id, vertex) in one.vertices.iter().enumerate() {
                    prop_assert!(vertex.inputs.iter().all(|input| *input < id), "{}: inputs {:?} of {}", text, vertex.inputs, id);
                }
                let mut digests: Vec<Digest> = one.vertices.iter().map(|vertex| vertex.digest).collect();
                bottleship::base::sort(&mut digests);
                digests.dedup();
                prop_assert_eq!(digests.len(), one.vertices.len(), "two vertices are equal");
                prop_assert_eq!(describe(&one), describe(&two));
            }
            (one, two) => prop_assert_eq!(one.err(), two.err()),
        }
    }
}

/// The text with a fix's edits made.
fn mended(text: &str, fix: &Fix) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for edit in &fix.edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        assert!(at <= start && start <= end, "edits are in order: {fix:?}");
        out.push_str(&text[at..start]);
        out.push_str(&edit.text);
        at = end;
    }
    out + &text[at..]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A fix of a rule settles what it is offered for, and breaks nothing that worked.
    #[test]
    fn a_fix_settles_its_remark(text in dockerfile()) {
        let remarks = |text: &str| plan::inspect(&request(text, &[("V", "given")]), &world()).remarks;
        let before = remarks(&text);
        let errors = |remarks: &[Diagnostic]| remarks.iter().filter(|remark| remark.severity == Severity::Error).count();
        for remark in before.iter().filter(|remark| matches!(remark.code, Code::Lint(_))) {
            let Some(fix) = &remark.fix else { continue };
            let text_after = mended(&text, fix);
            let after = remarks(&text_after);
            let count = |remarks: &[Diagnostic]| {
                remarks.iter().filter(|other| other.code == remark.code && other.message == remark.message).count()
            };
            prop_assert!(count(&after) < count(&before), "{:?} is still there:\n{}\n---\n{}", remark, text, text_after);
            prop_assert!(errors(&before) > 0 || errors(&after) == 0, "of {:?}:\n{}\n---\n{}", fix, text, text_after);
        }
    }
}

/// What a hostile file may do: nest, repeat, refer to itself.
#[test]
fn large_files_are_planned() {
    let deep: String =
        (0..2000).map(|i| format!("FROM {} AS s{}\nCOPY a /\n", if i == 0 { "alpine".into() } else { format!("s{}", i - 1) }, i)).collect();
    let planned = plan::plan(&request(&deep, &[]), &world());
    assert_eq!(planned.plan.map(|plan| plan.vertices.len()).map_err(|e| e.message), Ok(2002));
    let circle = "FROM alpine AS a\nCOPY --from=b x /\nFROM alpine AS b\nCOPY --from=a x /\n";
    let error = plan::plan(&request(circle, &[]), &world()).plan.err().map(|e| e.message);
    assert_eq!(error.as_deref(), Some("circular dependency detected on stage: a"));
}
