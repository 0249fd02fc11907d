//! An outcome of the engine -> the mirror types.

use super::places::Places;

use super::types::{
    Change, Edit, ErrorView, EventName, EventView, FidelityView, Finding, ImageView, LayerView, Remark, Severity, StageView, StepOutcome,
    StepView,
};
use super::why::why_view;
use crate::base::{Code, Diagnostic, LineRange, Source, VirtualTime};
use crate::build::{Event, EventKind, Outcome, Step};
use crate::docker::progress::{excerpt, warning_line};
use crate::docker::store::StoredImage;
use crate::machine::{Fidelity, Stream};
use crate::plan::{Op, Plan, StageSummary, VertexId};
use crate::report::{Finding as ReportFinding, sentence, why};

/// Milliseconds.
pub fn ms(time: VirtualTime) -> f64 {
    (time.as_nanos() as f64 / 1e6 * 1000.0).round() / 1000.0
}

/// A remark with its place in the text.
pub fn remark(diagnostic: &Diagnostic, places: &Places<'_>) -> Remark {
    let rule = if let Code::Lint(rule) = diagnostic.code { Some(rule) } else { None };
    let fix = diagnostic.fix.as_ref().map(|fix| Edit {
        title: fix.title.clone(),
        changes: fix
            .edits
            .iter()
            .map(|edit| Change { from: places.unit(edit.span.start), to: places.unit(edit.span.end), insert: edit.text.clone() })
            .collect(),
    });
    Remark {
        severity: match diagnostic.severity {
            crate::base::Severity::Error => Severity::Error,
            crate::base::Severity::Warning => Severity::Warning,
            crate::base::Severity::Hint => Severity::Hint,
        },
        rule: rule.map(|rule| rule.name.to_owned()),
        message: diagnostic.message.clone(),
        description: rule.map_or(String::new(), |rule| rule.description.to_owned()),
        url: rule.map_or(String::new(), |rule| rule.url.to_owned()),
        range: diagnostic.span.map_or_else(|| places.lines(&diagnostic.lines), |span| places.span(span)),
        fix,
    }
}

/// BuildKit's error with its place.
pub fn error(diagnostic: &Diagnostic, source: &Source) -> ErrorView {
    let (first_line, last_line) = bounds(&diagnostic.lines);
    ErrorView { message: diagnostic.message.clone(), first_line, last_line, excerpt: excerpt(source, &diagnostic.lines) }
}

/// First and last line; (0, 0) if there is none.
pub fn bounds(lines: &[LineRange]) -> (u32, u32) {
    let first = lines.iter().map(|range| range.start).min().unwrap_or(0);
    (first, lines.iter().map(|range| range.end).max().unwrap_or(0))
}

/// The stages of a plan; `step_of` says which step of the build a vertex is.
pub fn stages(plan: &Plan, step_of: &dyn Fn(VertexId) -> Option<u32>) -> Vec<StageView> {
    let target = target_stage(plan);
    plan.stages.iter().map(|stage| stage_view(stage, target, step_of)).collect()
}

fn stage_view(stage: &StageSummary, target: Option<usize>, step_of: &dyn Fn(VertexId) -> Option<u32>) -> StageView {
    StageView {
        index: stage.index as u32,
        name: stage.name.clone(),
        base: stage.base.clone(),
        needs: stage.needs.iter().map(|index| *index as u32).collect(),
        needed: stage.reachable,
        first_line: stage.lines.start,
        last_line: stage.lines.end,
        steps: stage.vertices.iter().filter_map(|vertex| step_of(*vertex)).collect(),
        is_target: Some(stage.index) == target,
    }
}

/// The stage that is built: the needed one that no needed stage needs.
fn target_stage(plan: &Plan) -> Option<usize> {
    let needed = || plan.stages.iter().filter(|stage| stage.reachable);
    needed().map(|stage| stage.index).filter(|index| !needed().any(|stage| stage.needs.contains(index))).max()
}

/// The steps, those of stages that are not needed left out.
pub fn steps(outcome: &Outcome) -> Vec<StepView> {
    let layers = layers(outcome);
    outcome.steps.iter().enumerate().map(|(id, step)| step_view(outcome, id, step, &layers)).collect()
}

fn step_view(outcome: &Outcome, id: usize, step: &Step, layers: &[(VertexId, u32, u64)]) -> StepView {
    let vertex = step.vertex.and_then(|vertex| outcome.plan.as_ref()?.vertices.get(vertex));
    let layer = layers.iter().find(|layer| Some(layer.0) == step.vertex);
    let (first_line, last_line) = bounds(&step.lines);
    let result = &step.result;
    let why = why(outcome, id);
    StepView {
        id: id as u32,
        name: step.name.clone(),
        digest: step.digest.to_string(),
        stage: vertex.and_then(|vertex| vertex.stage).map(|stage| stage as u32),
        internal: vertex.is_none_or(|vertex| vertex.stage.is_none()),
        first_line,
        last_line,
        inputs: step.inputs.iter().map(|input| *input as u32).collect(),
        below: below(outcome, step),
        outcome: match result {
            _ if canceled(outcome, id) => StepOutcome::Canceled,
            result if result.error.is_some() => StepOutcome::Failed,
            result if result.cached => StepOutcome::Cached,
            result if result.completed.is_some() => StepOutcome::Ran,
            _ => StepOutcome::Skipped,
        },
        started_ms: result.started.map(ms),
        completed_ms: result.completed.map(ms),
        fidelity: fidelity(result.fidelity),
        layer: layer.map(|layer| layer.1),
        size: layer.map(|layer| layer.2 as f64),
        cause: why.as_ref().map(|why| sentence(outcome, why)).unwrap_or_default(),
        why: why.map(|why| why_view(outcome, &why)),
    }
}

/// The step whose file system this one changes.
fn below(outcome: &Outcome, step: &Step) -> Option<u32> {
    let below = outcome.plan.as_ref()?.below(step.vertex?)?;
    outcome.steps.iter().position(|other| other.vertex == Some(below)).map(|id| id as u32)
}

fn canceled(outcome: &Outcome, id: usize) -> bool {
    outcome.events.iter().any(|event| event.step == id && matches!(event.kind, EventKind::Canceled))
}

fn fidelity(fidelity: Fidelity) -> FidelityView {
    match fidelity {
        Fidelity::Ran => FidelityView::Real,
        Fidelity::Modelled => FidelityView::Modelled,
        Fidelity::NotSimulated => FidelityView::NotSimulated,
    }
}

/// Which vertex made which layer of the image, and its size: the newest layers belong to the last vertices of the chain.
fn layers(outcome: &Outcome) -> Vec<(VertexId, u32, u64)> {
    let (Some(plan), Ok(images)) = (&outcome.plan, &outcome.result) else { return Vec::new() };
    let (Some(target), Some(image)) = (plan.results.first(), images.first()) else { return Vec::new() };
    let mut chain = Vec::new();
    let mut next = target.vertex;
    while let Some((id, vertex)) = next.and_then(|id| Some((id, plan.vertices.get(id)?))) {
        match &vertex.op {
            Op::Image(_) | Op::Local(_) | Op::Remote(_) => break,
            Op::File(_) | Op::Exec(_) => chain.push(id),
            Op::Merge(_) => chain.extend(vertex.inputs.last()),
        }
        next = plan.below(id);
    }
    let layers = image.layers.iter().enumerate().rev();
    chain.into_iter().zip(layers).map(|(vertex, (index, layer))| (vertex, index as u32, layer.size)).collect()
}

/// An event.
pub fn event(event: &Event) -> EventView {
    let mut view = EventView {
        at_ms: ms(event.at),
        step: event.step as u32,
        kind: EventName::Started,
        text: None,
        stream: None,
        current: None,
        total: None,
    };
    view.kind = match &event.kind {
        EventKind::Started => EventName::Started,
        EventKind::Cached => EventName::Cached,
        EventKind::Completed => EventName::Completed,
        EventKind::Canceled => EventName::Canceled,
        EventKind::Failed(error) => {
            view.text = Some(error.clone());
            EventName::Failed
        }
        EventKind::Warning(warning) => {
            view.text = Some(warning_line(warning));
            EventName::Warning
        }
        EventKind::Log { stream, data } => {
            view.text = Some(String::from_utf8_lossy(data).into_owned());
            view.stream = Some(if *stream == Stream::Stdout { 1 } else { 2 });
            EventName::Log
        }
        EventKind::Status { id, current, total, .. } => {
            view.text = Some(id.clone());
            view.current = Some(*current as f64);
            view.total = Some(*total as f64);
            EventName::Status
        }
    };
    view
}

/// A row of `docker images` with its layers. `from_base` layers are those whose history was not written by this builder's last image.
pub fn image(stored: &StoredImage, base_layers: usize) -> ImageView {
    let config = &stored.image.config;
    let mut layers = stored.image.layers.iter().enumerate();
    let mut views = Vec::new();
    for entry in &config.history {
        let layer = if entry.empty_layer { None } else { layers.next() };
        views.push(LayerView {
            index: views.len() as u32,
            diff_id: layer.map(|(_, layer)| layer.diff_id.to_string()),
            instruction: entry.created_by.clone(),
            size: layer.map_or(0.0, |(_, layer)| layer.size as f64),
            from_base: layer
                .map_or(base_layers > 0 && layers.len() + base_layers > stored.image.layers.len(), |(index, _)| index < base_layers),
            modelled: layer.is_some_and(|(_, layer)| layer.modelled),
            added: 0,
            changed: 0,
            removed: 0,
        });
    }
    ImageView {
        id: stored.id.to_string(),
        digest: stored.image.digest.to_string(),
        tags: stored.tags.iter().map(|tag| crate::docker::reference::familiar(tag)).map(|(name, tag)| format!("{name}:{tag}")).collect(),
        size: stored.size() as f64,
        created_ms: stored.created as f64 * 1000.0,
        modelled: stored.image.layers.iter().any(|layer| layer.modelled),
        layers: views,
        config: crate::base::go::to_json_indented(config),
    }
}

/// A finding.
pub fn finding(finding: &ReportFinding) -> Finding {
    Finding {
        kind: finding.kind.to_owned(),
        values: finding.values.clone(),
        step: finding.step.map(|step| step as u32),
        bytes: finding.bytes.map(|bytes| bytes as f64),
        ms: finding.time.map(ms),
    }
}
