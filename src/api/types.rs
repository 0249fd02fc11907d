//! The mirror types that cross to JavaScript: plain data, camelCase, times in milliseconds, sizes in bytes, places in
//! UTF-16 units. The TypeScript declarations are generated from these; nothing in the page is typed by hand.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::why::WhyView;

macro_rules! mirror {
    ($(#[doc = $doc:literal] $item:item)*) => {
        $(
            #[doc = $doc]
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase")]
            #[cfg_attr(target_arch = "wasm32", derive(Tsify))]
            #[allow(missing_docs)]
            $item
        )*
    };
}
pub(super) use mirror;

mirror! {
    /// A file of the project. `bytes` is Latin-1-free: text files are given as UTF-8 bytes too.
    pub struct ProjectFile { pub path: String, #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))] #[serde(with = "shared_bytes")] pub bytes: Arc<[u8]>, pub mode: u32, pub mtime: f64 }

    /// A place in a text, in UTF-16 units from its beginning, and its lines (from 1).
    pub struct Range { pub from: u32, pub to: u32, pub first_line: u32, pub last_line: u32 }

    /// A token of the highlighter: `comment`, `directive`, `directive-value`, `keyword`, `flag`, `flag-value`, `image`, `stage`, `name`, `variable`, `string`, `punctuation`, `operator`, `escape`, `heredoc-marker`, `heredoc`.
    pub struct Token { pub from: u32, pub to: u32, pub kind: String }

    /// A remark about the Dockerfile.
    pub struct Remark { pub severity: Severity, pub rule: Option<String>, pub message: String, pub description: String, pub url: String, pub range: Range, pub fix: Option<Edit> }

    /// How much a remark matters.
    pub enum Severity { Error, Warning, Hint }

    /// A titled edit of the text.
    pub struct Edit { pub title: String, pub changes: Vec<Change> }

    /// Replaces `from..to` (UTF-16 units) by `insert`.
    pub struct Change { pub from: u32, pub to: u32, pub insert: String }

    /// What the engine says of a Dockerfile while it is typed: answered in a frame.
    pub struct Analysis { pub tokens: Vec<Token>, pub remarks: Vec<Remark>, pub variables: Vec<VariableView>, pub stages: Vec<StageView>, pub steps: Vec<WrittenStep> }

    /// A variable where it is used. `origin`: `build-arg`, `default`, `env`, `global`, `predefined`, `base-image`, `no-value`, `not-declared-here`, `declared-below`, `unknown`; the lines are those that `origin` speaks of, 0 if there are none. `text` says it in words. `value` is absent if it has none. `byBuilder` is false where the shell of the step puts it in.
    pub struct VariableView { pub range: Range, pub name: String, pub value: Option<String>, pub origin: String, pub first_line: u32, pub last_line: u32, pub text: String, pub stage: Option<u32>, pub by_builder: bool }

    /// A proposal at the cursor: replaces `from..to` by `insert`. `kind`: `instruction`, `flag`, `value`, `stage`, `variable`, `image`, `path`.
    pub struct Completion { pub label: String, pub kind: String, pub detail: String, pub insert: String, pub from: u32, pub to: u32 }

    /// What is to be said of the word under the pointer.
    pub struct Hover { pub range: Range, pub title: String, pub text: String }

    /// A stage for the graph. `needed` is false for stages that the target does not need.
    pub struct StageView { pub index: u32, pub name: String, pub base: String, pub needs: Vec<u32>, pub needed: bool, pub first_line: u32, pub last_line: u32, pub steps: Vec<u32>, pub is_target: bool }

    /// An instruction that makes a step, as it is written.
    pub struct WrittenStep { pub name: String, pub stage: u32, pub first_line: u32, pub last_line: u32 }

    /// A build that is over (simulated to its end): the page plays it back. `byWorkersMs`: what it would take with one worker, two, … until one more gains nothing. `slackMs`: by step, how much later it could have ended without the build ending later.
    pub struct BuildView {
        pub id: u32, pub command: String, pub target: String, pub tags: Vec<String>, pub duration_ms: f64, pub succeeded: bool,
        pub stages: Vec<StageView>, pub steps: Vec<StepView>, pub events: Vec<EventView>,
        pub critical_path: Vec<u32>, pub critical_ms: f64, pub slack_ms: Vec<f64>, pub serial_ms: f64, pub by_workers_ms: Vec<f64>, pub image: Option<ImageView>, pub error: Option<ErrorView>, pub warnings: Vec<Remark>,
        pub findings: Vec<Finding>,
    }

    /// A step of a build. `stage` is absent for `[internal]` ones. Layer figures are absent where there is no layer. `below`: the step whose file system it changes.
    pub struct StepView {
        pub id: u32, pub name: String, pub digest: String, pub stage: Option<u32>, pub internal: bool, pub first_line: u32, pub last_line: u32, pub inputs: Vec<u32>, pub below: Option<u32>,
        pub outcome: StepOutcome, pub started_ms: Option<f64>, pub completed_ms: Option<f64>, pub fidelity: FidelityView, pub layer: Option<u32>, pub size: Option<f64>, pub cause: String, pub why: Option<WhyView>,
    }

    /// How a step ended.
    pub enum StepOutcome { Ran, Cached, Failed, Canceled, Skipped }

    /// How real a thing is.
    pub enum FidelityView { Real, Modelled, NotSimulated }

    /// Something that happened in a build; `kind` says which of the optional fields are there.
    pub struct EventView { pub at_ms: f64, pub step: u32, pub kind: EventName, pub text: Option<String>, pub stream: Option<u8>, pub current: Option<f64>, pub total: Option<f64> }

    /// The kinds of events.
    pub enum EventName { Started, Status, Log, Warning, Cached, Completed, Failed, Canceled }

    /// BuildKit's error with its place.
    pub struct ErrorView { pub message: String, pub first_line: u32, pub last_line: u32, pub excerpt: String }

    /// A sentence about a build, as data: the page words it in the reader's language by `kind`.
    pub struct Finding { pub kind: String, pub values: Vec<String>, pub step: Option<u32>, pub bytes: Option<f64>, pub ms: Option<f64> }

    /// A row of `docker images`.
    pub struct ImageView { pub id: String, pub digest: String, pub tags: Vec<String>, pub size: f64, pub created_ms: f64, pub layers: Vec<LayerView>, pub modelled: bool, pub config: String }

    /// A layer. `instruction` is what `docker history` shows; empty layers have no `diffId`.
    pub struct LayerView { pub index: u32, pub diff_id: Option<String>, pub instruction: String, pub size: f64, pub from_base: bool, pub modelled: bool, pub added: u32, pub changed: u32, pub removed: u32 }

    /// What is simulated: this engine's version, and the commit of BuildKit whose behaviour is matched.
    pub struct Versions { pub engine: String, pub buildkit: String }

    /// The answer to a line typed in the terminal. `live`: the build's progress is one that a terminal redraws. `changed`: images, builds or the cache are others now; `wrote`: files of the project are.
    pub struct CommandView { pub stdout: String, pub stderr: String, pub exit_code: i32, pub build: Option<BuildView>, pub live: bool, pub clear: bool, pub shell: Option<ShellView>, pub changed: bool, pub wrote: bool }

    /// What a shell in a container printed, and what to print before the next line; once it is over, its exit code.
    pub struct ShellView { pub output: String, pub prompt: String, pub exit_code: Option<i32>, pub elapsed_ms: f64 }

    /// What the word before the cursor of the terminal could be. `from`: where it begins, in UTF-16 units of the line.
    pub struct Proposals { pub from: u32, pub words: Vec<String> }
}

/// Bytes that the project and the trees of its builds have in common.
mod shared_bytes {
    use std::sync::Arc;

    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Arc<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
        serde_bytes::serialize(&**bytes, serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[u8]>, D::Error> {
        serde_bytes::deserialize::<Vec<u8>, D>(deserializer).map(Arc::from)
    }
}
