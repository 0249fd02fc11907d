//! Variables, arrays and other places.

use std::rc::Rc;

use super::{Awk, Cell, FS, MAX_FIELDS, NF, Ran, SUBSEP, Table};
use crate::machine::tools::awk::tree::{Expr, Slot};
use crate::machine::tools::awk::value::Value;

impl Awk<'_, '_> {
    /// The value of FS.
    pub fn field_separator(&self) -> Rc<[u8]> {
        self.special(FS)
    }

    /// Whether a variable holds an array.
    pub fn is_array(&self, slot: Slot) -> bool {
        matches!(
            match slot {
                Slot::Global(i) => &self.globals[i],
                Slot::Local(i) => &self.locals[i],
            },
            Cell::Array(_)
        )
    }

    pub(super) fn global(&self, slot: usize) -> Value {
        match &self.globals[slot] {
            Cell::Value(value) => value.clone(),
            Cell::Array(_) => Value::Unset,
        }
    }

    pub(super) fn special(&self, slot: usize) -> Rc<[u8]> {
        self.global(slot).bytes(b"%.6g", self.p.busybox())
    }

    pub(super) fn get(&mut self, slot: Slot) -> Ran<Value> {
        Ok(match slot {
            Slot::Global(NF) => Value::Number(self.fields()?.len() as f64),
            Slot::Global(i) => self.global(i),
            Slot::Local(i) => match &self.locals[i] {
                Cell::Value(value) => value.clone(),
                Cell::Array(_) => Value::Unset,
            },
        })
    }

    /// Sets a variable.
    pub fn set(&mut self, slot: Slot, value: Value) -> Ran<()> {
        match slot {
            Slot::Global(NF) => {
                let count = value.number().clamp(0.0, MAX_FIELDS as f64) as usize;
                self.fields()?.resize(count, Value::Unset);
                self.stale = true;
            }
            Slot::Global(i) => {
                // The present record is split as things stood when it was read.
                if i == FS {
                    self.fields()?;
                }
                self.globals[i] = Cell::Value(value);
            }
            Slot::Local(i) => self.locals[i] = Cell::Value(value),
        }
        Ok(())
    }

    /// The array in a variable, made if there is none.
    pub fn array(&mut self, slot: Slot) -> Table {
        let cell = match slot {
            Slot::Global(i) => &mut self.globals[i],
            Slot::Local(i) => &mut self.locals[i],
        };
        if let Cell::Array(array) = cell {
            return array.clone();
        }
        let array = Table::default();
        *cell = Cell::Array(array.clone());
        array
    }

    pub(super) fn key(&mut self, index: &[Expr]) -> Ran<Rc<[u8]>> {
        if let [only] = index {
            return self.text(only);
        }
        let parts = index.iter().map(|e| self.text(e)).collect::<Ran<Vec<_>>>()?;
        let separator = self.special(SUBSEP);
        Ok(parts.iter().map(|p| p.as_ref()).collect::<Vec<_>>().join(separator.as_ref()).into())
    }

    /// Sets what a place names.
    pub fn store(&mut self, place: &Expr, value: Value) -> Ran<()> {
        match place {
            Expr::Var(slot) => self.set(*slot, value),
            Expr::Field(number) => {
                let number = self.number(number)?;
                self.set_field(number, value)
            }
            Expr::Index(slot, index) => {
                let key = self.key(index)?;
                *self.array(*slot).borrow_mut().entry(&key) = value;
                Ok(())
            }
            Expr::List(list) if list.len() == 1 => self.store(&list[0], value),
            _ => Ok(()),
        }
    }
}
