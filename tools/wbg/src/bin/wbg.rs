//! `wasm-bindgen`, at the very version that the engine is pinned to.
fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
