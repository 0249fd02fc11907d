//! How fast a Dockerfile is read: 20,000 instructions, about 1 MB.
//!
//! `cargo bench --bench parse` prints the best of some rounds a phase.
#![allow(clippy::disallowed_types)]

use std::hint::black_box;
use std::time::Instant;

use bottleship::base::Source;
use bottleship::dockerfile;

const ROUNDS: u32 = 20;

fn main() {
    let source = Source::new("Dockerfile", text());
    let ast = dockerfile::parse(&source);
    assert_eq!((ast.nodes.len(), ast.error.as_ref()), (20_001, None));
    let size = source.bytes.len();
    measure("parse", size, || dockerfile::parse(&source));
    measure("lower", size, || dockerfile::lower(&ast));
    measure("parse + lower", size, || dockerfile::lower(&dockerfile::parse(&source)));
    measure("dump", size, || ast.dump());
    measure("highlight", size, || dockerfile::highlight(&source));
}

fn text() -> String {
    let mut text = String::from("# syntax=docker/dockerfile:1\nFROM alpine:3.20 AS base\n");
    for i in 0..2500 {
        text.push_str(&format!(
            "RUN apk add --no-cache package-{i} && \\\n    echo \"done with {i}\" > /tmp/log\n\
             ENV NAME_{i}=value OTHER_{i}=\"two words\"\n\
             COPY --chown=1000:1000 src/file-{i}.txt /srv/app/data/\n\
             # a remark between the lines\n\
             WORKDIR /srv/app/dir-{i}\n\
             LABEL org.example.number=\"{i}\" org.example.kind=benchmark\n\
             ARG VERSION_{i}=1.2.{i}\n\
             CMD [\"/bin/server\", \"--port\", \"80{i}\"]\n\
             RUN <<EOF\nset -e\necho {i}\nEOF\n"
        ));
    }
    text
}

fn measure<T>(name: &str, size: usize, mut run: impl FnMut() -> T) {
    let best = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    });
    let best = best.min().unwrap_or_default();
    println!("{name:14} {:8.2} ms {:8.0} MB/s", best.as_secs_f64() * 1e3, size as f64 / 1e6 / best.as_secs_f64());
}
