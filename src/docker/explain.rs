//! `build --explain`, `forecast`, `advise`: reports of a build as text and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::commands::Reply;
use super::units::human_size;
use crate::build::{Cause, Outcome, bare};
use crate::report::{Advice, Comparison, Measure, Outlook, Prospect, Side, Why, prospects, sentence, totals, why};

/// For every step that ran: its first cause, and the way to it.
pub fn explanation(outcome: &Outcome) -> String {
    let mut out = String::new();
    for (id, step) in outcome.steps.iter().enumerate() {
        let Some(why) = why(outcome, id) else { continue };
        out.push_str(&step.name);
        out.push('\n');
        for step in why.chain.iter().skip(1) {
            out.push_str(&["    after ", &outcome.steps[*step].name, "\n"].concat());
        }
        if why.root == id {
            why.causes.iter().for_each(|cause| line(outcome, cause, &why, &mut out));
            if let Some(nearest) = &why.nearest {
                out.push_str(&format!("    nearest: {} ({} builds ago)\n", nearest.name, nearest.builds_ago));
            }
        }
    }
    if out.is_empty() { "every step was cached\n".into() } else { out }
}

fn line(outcome: &Outcome, cause: &Cause, why: &Why, out: &mut String) {
    let text = match cause {
        Cause::File { change, more } => {
            let sides = if change.from.is_empty() { &change.to } else { &[&change.from, " -> ", &change.to].concat() };
            let rest = if *more > 0 { format!("\n    … and {more} more files") } else { String::new() };
            format!("{} {} {} {}{rest}", change.sign, change.path, change.what, sides)
        }
        cause => sentence(outcome, &Why { causes: vec![cause.clone()], root: why.step, ..why.clone() }),
    };
    out.push_str(&["    ", &text, "\n"].concat());
}

/// What `bottleship forecast` prints. Exit status 0: every step is cached; 2: something runs; 1: the build fails.
pub fn forecast(outcome: &Outcome, as_json: bool) -> Reply {
    let prospects = prospects(outcome);
    let totals = totals(&prospects);
    let error = outcome.result.as_ref().err().map(|error| error.message.clone());
    let exit_code = if error.is_some() { 1 } else { 2 * i32::from(totals.runs > 0) };
    let seconds = outcome.elapsed.as_secs_f64();
    if as_json {
        let steps: Vec<Value> = prospects.iter().map(|prospect| step(outcome, prospect)).collect();
        let text = json!({
            "seconds": seconds, "cached": totals.cached, "runs": totals.runs, "bytes": totals.bytes,
            "savedSeconds": totals.saved.as_secs_f64(), "error": error, "steps": steps,
        });
        return Reply { stdout: text.to_string() + "\n", stderr: String::new(), exit_code };
    }
    let mut out = format!("{seconds:.1}s: {} cached, {} to run, {}\n", totals.cached, totals.runs, human_size(totals.bytes));
    for prospect in prospects.iter().filter(|prospect| !prospect.sends) {
        let reason = prospect.why.as_ref().map(|why| sentence(outcome, why)).unwrap_or_default();
        let name = &outcome.steps[prospect.step].name;
        let (time, bytes) = (prospect.time.as_secs_f64(), human_size(prospect.bytes));
        out.push_str(&format!("{:<7}{time:>7.1}s {bytes:>8}  {name}\n", word(prospect.outlook)));
        if !reason.is_empty() {
            out.push_str(&["                        ", &reason, "\n"].concat());
        }
    }
    let stderr = error.map_or(String::new(), |error| ["ERROR: ", &error, "\n"].concat());
    Reply { stdout: out, stderr, exit_code }
}

fn word(outlook: Outlook) -> &'static str {
    match outlook {
        Outlook::Cached => "cached",
        Outlook::Runs => "runs",
        Outlook::Fails => "fails",
        Outlook::Never => "never",
    }
}

fn step(outcome: &Outcome, prospect: &Prospect) -> Value {
    let step = &outcome.steps[prospect.step];
    json!({
        "name": step.name, "lines": step.lines.iter().map(|range| [range.start, range.end]).collect::<Vec<_>>(),
        "outlook": word(prospect.outlook), "seconds": prospect.time.as_secs_f64(), "bytes": prospect.bytes,
        "reason": prospect.why.as_ref().map(|why| sentence(outcome, why)), "error": step.result.error,
    })
}

/// What `bottleship advise` prints.
pub fn advice(advice: &[Advice], as_json: bool) -> Reply {
    if as_json {
        let all: Vec<Value> = advice.iter().map(advice_json).collect();
        return Reply::ok(Value::Array(all).to_string() + "\n");
    }
    let mut out = String::new();
    for advice in advice {
        let Advice { kind, values, edits, edited, before, after } = advice;
        out.push_str(&format!("{kind}: {}\n", values.join(" | ")));
        let seconds = |measure: &Measure| measure.rebuild.as_secs_f64();
        let after_edit = if edited.is_empty() { "nothing".into() } else { ["an edit of ", edited].concat() };
        out.push_str(&format!("    rebuild after {after_edit}: {:.1}s -> {:.1}s\n", seconds(before), seconds(after)));
        out.push_str(&format!("    image: {} -> {}\n", human_size(before.image), human_size(after.image)));
        for edit in edits {
            let path = edit.path.as_deref().unwrap_or("Dockerfile");
            let place =
                if edit.last < edit.first { format!("before line {}", edit.first) } else { format!("lines {}-{}", edit.first, edit.last) };
            out.push_str(&format!("    {path}, {place}:\n"));
            edit.text.lines().for_each(|line| out.push_str(&["      + ", line, "\n"].concat()));
        }
    }
    Reply::ok(if out.is_empty() { "nothing that was tried pays\n".into() } else { out })
}

/// What `bottleship compare` prints.
pub fn comparison(comparison: &Comparison) -> Reply {
    let [one, two] = &comparison.sides;
    let seconds = |time: Duration| format!("{:.1}s", time.as_secs_f64());
    let edited = if comparison.edited.is_empty() { "again".into() } else { ["after an edit of ", &comparison.edited].concat() };
    let path = |side: &Side| side.critical_path.len().to_string();
    let cached = |side: &Side| format!("{} of {}", side.after_edit.0, side.after_edit.0 + side.after_edit.1);
    let row = |what: &str, of: &dyn Fn(&Side) -> String| vec![what.to_owned(), of(one), of(two)];
    let mut rows = vec![
        row("cold", &|side| seconds(side.measure.cold)),
        row("one after the other", &|side| seconds(side.serial)),
        row("critical path (steps)", &path),
        row(&edited, &|side| seconds(side.measure.rebuild)),
        row("cached then", &cached),
        row("image", &|side| human_size(side.measure.image)),
        row("sent", &|side| human_size(side.measure.sent)),
    ];
    for pair in &comparison.pairs {
        let time = |side: usize| {
            let step = pair[side].and_then(|step| comparison.sides[side].outcome.steps.get(step));
            step.map_or("-".into(), |step| {
                seconds(step.result.completed.unwrap_or_default().saturating_sub(step.result.started.unwrap_or_default()))
            })
        };
        let name = (0..2).find_map(|side| Some(bare(&comparison.sides[side].outcome.steps[pair[side]?].name).to_owned()));
        rows.push(vec![name.unwrap_or_default(), time(0), time(1)]);
    }
    Reply::ok(super::table::table(&rows))
}

fn advice_json(advice: &Advice) -> Value {
    let Advice { kind, values, edits, edited, before, after } = advice;
    let measure = |measure: &Measure| {
        json!({
            "coldSeconds": measure.cold.as_secs_f64(), "rebuildSeconds": measure.rebuild.as_secs_f64(),
            "image": measure.image, "sent": measure.sent,
        })
    };
    let edits: Vec<Value> =
        edits.iter().map(|edit| json!({"path": edit.path, "first": edit.first, "last": edit.last, "text": edit.text})).collect();
    json!({"kind": kind, "values": values, "edited": edited, "edits": edits, "before": measure(before), "after": measure(after)})
}
