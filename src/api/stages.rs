//! The stages of a Dockerfile as written: what an editor can draw of a file that cannot be planned yet.

use super::types::{StageView, WrittenStep};
use super::view::bounds;
use crate::base::LineRange;
use crate::dockerfile::instruction::{Dockerfile, Kind, Stage, parse_mount};

/// The stages; words are not expanded. `target`: what `--target` says, empty: the last.
pub fn stages(file: &Dockerfile, target: &str) -> Vec<StageView> {
    let count = file.stages.len();
    let needs: Vec<Vec<usize>> = (0..count).map(|index| needs(&file.stages, index)).collect();
    let target = if target.is_empty() { count.checked_sub(1) } else { find(&file.stages, target) };
    let mut needed = vec![false; count];
    let mut todo: Vec<usize> = target.into_iter().collect();
    while let Some(index) = todo.pop() {
        if let Some(flag) = needed.get_mut(index).filter(|flag| !**flag) {
            *flag = true;
            todo.extend(needs.get(index).into_iter().flatten());
        }
    }
    let view = |(index, stage): (usize, &Stage)| StageView {
        index: index as u32,
        name: if stage.name.is_empty() { format!("stage-{index}") } else { stage.name.clone() },
        base: stage.base_name.clone(),
        needs: needs.get(index).into_iter().flatten().map(|need| *need as u32).collect(),
        needed: needed.get(index).copied().unwrap_or(false),
        first_line: stage.lines.first().map_or(0, |range| range.start),
        last_line: last_line(stage),
        steps: Vec::new(),
        is_target: target == Some(index),
    };
    file.stages.iter().enumerate().map(view).collect()
}

/// The instructions that change files: what a graph shows of a stage that was not planned.
pub fn steps(file: &Dockerfile) -> Vec<WrittenStep> {
    let step = |stage: usize, name: &str, lines: &[LineRange]| {
        let (first_line, last_line) = bounds(lines);
        WrittenStep { name: name.to_owned(), stage: stage as u32, first_line, last_line }
    };
    let of_stage = |(index, stage): (usize, &Stage)| {
        let above = file.stages.get(..index).unwrap_or_default();
        let own = stage.base_name != "scratch" && find_base(above, &stage.base_name).is_none();
        let base = own.then(|| step(index, &["FROM ", &stage.base_name].concat(), &stage.lines));
        let makes = |kind: &Kind| matches!(kind, Kind::Run(_) | Kind::Copy(_) | Kind::Add(_) | Kind::Workdir(_));
        let made = stage.instructions.iter().filter(move |one| makes(&one.kind)).map(|one| step(index, &one.text, &one.lines));
        base.into_iter().chain(made).collect::<Vec<_>>()
    };
    file.stages.iter().enumerate().flat_map(of_stage).collect()
}

/// The stage that a FROM names: it takes names only, a number there is an image.
fn find_base(above: &[Stage], name: &str) -> Option<usize> {
    above.iter().rposition(|other| !other.name.is_empty() && other.name.eq_ignore_ascii_case(name))
}

fn last_line(stage: &Stage) -> u32 {
    let lines = stage.instructions.last().map_or(&stage.lines, |instruction| &instruction.lines);
    lines.last().map_or(0, |range| range.end)
}

/// A stage by name (the last of that name) or by number.
fn find(stages: &[Stage], name: &str) -> Option<usize> {
    let named = stages.iter().rposition(|stage| !stage.name.is_empty() && stage.name.eq_ignore_ascii_case(name));
    named.or_else(|| name.parse().ok().filter(|index| *index < stages.len()))
}

/// The stages above that this one names: FROM, `COPY --from`, `RUN --mount=from=`.
fn needs(stages: &[Stage], index: usize) -> Vec<usize> {
    let (above, Some(stage)) = (stages.get(..index).unwrap_or_default(), stages.get(index)) else { return Vec::new() };
    let mut needs: Vec<usize> = find_base(above, &stage.base_name).into_iter().collect();
    for instruction in &stage.instructions {
        match &instruction.kind {
            Kind::Copy(copy) => needs.extend(find(above, &copy.from)),
            Kind::Run(run) => {
                needs.extend(run.mounts.iter().filter_map(|mount| find(above, &parse_mount(mount, |word| Ok(word.to_owned())).ok()?.from)))
            }
            _ => {}
        }
    }
    crate::base::sort(&mut needs);
    needs.dedup();
    needs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Source;
    use crate::dockerfile::{lower, parse};

    fn check(target: &str, expect: &[(&str, &[u32], bool)]) {
        let text = "FROM alpine AS one\nRUN true\nFROM one AS Two\nFROM scratch AS other\nFROM scratch\nCOPY --from=two /a /\nCOPY --from=0 /b /\nFROM scratch AS last\nRUN --mount=from=other,target=/x true\n";
        let file = lower(&parse(&Source::new("Dockerfile", text))).dockerfile;
        let views = stages(&file, target);
        let found: Vec<_> = views.iter().map(|stage| (stage.name.as_str(), stage.needs.as_slice(), stage.needed)).collect();
        assert_eq!(found, expect, "{target}");
    }

    #[test]
    fn what_makes_a_step() {
        let text = "FROM alpine AS one\nENV A=1\nRUN true &&\\\n false\nFROM one\nCOPY a /\nFROM scratch\nADD b /\n";
        let steps = steps(&lower(&parse(&Source::new("Dockerfile", text))).dockerfile);
        let found: Vec<_> = steps.iter().map(|step| (step.stage, step.first_line, step.last_line, step.name.as_str())).collect();
        assert_eq!(found, [(0, 1, 1, "FROM alpine"), (0, 3, 4, "RUN true && false"), (1, 6, 6, "COPY a /"), (2, 8, 8, "ADD b /")]);
    }

    #[test]
    fn what_the_target_needs() {
        check("", &[("one", &[], false), ("two", &[0], false), ("other", &[], true), ("stage-3", &[0, 1], false), ("last", &[2], true)]);
        check("two", &[("one", &[], true), ("two", &[0], true), ("other", &[], false), ("stage-3", &[0, 1], false), ("last", &[2], false)]);
        check("3", &[("one", &[], true), ("two", &[0], true), ("other", &[], false), ("stage-3", &[0, 1], true), ("last", &[2], false)]);
        check(
            "nope",
            &[("one", &[], false), ("two", &[0], false), ("other", &[], false), ("stage-3", &[0, 1], false), ("last", &[2], false)],
        );
    }
}
