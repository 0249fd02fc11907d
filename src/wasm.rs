//! The boundary to JavaScript: one-line methods over `api::Playground`.
#![allow(missing_docs, clippy::missing_errors_doc)]

use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::api::advice::AdviceView;
use crate::api::compare::{PairView, SideBySideView};
use crate::api::environment::EnvironmentView;
use crate::api::forecast::ForecastView;
use crate::api::types::{Analysis, BuildView, CommandView, Completion, Hover, ImageView, ProjectFile, Proposals, ShellView, Versions};
use crate::api::view_context::ContextsView;
use crate::api::view_layers::LayersView;
use crate::api::view_snapshot::{ComparisonView, ContentView, EntryView, LineView, Snapshot};

#[wasm_bindgen]
extern "C" {
    /// The engine comes in modules (see tools/wbg): what edits and plans first, what builds and the programs of an image with their first
    /// call. The host defines this function, which instantiates the next of them.
    #[wasm_bindgen(js_name = loadRest)]
    fn load_rest();
}

/// Loads the second module now, rather than when it is first needed.
#[wasm_bindgen(js_name = prepare)]
pub fn prepare() {
    load_rest();
}

#[wasm_bindgen]
#[derive(Default)]
pub struct Playground(crate::api::Playground);

#[wasm_bindgen]
impl Playground {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn versions() -> Result<Ts<Versions>, JsError> {
        one(crate::api::Playground::versions())
    }

    #[wasm_bindgen(js_name = setProject)]
    pub fn set_project(&mut self, files: Vec<Ts<ProjectFile>>) -> Result<(), JsError> {
        self.0.set_project(files.iter().map(Ts::to_rust).collect::<Result<_, _>>()?);
        Ok(())
    }

    pub fn files(&self) -> Result<Vec<Ts<ProjectFile>>, JsError> {
        list(self.0.files())
    }

    #[wasm_bindgen(js_name = readFile)]
    pub fn read_file(&self, path: &str) -> Option<Vec<u8>> {
        self.0.read_file(path)
    }

    #[wasm_bindgen(js_name = writeFile)]
    pub fn write_file(&mut self, path: &str, bytes: Vec<u8>, now: f64) {
        self.0.write_file(path, bytes, now);
    }

    #[wasm_bindgen(js_name = setMode)]
    pub fn set_mode(&mut self, path: &str, mode: u32) {
        self.0.set_mode(path, mode);
    }

    pub fn rename(&mut self, from: &str, to: &str) {
        self.0.rename(from, to);
    }

    #[wasm_bindgen(js_name = removeFile)]
    pub fn remove_file(&mut self, path: &str) {
        self.0.remove_file(path);
    }

    pub fn analyze(&self, path: &str, line: &str) -> Result<Ts<Analysis>, JsError> {
        one(self.0.analyze(path, line))
    }

    pub fn advise(&self, line: &str) -> Result<Vec<Ts<AdviceView>>, JsError> {
        list(self.0.advise(line))
    }

    /// See [`Playground::step_pairs`].
    #[wasm_bindgen(js_name = stepPairs)]
    pub fn step_pairs(&self, one: u32, two: u32) -> Result<Vec<Ts<PairView>>, JsError> {
        list(self.0.step_pairs(one, two))
    }

    #[wasm_bindgen(js_name = sideBySide)]
    pub fn side_by_side(&self, first: &str, second: &str) -> Result<Ts<SideBySideView>, JsError> {
        one(self.0.side_by_side(first, second))
    }

    /// See [`crate::api::Playground::same_edit`].
    #[wasm_bindgen(js_name = sameEdit)]
    pub fn same_edit(&self, first: u32, second: u32) -> Result<Ts<SideBySideView>, JsError> {
        one(self.0.same_edit(first, second))
    }

    #[wasm_bindgen(js_name = saveCache)]
    pub fn save_cache(&self, limit: f64) -> Vec<u8> {
        self.0.save_cache(limit)
    }

    #[wasm_bindgen(js_name = loadCache)]
    pub fn load_cache(&mut self, bytes: &[u8]) {
        self.0.load_cache(bytes);
    }

    pub fn forecast(&mut self, line: &str) -> Result<Ts<ForecastView>, JsError> {
        one(self.0.forecast(line))
    }

    pub fn complete(&self, path: &str, at: u32) -> Result<Vec<Ts<Completion>>, JsError> {
        list(self.0.complete(path, at))
    }

    /// `line`: the `docker build …` that would be run.
    pub fn hover(&self, path: &str, at: u32, line: Option<String>) -> Result<Option<Ts<Hover>>, JsError> {
        self.0.hover(path, at, line.as_deref().unwrap_or_default()).map(one).transpose()
    }

    pub fn command(&mut self, line: &str, now: f64) -> Result<Ts<CommandView>, JsError> {
        one(self.0.command(line, now))
    }

    /// Has the browser hash the large layers that this line will build: for each the promise of its digest, for `hashed`.
    pub fn unhashed(&mut self, line: &str) -> Vec<js_sys::Promise> {
        let Ok(crypto) = js_sys::global().unchecked_into::<web_sys::WorkerGlobalScope>().crypto() else { return Vec::new() };
        let mut digests = Vec::new();
        self.0.unhashed(line, |tar| digests.extend(crypto.subtle().digest_with_str_and_u8_array("SHA-256", tar)));
        digests
    }

    /// Takes the digests (32 bytes each) that `unhashed` promised, one after the other.
    pub fn hashed(&mut self, digests: &[u8]) {
        self.0.hashed(digests.as_chunks().0);
    }

    /// See [`crate::api::Playground::environment`].
    pub fn environment(&self, build: u32, step: u32) -> Result<Option<Ts<EnvironmentView>>, JsError> {
        self.0.environment(build, step).map(one).transpose()
    }

    /// Ctrl-C while a build plays; see [`Playground::interrupt`].
    pub fn interrupt(&mut self, build: u32, at_ms: f64) -> Result<Option<Ts<CommandView>>, JsError> {
        self.0.interrupt(build, at_ms).map(one).transpose()
    }

    pub fn builds(&self) -> Result<Vec<Ts<BuildView>>, JsError> {
        list(self.0.builds())
    }

    #[wasm_bindgen(js_name = ttyFrame)]
    pub fn tty_frame(&self, build: u32, at_ms: f64, columns: u32, rows: u32) -> String {
        self.0.tty_frame(build, at_ms, columns, rows)
    }

    #[wasm_bindgen(js_name = ttyEnd)]
    pub fn tty_end(&self, build: u32) -> String {
        self.0.tty_end(build)
    }

    #[wasm_bindgen(js_name = plainProgress)]
    pub fn plain_progress(&self, build: u32) -> String {
        self.0.plain_progress(build)
    }

    pub fn images(&self) -> Result<Vec<Ts<ImageView>>, JsError> {
        list(self.0.image_list())
    }

    pub fn image(&self, name: &str) -> Result<Option<Ts<ImageView>>, JsError> {
        self.0.image(name).map(one).transpose()
    }

    #[wasm_bindgen(js_name = saveImage)]
    pub fn save_image(&self, name: &str) -> Option<Vec<u8>> {
        self.0.save_image(name)
    }

    #[wasm_bindgen(js_name = loadImage)]
    pub fn load_image(&mut self, bytes: &[u8], name: &str, now: f64) -> Result<String, JsError> {
        self.0.load_image(bytes, name, now).map_err(|error| JsError::new(&error))
    }

    pub fn layers(&self, image: &str) -> Result<Option<Ts<LayersView>>, JsError> {
        self.0.layers(image).map(one).transpose()
    }

    pub fn entries(&self, at: Ts<Snapshot>, against: Option<Ts<Snapshot>>, path: &str) -> Result<Vec<Ts<EntryView>>, JsError> {
        let against = against.map(|against| against.to_rust()).transpose()?;
        list(self.0.entries(&at.to_rust()?, against.as_ref(), path))
    }

    pub fn comparison(&self, before: Ts<Snapshot>, after: Ts<Snapshot>) -> Result<Option<Ts<ComparisonView>>, JsError> {
        self.0.comparison(&before.to_rust()?, &after.to_rust()?).map(one).transpose()
    }

    pub fn content(&self, at: Ts<Snapshot>, path: &str) -> Result<Option<Ts<ContentView>>, JsError> {
        self.0.content(&at.to_rust()?, path).map(one).transpose()
    }

    #[wasm_bindgen(js_name = lineComparison)]
    pub fn line_comparison(&self, before: Ts<Snapshot>, after: Ts<Snapshot>, path: &str) -> Result<Vec<Ts<LineView>>, JsError> {
        list(self.0.line_comparison(&before.to_rust()?, &after.to_rust()?, path))
    }

    pub fn contexts(&self, line: &str) -> Result<Ts<ContextsView>, JsError> {
        one(self.0.contexts(line))
    }

    #[wasm_bindgen(js_name = shellLine)]
    pub fn shell_line(&mut self, line: &str) -> Result<Ts<ShellView>, JsError> {
        one(self.0.shell_line(line))
    }

    #[wasm_bindgen(js_name = shellInterrupt)]
    pub fn shell_interrupt(&mut self) -> Result<Ts<ShellView>, JsError> {
        one(self.0.shell_interrupt())
    }

    #[wasm_bindgen(js_name = shellEnd)]
    pub fn shell_end(&mut self) -> Result<Ts<ShellView>, JsError> {
        one(self.0.shell_end())
    }

    #[wasm_bindgen(js_name = terminalWords)]
    pub fn terminal_words(&mut self, line: &str) -> Result<Ts<Proposals>, JsError> {
        one(self.0.terminal_words(line))
    }

    pub fn reset(&mut self) {
        self.0.reset();
    }
}

fn one<T: Tsify + Serialize>(value: T) -> Result<Ts<T>, JsError> {
    Ok(value.into_ts()?)
}

fn list<T: Tsify + Serialize>(values: Vec<T>) -> Result<Vec<Ts<T>>, JsError> {
    values.into_iter().map(one).collect()
}
