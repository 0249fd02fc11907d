//! The build context, file by file.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::playground::Playground;
use super::project::ProjectClient;
use super::types::mirror;
use crate::docker::client::prepare;
use crate::docker::command::parse_build;
use crate::docker::words::split_line;
use crate::plan::plan;
use crate::report::{Amount, ContextFile, ContextReport, ContextStep, Fate, contexts};

mirror! {
    /// Files and their bytes.
    pub struct AmountView { pub files: u32, pub bytes: f64 }

    /// What becomes of a file of the context: `Unneeded` is not ignored, but no step of the target takes it.
    pub enum FateView { Sent, Ignored, Unneeded }

    /// A file. `rule`: the line of the ignore file that decides (from 1) and its pattern, `!` in front if it lets in again. `steps`: indexes of the steps that take it. `share`: of what is sent, 0 to 1.
    pub struct ContextFileView { pub path: String, pub bytes: f64, pub share: f64, pub fate: FateView, pub rule_line: Option<u32>, pub rule: Option<String>, pub steps: Vec<u32> }

    /// A step that reads the context, with its line in the Dockerfile.
    pub struct ContextStepView { pub name: String, pub line: u32, pub takes: AmountView }

    /// A folder that a build reads: `context`, or the name of a `--build-context`. Files in the order of paths.
    pub struct ContextView { pub name: String, pub ignore_file: Option<String>, pub files: Vec<ContextFileView>, pub steps: Vec<ContextStepView>, pub sent: AmountView, pub ignored: AmountView, pub unneeded: AmountView }

    /// The folders that a build would read, the context first; `error`: why it cannot be said.
    pub struct ContextsView { pub contexts: Vec<ContextView>, pub error: Option<String> }
}

impl Playground {
    /// What the `docker build …` line would read of its contexts. Nothing is built.
    pub fn contexts(&self, line: &str) -> ContextsView {
        match self.context_reports(line) {
            Ok(reports) => ContextsView { contexts: reports.iter().map(context).collect(), error: None },
            Err(error) => ContextsView { contexts: Vec::new(), error: Some(error) },
        }
    }

    fn context_reports(&self, line: &str) -> Result<Vec<ContextReport>, String> {
        let words = split_line(line, &self.project.env)?.words;
        let words: Vec<String> = words.into_iter().skip_while(|word| word != "build" && word != "b").skip(1).collect();
        let command = parse_build(&words).map_err(|error| error.text())?;
        let client = ProjectClient { project: &self.project, images: self.images() };
        let (request, world) = prepare(&command, &client)?;
        let plan = plan(&request, &world).plan.map_err(|error| error.message)?;
        Ok(contexts(&plan, &request, &world))
    }
}

fn context(report: &ContextReport) -> ContextView {
    let all = report.sent.bytes.max(1) as f64;
    let file = |file: &ContextFile| ContextFileView {
        path: file.path.relative().to_owned(),
        bytes: file.bytes as f64,
        share: if file.fate == Fate::Sent { file.bytes as f64 / all } else { 0.0 },
        fate: match file.fate {
            Fate::Sent => FateView::Sent,
            Fate::Ignored => FateView::Ignored,
            Fate::Unneeded => FateView::Unneeded,
        },
        rule_line: file.rule.as_ref().map(|rule| rule.line),
        rule: file.rule.as_ref().map(|rule| rule.pattern.clone()),
        steps: file.steps.clone(),
    };
    let step = |step: &ContextStep| ContextStepView { name: step.name.clone(), line: step.line, takes: amount(step.takes) };
    ContextView {
        name: report.name.clone(),
        ignore_file: report.ignore_file.clone(),
        files: report.files.iter().map(file).collect(),
        steps: report.steps.iter().map(step).collect(),
        sent: amount(report.sent),
        ignored: amount(report.ignored),
        unneeded: amount(report.unneeded),
    }
}

fn amount(amount: Amount) -> AmountView {
    AmountView { files: amount.files, bytes: amount.bytes as f64 }
}
