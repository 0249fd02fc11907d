//! The record and its fields.

use std::rc::Rc;

use super::{Awk, FS, MAX_FIELDS, OFS, RS, Ran};
use crate::machine::tools::awk::value::Value;

impl Awk<'_, '_> {
    pub(super) fn set_record(&mut self, record: Vec<u8>) {
        self.record = record.into();
        self.fields = None;
        self.stale = false;
    }

    pub(super) fn whole(&mut self) -> Ran<Rc<[u8]>> {
        if self.stale {
            let separator = self.special(OFS);
            let fields = self.fields.clone().unwrap_or_default();
            let parts: Vec<Rc<[u8]>> = fields.iter().map(|f| self.text_of(f)).collect();
            self.record = parts.iter().map(|p| p.as_ref()).collect::<Vec<_>>().join(separator.as_ref()).into();
            self.stale = false;
        }
        Ok(self.record.clone())
    }

    pub(super) fn fields(&mut self) -> Ran<&mut Vec<Value>> {
        if self.fields.is_none() {
            let record = self.record.clone();
            let separator = self.special(FS);
            let parts = self.split(&record, &separator, true)?;
            self.fields = Some(parts.iter().map(|f| Value::outside(f)).collect());
        }
        Ok(self.fields.get_or_insert_default())
    }

    /// The parts of `text` between matches of `separator`.
    pub fn split(&mut self, text: &[u8], separator: &[u8], is_record: bool) -> Ran<Vec<Vec<u8>>> {
        self.p.burn(text.len() as u64 / 16);
        let paragraph = is_record && self.special(RS).is_empty();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        Ok(match separator {
            b" " => text.split(u8::is_ascii_whitespace).filter(|f| !f.is_empty()).map(<[u8]>::to_vec).collect(),
            [] => text.iter().map(|b| vec![*b]).collect(),
            [byte] if *byte != b'\\' && self.folds() => text.split(|b| b.eq_ignore_ascii_case(byte)).map(<[u8]>::to_vec).collect(),
            [byte] if *byte != b'\\' => text.split(|b| b == byte || paragraph && *b == b'\n').map(<[u8]>::to_vec).collect(),
            _ => {
                let regex = self.regex(separator)?;
                let (mut parts, mut from) = (Vec::new(), 0);
                while let Some((start, end)) = regex.find(text, from).and_then(|c| c[0]).filter(|(a, b)| a < b) {
                    parts.push(text[from..start].to_vec());
                    from = end;
                }
                parts.push(text[from..].to_vec());
                parts
            }
        })
    }

    pub(super) fn field(&mut self, number: f64) -> Ran<Value> {
        if number < 0.0 {
            return Err(self.fail("Access to negative field"));
        }
        Ok(match number as usize {
            0 => Value::outside(&self.whole()?),
            n => self.fields()?.get(n - 1).cloned().unwrap_or(Value::Unset),
        })
    }

    pub(super) fn set_field(&mut self, number: f64, value: Value) -> Ran<()> {
        if number < 0.0 || number > MAX_FIELDS as f64 {
            return Err(self.fail("Access to negative field"));
        }
        match number as usize {
            0 => {
                let text = self.text_of(&value).to_vec();
                self.set_record(text);
            }
            n => {
                let fields = self.fields()?;
                if fields.len() < n {
                    fields.resize(n, Value::Unset);
                }
                fields[n - 1] = value;
                self.stale = true;
            }
        }
        Ok(())
    }
}
