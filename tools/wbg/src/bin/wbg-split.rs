//! `wbg-split MODULE REST [--first EXPORT]… [--later PREFIX]… [--data FILE]…`: takes out of MODULE what its first exports do not call, and
//! what belongs to the modules of the PREFIXes, and puts it into REST.
//!
//! What stays in MODULE calls the rest through its function table, by way of a short function that first sees to it that the rest is
//! there: it calls the import whose name has `loadRest` in it, which instantiates REST with MODULE's exports as `engine` and then sets the
//! exported global `rest` to 1. Data stays in MODULE, but for the contents of the FILEs, which only the rest may read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use walrus::ir::{UnaryOp, Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, DataKind, ElementItems, ElementKind, FunctionBuilder, FunctionId, FunctionKind, GlobalKind, ImportedFunction, Module,
    ValType,
};

/// The name under which REST imports from MODULE.
const ENGINE: &str = "engine";

/// Functions of so few instructions stay if what stays calls them: the way to them would be as long, and equal ones of several modules have
/// become one, under any of their names.
const SMALL: u64 = 100;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (module, rest) =
        args.next().zip(args.next()).context("usage: wbg-split MODULE REST [--first EXPORT]… [--later PREFIX]… [--data FILE]…")?;
    let (mut first, mut later, mut texts) = (BTreeSet::new(), Vec::new(), Vec::new());
    while let (Some(option), Some(value)) = (args.next(), args.next()) {
        match option.as_str() {
            "--first" => drop(first.insert(value)),
            "--later" => later.push(value),
            "--data" => texts.push(fs::read(&value).with_context(|| value.clone())?),
            _ => bail!("unknown option {option}"),
        }
    }
    let bytes = fs::read(&module)?;
    let mut whole = Module::from_buffer(&bytes)?;
    let plan = Plan::of(&whole, &first, &later)?;
    let moved = take_data(&mut whole, &texts)?;
    println!(
        "{} of {} functions are for later, and {} bytes of data",
        plan.later.len(),
        plan.ids.len(),
        moved.iter().map(|m| m.1.len()).sum::<usize>()
    );
    let mut other = Module::from_buffer(&bytes)?;
    make_rest(&mut other, &plan, moved)?;
    other.emit_wasm_file(&rest)?;
    make_first(&mut whole, &plan)?;
    whole.emit_wasm_file(&module)
}

/// Functions by their place in the module: ids belong to one parsed module.
struct Plan {
    ids: Vec<FunctionId>,
    /// What goes.
    later: BTreeSet<usize>,
    /// What goes and is called from what stays, with its slot in the function table.
    slots: BTreeMap<usize, u32>,
    /// What stays and is called from what goes.
    shared: BTreeSet<usize>,
    /// Slots that the function table had.
    table: u32,
}

impl Plan {
    fn of(module: &Module, first: &BTreeSet<String>, later: &[String]) -> Result<Self> {
        let ids: Vec<FunctionId> = module.funcs.iter().map(|function| function.id()).collect();
        let place: BTreeMap<FunctionId, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let calls: Vec<Vec<usize>> = ids.iter().map(|id| callees(module, *id).into_iter().map(|id| place[&id]).collect()).collect();
        let is_first = |name: &str| first.contains(name) || name.starts_with("__");
        let exported: Vec<(usize, bool)> = module
            .exports
            .iter()
            .filter_map(|export| match export.item {
                walrus::ExportItem::Function(id) => Some((place[&id], is_first(&export.name))),
                _ => None,
            })
            .collect();
        if exported.iter().all(|(_, first)| !first) {
            bail!("none of the exports is to stay");
        }
        let taken: BTreeMap<u32, usize> = elements(module).into_iter().map(|(slot, id)| (slot, place[&id])).collect();
        let names: Vec<String> = ids.iter().map(|id| home(module.funcs.get(*id).name.as_deref().unwrap_or(""))).collect();
        let sizes: Vec<u64> = ids.iter().map(|id| size(module, *id)).collect();
        let goes = |at: &usize| sizes[*at] > SMALL && later.iter().any(|prefix| names[*at].starts_with(prefix));
        let mut stays: BTreeSet<usize> =
            (0..ids.len()).filter(|at| !matches!(module.funcs.get(ids[*at]).kind, FunctionKind::Local(_))).collect();
        let mut pending: Vec<usize> = exported.iter().filter(|(_, first)| *first).map(|(at, _)| *at).collect();
        loop {
            while let Some(at) = pending.pop() {
                if !goes(&at) && stays.insert(at) {
                    pending.extend(&calls[at]);
                }
            }
            // A function whose address is taken stays if any other of its layer does.
            let homes: BTreeSet<&str> = stays.iter().map(|at| layer(&names[*at])).collect();
            pending.extend(taken.values().filter(|at| !stays.contains(at) && !goes(at) && homes.contains(layer(&names[**at]))));
            if pending.is_empty() {
                break;
            }
        }
        let later: BTreeSet<usize> = (0..ids.len()).filter(|at| !stays.contains(at)).collect();
        let called = |from: &BTreeSet<usize>| from.iter().flat_map(|at| calls[*at].iter().copied()).collect::<BTreeSet<usize>>();
        let table = module.tables.get(module.tables.main_function_table()?.context("no function table")?).initial as u32;
        let mut slots: BTreeMap<usize, u32> = taken.iter().map(|(slot, at)| (*at, *slot)).filter(|(at, _)| later.contains(at)).collect();
        let wanted = called(&stays).into_iter().chain(exported.iter().map(|(at, _)| *at)).filter(|at| later.contains(at));
        for at in wanted {
            let fresh = table + slots.values().filter(|slot| **slot >= table).count() as u32;
            slots.entry(at).or_insert(fresh);
        }
        let shared = called(&later).into_iter().filter(|at| stays.contains(at)).collect();
        Ok(Self { ids, later, slots, shared, table })
    }
}

/// The module of the project that a function belongs to, four segments at most: `<bottleship::a::B as c>::d` -> `bottleship::a`.
fn home(name: &str) -> String {
    let Some(start) = name.find("bottleship") else { return String::new() };
    let segment = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let plain: String = name[start..]
        .chars()
        .scan(0, |depth, c| {
            *depth += i32::from(c == '[') - i32::from(c == ']');
            Some((*depth, c))
        })
        .filter(|(depth, c)| *depth == 0 && *c != ']')
        .map(|(_, c)| c)
        .collect();
    let segments: Vec<&str> = plain.split("::").take_while(|part| part.chars().all(segment)).take(4).collect();
    segments.join("::")
}

/// The first two segments: `bottleship::a::b` -> `bottleship::a`.
fn layer(home: &str) -> &str {
    home.match_indices("::").nth(1).map_or(home, |(at, _)| &home[..at])
}

fn size(module: &Module, id: FunctionId) -> u64 {
    match &module.funcs.get(id).kind {
        FunctionKind::Local(local) => local.size(),
        _ => 0,
    }
}

fn callees(module: &Module, id: FunctionId) -> BTreeSet<FunctionId> {
    struct Calls(BTreeSet<FunctionId>);
    impl<'a> Visitor<'a> for Calls {
        fn visit_function_id(&mut self, id: &FunctionId) {
            self.0.insert(*id);
        }
    }
    let mut calls = Calls(BTreeSet::new());
    if let FunctionKind::Local(local) = &module.funcs.get(id).kind {
        dfs_in_order(&mut calls, local, local.entry_block());
    }
    calls.0
}

/// Slots of the function table, and what is in them.
fn elements(module: &Module) -> Vec<(u32, FunctionId)> {
    let main = module.tables.main_function_table().ok().flatten();
    let mut all = Vec::new();
    for element in module.elements.iter() {
        if let (ElementKind::Active { table, offset: ConstExpr::Value(Value::I32(base)) }, ElementItems::Functions(items)) =
            (&element.kind, &element.items)
            && Some(*table) == main
        {
            all.extend(items.iter().enumerate().map(|(i, id)| (*base as u32 + i as u32, *id)));
        }
    }
    all
}

/// Takes the texts out of the data; where they were, and they.
fn take_data(module: &mut Module, texts: &[Vec<u8>]) -> Result<Vec<(i32, Vec<u8>)>> {
    let ids: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    let mut moved = Vec::new();
    for text in texts {
        let place = ids.iter().find_map(|id| {
            let data = module.data.get(*id);
            let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind else { return None };
            data.value.windows(text.len()).position(|window| window == text).map(|at| (*id, at, base))
        });
        let (id, at, base) = place.context("a text is not in the data")?;
        module.data.get_mut(id).value[at..at + text.len()].fill(0);
        moved.push((base + at as i32, text.clone()));
    }
    Ok(moved)
}

/// Leaves a way to the rest where it was, and exports what the rest needs.
fn make_first(module: &mut Module, plan: &Plan) -> Result<()> {
    let load = module.imports.iter().find(|import| import.name.contains("loadRest")).context("no import loadRest")?;
    let walrus::ImportKind::Function(load) = load.kind else { bail!("loadRest is no function") };
    let table = module.tables.main_function_table()?.context("no function table")?;
    let there = module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)));
    module.exports.add("rest", there);
    for (at, slot) in &plan.slots {
        let id = plan.ids[*at];
        let FunctionKind::Local(old) = &module.funcs.get(id).kind else { continue };
        let (ty, args) = (old.ty(), old.args.clone());
        let (params, results) = module.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        let mut body = builder.func_body();
        body.global_get(there).unop(UnaryOp::I32Eqz).if_else(None, |then| drop(then.call(load)), |_| {});
        for arg in &args {
            body.local_get(*arg);
        }
        body.i32_const(*slot as i32).call_indirect(ty, table);
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
    }
    let fresh = plan.slots.values().filter(|slot| **slot >= plan.table).count() as u64;
    let main = module.tables.get_mut(table);
    main.initial += fresh;
    main.maximum = main.maximum.map(|maximum| maximum + fresh);
    for at in &plan.shared {
        module.exports.add(&name('f', *at), plan.ids[*at]);
    }
    let globals: Vec<_> = module.globals.iter().map(|global| global.id()).filter(|id| *id != there).collect();
    globals.iter().enumerate().for_each(|(i, id)| drop(module.exports.add(&name('g', i), *id)));
    let tables: Vec<_> = module.tables.iter().map(|table| table.id()).collect();
    tables.iter().enumerate().for_each(|(i, id)| drop(module.exports.add(&name('t', i), *id)));
    let memories: Vec<_> = module.memories.iter().map(|memory| memory.id()).collect();
    memories.iter().enumerate().for_each(|(i, id)| drop(module.exports.add(&name('m', i), *id)));
    walrus::passes::gc::run(module);
    Ok(())
}

/// Leaves only the rest, with all else imported.
fn make_rest(module: &mut Module, plan: &Plan, moved: Vec<(i32, Vec<u8>)>) -> Result<()> {
    let ids: Vec<FunctionId> = module.funcs.iter().map(|function| function.id()).collect();
    let table = module.tables.main_function_table()?.context("no function table")?;
    module.start = None;
    module.exports.iter().map(|export| export.id()).collect::<Vec<_>>().into_iter().for_each(|id| module.exports.delete(id));
    module.data.iter().map(|data| data.id()).collect::<Vec<_>>().into_iter().for_each(|id| module.data.delete(id));
    module.elements.iter().map(|element| element.id()).collect::<Vec<_>>().into_iter().for_each(|id| module.elements.delete(id));
    for at in &plan.shared {
        let id = ids[*at];
        let known = match &module.funcs.get(id).kind {
            FunctionKind::Import(import) => Some(import.import),
            _ => None,
        };
        match known {
            Some(import) => {
                let import = module.imports.get_mut(import);
                (import.module, import.name) = (ENGINE.to_owned(), name('f', *at));
            }
            None => {
                let ty = module.funcs.get(id).ty();
                let import = module.imports.add(ENGINE, &name('f', *at), id);
                module.funcs.get_mut(id).kind = FunctionKind::Import(ImportedFunction { import, ty });
            }
        }
    }
    for (i, id) in module.globals.iter().map(|global| global.id()).collect::<Vec<_>>().into_iter().enumerate() {
        let import = module.imports.add(ENGINE, &name('g', i), id);
        module.globals.get_mut(id).kind = GlobalKind::Import(import);
    }
    for (i, id) in module.tables.iter().map(|table| table.id()).collect::<Vec<_>>().into_iter().enumerate() {
        let import = module.imports.add(ENGINE, &name('t', i), id);
        let table = module.tables.get_mut(id);
        (table.import, table.maximum, table.init) = (Some(import), None, None);
        table.elem_segments.clear();
    }
    let memories: Vec<_> = module.memories.iter().map(|memory| memory.id()).collect();
    for (i, id) in memories.iter().enumerate() {
        let import = module.imports.add(ENGINE, &name('m', i), *id);
        let memory = module.memories.get_mut(*id);
        (memory.import, memory.maximum) = (Some(import), None);
        memory.data_segments.clear();
    }
    let mut slots: Vec<(u32, FunctionId)> = plan.slots.iter().map(|(at, slot)| (*slot, ids[*at])).collect();
    slots.sort_unstable();
    for run in slots.chunk_by(|a, b| a.0 + 1 == b.0) {
        let offset = ConstExpr::Value(Value::I32(run[0].0 as i32));
        let items = ElementItems::Functions(run.iter().map(|slot| slot.1).collect());
        let id = module.elements.add(ElementKind::Active { table, offset }, items);
        module.tables.get_mut(table).elem_segments.insert(id);
    }
    for (at, text) in moved {
        let kind = DataKind::Active { memory: memories[0], offset: ConstExpr::Value(Value::I32(at)) };
        let id = module.data.add(kind, text);
        module.memories.get_mut(memories[0]).data_segments.insert(id);
    }
    walrus::passes::gc::run(module);
    Ok(())
}

fn name(kind: char, at: usize) -> String {
    format!("{kind}{at}")
}
