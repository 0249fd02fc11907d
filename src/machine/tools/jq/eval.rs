//! What a filter of jq gives: values with the paths that lead to them.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::parse::{Ast, Pattern};
use super::path::{delete, get, set, step_into};
use super::value::{arithmetic, float, format, kind, number, shown, truth};
use crate::machine::Process;

/// Deepest nesting of calls.
const MAX_DEPTH: u32 = 400;
/// Deepest nesting of a value.
const MAX_NESTED: u32 = 500;
/// Most parts of a value.
const MAX_PARTS: u64 = 1 << 22;

/// Why a filter stopped.
#[derive(Debug)]
pub enum Fault {
    /// An error that `try` catches.
    Error(Value),
    /// Something that is not defined: its message.
    Undefined(String),
    /// `halt_error`: what is said, and the status.
    Halt(Value, i32),
    /// As many values as were asked for.
    Enough,
    /// Out of fuel.
    Stop,
}

impl From<String> for Fault {
    fn from(text: String) -> Self {
        Self::Error(text.into())
    }
}

/// A value, and where it is in the input if it is a part of it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The value.
    pub value: Value,
    /// Keys from the input to it.
    pub path: Option<Vec<Value>>,
}

/// What a filter gave.
#[derive(Debug)]
pub struct Out {
    /// The values.
    pub items: Vec<Item>,
    /// How many are wanted.
    pub most: usize,
}

impl Out {
    /// As many as come.
    pub fn all() -> Self {
        Self { items: Vec::new(), most: usize::MAX }
    }

    /// One more.
    pub fn push(&mut self, item: Item) {
        self.items.push(item);
    }

    fn extend(&mut self, items: impl IntoIterator<Item = Item>) {
        self.items.extend(items);
    }
}

pub(super) type Done = Result<(), Fault>;

/// What names mean: a list that shares its tail.
pub type Env<'a> = Option<Rc<Link<'a>>>;

/// One name.
#[derive(Debug)]
pub struct Link<'a> {
    binding: Binding<'a>,
    next: Env<'a>,
}

#[derive(Debug)]
enum Binding<'a> {
    Variable(&'a str, Value),
    Function(&'a str, &'a [String], &'a Ast),
    Argument(&'a str, &'a Ast, Env<'a>),
}

/// An environment with one more variable.
pub fn with<'a>(env: &Env<'a>, name: &'a str, value: Value) -> Env<'a> {
    Some(Rc::new(Link { binding: Binding::Variable(name, value), next: env.clone() }))
}

/// The value of a variable.
pub fn lookup(env: &Env<'_>, name: &str) -> Option<Value> {
    let mut at = env;
    while let Some(link) = at {
        match &link.binding {
            Binding::Variable(known, value) if *known == name => return Some(value.clone()),
            _ => at = &link.next,
        }
    }
    None
}

/// The environment in which the definitions that `ast` begins with are known.
pub fn defined<'a>(mut ast: &'a Ast, mut env: Env<'a>) -> Env<'a> {
    while let Ast::Define(name, parameters, body, rest) = ast {
        env = Some(Rc::new(Link { binding: Binding::Function(name, parameters, body), next: env }));
        ast = rest;
    }
    env
}

/// A running filter.
pub struct Eval<'m, 'p> {
    /// Who runs it: its fuel.
    pub p: &'m mut Process<'p>,
    /// The next input.
    pub input: &'m mut dyn FnMut() -> Option<Value>,
    /// How deep calls are nested.
    pub depth: u32,
}

/// How many parts a value has; `None` if it is nested too deeply.
fn parts(value: &Value, depth: u32) -> Option<u64> {
    match value {
        _ if depth > MAX_NESTED => None,
        Value::String(text) => Some(1 + text.len() as u64 / 16),
        Value::Array(items) => items.iter().try_fold(1, |n, v| Some(n + parts(v, depth + 1)?)),
        Value::Object(map) => map.values().try_fold(1, |n, v| Some(n + parts(v, depth + 1)?)),
        _ => Some(1),
    }
}

fn plain(value: Value) -> Item {
    Item { value, path: None }
}

impl Eval<'_, '_> {
    /// Gives all that `ast` makes of `item` to `out`.
    pub fn run<'a>(&mut self, ast: &'a Ast, env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
        if self.depth > MAX_DEPTH {
            self.p.system.halt("jq functions nested too deeply");
        }
        self.burn(10)?;
        let at = out.items.len();
        self.depth += 1;
        let done = self.step(ast, env, item, out);
        self.depth -= 1;
        for item in &out.items[at..] {
            match parts(&item.value, 0) {
                Some(parts) if parts < MAX_PARTS => self.burn(20 + parts)?,
                _ => {
                    self.p.system.halt("a value of jq has grown too large");
                    return Err(Fault::Stop);
                }
            }
        }
        if done.is_ok() && out.items.len() >= out.most { Err(Fault::Enough) } else { done }
    }

    /// Spends fuel.
    pub fn burn(&mut self, steps: u64) -> Done {
        if self.p.burn(steps) { Ok(()) } else { Err(Fault::Stop) }
    }

    pub(super) fn all<'a>(&mut self, ast: &'a Ast, env: &Env<'a>, item: &Item) -> Result<Vec<Value>, Fault> {
        Ok(self.items(ast, env, item)?.into_iter().map(|i| i.value).collect())
    }

    pub(super) fn items<'a>(&mut self, ast: &'a Ast, env: &Env<'a>, item: &Item) -> Result<Vec<Item>, Fault> {
        let mut out = Out::all();
        self.run(ast, env, item, &mut out)?;
        Ok(out.items)
    }

    fn step<'a>(&mut self, ast: &'a Ast, env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
        match ast {
            Ast::Identity => out.push(item.clone()),
            Ast::Literal(value) => out.push(plain(value.clone())),
            Ast::Text(name, parts) => self.text(name.as_deref(), parts, env, item, out)?,
            Ast::Format(name) => out.push(plain(format(name, &item.value)?.into())),
            Ast::Index(..) | Ast::Slice(..) | Ast::Iterate(_) => self.part(ast, env, item, out)?,
            Ast::Array(None) => out.push(plain(Value::Array(Vec::new()))),
            Ast::Array(Some(inner)) => {
                let values = self.all(inner, env, item)?;
                out.push(plain(values.into()));
            }
            Ast::Object(pairs) => self.object(pairs, env, item, out)?,
            Ast::Negative(inner) => {
                for value in self.all(inner, env, item)? {
                    if !value.is_number() {
                        return Err(format!("{} ({}) cannot be negated", kind(&value), shown(&value)).into());
                    }
                    out.push(plain(number(-float(&value))));
                }
            }
            Ast::Binary(operator, left, right) => self.binary(operator, left, right, env, item, out)?,
            Ast::If(pairs, rest) => self.branch(pairs, rest.as_deref(), env, item, out)?,
            Ast::Try(body, handler) => match self.run(body, env, item, out) {
                Err(Fault::Error(error)) => {
                    if let Some(handler) = handler {
                        self.run(handler, env, &plain(error), out)?;
                    }
                }
                done => done?,
            },
            Ast::Fold(reduces, source, pattern, filters) => self.fold(*reduces, source, pattern, filters, env, item, out)?,
            Ast::Bind(source, pattern, body) => {
                for value in self.all(source, env, item)? {
                    for env in self.bind(pattern, &value, env)? {
                        self.run(body, &env, item, out)?;
                    }
                }
            }
            Ast::Variable(name) => match lookup(env, name) {
                Some(value) => out.push(plain(value)),
                None => return Err(Fault::Undefined(format!("${name}"))),
            },
            Ast::Call(name, arguments) => self.call(name, arguments, env, item, out)?,
            Ast::Define(name, parameters, body, rest) => {
                let env = Some(Rc::new(Link { binding: Binding::Function(name, parameters, body), next: env.clone() }));
                self.run(rest, &env, item, out)?;
            }
        }
        Ok(())
    }

    fn text<'a>(&mut self, name: Option<&str>, parts: &'a [Ast], env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
        let mut texts = vec![String::new()];
        for part in parts {
            if let Ast::Literal(Value::String(text)) = part {
                texts.iter_mut().for_each(|t| t.push_str(text));
                continue;
            }
            let mut longer = Vec::new();
            for value in self.all(part, env, item)? {
                let cell = format(name.unwrap_or("text"), &value)?;
                for text in &texts {
                    self.burn(20 + (text.len() + cell.len()) as u64)?;
                    longer.push(format!("{text}{cell}"));
                }
            }
            texts = longer;
        }
        out.extend(texts.into_iter().map(|t| plain(t.into())));
        Ok(())
    }

    fn part<'a>(&mut self, ast: &'a Ast, env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
        let (Ast::Index(target, _) | Ast::Slice(target, ..) | Ast::Iterate(target)) = ast else { return Ok(()) };
        for target in self.items(target, env, item)? {
            let keys: Vec<Value> = match (ast, &target.value) {
                (Ast::Index(_, key), _) => self.all(key, env, item)?,
                (Ast::Slice(_, from, to), _) => {
                    let mut bound = |b: &'a Option<Box<Ast>>| match b {
                        Some(b) => self.all(b, env, item).map(|v| v.first().cloned().unwrap_or_default()),
                        None => Ok(Value::Null),
                    };
                    vec![serde_json::json!({"start": bound(from)?, "end": bound(to)?})]
                }
                (_, Value::Array(items)) => (0..items.len()).map(Value::from).collect(),
                (_, Value::Object(map)) => map.keys().map(|k| k.as_str().into()).collect(),
                (_, Value::Null) => return Err("Cannot iterate over null".to_owned().into()),
                (_, other) => return Err(format!("Cannot iterate over {} ({})", kind(other), shown(other)).into()),
            };
            for key in keys {
                out.push(step_into(&target, &key)?);
            }
        }
        Ok(())
    }

    fn object<'a>(&mut self, pairs: &'a [(Ast, Ast)], env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
        let mut maps = vec![Map::new()];
        for (key, value) in pairs {
            let (keys, values) = (self.all(key, env, item)?, self.all(value, env, item)?);
            let mut more = Vec::new();
            for map in &maps {
                for key in &keys {
                    let Value::String(name) = key else {
                        return Err(format!("Object keys must be strings, not {} ({})", kind(key), shown(key)).into());
                    };
                    for value in &values {
                        self.burn(100 + 20 * map.len() as u64)?;
                        let mut map = map.clone();
                        map.insert(name.clone(), value.clone());
                        more.push(map);
                    }
                }
            }
            maps = more;
        }
        out.extend(maps.into_iter().map(|m| plain(Value::Object(m))));
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn fold<'a>(
        &mut self,
        reduces: bool,
        source: &'a Ast,
        pattern: &'a Pattern,
        filters: &'a [Ast],
        env: &Env<'a>,
        item: &Item,
        out: &mut Out,
    ) -> Done {
        let [init, update, rest @ ..] = filters else { return Err("syntax error".to_owned().into()) };
        for start in self.items(init, env, item)? {
            let mut state = start;
            for value in self.all(source, env, item)? {
                for env in self.bind(pattern, &value, env)? {
                    let next = self.items(update, &env, &state)?;
                    state = next.into_iter().last().unwrap_or_else(|| plain(Value::Null));
                    if !reduces {
                        match rest.first() {
                            Some(extract) => self.run(extract, &env, &state, out)?,
                            None => out.push(state.clone()),
                        }
                    }
                }
            }
            if reduces {
                out.push(state);
            }
        }
        Ok(())
    }

    fn branch<'a>(&mut self, pairs: &'a [(Ast, Ast)], rest: Option<&'a Ast>, env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
        let Some(((condition, then), more)) = pairs.split_first() else {
            return match rest {
                Some(rest) => self.run(rest, env, item, out),
                None => {
                    out.push(item.clone());
                    Ok(())
                }
            };
        };
        for value in self.all(condition, env, item)? {
            if truth(&value) {
                self.run(then, env, item, out)?;
            } else {
                self.branch(more, rest, env, item, out)?;
            }
        }
        Ok(())
    }

    fn call<'a>(&mut self, name: &'a str, arguments: &'a [Ast], env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
        let mut at = env;
        while let Some(link) = at {
            match &link.binding {
                Binding::Argument(known, body, inner) if *known == name && arguments.is_empty() => return self.run(body, inner, item, out),
                Binding::Function(known, parameters, body) if *known == name && parameters.len() == arguments.len() => {
                    return self.enter(parameters, arguments, body, Some(link.clone()), env, item, out);
                }
                _ => at = &link.next,
            }
        }
        super::builtin::call(self, name, arguments, env, item, out)
    }

    #[allow(clippy::too_many_arguments)]
    fn enter<'a>(
        &mut self,
        parameters: &'a [String],
        arguments: &'a [Ast],
        body: &'a Ast,
        inner: Env<'a>,
        outer: &Env<'a>,
        item: &Item,
        out: &mut Out,
    ) -> Done {
        let (Some((parameter, parameters)), Some((argument, arguments))) = (parameters.split_first(), arguments.split_first()) else {
            return self.run(body, &inner, item, out);
        };
        if let Some(name) = parameter.strip_prefix('$') {
            for value in self.all(argument, outer, item)? {
                self.enter(parameters, arguments, body, with(&inner, name, value), outer, item, out)?;
            }
            return Ok(());
        }
        let inner = Some(Rc::new(Link { binding: Binding::Argument(parameter, argument, outer.clone()), next: inner }));
        self.enter(parameters, arguments, body, inner, outer, item, out)
    }

    fn bind<'a>(&mut self, pattern: &'a Pattern, value: &Value, env: &Env<'a>) -> Result<Vec<Env<'a>>, Fault> {
        Ok(match pattern {
            Pattern::Name(name) => vec![with(env, name, value.clone())],
            Pattern::Array(items) => {
                let mut envs = vec![env.clone()];
                for (i, pattern) in items.iter().enumerate() {
                    let part = step_into(&plain(value.clone()), &i.into())?.value;
                    let mut more = Vec::new();
                    for env in envs {
                        more.extend(self.bind(pattern, &part, &env)?);
                    }
                    envs = more;
                }
                envs
            }
            Pattern::Object(items) => {
                let mut envs = vec![env.clone()];
                for (key, name, below) in items {
                    let mut more = Vec::new();
                    for env in envs {
                        for key in self.all(key, &env, &plain(value.clone()))? {
                            let part = step_into(&plain(value.clone()), &key)?.value;
                            let env = match name {
                                Some(name) => with(&env, name, part.clone()),
                                None => env.clone(),
                            };
                            match below {
                                Some(below) => more.extend(self.bind(below, &part, &env)?),
                                None => more.push(env),
                            }
                        }
                    }
                    envs = more;
                }
                envs
            }
        })
    }

    fn binary<'a>(&mut self, operator: &str, left: &'a Ast, right: &'a Ast, env: &Env<'a>, item: &Item, out: &mut Out) -> Done {
        match operator {
            "|" => {
                let mut middle = Out::all();
                let done = self.run(left, env, item, &mut middle);
                for item in &middle.items {
                    self.run(right, env, item, out)?;
                }
                return done;
            }
            "," => {
                self.run(left, env, item, out)?;
                return self.run(right, env, item, out);
            }
            "//" => {
                let mut values = Out::all();
                match self.run(left, env, item, &mut values) {
                    Ok(()) | Err(Fault::Error(_)) => {}
                    stop => return stop,
                }
                values.items.retain(|i| truth(&i.value));
                if values.items.is_empty() {
                    return self.run(right, env, item, out);
                }
                out.extend(values.items);
            }
            "and" | "or" => {
                for value in self.all(left, env, item)? {
                    if truth(&value) == (operator == "or") {
                        out.push(plain((operator == "or").into()));
                        continue;
                    }
                    out.extend(self.all(right, env, item)?.iter().map(|v| plain(truth(v).into())));
                }
            }
            "|=" => {
                let mut gone = Vec::new();
                let mut whole = item.value.clone();
                for path in self.paths(left, env, item)? {
                    let old = get(&whole, &path)?;
                    match self.all(right, env, &plain(old))?.into_iter().next() {
                        Some(new) => whole = set(&whole, &path, &mut |_| Ok(new.clone()))?,
                        None => gone.push(path),
                    }
                }
                out.push(plain(delete(whole, gone)?));
            }
            _ if operator.ends_with('=') && !matches!(operator, "==" | "!=" | "<=" | ">=") => {
                let paths = self.paths(left, env, item)?;
                for new in self.all(right, env, item)? {
                    let mut whole = item.value.clone();
                    for path in &paths {
                        whole = set(&whole, path, &mut |old| {
                            Ok(match &operator[..operator.len() - 1] {
                                "" => new.clone(),
                                "//" if truth(old) => old.clone(),
                                "//" => new.clone(),
                                plain => arithmetic(plain, old, &new)?,
                            })
                        })?;
                    }
                    out.push(plain(whole));
                }
            }
            _ => {
                let (left, right) = (self.all(left, env, item)?, self.all(right, env, item)?);
                for b in &right {
                    for a in &left {
                        self.burn(30)?;
                        out.push(plain(arithmetic(operator, a, b)?));
                    }
                }
            }
        }
        Ok(())
    }

    /// Where the values of `ast` are in the item.
    pub(super) fn paths<'a>(&mut self, ast: &'a Ast, env: &Env<'a>, item: &Item) -> Result<Vec<Vec<Value>>, Fault> {
        let root = Item { value: item.value.clone(), path: Some(Vec::new()) };
        let mut paths = Vec::new();
        for item in self.items(ast, env, &root)? {
            paths.push(item.path.ok_or_else(|| format!("Invalid path expression with result {}", shown(&item.value)))?);
        }
        Ok(paths)
    }
}
