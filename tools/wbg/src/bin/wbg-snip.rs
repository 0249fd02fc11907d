//! `wbg-snip MODULE`: makes panics plain traps. A panic of the engine is a bug, and its message is shown nowhere in a browser (the
//! native binary tells it), yet its texts and places in the source are a tenth of the download. So the bodies of the standard library's
//! panicking functions become `unreachable`, and the places in the source, which only those read, become zeros.

use std::ops::Range;

use anyhow::{Context, Result, bail};
use walrus::ir::Value;
use walrus::{ConstExpr, DataId, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module};

/// Parts of the names of functions that only panic.
const PANICS: [&str; 14] = [
    "::panicking::",
    "::option::unwrap_failed",
    "::option::expect_failed",
    "::result::unwrap_failed",
    "::slice_error_fail",
    "::slice_index_fail",
    "::assert_failed",
    "::len_mismatch_fail",
    "::from_ascii_radix_panic",
    "::alloc::handle_alloc_error",
    "::raw_vec::handle_error",
    "::raw_vec::capacity_overflow",
    "::cell::panic_already",
    "::panic_on_ord_violation",
];

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("usage: wbg-snip MODULE")?;
    let mut module = Module::from_file(&path)?;
    let panics: Vec<FunctionId> = module.funcs.iter().filter(|f| f.name.as_deref().is_some_and(is_panic)).map(|f| f.id()).collect();
    if panics.len() < PANICS.len() / 2 {
        bail!("{path}: only {} panicking functions found; have their names changed?", panics.len());
    }
    for id in &panics {
        trap(&mut module, *id);
    }
    let places = forget_places(&mut module);
    println!("{} panicking functions trap, {places} places in the source forgotten", panics.len());
    walrus::passes::gc::run(&mut module);
    module.emit_wasm_file(&path)
}

fn is_panic(name: &str) -> bool {
    PANICS.iter().any(|part| name.contains(part))
}

fn trap(module: &mut Module, id: FunctionId) {
    let FunctionKind::Local(old) = &module.funcs.get(id).kind else { return };
    let (params, results) = module.types.params_results(old.ty());
    let (params, results, args) = (params.to_vec(), results.to_vec(), old.args.clone());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
}

/// Zeroes every `core::panic::Location` (a pointer to a file name that ends in `.rs`, its length, a line, a column), and the names.
fn forget_places(module: &mut Module) -> usize {
    let mut count = 0;
    let ids: Vec<DataId> = module.data.iter().map(|data| data.id()).collect();
    for id in ids {
        let data = module.data.get_mut(id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind else { continue };
        let base = base as usize;
        let places = (0..data.value.len()).filter(|at| (base + at).is_multiple_of(4));
        let found: Vec<_> = places.filter_map(|at| Some((at..at + 16, file_name(&data.value, base, at)?))).collect();
        count += found.len();
        for (place, name) in found {
            data.value[place].fill(0);
            data.value[name].fill(0);
        }
    }
    count
}

fn file_name(bytes: &[u8], base: usize, at: usize) -> Option<Range<usize>> {
    let place = bytes.get(at..at + 16)?;
    let word = |i: usize| u32::from_le_bytes([place[4 * i], place[4 * i + 1], place[4 * i + 2], place[4 * i + 3]]) as usize;
    let (line, column) = (word(2), word(3));
    let start = word(0).checked_sub(base)?;
    let name = start..start.checked_add(word(1))?;
    let is_place = bytes.get(name.clone())?.ends_with(b".rs") && (1..100_000).contains(&line) && (1..1000).contains(&column);
    is_place.then_some(name)
}
