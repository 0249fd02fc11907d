//! `--progress=rawjson`: BuildKit's `client.SolveStatus`, one JSON object a line for each event.

use serde::Serialize;

use super::trace::{Progress, apply};
use crate::base::go::to_json;
use crate::base::{Code, Digest, VirtualTime};
use crate::build::{Event, EventKind, Outcome};
use crate::docker::units::format_time;
use crate::machine::Stream;

#[derive(Serialize, Default)]
struct SolveStatus {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vertexes: Vec<Vertex>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    statuses: Vec<VertexStatus>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<VertexLog>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<VertexWarning>,
}

#[derive(Serialize)]
struct Vertex {
    digest: Digest,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<Digest>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cached: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
}

#[derive(Serialize)]
struct VertexStatus {
    id: String,
    vertex: Digest,
    #[serde(skip_serializing_if = "is_zero")]
    total: u64,
    current: u64,
    timestamp: String,
    started: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<String>,
}

#[derive(Serialize)]
struct VertexLog {
    vertex: Digest,
    stream: u8,
    data: String,
    timestamp: String,
}

#[derive(Serialize)]
struct VertexWarning {
    vertex: Digest,
    level: u8,
    short: String,
    detail: Vec<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'static str,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// All lines. `start` is the wall-clock time at which the build began, in nanoseconds since 1970.
pub fn rawjson(outcome: &Outcome, start: i64) -> String {
    let mut states = vec![Progress::default(); outcome.steps.len()];
    let mut out = String::new();
    for event in &outcome.events {
        let Some(state) = states.get_mut(event.step) else { continue };
        apply(state, event);
        out.push_str(&to_json(&status(outcome, event, state, start)));
        out.push('\n');
    }
    out
}

fn status(outcome: &Outcome, event: &Event, state: &Progress, start: i64) -> SolveStatus {
    let step = &outcome.steps[event.step];
    let time = |at: VirtualTime| format_time(i128::from(start) + at.as_nanos() as i128);
    let mut status = SolveStatus::default();
    match &event.kind {
        EventKind::Started | EventKind::Cached | EventKind::Completed | EventKind::Failed(_) | EventKind::Canceled => {
            let canceled = if state.canceled { "context canceled" } else { "" };
            status.vertexes.push(Vertex {
                digest: step.digest,
                inputs: step.inputs.iter().filter_map(|input| outcome.steps.get(*input)).map(|step| step.digest).collect(),
                name: step.name.clone(),
                started: state.started.map(time),
                completed: state.completed.map(time),
                cached: state.cached,
                error: state.error.clone().unwrap_or_else(|| canceled.to_owned()),
            });
        }
        EventKind::Status { id, current, total, completed } => status.statuses.push(VertexStatus {
            id: id.clone(),
            vertex: step.digest,
            total: *total,
            current: *current,
            timestamp: time(event.at),
            started: time(state.statuses.iter().find(|status| status.id == *id).map_or(event.at, |status| status.started)),
            completed: completed.then(|| time(event.at)),
        }),
        EventKind::Log { stream, data } => status.logs.push(VertexLog {
            vertex: step.digest,
            stream: if *stream == Stream::Stdout { 1 } else { 2 },
            data: base64(data),
            timestamp: time(event.at),
        }),
        EventKind::Warning(warning) => {
            let (description, url) = if let Code::Lint(rule) = warning.code { (rule.description, rule.url) } else { ("", "") };
            status.warnings.push(VertexWarning {
                vertex: step.digest,
                level: 1,
                short: base64(super::excerpt::warning_line(warning).as_bytes()),
                detail: vec![base64(description.as_bytes())],
                url,
            });
        }
    }
    status
}

/// Standard base64 with padding (RFC 4648).
pub fn base64(data: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(data.len().div_ceil(3) * 4);
    for chunk in data.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            out.push(if i > chunk.len() { '=' } else { LETTERS[(bits >> (18 - 6 * i)) as usize & 63] as char });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples::outcome;
    use super::*;

    #[test]
    fn lines_are_solve_statuses() {
        let text = rawjson(&outcome(&["a & b"], &[(0, 0, "start"), (500, 0, "log hi\n"), (1000, 0, "fail no")]), 0);
        let digest = Digest::of("a & b");
        let expect = format!(
            "{{\"vertexes\":[{{\"digest\":\"{digest}\",\"name\":\"a \\u0026 b\",\"started\":\"1970-01-01T00:00:00Z\"}}]}}\n\
             {{\"logs\":[{{\"vertex\":\"{digest}\",\"stream\":1,\"data\":\"aGkK\",\"timestamp\":\"1970-01-01T00:00:00.5Z\"}}]}}\n\
             {{\"vertexes\":[{{\"digest\":\"{digest}\",\"name\":\"a \\u0026 b\",\"started\":\"1970-01-01T00:00:00Z\",\"completed\":\"1970-01-01T00:00:01Z\",\"error\":\"no\"}}]}}\n"
        );
        assert_eq!(text, expect);
    }

    #[test]
    fn base64_pads() {
        assert_eq!([&b""[..], b"f", b"fo", b"foo", b"foob"].map(base64), ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }
}
