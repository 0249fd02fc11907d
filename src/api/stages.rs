//! The stages of a Dockerfile as written: what an editor can draw of a file that cannot be planned yet.

use super::types::StageView;
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
    // FROM takes names only; a number there is an image.
    let base = above.iter().rposition(|other| !other.name.is_empty() && other.name.eq_ignore_ascii_case(&stage.base_name));
    let mut needs: Vec<usize> = base.into_iter().collect();
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
