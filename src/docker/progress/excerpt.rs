//! What stands below the progress of a build: the source excerpt and the error, the list of warnings.
//!
//! Source: BuildKit's `solver/errdefs/source.go`, buildx `printWarnings` and `printError`.

use crate::base::{Code, Diagnostic, LineRange, Source};
use crate::build::Outcome;

/// An excerpt a place: ranges that follow on each other are one instruction, others are other instructions.
pub fn excerpt(source: &Source, ranges: &[LineRange]) -> String {
    let mut places: Vec<Vec<LineRange>> = Vec::new();
    for range in ranges {
        match places.last_mut() {
            Some(place) if place.last().is_some_and(|last| range.start == last.end + 1 || range.start == last.end) => place.push(*range),
            _ => places.push(vec![*range]),
        }
    }
    places.iter().map(|place| around(source, place)).collect()
}

/// `Dockerfile:4`, then the lines around with `>>>` before those of `ranges`; empty if nothing is marked.
fn around(source: &Source, ranges: &[LineRange]) -> String {
    let text = String::from_utf8_lossy(&source.bytes);
    let lines: Vec<&str> = text.split('\n').collect();
    let (Some(first), Some(last)) = (ranges.iter().map(|r| r.start).min(), ranges.iter().map(|r| r.end).max()) else {
        return String::new();
    };
    let (mut start, mut end) = (first as usize, (last.max(first) as usize).min(lines.len()));
    if start < 1 || start > lines.len() {
        return String::new();
    }
    let wanted = if end == start { 4 } else { 2 };
    let mut grown = 0;
    while grown < wanted {
        if start > 1 {
            start -= 1;
            grown += 1;
        }
        if end < lines.len() {
            end += 1;
            grown += 1;
        }
        grown += 1;
    }
    let mut out = format!("{}:{first}\n--------------------\n", source.name);
    for (number, line) in lines.iter().enumerate().map(|(i, line)| (i + 1, line)).skip(start - 1).take(end + 1 - start) {
        let marked = ranges.iter().any(|r| (r.start as usize..=r.end as usize).contains(&number));
        out.push_str(&format!(" {number:3} | {} {line}\n", if marked { ">>>" } else { "   " }));
    }
    out.push_str("--------------------\n");
    out
}

/// The end of a failed build: the excerpt and `ERROR: failed to build: failed to solve: …`; empty if it succeeded.
pub fn failure(outcome: &Outcome, source: &Source) -> String {
    match &outcome.result {
        Ok(_) => String::new(),
        Err(error) => refused(error, source),
    }
}

/// The same for a build that ended with this error.
pub fn refused(error: &Diagnostic, source: &Source) -> String {
    format!("{}ERROR: failed to build: failed to solve: {}\n", excerpt(source, &error.lines), error.message)
}

/// ` 1 warning found (use docker --debug to expand):` and the list; empty if there is none.
pub fn warnings(warnings: &[Diagnostic]) -> String {
    let lines: Vec<String> = warnings.iter().map(|warning| format!(" - {}\n", warning_line(warning))).collect();
    match lines.len() {
        0 => String::new(),
        1 => format!("\n 1 warning found (use docker --debug to expand):\n{}", lines.concat()),
        n => format!("\n {n} warnings found (use docker --debug to expand):\n{}", lines.concat()),
    }
}

/// `RuleName: message (line 3)`.
pub fn warning_line(warning: &Diagnostic) -> String {
    let rule = if let Code::Lint(rule) = warning.code { rule.name } else { "" };
    let line = warning.lines.first().map_or(String::new(), |range| format!(" (line {})", range.start));
    if rule.is_empty() { format!("{}{line}", warning.message) } else { format!("{rule}: {}{line}", warning.message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_around_are_shown() {
        let source = Source::new("Dockerfile", "FROM scratch\nADD rootfs.tar /\nENV PATH=/bin\nENV A\n");
        let expect = "Dockerfile:4\n--------------------\n   2 |     ADD rootfs.tar /\n   3 |     ENV PATH=/bin\n   4 | >>> ENV A\n   5 |     \n--------------------\n";
        assert_eq!(excerpt(&source, &[LineRange::line(4)]), expect);
        assert_eq!(excerpt(&source, &[]), "");
        let both = excerpt(&source, &[LineRange::line(1), LineRange::line(3), LineRange::line(4)]);
        assert_eq!(both.matches("Dockerfile:").collect::<Vec<_>>().len(), 2);
        assert!(both.starts_with("Dockerfile:1\n") && both.contains("\nDockerfile:3\n") && both.contains("   4 | >>> ENV A\n"));
        assert_eq!(excerpt(&source, &[LineRange::line(99)]), "");
    }
}
