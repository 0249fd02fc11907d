//! Values of awk, arrays, and numbers as text.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::lex::number;
use crate::machine::tools::format::{self, float};

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Never set: empty and zero.
    Unset,
    /// A number.
    Number(f64),
    /// A text.
    Text(Rc<[u8]>),
    /// A text from outside that looks like a number.
    Numeric(Rc<[u8]>, f64),
}

impl Value {
    /// A text of the program's own.
    pub fn text(bytes: &[u8]) -> Self {
        Self::Text(bytes.into())
    }

    /// A text from outside: a number too if it looks like one.
    pub fn outside(bytes: &[u8]) -> Self {
        let trimmed = bytes.trim_ascii();
        match number(trimmed) {
            (value, length) if length == trimmed.len() && length > 0 => Self::Numeric(bytes.into(), value),
            _ => Self::Text(bytes.into()),
        }
    }

    /// The number that it is or begins with.
    pub fn number(&self) -> f64 {
        match self {
            Self::Unset => 0.0,
            Self::Number(n) | Self::Numeric(_, n) => *n,
            Self::Text(text) => number(text.trim_ascii_start()).0,
        }
    }

    /// Whether it is true.
    pub fn truth(&self) -> bool {
        match self {
            Self::Unset => false,
            Self::Number(n) | Self::Numeric(_, n) => *n != 0.0,
            Self::Text(text) => !text.is_empty(),
        }
    }

    /// Its text; `format` is for numbers that are not whole.
    pub fn bytes(&self, format: &[u8], busybox: bool) -> Rc<[u8]> {
        match self {
            Self::Unset => Rc::from([]),
            Self::Number(n) => show(*n, format, busybox).into_bytes().into(),
            Self::Text(text) | Self::Numeric(text, _) => text.clone(),
        }
    }

    /// Whether it compares as a number.
    pub fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_))
    }
}

fn show(n: f64, format: &[u8], busybox: bool) -> String {
    // mawk's whole numbers end where those of C's `int` do.
    let limit = if busybox { 9.2e18 } else { 2_147_483_647.0 };
    if n.trunc() == n && n.abs() <= limit {
        return (n as i64).to_string();
    }
    let text = String::from_utf8_lossy(format);
    match text.strip_prefix('%').and_then(|t| t.char_indices().next_back().map(|(i, c)| (t[..i].to_owned(), c))) {
        Some((spec, conversion)) if "eEfFgGdi".contains(conversion) => one_number(&spec, conversion, n, busybox),
        _ => float(n, 'g', Some(6)),
    }
}

/// One conversion of a number.
pub fn one_number(spec: &str, conversion: char, n: f64, busybox: bool) -> String {
    // busybox has C's `int` here, and what is too large for one becomes the least.
    let whole = match n as i64 {
        n if busybox => i64::from(i32::try_from(n).unwrap_or(i32::MIN)),
        n => n,
    };
    match conversion {
        'd' | 'i' => format::integer(spec, conversion, whole.into()),
        'o' | 'x' | 'X' | 'u' if busybox => format::integer(spec, conversion, (whole as u32).into()),
        'o' | 'x' | 'X' | 'u' => format::integer(spec, conversion, whole.into()),
        _ => format::real(spec, conversion, n),
    }
}

/// An array. Busybox goes through one in the order of its hash table, and so does this.
#[derive(Debug, Clone, Default)]
pub struct Array {
    entries: BTreeMap<Rc<[u8]>, (Value, u64)>,
    added: u64,
    size: usize,
}

/// The sizes that busybox's table takes as it grows.
const SIZES: [usize; 6] = [61, 251, 1021, 4093, 16381, 65521];

impl Array {
    /// The element, made if it is not there.
    pub fn entry(&mut self, key: &Rc<[u8]>) -> &mut Value {
        if !self.entries.contains_key(key) {
            if self.entries.len() + 1 > SIZES[self.size] * 8 && self.size + 1 < SIZES.len() {
                self.grow();
            }
            self.added += 1;
        }
        let added = self.added;
        &mut self.entries.entry(key.clone()).or_insert((Value::Unset, added)).0
    }

    /// A larger table takes the entries one after the other: those that were first in a row come to stand last in theirs.
    fn grow(&mut self) {
        let keys = self.keys();
        self.size += 1;
        for key in keys {
            self.added += 1;
            if let Some(entry) = self.entries.get_mut(&key) {
                entry.1 = self.added;
            }
        }
    }

    /// Whether there is such an element.
    pub fn has(&self, key: &[u8]) -> bool {
        self.entries.contains_key(key)
    }

    /// Takes an element away.
    pub fn remove(&mut self, key: &[u8]) {
        self.entries.remove(key);
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The keys, row by row of the table, the newest of a row first.
    pub fn keys(&self) -> Vec<Rc<[u8]>> {
        let mut order: BTreeMap<(usize, u64), &Rc<[u8]>> = BTreeMap::new();
        for (key, (_, added)) in &self.entries {
            order.insert((hash(key) as usize % SIZES[self.size], u64::MAX - added), key);
        }
        order.into_values().cloned().collect()
    }
}

fn hash(key: &[u8]) -> u32 {
    key.iter().fold(0u32, |h, b| (*b as i8 as u32).wrapping_add(h.wrapping_mul(63)))
}
