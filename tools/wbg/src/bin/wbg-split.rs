//! `wbg-split MODULE [--first EXPORT]… [--part FILE [--later PREFIX]… [--data FILE]…]…`: cuts MODULE into parts that are loaded one after
//! the other. MODULE keeps what its first exports call; what belongs to the modules of the PREFIXes of a part goes into that part or a
//! later one, and so does what only they call. What nothing that stays calls goes into the next part.
//!
//! A part calls what is in an earlier one by importing it. It calls what is in the next through the function table, by way of a short
//! function that first sees to it that the next part is there: it calls the import whose name has `loadRest` in it, which instantiates
//! the next part with the exports of those before it as `part0`, `part1` … and then sets the global `next` of the last of them to 1.
//! Data stays in MODULE, but for the contents of a part's FILEs, which only that part may read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use walrus::ir::{UnaryOp, Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, DataKind, ElementItems, ElementKind, FunctionBuilder, FunctionId, FunctionKind, GlobalKind, ImportedFunction, Module,
    ValType,
};

/// What the host is called to load the next part.
const LOAD: &str = "loadRest";

/// Functions of so few instructions stay if what stays calls them: the way to them would be as long, and equal ones of several modules have
/// become one, under any of their names.
const SMALL: u64 = 100;

/// What the command line says of one part.
#[derive(Default)]
struct Part {
    file: String,
    /// Modules of the project that are for this part.
    later: Vec<String>,
    /// Data that only this part may read.
    texts: Vec<Vec<u8>>,
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let file = args.next().context("usage: wbg-split MODULE [--first EXPORT]… [--part FILE [--later PREFIX]… [--data FILE]…]…")?;
    let (mut first, mut parts) = (BTreeSet::new(), Vec::<Part>::new());
    while let (Some(option), Some(value)) = (args.next(), args.next()) {
        match (option.as_str(), parts.last_mut()) {
            ("--first", _) => drop(first.insert(value)),
            ("--part", _) => parts.push(Part { file: value, ..Part::default() }),
            ("--later", Some(part)) => part.later.push(value),
            ("--data", Some(part)) => part.texts.push(fs::read(&value).with_context(|| value.clone())?),
            _ => bail!("unknown option {option}"),
        }
    }
    let bytes = fs::read(&file)?;
    split(&bytes, &file, 0, Some(&first), &parts).map(drop)
}

/// Cuts the part of this number, which still has all that is for later, and writes it and what comes after it; how many slots of the
/// function table that took. `first` are the exports that stay; without, all that the function table names stays.
fn split(bytes: &[u8], file: &str, number: usize, first: Option<&BTreeSet<String>>, parts: &[Part]) -> Result<u64> {
    let Some(part) = parts.first() else {
        fs::write(file, bytes)?;
        return Ok(0);
    };
    let mut whole = Module::from_buffer(bytes)?;
    let later: Vec<&str> = parts.iter().flat_map(|part| &part.later).map(String::as_str).collect();
    let plan = Plan::of(&whole, first, &later)?;
    let moved = take_data(&mut whole, &part.texts)?;
    println!(
        "{file}: {} of {} functions are for later, and {} bytes of data",
        plan.later.len(),
        plan.ids.len(),
        part.texts.iter().map(Vec::len).sum::<usize>()
    );
    let mut rest = Module::from_buffer(bytes)?;
    make_rest(&mut rest, &plan, moved, number, parts.len() > 1)?;
    let slots = plan.fresh() + split(&rest.emit_wasm(), &part.file, number + 1, None, &parts[1..])?;
    make_first(&mut whole, &plan, slots)?;
    whole.emit_wasm_file(file)?;
    Ok(slots)
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
    /// The import that loads the next part.
    load: usize,
}

impl Plan {
    fn of(module: &Module, first: Option<&BTreeSet<String>>, later: &[&str]) -> Result<Self> {
        let ids: Vec<FunctionId> = module.funcs.iter().map(|function| function.id()).collect();
        let place: BTreeMap<FunctionId, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let calls: Vec<Vec<usize>> = ids.iter().map(|id| callees(module, *id).into_iter().map(|id| place[&id]).collect()).collect();
        let is_first = |name: &str| first.is_none_or(|first| first.contains(name)) || name.starts_with("__");
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
        let load = loader(module).map(|id| place[&id])?;
        let goes = |at: &usize| sizes[*at] > SMALL && later.iter().any(|prefix| names[*at].starts_with(prefix));
        let mut stays: BTreeSet<usize> =
            (0..ids.len()).filter(|at| !matches!(module.funcs.get(ids[*at]).kind, FunctionKind::Local(_))).collect();
        let named = taken.values().copied().filter(|_| first.is_none());
        let mut pending: Vec<usize> = exported.iter().filter(|(_, first)| *first).map(|(at, _)| *at).chain(named).collect();
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
        let shared = called(&later).into_iter().chain([load]).filter(|at| stays.contains(at)).collect();
        Ok(Self { ids, later, slots, shared, table, load })
    }

    /// Slots that the function table needs beyond those it had.
    fn fresh(&self) -> u64 {
        self.slots.values().filter(|slot| **slot >= self.table).count() as u64
    }
}

/// The module of the project that a function belongs to, four segments at most: `<bottleship::a::B as c>::d` -> `bottleship::a`. Of a
/// function of another crate, that crate and its module.
fn home(name: &str) -> String {
    let start = name.find("bottleship").unwrap_or_else(|| name.len() - name.trim_start_matches(['<', '&', '*', '[', '(', ' ']).len());
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

/// The function that loads the next part: an import of the whole module, an export of its later parts until they are cut.
fn loader(module: &Module) -> Result<FunctionId> {
    let import = module.imports.iter().find(|import| import.name.contains(LOAD)).map(|import| import.kind.clone());
    if let Some(walrus::ImportKind::Function(id)) = import {
        return Ok(id);
    }
    let export = module.exports.iter().find(|export| export.name == LOAD).map(|export| export.item);
    match export {
        Some(walrus::ExportItem::Function(id)) => Ok(id),
        _ => bail!("no import {LOAD}"),
    }
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

/// Leaves a way to the rest where it was, and exports what the rest needs. `fresh`: slots that it and its parts add to the function table.
fn make_first(module: &mut Module, plan: &Plan, fresh: u64) -> Result<()> {
    let load = plan.ids[plan.load];
    let _ = module.exports.remove(LOAD);
    let table = module.tables.main_function_table()?.context("no function table")?;
    let there = module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)));
    module.exports.add("next", there);
    for (at, slot) in &plan.slots {
        let id = plan.ids[*at];
        let FunctionKind::Local(old) = &module.funcs.get(id).kind else { continue };
        let (ty, args) = (old.ty(), old.args.clone());
        let (params, results) = module.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        let mut body = builder.func_body();
        body.global_get(there).unop(UnaryOp::I32Eqz).if_else(
            None,
            |then| {
                then.call(load);
            },
            |_| {},
        );
        for arg in &args {
            body.local_get(*arg);
        }
        body.i32_const(*slot as i32).call_indirect(ty, table);
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
    }
    let main = module.tables.get_mut(table);
    main.initial += fresh;
    main.maximum = main.maximum.map(|maximum| maximum + fresh);
    for at in &plan.shared {
        module.exports.add(&name('f', *at), plan.ids[*at]);
    }
    let own = |global: &&walrus::Global| global.id() != there && matches!(global.kind, GlobalKind::Local(_));
    let globals: Vec<_> = module.globals.iter().filter(own).map(|global| global.id()).collect();
    for (i, id) in globals.into_iter().enumerate() {
        module.exports.add(&name('g', i), id);
    }
    let tables: Vec<_> = module.tables.iter().filter(|table| table.import.is_none()).map(|table| table.id()).collect();
    for (i, id) in tables.into_iter().enumerate() {
        module.exports.add(&name('t', i), id);
    }
    let memories: Vec<_> = module.memories.iter().filter(|memory| memory.import.is_none()).map(|memory| memory.id()).collect();
    for (i, id) in memories.into_iter().enumerate() {
        module.exports.add(&name('m', i), id);
    }
    walrus::passes::gc::run(module);
    Ok(())
}

/// Leaves only the rest, with all else imported from the part of this number, or where that part has it from. If `more` parts follow, the
/// way to load them stays in sight.
fn make_rest(module: &mut Module, plan: &Plan, moved: Vec<(i32, Vec<u8>)>, number: usize, more: bool) -> Result<()> {
    let from = format!("part{number}");
    let ids: Vec<FunctionId> = module.funcs.iter().map(|function| function.id()).collect();
    let table = module.tables.main_function_table()?.context("no function table")?;
    module.start = None;
    module.exports.iter().map(|export| export.id()).collect::<Vec<_>>().into_iter().for_each(|id| module.exports.delete(id));
    module.data.iter().map(|data| data.id()).collect::<Vec<_>>().into_iter().for_each(|id| module.data.delete(id));
    module.elements.iter().map(|element| element.id()).collect::<Vec<_>>().into_iter().for_each(|id| module.elements.delete(id));
    for at in &plan.shared {
        let id = ids[*at];
        match &module.funcs.get(id).kind {
            FunctionKind::Import(import) => {
                let import = module.imports.get_mut(import.import);
                if !import.module.starts_with("part") {
                    (import.module, import.name) = (from.clone(), name('f', *at));
                }
            }
            _ => {
                let ty = module.funcs.get(id).ty();
                let import = module.imports.add(&from, &name('f', *at), id);
                module.funcs.get_mut(id).kind = FunctionKind::Import(ImportedFunction { import, ty });
            }
        }
    }
    if more {
        module.exports.add(LOAD, ids[plan.load]);
    }
    let own = |global: &&walrus::Global| matches!(global.kind, GlobalKind::Local(_));
    for (i, id) in module.globals.iter().filter(own).map(|global| global.id()).collect::<Vec<_>>().into_iter().enumerate() {
        let import = module.imports.add(&from, &name('g', i), id);
        module.globals.get_mut(id).kind = GlobalKind::Import(import);
    }
    for (i, id) in module.tables.iter().map(|table| table.id()).collect::<Vec<_>>().into_iter().enumerate() {
        if module.tables.get(id).import.is_none() {
            let import = module.imports.add(&from, &name('t', i), id);
            module.tables.get_mut(id).import = Some(import);
        }
        let table = module.tables.get_mut(id);
        (table.maximum, table.init) = (None, None);
        table.elem_segments.clear();
    }
    module.tables.get_mut(table).initial += plan.fresh();
    let memories: Vec<_> = module.memories.iter().map(|memory| memory.id()).collect();
    for (i, id) in memories.iter().enumerate() {
        if module.memories.get(*id).import.is_none() {
            let import = module.imports.add(&from, &name('m', i), *id);
            module.memories.get_mut(*id).import = Some(import);
        }
        let memory = module.memories.get_mut(*id);
        memory.maximum = None;
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
